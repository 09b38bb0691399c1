package simulate

import (
	"testing"
	"time"

	"github.com/dateline/dateline/pkg/rhythm"
)

func TestDbg(t *testing.T) {
	rhythm.Tune(1, 3)
	o := Options{Days: 28, Warmup: 14}
	for i, f := range Synthetic(Paper, 60, Start.Add(-Past), Start.Add(44*24*time.Hour), 0.6, 2.6, 0) {
		l := &learner{policy: rhythm.Policy{Floor: Floor, Ceiling: Ceiling, Price: 12.8}}
		w := &spy{l: l, t: t, i: i, f: f}
		var r result
		r.measure(f, w, o)
		if r.missed > 20 {
			t.Log(i, len(f.Items), f.Window, r.fetches, r.missed, r.gaps)
		}
	}
}

type spy struct {
	l *learner
	t *testing.T
	i int
	f *Feed
	n int
}

func (s *spy) next(p poll) float64 {
	d := s.l.next(p)
	if len(p.fresh) == p.shown && s.n < 15 && p.last > 0 && p.shown > 0 && s.i > 50 {
		s.n++
		s.t.Logf("feed %d window %d: %s after %.2f h: %d fresh; next %.2f h, rate %.2f %+v b=%.2f phi=%.2f", s.i, s.f.Window, time.Unix(p.now, 0).UTC(), float64(p.now-p.last)/3600, len(p.fresh), d/3600, s.l.r.Rate(), s.l.r.Level(), s.l.r.Batch(), s.l.r.Phi())
	}
	return d
}
