package spike

import (
	"fmt"
	"math"
	"reflect"
	"testing"
	"time"
)

// hourly is a history of n hours with exposure 1000.
func hourly(seed uint64, mean, dispersion float64, n int) []Bucket {
	s := newStream(seed, mean, dispersion)
	h := make([]Bucket, n)
	for i := range h {
		at := epoch.Add(time.Duration(i) * time.Hour)
		h[i] = Bucket{At: at, Count: s.draw(s.at(at)), Exposure: 1000}
	}
	return h
}

func next(h []Bucket, count, exposure float64) Bucket {
	return Bucket{At: h[len(h)-1].At.Add(time.Hour), Count: count, Exposure: exposure}
}

func TestScoreIsWhatABaselineSays(t *testing.T) {
	cfg := DefaultConfig()
	h := hourly(3, 4, .5, 24*6)
	b := NewBaseline(time.Hour, cfg)
	for _, bucket := range h {
		b.Learn(bucket)
	}
	cur := next(h, 31, 1000)
	want, got := b.Observe(cur), Score(h, cur, cfg)
	if !reflect.DeepEqual(got, want) {
		t.Errorf("Score %+v\nBaseline %+v", got, want)
	}
	if got.Score < 3 || got.P > 1e-3 || got.Expected < 1 || got.Expected > 12 || got.High >= 31 || got.Low > got.Expected {
		t.Errorf("31 where some 4 are expected: %+v", got)
	}
	if got.BaselineDays != 6 || got.Alert {
		t.Errorf("6 days of history: %+v", got)
	}
}

func TestScoreLooksBackOnly(t *testing.T) {
	cfg := DefaultConfig()
	h := hourly(3, 4, .5, 24*90)
	cur := Bucket{At: h[24*70].At, Count: 20, Exposure: 1000}
	want := Score(h[24*10:24*70], cur, cfg)
	if got := Score(h, cur, cfg); got != want {
		t.Errorf("with what is too old or later: %+v, want %+v", got, want)
	}
}

func TestExposure(t *testing.T) {
	cfg := DefaultConfig()
	h := hourly(5, 20, .1, 24*40)
	f := func(what string, cur Bucket, wantExpected, minScore, maxScore float64) {
		t.Helper()
		r := Score(h, cur, cfg)
		if math.Abs(r.Expected-wantExpected) > .35*wantExpected || r.Score < minScore || r.Score > maxScore {
			t.Errorf("%s: expected %.2f (want about %.2f), score %.2f (want %v to %v)", what, r.Expected, wantExpected, r.Score, minScore, maxScore)
		}
	}
	usual := newStream(5, 20, .1).at(h[len(h)-1].At.Add(time.Hour))
	f("the usual", next(h, usual, 1000), usual, 0, 1)
	f("a backlog drains: ten times everything", next(h, 10*usual, 10000), 10*usual, 0, 1)
	f("half the pollers are down, but the entity is not", next(h, 4*usual, 300), .3*usual, 4, 99)
	f("ten times of it alone", next(h, 10*usual, 1000), usual, 5, 99)
	f("nothing was ingested", next(h, 50, 0), 0, 0, 0)
	f("excluded", Bucket{At: h[len(h)-1].At.Add(time.Hour), Count: 500, Exposure: 1000, Excluded: true}, usual, 0, 0)
	f("not a count", next(h, math.NaN(), 1000), usual, 0, 0)
	f("negative", next(h, -1, 1000), usual, 0, 0)
}

// A day without pollers must not teach that nothing happens.
func TestOutageIsNotHistory(t *testing.T) {
	cfg := DefaultConfig()
	for _, mark := range []func(*Bucket){
		func(b *Bucket) { b.Excluded, b.Count = true, 0 },
		func(b *Bucket) { b.Exposure, b.Count = 0, 0 },
	} {
		h := hourly(9, 20, .1, 24*40)
		before := Score(h, next(h, 22, 1000), cfg).Expected
		for i := len(h) - 5*24; i < len(h); i++ {
			mark(&h[i])
		}
		after := Score(h, next(h, 22, 1000), cfg).Expected
		if math.Abs(after/before-1) > .15 {
			t.Errorf("expected %.2f before the outage, %.2f with it", before, after)
		}
	}
}

func TestPastOutbreaksDoNotHideNewOnes(t *testing.T) {
	cfg := DefaultConfig()
	h := hourly(11, 5, .3, 24*60)
	calm := Score(h, next(h, 60, 1000), cfg)
	for i := 24 * 35; i < 24*36; i++ { // a day of two hundred times as much
		h[i].Count += 1000
	}
	for i := 24 * 50; i < 24*51; i++ {
		h[i].Count += 100
	}
	after := Score(h, next(h, 60, 1000), cfg)
	t.Logf("score of 60: %.1f without, %.1f with two days of outbreak in the history; expected %.2f, %.2f",
		calm.Score, after.Score, calm.Expected, after.Expected)
	if after.Score < .5*calm.Score || after.Expected > 1.5*calm.Expected {
		t.Errorf("before %+v\nafter %+v", calm, after)
	}
}

func TestLevelShiftsAndTrends(t *testing.T) {
	const seeds = 10
	follow := func(shape func(day int) float64) (expected, alerts float64) {
		for seed := range uint64(seeds) {
			s := newStream(21+seed, 10, .1)
			det := NewDetector(time.Hour, DefaultConfig())
			for i := range 75 * 24 {
				at := epoch.Add(time.Duration(i) * time.Hour)
				m := s.at(at) * shape(i/24)
				r := det.Observe(at, s.draw(m))
				if i >= 24*45 && r.Alert {
					alerts += 1. / seeds
				}
				if i >= 24*74 {
					expected += r.Expected / m / 24 / seeds
				}
			}
		}
		return expected, alerts
	}
	f := func(what string, shape func(int) float64, low, high, most float64) {
		t.Helper()
		expected, alerts := follow(shape)
		t.Logf("%s: expects %.2f of the true mean at the end, %.1f alerts in the last month", what, expected, alerts)
		if expected < low || expected > high || alerts > most {
			t.Errorf("%s: expects %.2f of the true mean (want %v to %v), %.1f alerts in the last month (at most %v)", what, expected, low, high, alerts, most)
		}
	}
	step := func(size float64) func(int) float64 {
		return func(day int) float64 {
			if day < 30 {
				return 1
			}
			return size
		}
	}
	f("nothing", step(1), .9, 1.1, 3)
	f("doubles", step(2), .85, 1.15, 3)
	f("times 30", step(30), .8, 1.2, 3)
	f("a tenth", step(.1), .8, 1.5, 3)
	f("5 % more each week", func(day int) float64 { return math.Pow(1.05, float64(day)/7) }, .8, 1.1, 4)
}

// Gaps are nothing known, not nothing counted: neither a gap nor its end fires.
func TestGaps(t *testing.T) {
	for _, days := range []int{1, 20, 200, 5000} {
		s := newStream(5, 10, .1)
		det := NewDetector(time.Hour, DefaultConfig())
		alerts := 0
		var r Result
		for i := range 24 * 50 {
			at := epoch.Add(time.Duration(i) * time.Hour)
			if i >= 24*40 {
				at = at.Add(time.Duration(days) * 24 * time.Hour)
			}
			r = det.Observe(at, s.draw(10))
			if i == 24*40 {
				det.episode = Episode{}
			}
			if i >= 24*40 && r.Alert {
				alerts++
			}
			if i >= 24*40 && (r.Expected < 5 || r.Expected > 20) {
				t.Fatalf("%d h after a gap of %d days: expects %.2f, the mean is 10", i-24*40, days, r.Expected)
			}
		}
		if alerts > 2 {
			t.Errorf("%d alerts in the 10 days after a gap of %d days", alerts, days)
		}
	}
}

func TestOddInputStaysFinite(t *testing.T) {
	values := []float64{0, 1e300, math.MaxFloat64, 1e15, 0, .001, math.NaN(), -4, math.Inf(1), 3}
	for _, step := range []time.Duration{0, time.Nanosecond, time.Second, time.Hour, 1000 * 24 * time.Hour} {
		det := NewDetector(step, DefaultConfig())
		for i := range 3000 {
			at := epoch.Add(time.Duration(i%7-i%3*100+i) * time.Hour)
			v := values[i*i%len(values)]
			r := det.Observe(at, v)
			for _, x := range []float64{r.Expected, r.Low, r.High, r.P, r.Score, r.PointP, r.SlowP, r.Dispersion} {
				if math.IsNaN(x) || math.IsInf(x, 0) || x < 0 {
					t.Fatalf("step %v, value %d is %v: %+v", step, i, v, r)
				}
			}
		}
	}
}

func TestSparseEntities(t *testing.T) {
	cfg := DefaultConfig()
	h := make([]Bucket, 24*60)
	for i := range h {
		h[i] = Bucket{At: epoch.Add(time.Duration(i) * time.Hour), Exposure: 1000}
	}
	never := Score(h, next(h, 6, 1000), cfg)
	h[300].Count, h[900].Count, h[1300].Count = 1, 1, 1
	rare := Score(h, next(h, 6, 1000), cfg)
	one := Score(h, next(h, 1, 1000), cfg)
	t.Logf("6 mentions in an hour: score %.1f for a name never seen, %.1f for one seen three times (1 mention: %.1f)", never.Score, rare.Score, one.Score)
	if never.Score < 4 || rare.Score < 4 || one.Score > 3 {
		t.Errorf("never %+v\nrare %+v\none %+v", never, rare, one)
	}
}

func TestScoreAllocatesNothing(t *testing.T) {
	h := hourly(1, 2, .3, 24*60)
	cur, cfg := next(h, 9, 1000), DefaultConfig()
	if n := testing.AllocsPerRun(3, func() { Score(h, cur, cfg) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkScore60Days(b *testing.B) {
	for _, m := range []float64{.01, 2, 100} {
		h := hourly(1, m, .3, 24*60)
		cur, cfg := next(h, 7, 1000), DefaultConfig()
		b.Run(fmt.Sprintf("mean=%v", m), func(b *testing.B) {
			for b.Loop() {
				Score(h, cur, cfg)
			}
		})
	}
}

func BenchmarkBaselineObserve(b *testing.B) {
	h := hourly(1, 2, .3, 24*60)
	base := NewBaseline(time.Hour, DefaultConfig())
	i := 0
	for b.Loop() {
		base.Observe(h[i%len(h)])
		i++
	}
}
