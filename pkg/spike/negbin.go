package spike

import "math"

// maxCount bounds the counts that are judged; larger ones are taken for it.
const maxCount = 1e15

// The negative binomial has mean m and dispersion d: variance m + d m², size
// r = 1/d. Its upper tail is an incomplete beta function,
// P(X >= k) = I_x(k, r) with x = m/(m+r) (Johnson, Kemp and Kotz 2005, 5.31),
// which for real k goes smoothly through the integers.

// logMidP is the natural logarithm of P(X > k) + P(X = k)/2 for k >= 0, m > 0,
// d > 0; relative error of the probability below 1e-12 for k and r up to 1e6.
func logMidP(k, m, d float64) float64 {
	r := 1 / d
	if k <= 0 {
		return math.Log1p(-.5 * math.Exp(-r*math.Log1p(m/r)))
	}
	x, y := m/(m+r), r/(m+r)
	logPMF := logNegBin(k, m, r)
	if x < (k+1)/(k+r+2) {
		// The tail is the point mass times a continued fraction, so the half
		// point comes off without cancellation.
		return logPMF + math.Log(betaFraction(k, r, x)-.5)
	}
	// I_y(r, k) = 1 - I_x(k, r) and has the point mass k/r times as its front.
	pmf := math.Exp(logPMF)
	return math.Log1p(-pmf * (k/r*betaFraction(r, k, y) + .5))
}

// logNegBin is the logarithm of the point mass at real k > 0, by the
// saddle-point form of Loader (2000), which keeps its digits for large k.
func logNegBin(k, m, r float64) float64 {
	n := k + r
	np, nq := n*(m/(m+r)), n*(r/(m+r))
	return .5*math.Log(r/(2*math.Pi*k*n)) +
		stirlingError(n) - stirlingError(k) - stirlingError(r) -
		deviance(k, np) - deviance(r, nq)
}

// stirlingError is log Γ(n+1) less Stirling's approximation of it (Loader 2000).
func stirlingError(n float64) float64 {
	if n <= 15 {
		lg, _ := math.Lgamma(n + 1)
		return lg - (n+.5)*math.Log(n) + n - .5*math.Log(2*math.Pi)
	}
	n2 := n * n
	return (1./12 - (1./360-(1./1260-(1./1680-(1./1188-691./360360/n2)/n2)/n2)/n2)/n2) / n
}

// deviance is x log(x/m) + m - x, by its series where x is near m (Loader 2000).
func deviance(x, m float64) float64 {
	if math.Abs(x-m) >= .1*(x+m) {
		return x*math.Log(x/m) + m - x
	}
	v := (x - m) / (x + m)
	s := (x - m) * v
	e := 2 * x * v
	v *= v
	for j := 1; j < 1000; j++ {
		e *= v
		t := s + e/float64(2*j+1)
		if t == s {
			break
		}
		s = t
	}
	return s
}

// betaFraction is the continued fraction of the incomplete beta function
// (Abramowitz and Stegun 1964, 26.5.8) by Lentz's method (Thompson and Barnett
// 1986): I_x(a,b) = x^a (1-x)^b / (a B(a,b)) times it. It wants
// x < (a+1)/(a+b+2) and takes some √max(a,b) steps at worst.
func betaFraction(a, b, x float64) float64 {
	const tiny, eps = 1e-300, 1e-15
	guard := func(v float64) float64 {
		if math.Abs(v) < tiny {
			return tiny
		}
		return v
	}
	c := 1.
	d := 1 / guard(1-(a+b)*x/(a+1))
	f := d
	for j := 1.; j < 20000; j++ {
		even := j * (b - j) * x / ((a + 2*j - 1) * (a + 2*j))
		d = 1 / guard(1+even*d)
		c = guard(1 + even/c)
		f *= d * c
		odd := -(a + j) * (a + b + j) * x / ((a + 2*j) * (a + 2*j + 1))
		d = 1 / guard(1+odd*d)
		c = guard(1 + odd/c)
		step := d * c
		f *= step
		if math.Abs(step-1) < eps {
			break
		}
	}
	return f
}

// interval returns counts low and high with at most 2.5 % of the distribution
// below low and at most 2.5 % above high. Means above 1,000 take them from the
// gamma of the same mean and variance, which the negative binomial then is.
func interval(m, d float64) (low, high float64) {
	const z, tail = 1.959963984540054, .025
	if m > 1000 {
		return math.Floor(gammaQuantile(m, d, -z)), math.Ceil(gammaQuantile(m, d, z))
	}
	r := 1 / d
	q := m / (m + r)
	k, pmf := 0., math.Exp(-r*math.Log1p(m/r))
	if pmf < 1e-12 { // far from zero: start below the interval, exactly
		k = max(1, math.Floor(gammaQuantile(m, d, -4)))
		pmf = math.Exp(logNegBin(k, m, r))
	}
	cdf := -math.Expm1(logMidP(k, m, d)) + pmf/2
	for cdf <= tail && pmf > 0 {
		pmf *= (k + r) / (k + 1) * q
		k++
		cdf += pmf
	}
	low = k
	for steps := 0; cdf < 1-tail && (pmf > 1e-300 || k < m); steps++ {
		if steps == maxSteps {
			return low, max(k, farQuantile(m, d, k))
		}
		pmf *= (k + r) / (k + 1) * q
		k++
		cdf += pmf
	}
	return low, k
}

// maxSteps bounds the point masses that interval adds up.
const maxSteps = 2000

// farQuantile finds by bisection a count above from beyond which lie 2.5 %,
// for tails too long to walk.
func farQuantile(m, d, from float64) float64 {
	target := math.Log(.025)
	high := 2 * from
	for high < maxCount && logMidP(high, m, d) > target {
		from, high = high, 2*high
	}
	for high-from > max(1, high*1e-6) {
		if mid := (from + high) / 2; logMidP(mid, m, d) > target {
			from = mid
		} else {
			high = mid
		}
	}
	return math.Ceil(high)
}

// gammaQuantile is the quantile at the normal deviate z of a gamma with mean m
// and variance m + d m², by the cube root (Wilson and Hilferty 1931).
func gammaQuantile(m, d, z float64) float64 {
	inv := (1 + d*m) / m // 1 / shape
	t := 1 - inv/9 + z/3*math.Sqrt(inv)
	return max(0, m*t*t*t)
}
