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
	const worlds = 60
	found := func(length time.Duration, live int64, share float64) (n int) {
		past := int64(28 * day / length)
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
				all := w.poisson(3.7 * length.Hours())
				win.exposure = append(win.exposure, float32(all))
				if c := named(all, .02); c > 0 {
					counts = append(counts, store.StepCount{Entity: "per/ana", Bucket: b, Originals: uint64(c)})
				}
			}
			var tr *tracked
			for i := range live {
				all := w.poisson(1.2 * length.Seconds())
				win.exposure = append(win.exposure, float32(all))
				s := .02
				switch i {
				case live - 2:
					s = (s + share) / 2 // it begins in the middle of a bucket
				case live - 1:
					s = share
				}
				if i == 0 {
					tr = h.teach(win, t0, win.past(h), counts, time.Time{})
				}
				c := named(all, s)
				res := tr.observe(win, first+past+i, uint64(c))
				if res.Score >= 7 {
					n++
					break
				}
			}
		}
		return n
	}
	for _, length := range []time.Duration{2 * time.Minute, 5 * time.Minute} {
		for _, live := range []int64{2, 6, 30} {
			if n := found(length, live, .02); n != 0 {
				t.Errorf("windows of %v: %d alarms in %d quiet worlds", length, n, worlds)
			}
			n := found(length, live, .4)
			t.Logf("windows of %v, %d live: %d of %d found", length, live, n, worlds)
			if n < worlds*8/10 {
				t.Errorf("windows of %v, %d live: 20 times the usual share was found in %d of %d worlds", length, live, n, worlds)
			}
		}
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
