package ner

// lattice is the scratch space for decoding one chain.
type lattice struct {
	emit  [maxChain][tags]int32
	best  [maxChain][tags]int32
	from  [maxChain][tags]uint8
	alpha [maxChain][tags]float64
	beta  [maxChain][tags]float64
	e     [maxChain][tags]float64
	sum   [maxChain]float64            // by which alpha was scaled
	trans [classes][tags][tags]float64 // of the model, as factors
	tags  [maxChain]tag
	class [maxChain]uint8
}

// The tags that may follow a closed tag, those that are closed, and for each tag
// inside a name the two that may stand before it.
var (
	openTags, closedTags []tag
)

func init() {
	for t := range tag(tags) {
		if opens(t) {
			openTags = append(openTags, t)
		}
		if closed(t) {
			closedTags = append(closedTags, t)
		}
	}
}

// use takes over a model's transitions as factors.
func (l *lattice) use(m *Model) {
	for c := range m.trans {
		for a := range m.trans[c] {
			for b, v := range m.trans[c][a] {
				if follows(tag(a), tag(b)) {
					l.trans[c][a][b] = m.exp(v)
				}
			}
		}
	}
}

const never = -1 << 28

// viterbi finds the best tags of n tokens whose weights are in emit. What
// stands before and behind a chain is outside.
func (l *lattice) viterbi(m *Model, n int) {
	for i := range n {
		tr := &m.trans[l.class[i]]
		if i == 0 {
			for t := range l.best[0] {
				l.best[0][t] = never
			}
			for _, t := range openTags {
				l.best[0][t] = l.emit[0][t] + tr[outside][t]
			}
			continue
		}
		prev, cur, from := &l.best[i-1], &l.best[i], &l.from[i]
		for _, t := range openTags {
			best, arg := int32(2*never), outside
			for _, p := range closedTags {
				if v := prev[p] + tr[p][t]; v > best {
					best, arg = v, p
				}
			}
			cur[t], from[t] = best+l.emit[i][t], arg
		}
		for b := tag(1); b < tags; b += 4 {
			in := b + inside
			for _, t := range [2]tag{in, b + last} {
				best, arg := prev[b]+tr[b][t], b
				if v := prev[in] + tr[in][t]; v > best {
					best, arg = v, in
				}
				cur[t], from[t] = best+l.emit[i][t], arg
			}
		}
	}
	best, arg := int32(4*never/3), outside
	for _, t := range closedTags {
		if v := l.best[n-1][t]; v > best {
			best, arg = v, t
		}
	}
	for i := n - 1; i >= 0; i-- {
		l.tags[i] = arg
		arg = l.from[i][arg]
	}
}

// sums runs forward and backward over n tokens, scaled token by token.
func (l *lattice) sums(m *Model, n int) {
	for i := range n {
		top := l.emit[i][0]
		for _, v := range l.emit[i] {
			top = max(top, v)
		}
		for t, v := range l.emit[i] {
			l.e[i][t] = m.exp(v - top)
		}
	}
	for i := range n {
		tr := &l.trans[l.class[i]]
		cur := &l.alpha[i]
		if i == 0 {
			*cur = [tags]float64{}
			for _, t := range openTags {
				cur[t] = l.e[0][t] * tr[outside][t]
			}
		} else {
			prev := &l.alpha[i-1]
			for _, t := range openTags {
				v := 0.0
				for _, p := range closedTags {
					v += prev[p] * tr[p][t]
				}
				cur[t] = v * l.e[i][t]
			}
			for b := tag(1); b < tags; b += 4 {
				in := b + inside
				cur[in] = (prev[b]*tr[b][in] + prev[in]*tr[in][in]) * l.e[i][in]
				cur[b+last] = (prev[b]*tr[b][b+last] + prev[in]*tr[in][b+last]) * l.e[i][b+last]
			}
		}
		l.sum[i] = scale(cur)
	}
	end := &l.beta[n-1]
	*end = [tags]float64{}
	for _, t := range closedTags {
		end[t] = 1
	}
	for i := n - 2; i >= 0; i-- {
		tr := &l.trans[l.class[i+1]]
		next, e, cur := &l.beta[i+1], &l.e[i+1], &l.beta[i]
		var be [tags]float64
		for t := range be {
			be[t] = next[t] * e[t]
		}
		for _, p := range closedTags {
			v := 0.0
			for _, t := range openTags {
				v += tr[p][t] * be[t]
			}
			cur[p] = v
		}
		for b := tag(1); b < tags; b += 4 {
			in := b + inside
			for _, p := range [2]tag{b, in} {
				cur[p] = tr[p][in]*be[in] + tr[p][b+last]*be[b+last]
			}
		}
		scale(cur)
	}
}

// scale makes the sum 1 and returns what it was.
func scale(a *[tags]float64) float64 {
	s := 0.0
	for _, v := range a {
		s += v
	}
	if s > 0 {
		for t := range a {
			a[t] /= s
		}
	}
	return s
}

// probability of tokens from to end being tagged as they are in tags: the share
// of this very span among all readings of the chain.
func (l *lattice) probability(from, end int) float64 {
	path := l.alpha[from][l.tags[from]]
	for i := from + 1; i < end; i++ {
		path *= l.trans[l.class[i]][l.tags[i-1]][l.tags[i]] * l.e[i][l.tags[i]] / l.sum[i]
	}
	total := 0.0
	for t, v := range l.alpha[end-1] {
		total += v * l.beta[end-1][t]
	}
	if total <= 0 {
		return 0
	}
	return min(path*l.beta[end-1][l.tags[end-1]]/total, 1)
}
