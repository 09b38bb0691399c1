package alert

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/dateline/dateline/pkg/spike"
	"github.com/dateline/dateline/pkg/store"
)

// An archive of some articles an hour, then a stream of more than one a
// second: what the thin past says about an entity's share must do for the
// first minutes of the stream.
func TestAThinArchiveDoesForAFastStream(t *testing.T) {
	const (
		worlds = 60
		length = 5 * time.Minute
		past   = int64(28 * day / length)
		live   = 6
	)
	found := func(share float64) (n int) {
		for seed := range uint64(worlds) {
			w := &world{t: t, rng: rand.New(rand.NewPCG(seed, 7))}
			named := func(articles int, share float64) (n int) {
				for range articles {
					if w.rng.Float64() < share {
						n++
					}
				}
				return n
			}
			h := newHistory(testConfig(), nil)
			h.origins.Live = t0
			first := bucket(t0, length) - past
			win := &window{length: length, from: first}
			var counts []store.StepCount
			for b := first; b < first+past; b++ {
				all := w.poisson(.3)
				win.exposure = append(win.exposure, float32(all))
				if c := named(all, .02); c > 0 {
					counts = append(counts, store.StepCount{Entity: "per/ana", Bucket: b, Originals: uint64(c)})
				}
			}
			var tr *tracked
			for i := range int64(live) {
				all := w.poisson(370)
				win.exposure = append(win.exposure, float32(all))
				s := .02
				if i == live-1 {
					s = share
				}
				if i == 0 {
					tr = h.teach(win, t0, win.past(h), counts, time.Time{})
				}
				c := named(all, s)
				res := tr.observe(win, first+past+i, uint64(c))
				if res.Score >= 6.5 {
					n++
				}
			}
		}
		return n
	}
	if n := found(.02); n != 0 {
		t.Errorf("%d alarms in %d quiet worlds", n, worlds)
	}
	if n := found(.4); n < worlds*8/10 {
		t.Errorf("20 times the usual share was found in %d of %d worlds", n, worlds)
	}
}

func TestHistoryIsKeptWithinItsBound(t *testing.T) {
	cfg := testConfig()
	cfg.Baselines = 100
	h := newHistory(cfg, nil)
	h.forget()
	for i := range 150 {
		name := string(rune('a'+i%26)) + string(rune('a'+i/26))
		h.keep(name, i%2, &tracked{base: spike.NewBaseline(time.Hour, cfg.detector())})
		h.series[name].active = int64(i)
	}
	h.evict()
	if h.kept != 90 || len(h.series) != 90 {
		t.Errorf("%d baselines of %d entities, want 90", h.kept, len(h.series))
	}
	if h.series["aa"] != nil || h.of("tf", 1) == nil {
		t.Error("those that were active last should stay")
	}
}
