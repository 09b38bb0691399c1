package spike

import (
	"math"
	"math/big"
	"testing"
)

// exactMidP sums the point masses in 200-bit arithmetic. The size 1/d has to
// be a whole number for the gamma functions to be products.
func exactMidP(k, r int, m float64) float64 {
	const prec = 200
	num := func(v float64) *big.Float { return new(big.Float).SetPrec(prec).SetFloat64(v) }
	size := num(float64(r))
	total := new(big.Float).SetPrec(prec).Add(num(m), size)
	x := new(big.Float).SetPrec(prec).Quo(num(m), total)
	y := new(big.Float).SetPrec(prec).Quo(size, total)
	pmf := num(1)
	for range r {
		pmf.Mul(pmf, y)
	}
	next := func(i int) { // pmf(i) to pmf(i+1)
		pmf.Mul(pmf, x).Mul(pmf, num(float64(i+r)))
		pmf.Quo(pmf, num(float64(i+1)))
	}
	for i := range k {
		next(i)
	}
	sum := new(big.Float).SetPrec(prec).Quo(pmf, num(2))
	for i := k; i < k+200000; i++ {
		next(i)
		sum.Add(sum, pmf)
		if i > int(m) && new(big.Float).Quo(pmf, sum).Cmp(num(1e-18)) < 0 {
			break
		}
	}
	v, _ := sum.Float64()
	return v
}

func TestMidPAgainstExactSums(t *testing.T) {
	worst := 0.
	for _, m := range []float64{.001, .01, .3, 4.5, 20, 133, 900} {
		for _, r := range []int{1, 2, 40, 700} {
			for _, factor := range []float64{0, .3, 1, 1.2, 2, 8} {
				for _, plus := range []int{0, 1} {
					k := int(m*factor) + plus
					want := exactMidP(k, r, m)
					if want < 1e-290 {
						continue
					}
					off := math.Abs(logMidP(float64(k), m, 1/float64(r)) - math.Log(want))
					worst = max(worst, off)
					if !(off < 1e-12) {
						t.Errorf("k %d, mean %v, size %d: log p is off by %.1e from log %v", k, m, r, off, want)
					}
				}
			}
		}
	}
	t.Logf("largest relative error of p: %.1e", worst)
}

// With real sizes there is no product form; the masses must still add up.
func TestMidPStepsByPointMasses(t *testing.T) {
	for _, d := range []float64{1e-4, .013, .4, 3.7, 60, 800} {
		for _, m := range []float64{.004, .7, 13, 250} {
			r := 1 / d
			cdf, pmf := 0., math.Exp(-r*math.Log1p(m/r))
			for k := 0; k < 400; k++ {
				want := 1 - cdf - pmf/2
				if got := math.Exp(logMidP(float64(k), m, d)); math.Abs(got-want) > 3e-13 {
					t.Fatalf("k %d, mean %v, dispersion %v: %v, want %v", k, m, d, got, want)
				}
				cdf += pmf
				pmf *= (float64(k) + r) / float64(k+1) * m / (m + r)
			}
		}
	}
}

func TestMidPIsMonotoneAndFinite(t *testing.T) {
	for _, d := range []float64{1e-4, .2, 5, 1e4} {
		for _, m := range []float64{1e-12, .01, 3, 1e4, 1e9} {
			last := 0.
			for _, k := range []float64{0, .2, 1, 1.5, 2, 10, 300, 1e4, 2e5, 1e9, 1e12, 1e15} {
				lp := logMidP(k, m, d)
				if math.IsNaN(lp) || math.IsInf(lp, 0) || lp > last+1e-9 {
					t.Errorf("mean %v, dispersion %v, count %v: log p %v after %v", m, d, k, lp, last)
				}
				last = lp
			}
		}
	}
}

func TestInterval(t *testing.T) {
	for _, d := range []float64{1e-4, .05, .5, 4} {
		for _, m := range []float64{.01, .5, 3, 40, 600, 999} {
			low, high := interval(m, d)
			below, above := 0., 1.
			r := 1 / d
			logPMF := -r * math.Log1p(m/r)
			for k := 0.; k <= high; k++ {
				if k < low {
					below += math.Exp(logPMF)
				}
				above -= math.Exp(logPMF)
				logPMF += math.Log((k + r) / (k + 1) * m / (m + r))
			}
			if below > .025+1e-9 || above > .025+1e-9 || low > m || high < math.Floor(m) {
				t.Errorf("mean %v, dispersion %v: [%v, %v] leaves %.4f below and %.4f above", m, d, low, high, below, above)
			}
		}
	}
	low, high := interval(1e6, .01)
	if low < 7.9e5 || low > 8.3e5 || high < 1.17e6 || high > 1.23e6 {
		t.Errorf("mean 1e6, dispersion .01: [%v, %v]", low, high)
	}
}
