package spike

import (
	"math"
	"slices"
	"time"
)

// inferFrom is how many observations a Detector without a step looks at.
const inferFrom = 16

// Detector follows one series. It is causal: a result depends on what was
// observed up to it.
type Detector struct {
	cfg       Config
	base      baseline
	known     bool      // the step is
	pending   []pending // observations before the step is known
	threshold float64
	episode   Episode
}

type pending struct {
	at    int64
	value float64
}

// NewDetector follows a series with one count each step; step 0 takes the
// median distance of the first 16 observations. The budget is spread over the
// steps of a month.
func NewDetector(step time.Duration, cfg Config) *Detector {
	d := &Detector{cfg: cfg}
	if step > 0 {
		d.start(step)
	}
	return d
}

func (d *Detector) start(step time.Duration) {
	d.known = true
	d.base.init(step)
	d.threshold = Threshold(d.cfg, float64(30*24*time.Hour)/float64(step))
}

// Observe judges value, then learns from it. Gaps are times of which nothing is
// known, not zeros; repeated and backward timestamps are further observations.
// A value that is negative or not finite is passed over with the warm-up
// result. Values below cfg.MinOriginals never alert.
func (d *Detector) Observe(at time.Time, value float64) Result {
	sec := at.Unix()
	ok := value >= 0 && !math.IsInf(value, 1)
	if !d.known {
		return d.gather(sec, value, ok)
	}
	f := d.base.forecast(sec, 1)
	if !ok {
		return quiet(f, &d.base)
	}
	if !d.base.warm(d.cfg.WarmUp) {
		res := quiet(f, &d.base)
		d.base.learn(sec, value, 1, &f)
		return res
	}
	d.base.raise(value, &f)
	res := d.base.judge(value, &f)
	d.base.learn(sec, value, 1, &f)

	hot := res.Score >= logScore(d.threshold) && value >= float64(d.cfg.MinOriginals)
	var change Change
	d.episode, change = d.episode.Step(at, hot, Warm(res.Score, d.threshold), d.cfg)
	if change == Raised {
		res.Alert = true
		d.base.cusum = 0 // one alert is enough for what it has gathered
	}
	return res
}

// gather keeps the first observations until their distances tell the step.
func (d *Detector) gather(at int64, value float64, ok bool) Result {
	res := Result{P: 1, PointP: 1, SlowP: 1}
	for _, p := range d.pending {
		res.Expected += p.value / float64(len(d.pending))
	}
	res.Low, res.High = res.Expected, res.Expected
	if !ok {
		return res
	}
	d.pending = append(d.pending, pending{at, value})
	if len(d.pending) < inferFrom {
		return res
	}
	gaps := make([]int64, 0, inferFrom)
	for i, p := range d.pending[1:] {
		if gap := p.at - d.pending[i].at; gap > 0 {
			gaps = append(gaps, gap)
		}
	}
	step := int64(3600)
	if len(gaps) > 0 {
		slices.Sort(gaps)
		step = gaps[len(gaps)/2]
	}
	d.start(time.Duration(step) * time.Second)
	for _, p := range d.pending {
		f := d.base.forecast(p.at, 1)
		d.base.learn(p.at, p.value, 1, &f)
	}
	d.pending = nil
	return res
}

// logScore is the score of a p-value.
func logScore(p float64) float64 { return -math.Log10(p) }
