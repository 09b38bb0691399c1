package spike

import (
	"sort"
	"time"
)

// slowDays is how far back Score lets its CUSUM start.
const slowDays = 7

// Baseline is what one entity's buckets have taught so far, in some 2 kB: for
// callers that keep it from window to window, where Score goes through the
// whole history each time. The global profile comes in through Exposure: the
// entity's own profile is what deviates from it.
type Baseline struct {
	cfg  Config
	base baseline
}

// NewBaseline is for buckets of length step, an hour if that is not positive.
func NewBaseline(step time.Duration, cfg Config) *Baseline {
	b := &Baseline{cfg: cfg}
	b.base.init(step)
	return b
}

// Learn takes in a bucket without judging it: history. Buckets come in the
// order of time, empty ones included; those that are excluded or have no
// exposure are passed over.
func (b *Baseline) Learn(h Bucket) { b.learn(&h, true) }

func (b *Baseline) learn(h *Bucket, raise bool) {
	if !h.usable() {
		return
	}
	at := h.At.Unix()
	f := b.base.forecast(at, h.Exposure)
	if raise && b.base.n >= minObservations {
		b.base.raise(h.Count, &f)
	}
	b.base.learn(at, h.Count, h.Exposure, &f)
}

// Observe judges the next bucket by those before it, then learns from it. A
// bucket that is excluded or without exposure gets the warm-up result. Alert
// stays false: raising is for Threshold, the floors and Episode to decide.
func (b *Baseline) Observe(current Bucket) Result {
	at := current.At.Unix()
	f := b.base.forecast(at, current.Exposure)
	if !current.usable() || !b.base.warm(b.cfg.WarmUp) {
		res := quiet(f, &b.base)
		b.Learn(current)
		return res
	}
	b.base.raise(current.Count, &f)
	res := b.base.judge(current.Count, &f)
	b.base.learn(at, current.Count, current.Exposure, &f)
	return res
}

// Score judges current by the history of its entity: buckets of one length in
// the order of time, empty ones included. Of them the usable ones of the last
// cfg.BaselineDays before current count. It allocates nothing and gives what a
// Baseline that was taught this history gives, but for a CUSUM that starts at
// most seven days back.
func Score(history []Bucket, current Bucket, cfg Config) Result {
	b := Baseline{cfg: cfg}
	b.base.init(bucketStep(history, current))
	from := search(history, current.At.Add(-time.Duration(cfg.BaselineDays)*24*time.Hour))
	slow := search(history, current.At.Add(-slowDays*24*time.Hour))
	to := search(history, current.At)
	for i := from; i < to; i++ {
		b.learn(&history[i], i >= slow)
	}
	return b.Observe(current)
}

// search returns the first bucket that does not start before t.
func search(history []Bucket, t time.Time) int {
	return sort.Search(len(history), func(i int) bool { return !history[i].At.Before(t) })
}

// quiet is the result where nothing can be said.
func quiet(f forecast, b *baseline) Result {
	if !(f.mean <= maxCount*maxCount) { // an exposure that is not a number
		f = forecast{}
	}
	return Result{Expected: f.mean, High: f.mean, Low: f.mean, P: 1, PointP: 1, SlowP: 1,
		Dispersion: f.dispersion, BaselineDays: b.days()}
}

// bucketStep is the shortest distance between neighbours at the end of history.
func bucketStep(history []Bucket, current Bucket) time.Duration {
	step, next := time.Duration(0), current.At
	for i := len(history) - 1; i >= max(0, len(history)-10); i-- {
		if d := next.Sub(history[i].At); d > 0 && (step == 0 || d < step) {
			step = d
		}
		next = history[i].At
	}
	if step == 0 {
		return time.Hour
	}
	return step
}
