package spike

import (
	"math"
	"math/rand/v2"
	"time"
)

var epoch = time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC) // a Monday

// stream draws negative binomial counts around a mean with a daily and a
// weekly rhythm.
type stream struct {
	rng              *rand.Rand
	mean, dispersion float64
	rhythm           bool
}

func newStream(seed uint64, mean, dispersion float64) *stream {
	return &stream{rng: rand.New(rand.NewPCG(seed, 7)), mean: mean, dispersion: dispersion, rhythm: true}
}

// at is the mean at a time; it runs fourfold over a day, and at .6 on weekends.
func (s *stream) at(t time.Time) float64 {
	if !s.rhythm {
		return s.mean
	}
	hour := float64(t.Hour()) + float64(t.Minute())/60
	m := s.mean * (1 + .6*math.Sin(2*math.Pi*(hour-8)/24))
	if d := t.Weekday(); d == time.Saturday || d == time.Sunday {
		m *= .6
	}
	return m
}

func (s *stream) draw(mean float64) float64 {
	r := 1 / s.dispersion
	return s.poisson(mean / r * s.gamma(r))
}

// gamma has scale 1 (Marsaglia and Tsang 2000).
func (s *stream) gamma(shape float64) float64 {
	boost := 1.
	if shape < 1 {
		boost = math.Pow(s.rng.Float64(), 1/shape)
		shape++
	}
	d := shape - 1./3
	c := 1 / math.Sqrt(9*d)
	for {
		x := s.rng.NormFloat64()
		v := 1 + c*x
		if v <= 0 {
			continue
		}
		v = v * v * v
		if math.Log(s.rng.Float64()) < .5*x*x+d-d*v+d*math.Log(v) {
			return boost * d * v
		}
	}
}

// poisson multiplies uniforms, in portions whose product does not vanish.
func (s *stream) poisson(mean float64) float64 {
	n := 0.
	for mean > 500 { // the k-th arrival comes at a gamma time
		k := math.Floor(mean * 7 / 8)
		g := s.gamma(k)
		if g > mean {
			return n + s.binomial(k-1, mean/g)
		}
		n += k
		mean -= g
	}
	limit := math.Exp(-mean)
	for p := s.rng.Float64(); p > limit; p *= s.rng.Float64() {
		n++
	}
	return n
}

func (s *stream) binomial(n, p float64) float64 {
	k := 0.
	for range int(n) {
		if s.rng.Float64() < p {
			k++
		}
	}
	return k
}
