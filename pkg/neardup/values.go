package neardup

// number tells whether a number begins with word i.
func (p *prose) number(i int32) bool {
	c := p.text[p.at[i]]
	return c >= '0' && c <= '9' && !(&words{p.terms, p.at, p.text}).within(int(i))
}

// value is a hash of the number that begins with word i.
func (p *prose) value(i int32) uint64 {
	_, h := number(p.text[p.at[i]:], 0)
	return h
}

// has tells whether a number stands anywhere in the text.
func (p *prose) has(value uint64) bool {
	for i := range p.terms {
		if p.number(int32(i)) && p.value(int32(i)) == value {
			return true
		}
	}
	return false
}

// values compares the numbers and dates of a passage of s, and those right
// before and after it: a number that differs is where a passage ends.
func (r *Reader) values(s, l *prose, p passage, o *reading) {
	wide := p
	for wide.from > 0 && wide.at > 0 && s.digit(wide.from-1) && l.digit(wide.at-1) {
		wide.from, wide.at = wide.from-1, wide.at-1
	}
	for to, end := p.to, p.atEnd; int(to) < len(s.terms) && int(end) < len(l.terms); to, end = to+1, end+1 {
		if s.number(to) && l.number(end) {
			wide.to, wide.atEnd = to+1, end+1
		}
		if s.terms[to] != l.terms[end] {
			break
		}
	}
	for i := wide.from; i < wide.to; i++ {
		date := r.dates.has(s.terms[i])
		if !date && !s.number(i) {
			continue
		}
		same := false
		if k := r.place(s, l, p, wide, i, date); k >= 0 {
			if date {
				same = l.terms[k] == s.terms[i]
			} else {
				same = l.value(k) == s.value(i) || rounded(s.text[s.at[i]:], l.text[l.at[k]:])
			}
			t := &o.numbers
			if date {
				t = &o.dates
			}
			switch {
			case !same:
				t.disagree++
			case date && (i > 0 && s.digit(i-1) || int(i)+1 < len(s.terms) && s.number(i+1)):
				// Of 3 June it is the number that tells the day.
			default:
				t.agree++
			}
		}
		if !date {
			o.values++
			if !same && !l.has(s.value(i)) {
				o.missing++
			}
		}
	}
}

// digit tells whether word i begins with one.
func (p *prose) digit(i int32) bool {
	c := p.text[p.at[i]]
	return c >= '0' && c <= '9'
}

// place finds the number or date of l that stands where s has one: the one
// with the same words beside it, else the one that is next to it. -1: none.
func (r *Reader) place(s, l *prose, p, wide passage, i int32, date bool) int32 {
	const about = 4
	j, best, most := p.other(i), int32(-1), int32(0)
	if i >= p.to {
		j = p.atEnd + i - p.to
	}
	for k := max(j-about, wide.at); k <= min(j+about, wide.atEnd-1); k++ {
		if date && !r.dates.has(l.terms[k]) || !date && !l.number(k) {
			continue
		}
		score := 2 * (about - max(k-j, j-k))
		if i > 0 && k > 0 && s.terms[i-1] == l.terms[k-1] {
			score += 4 * about
		}
		if int(i)+1 < len(s.terms) && int(k)+1 < len(l.terms) && s.terms[i+1] == l.terms[k+1] {
			score += 4 * about
		}
		if score >= 2*(about-1) && score > most {
			best, most = k, score
		}
	}
	return best
}

// rounded tells whether one of the numbers that two texts begin with is the
// other with fewer digits: 1.2 and 1,204,000.
func rounded(a, b string) bool {
	m, nm := significant(a)
	n, nn := significant(b)
	if nm > nn {
		m, nm, n, nn = n, nn, m, nm
	}
	if nm < 2 {
		return false
	}
	scale := uint64(1)
	for ; nm < nn; nm++ {
		scale *= 10
	}
	return n/scale == m || (n+scale/2)/scale == m
}

// significant gives the digits of a number from the first that is not 0 on, of
// 15 at most, and how many there are.
func significant(s string) (v uint64, n int) {
	end, _ := number(s, 0)
	for i := 0; i < end && n < 15; i++ {
		if c := s[i]; c >= '0' && c <= '9' && (n > 0 || c != '0') {
			v = v*10 + uint64(c-'0')
			n++
		}
	}
	return v, n
}
