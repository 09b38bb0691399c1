package ner

import (
	"cmp"
	"fmt"
	"io"
	"io/fs"
	"math"
	"runtime"
	"slices"
	"sync"
)

// Options say how a model is trained. The zero value is of no use; start from
// DefaultOptions.
type Options struct {
	Seed    uint64
	Epochs  int
	Rate    float64 // first step, in AdaGrad
	L2      float64
	Dropout float64 // share of features hidden at each step
	Cut     int     // features that come less often are left out
	Rows    int     // of the model, the heaviest ones
	Bias    float64 // taken off what stays outside names
	Agreed  bool    // learn with unsure stretches left open
	Trusted bool    // learn with unsure stretches as they stand; both: mean of the weights
	Models  int     // learnt for each of these, with seeds of their own: mean of the weights

	Names    fs.FS     // lists of names, nil: none
	Clusters io.Reader // word clusters, nil: none
	Log      func(format string, args ...any)
}

// DefaultOptions are those of the model that is part of the program.
func DefaultOptions() Options {
	return Options{Seed: 1, Epochs: 5, Rate: 0.3, Dropout: 0.25, Cut: 3, Rows: 800_000, Bias: 0.4, Agreed: true, Trusted: true, Models: 1,
		Log: func(string, ...any) {}}
}

// clip is the largest weight that is stored.
const clip = 3

// Train makes a model. The same sets and options give the same model on every
// machine of one architecture.
func Train(sets []TrainingSet, dev []Document, o Options) (*Model, error) {
	m, err := BuildLexicon(o.Names, o.Clusters)
	if err != nil {
		return nil, err
	}
	o.Log("lexicon: %d words and phrases", m.lex.n)
	x := gather(m, sets, max(o.Cut, 1), o.Seed)
	if len(x.chains) == 0 {
		return nil, fmt.Errorf("train: no names in the training files")
	}
	o.Log("%d chains of %d tokens, %d features", len(x.chains), x.tokens, x.rows)
	var use []int
	if o.Agreed {
		use = append(use, agreed)
	}
	if o.Trusted {
		use = append(use, trusted)
	}
	if len(use) == 0 {
		return nil, fmt.Errorf("train: no label policy")
	}
	learners := make([]*learner, len(use)*max(o.Models, 1))
	var wg sync.WaitGroup
	var logs sync.Mutex
	slots := make(chan struct{}, max(2, runtime.NumCPU()))
	for i := range learners {
		policy, run := use[i%len(use)], uint64(i/len(use))
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			learners[i] = x.learn(policy, o, o.Seed+run, func(epoch int) {
				logs.Lock()
				defer logs.Unlock()
				o.Log("model %d, policy %d, epoch %d done", run+1, policy, epoch+1)
			})
		})
	}
	wg.Wait()
	hashes := x.hashes
	x = nil
	runtime.GC()
	m.quantise(hashes, learners, o)
	m.calibrate(dev)
	o.Log("%d features kept, score exponent %.2f", len(m.rows), m.sharp)
	return m, nil
}

// quantise stores the mean of the learners' weights as bytes.
func (m *Model) quantise(hashes []uint64, learners []*learner, o Options) {
	m.unit = clip / 127.0
	k := 1 / (m.unit * float64(len(learners)))
	q := func(v float64) int32 { return int32(math.Round(v * k)) }
	type heavy struct {
		row    uint32
		weight float32
	}
	var order []heavy
	for r := range hashes {
		top := float32(0)
		for t := range tags {
			v := float32(0)
			for _, l := range learners {
				v += l.w[r][t]
			}
			top = max(top, v, -v)
		}
		if float64(top)*k >= 1 {
			order = append(order, heavy{uint32(r), top})
		}
	}
	slices.SortFunc(order, func(a, b heavy) int {
		return cmp.Or(cmp.Compare(b.weight, a.weight), cmp.Compare(a.row, b.row))
	})
	order = order[:min(len(order), o.Rows)]
	m.allocate(len(order))
	m.seen = [seenWords]uint64{}
	for _, h := range order {
		var w [tags]int8
		for t := range w {
			v := 0.0
			for _, l := range learners {
				v += float64(l.w[h.row][t])
			}
			w[t] = int8(max(-127, min(127, q(v))))
		}
		m.insert(hashes[h.row], &w)
		m.rows = append(m.rows, keyed[[tags]int8]{short(hashes[h.row]), w})
	}
	for c := range m.trans {
		for a := range m.trans[c] {
			for b := range m.trans[c][a] {
				v := 0.0
				for _, l := range learners {
					v += l.trans[c][a][b]
				}
				m.trans[c][a][b] = q(v)
			}
		}
	}
	m.SetBias(o.Bias)
}

// SetBias takes so much off what stays outside names, as Options.Bias says.
// It must not be called while the model is in use.
func (m *Model) SetBias(bias float64) { m.bias = int32(math.Round(-bias / m.unit)) }
