package revision

import "sort"

// comparison matches the tokens of two texts, given by numbers.
type comparison struct {
	a, b  []int32
	match []int32 // by token of a: the one of b, or -1
	count []int32 // by number: how often it stands in the range of a, and of b
}

const (
	// maxDepth bounds how often a range is parted by words that occur once.
	maxDepth = 24
	// maxEdits bounds the length of an edit script; a passage that takes more
	// is called rewritten.
	maxEdits = 256
)

// compare matches a[i:j] with b[k:l].
func (c *comparison) compare(i, j, k, l, depth int) {
	for i < j && k < l && c.a[i] == c.b[k] {
		c.match[i] = int32(k)
		i, k = i+1, k+1
	}
	for i < j && k < l && c.a[j-1] == c.b[l-1] {
		j, l = j-1, l-1
		c.match[j] = int32(l)
	}
	if i == j || k == l {
		return
	}
	if depth < maxDepth {
		if anchors := c.anchors(i, j, k, l); len(anchors) > 0 {
			for _, at := range anchors {
				c.match[at[0]] = int32(at[1])
				c.compare(i, at[0], k, at[1], depth+1)
				i, k = at[0]+1, at[1]+1
			}
			c.compare(i, j, k, l, depth+1)
			return
		}
	}
	c.script(i, j, k, l)
}

// anchors gives the longest run of words that stand once in each range, in the
// same order in both.
func (c *comparison) anchors(i, j, k, l int) [][2]int {
	for _, x := range c.a[i:j] {
		c.count[2*x]++
	}
	at := map[int32]int{}
	for n, x := range c.b[k:l] {
		if c.count[2*x+1]++; c.count[2*x] == 1 && c.count[2*x+1] == 1 {
			at[x] = k + n
		}
	}
	var pairs [][2]int
	for n, x := range c.a[i:j] {
		if c.count[2*x] == 1 && c.count[2*x+1] == 1 {
			pairs = append(pairs, [2]int{i + n, at[x]})
		}
	}
	for _, x := range c.a[i:j] {
		c.count[2*x] = 0
	}
	for _, x := range c.b[k:l] {
		c.count[2*x], c.count[2*x+1] = 0, 0
	}
	return rising(pairs)
}

// rising gives a longest subsequence of pairs whose second numbers rise.
func rising(pairs [][2]int) [][2]int {
	var tops []int // index of the last pair of the best run of each length
	before := make([]int, len(pairs))
	for i, p := range pairs {
		n := sort.Search(len(tops), func(n int) bool { return pairs[tops[n]][1] >= p[1] })
		before[i] = -1
		if n > 0 {
			before[i] = tops[n-1]
		}
		if n == len(tops) {
			tops = append(tops, i)
		} else {
			tops[n] = i
		}
	}
	out := make([][2]int, len(tops))
	for i, n := len(tops)-1, -1; i >= 0; i-- {
		if n < 0 {
			n = tops[i]
		}
		out[i] = pairs[n]
		n = before[n]
	}
	return out
}

// script matches two ranges by their shortest edit script, where it takes no
// more than maxEdits; otherwise nothing matches.
func (c *comparison) script(i, j, k, l int) {
	a, b := c.a[i:j], c.b[k:l]
	most := min(len(a)+len(b), maxEdits)
	if d := len(a) - len(b); max(d, -d) > most {
		return
	}
	// v[most+d] is how far one gets in a on diagonal d = x-y.
	v := make([]int32, 2*most+3)
	var trace [][]int32
	for edits := 0; edits <= most; edits++ {
		trace = append(trace, append([]int32(nil), v[most+1-edits-1:most+1+edits+2]...))
		for d := -edits; d <= edits; d += 2 {
			at := most + 1 + d
			x := 0
			switch {
			case edits == 0:
			case d == -edits || d != edits && v[at-1] < v[at+1]:
				x = int(v[at+1])
			default:
				x = int(v[at-1]) + 1
			}
			y := x - d
			for x < len(a) && y >= 0 && y < len(b) && a[x] == b[y] {
				x, y = x+1, y+1
			}
			v[at] = int32(x)
			if x >= len(a) && y >= len(b) {
				c.trace(i, k, len(a), len(b), trace)
				return
			}
		}
	}
}

// trace goes an edit script back, and notes what it matches.
func (c *comparison) trace(i, k, x, y int, trace [][]int32) {
	for edits := len(trace) - 1; edits > 0; edits-- {
		v, d := trace[edits], x-y
		at := edits + 1 + d // v begins at diagonal -edits-1
		from := d - 1
		if d == -edits || d != edits && v[at-1] < v[at+1] {
			from = d + 1
		}
		px := int(v[edits+1+from])
		py := px - from
		for x > px && y > py {
			x, y = x-1, y-1
			c.match[i+x] = int32(k + y)
		}
		x, y = px, py
	}
	for x > 0 && y > 0 {
		x, y = x-1, y-1
		c.match[i+x] = int32(k + y)
	}
}

// slide moves what was inserted or deleted alone, where it can stand in several
// places, to the first of them that begins with a sentence or a line.
func (c *comparison) slide(starts func(inA bool, i int) bool) {
	back := make([]int32, len(c.b))
	for j := range back {
		back[j] = -1
	}
	for i, j := range c.match {
		if j >= 0 {
			back[j] = int32(i)
		}
	}
	slideOne(c.a, c.match, back, func(i int) bool { return starts(true, i) })
	slideOne(c.b, back, c.match, func(i int) bool { return starts(false, i) })
}

// slideOne slides the unmatched runs of one side.
func slideOne(list, match, back []int32, starts func(int) bool) {
	for from := 0; from < len(list); from++ {
		if match[from] >= 0 {
			continue
		}
		to := from
		for to < len(list) && match[to] < 0 {
			to++
		}
		alone := to < len(list) && (from == 0 && match[to] == 0 || from > 0 && match[to] == match[from-1]+1)
		steps := 0
		for good := alone && starts(from); alone && !good; {
			s, e := from+steps, to+steps
			if e >= len(list) || match[e] != match[to]+int32(steps) || list[s] != list[e] {
				break
			}
			steps++
			good = starts(s + 1)
			if good {
				first := match[to]
				for n := range steps {
					j := first + int32(n)
					match[from+n], back[j] = j, int32(from+n)
				}
				for n := max(to, from+steps); n < to+steps; n++ {
					match[n] = -1
				}
				for n := from + steps; n < to; n++ {
					match[n] = -1
				}
			}
		}
		from = to + steps - 1
	}
}
