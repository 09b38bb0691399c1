package ner

import (
	"math"
	"math/rand/v2"
)

// row is one feature's weights while they are learnt; the last three are not
// used, so that a row fills a cache line.
type row [16]float32

// learner fits the weights of one label policy.
type learner struct {
	x      *examples
	policy int
	w      []row
	g2     []float32 // sum of squared gradients of each row (AdaGrad, Duchi et al. 2011)
	trans  [classes][tags][tags]float64
	trans2 [classes][tags][tags]float64
	factor [classes][tags][tags]float64
	lat    chainSums
	r      *rand.PCG
	bits   uint64
	nbits  int
	kept   []uint32
	ends   [maxChain + 1]int
}

// chainSums are the sums over one chain while it is learnt from.
type chainSums struct {
	e, alpha, beta [maxChain][tags]float64
	free, fixed    [maxChain][tags]float64 // probabilities of tags: all readings, and those allowed
	sum            [maxChain]float64
	grad           [classes][tags][tags]float64
	touched        [classes]bool
}

const refresh = 64 // chains between two looks at the transitions

// learn fits by stochastic gradient with one rate a row.
func (x *examples) learn(policy int, o Options, seed uint64, report func(epoch int)) *learner {
	l := &learner{x: x, policy: policy, w: make([]row, x.rows), g2: make([]float32, x.rows), r: rand.NewPCG(seed, uint64(policy))}
	order := make([]int32, len(x.chains))
	for i := range order {
		order[i] = int32(i)
	}
	// A chain that is known by heart rests for some epochs.
	const easy, restFor = 1e-4, 2
	rest := make([]uint8, len(order))
	shuffle := rand.New(rand.NewPCG(seed, 77))
	for epoch := range o.Epochs {
		shuffle.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		rate := o.Rate * (1 - 0.85*float64(epoch)/float64(o.Epochs))
		for k, i := range order {
			if k%refresh == 0 {
				l.factors()
			}
			if rest[i] > 0 {
				rest[i]--
				continue
			}
			if l.chain(&x.chains[i], rate, o) < easy {
				rest[i] = restFor
			}
		}
		if report != nil {
			report(epoch)
		}
	}
	keep := float32(1 - o.Dropout)
	for i := range l.w {
		for t := range l.w[i] {
			l.w[i][t] *= keep
		}
	}
	return l
}

func (l *learner) factors() {
	for c := range l.trans {
		for a := range l.trans[c] {
			for b, v := range l.trans[c][a] {
				l.factor[c][a][b] = 0
				if follows(tag(a), tag(b)) {
					l.factor[c][a][b] = math.Exp(v)
				}
			}
		}
	}
}

// drop appends the rows that are not dropped.
func (l *learner) drop(rows []uint32, below uint64) {
	for _, r := range rows {
		if l.nbits == 0 {
			l.bits, l.nbits = l.r.Uint64(), 8
		}
		b := l.bits & 0xff
		l.bits >>= 8
		l.nbits--
		if b >= below {
			l.kept = append(l.kept, r)
		}
	}
}

// chain learns from one chain and returns the largest squared error of its
// tokens.
func (l *learner) chain(e *example, rate float64, o Options) float32 {
	n := len(e.toks)
	s := &l.lat
	l.kept = l.kept[:0]
	below := uint64(o.Dropout * 256)
	for i := range e.toks {
		t := &e.toks[i]
		l.ends[i] = len(l.kept)
		for k, w := range t.words {
			l.drop(l.x.static[w][k], below)
		}
		l.drop(t.rows, below)
		var acc row
		for _, r := range l.kept[l.ends[i]:] {
			w := &l.w[r]
			for k := range 13 {
				acc[k] += w[k]
			}
		}
		top := acc[0]
		for k := range tags {
			top = max(top, acc[k])
		}
		for k := range tags {
			s.e[i][k] = math.Exp(float64(acc[k] - top))
		}
	}
	l.ends[n] = len(l.kept)
	for c := range s.touched {
		if s.touched[c] {
			s.grad[c], s.touched[c] = [tags][tags]float64{}, false
		}
	}
	if !s.run(l, e, false) || !s.run(l, e, true) {
		return 0
	}
	worst := float32(0)
	weight := float64(e.weight)
	for i := range e.toks {
		var g row
		norm := float32(0)
		for t := range tags {
			v := float32(weight * (s.fixed[i][t] - s.free[i][t]))
			g[t] = v
			norm += v * v
		}
		worst = max(worst, norm)
		if norm < 1e-5 {
			continue
		}
		for _, r := range l.kept[l.ends[i]:l.ends[i+1]] {
			l.g2[r] += norm
			k := float32(rate) / float32(math.Sqrt(float64(l.g2[r])+0.1))
			shrink := 1 - float32(o.L2)*k
			w := &l.w[r]
			for t := range 13 {
				w[t] = w[t]*shrink + k*g[t]
			}
		}
	}
	for c := range s.touched {
		if !s.touched[c] {
			continue
		}
		for a := range s.grad[c] {
			for b, v := range s.grad[c][a] {
				if v == 0 {
					continue
				}
				v *= weight
				l.trans2[c][a][b] += v * v
				l.trans[c][a][b] += rate * v / math.Sqrt(l.trans2[c][a][b]+1)
			}
		}
	}
	return worst
}

// run sums over the readings of a chain: all of them, or those that the labels
// allow. It says whether there is any.
func (s *chainSums) run(l *learner, e *example, fixed bool) bool {
	n := len(e.toks)
	marg, sign := &s.free, -1.0
	if fixed {
		marg, sign = &s.fixed, 1
	}
	mask := func(i int) uint16 {
		if fixed {
			return e.toks[i].allow[l.policy]
		}
		return allTags
	}
	for i := range n {
		tr := &l.factor[e.toks[i].class]
		cur := &s.alpha[i]
		*cur = [tags]float64{}
		mk := mask(i)
		for t := range tag(tags) {
			if mk>>t&1 == 0 {
				continue
			}
			v := 0.0
			switch {
			case i == 0:
				v = tr[outside][t]
			case opens(t):
				for _, p := range closedTags {
					v += s.alpha[i-1][p] * tr[p][t]
				}
			default:
				b := t - partOf(t)
				v = s.alpha[i-1][b]*tr[b][t] + s.alpha[i-1][b+inside]*tr[b+inside][t]
			}
			cur[t] = v * s.e[i][t]
		}
		if s.sum[i] = scale(cur); s.sum[i] <= 0 {
			return false
		}
	}
	last := &s.beta[n-1]
	*last = [tags]float64{}
	for _, t := range closedTags {
		last[t] = 1
	}
	for i := n - 1; i >= 0; i-- {
		m := &marg[i]
		sum := 0.0
		for t := range m {
			m[t] = s.alpha[i][t] * s.beta[i][t]
			sum += m[t]
		}
		if sum <= 0 {
			return false
		}
		for t := range m {
			m[t] /= sum
		}
		c := e.toks[i].class
		s.touched[c] = true
		grad := &s.grad[c]
		if i == 0 {
			for _, t := range openTags {
				grad[outside][t] += sign * m[t]
			}
			break
		}
		tr := &l.factor[c]
		prev, cur := &s.alpha[i-1], &s.beta[i-1]
		*cur = [tags]float64{}
		mk := mask(i)
		z := 1 / (s.sum[i] * sum)
		for t := range tag(tags) {
			if mk>>t&1 == 0 {
				continue
			}
			be := s.beta[i][t] * s.e[i][t]
			if be == 0 {
				continue
			}
			if opens(t) {
				for _, p := range closedTags {
					v := tr[p][t] * be
					cur[p] += v
					grad[p][t] += sign * prev[p] * v * z
				}
				continue
			}
			b := t - partOf(t)
			for _, p := range [2]tag{b, b + inside} {
				v := tr[p][t] * be
				cur[p] += v
				grad[p][t] += sign * prev[p] * v * z
			}
		}
		k := 1 / s.sum[i]
		for t := range cur {
			cur[t] *= k
		}
	}
	return true
}
