package spike

import (
	"math"
	"time"
)

// What the baseline believes before it has seen anything, in pseudo-counts:
// an hour of the day may well run at half or twice the mean, a weekday less
// so, one hour of one weekday hardly beyond the two together.
const (
	hourPrior = 4.
	dayPrior  = 10.
	weekPrior = 20.

	levelDays   = 7. // half-lives of the memory
	profileDays = 56.
	spreadDays  = 28.

	// Of the dispersion by which its own estimate is weighed; without a bound it
	// would feed on itself.
	maxSpreadScale = .3

	minObservations = 30
	minDispersion   = 1e-4
	clipDeviate     = 3.72 // counts beyond 1e-4 are past outbreaks and weigh less
	rebaseShare     = .75  // of recent counts beyond it: not an outbreak, a new level
)

// factor is one multiplier of the profile: what was seen over what the rest of
// the model expected, shrunk to 1 by a gamma prior. The zero value is 1.
// Thousands of baselines stay in memory, hence the short floats.
type factor struct{ seen, want float32 }

// value returns the factor and its relative variance.
func (f *factor) value(prior float64) (ratio, relVar float64) {
	relVar = 1 / (float64(f.want) + prior)
	return (float64(f.seen) + prior) * relVar, relVar
}

func (f *factor) learn(seen, want, keep float64) {
	f.seen = float32(float64(f.seen)*keep + seen)
	f.want = float32(float64(f.want)*keep + want)
}

// baseline forecasts one series and learns from it, one count at a time.
type baseline struct {
	step                                  int64 // seconds
	levelKeep, spreadKeep, recentKeep     float64
	hourKeep, dayKeep, weekKeep           float64
	now                                   profile
	hour                                  [24]factor
	day                                   [7]factor
	week                                  [168]factor
	counts, exposure                      float64 // level = counts / exposure, forgetting
	recentCounts, recentExposure, outlier float64 // the same over a day, and the share of clipped counts
	excess, square                        float64 // moments of the dispersion
	sumMean, sumOne                       float64
	lagged, squared, previous             float64 // moments of the serial correlation
	dispersion, calm                      float64 // alpha; 1 / variance inflation by serial correlation
	levelVar                              float64 // relative variance of the level
	cusum                                 float64
	n                                     int
	first, last                           int64
}

// forecast is what the baseline expects of one window.
type forecast struct {
	mean, dispersion, relVar float64
	rate                     float64 // level x exposure
	prior                    float64 // what of the mean is there because of the half count
}

// profile is the product of the factors for one hour of the week. It is taken
// when that hour begins; what the hour itself teaches counts from its next visit.
type profile struct {
	slot                     int     // Monday 0 h UTC: 0
	shape, relVar            float64 // all factors together
	butHour, butDay, butWeek float64 // the product of the other two
	inDay, dayVar            float64 // of the day alone
}

func (b *baseline) init(step time.Duration) {
	if step <= 0 {
		step = time.Hour
	}
	*b = baseline{step: max(1, int64(step/time.Second)), dispersion: 1, calm: 1, levelVar: 1}
	b.now.slot = -1
	perDay := 86400 / float64(b.step)
	halve := func(steps float64) float64 { return math.Exp2(-1 / steps) }
	b.levelKeep = halve(max(levelDays*perDay, 14))
	b.recentKeep = halve(max(perDay, 4))
	b.spreadKeep = halve(max(spreadDays*perDay, 100))
	// A slot forgets by its visits, not by the time between them.
	visits := max(1, 3600/float64(b.step))
	b.hourKeep = halve(max(14, profileDays/2) * visits)
	b.dayKeep = halve(profileDays / 7 * max(1, perDay))
	b.weekKeep = halve(profileDays / 7 * visits)
}

// warm tells whether there is enough history to judge by.
func (b *baseline) warm(need time.Duration) bool {
	return b.n >= minObservations && b.last+b.step-b.first >= int64(need/time.Second)
}

func (b *baseline) days() float64 {
	if b.n == 0 {
		return 0
	}
	return float64(b.last+b.step-b.first) / 86400
}

// enter takes the profile of the hour in which unix second at lies.
func (b *baseline) enter(at int64) {
	const thursday = 3 // 1 January 1970; Monday is 0
	hours := at / 3600
	if at < 0 && at%3600 != 0 {
		hours--
	}
	slot := int((hours + 24*thursday) % 168)
	if slot < 0 {
		slot += 168
	}
	if slot == b.now.slot {
		return
	}
	p := &b.now // field by field: a copied struct would stall the loop of Score
	if p.slot < 0 || slot/24 != p.slot/24 {
		p.inDay, p.dayVar = b.day[slot/24].value(dayPrior)
	}
	h, hourVar := b.hour[slot%24].value(hourPrior)
	w, weekVar := b.week[slot].value(weekPrior)
	p.slot = slot
	p.butDay = h * w
	p.butHour = p.inDay * w
	p.butWeek = h * p.inDay
	p.shape = p.butWeek * w
	p.relVar = hourVar + p.dayVar + weekVar
}

// forecast is for the window that starts at unix second at. Before the first
// count it expects 0.
func (b *baseline) forecast(at int64, exposure float64) (f forecast) {
	b.enter(at)
	if b.exposure <= 0 {
		f.dispersion = 1
		return f
	}
	// Half a count more than was seen: a name never seen is rare, not impossible.
	perCount := exposure / b.exposure
	f.rate = (b.counts + .5) * perCount
	f.mean = f.rate * b.now.shape
	f.prior = .5 * perCount * b.now.shape
	f.relVar = b.now.relVar + b.levelVar
	f.dispersion = b.dispersion + f.relVar + b.dispersion*f.relVar
	return f
}

// learn takes in the count that f was the latest forecast for. Past outbreaks
// are cut to the edge of what is plausible and weigh as the inverse square of
// their deviation (Farrington et al. 1996; the edge far out, Noufaily et al. 2013),
// until they have lasted so long that they are the new level.
func (b *baseline) learn(at int64, count, exposure float64, f *forecast) {
	keep := b.levelKeep
	if b.n == 0 {
		b.first = at
	} else if gap := at - b.last; gap > b.step+b.step/2 {
		// However long nothing was known, an old level is better than none.
		keep = max(math.Pow(keep, math.Round(float64(gap)/float64(b.step))), 1./8)
	}
	b.last = max(at, b.last)
	b.n++

	count = min(count, maxCount)
	x, weight, clipped := count, 1., 0.
	deviation := count - f.mean
	variance := f.mean + f.dispersion*f.mean*f.mean
	if b.n > minObservations && deviation*deviation > 9*variance && deviation > 0 {
		edge := max(gammaQuantile(f.mean, f.dispersion, clipDeviate), f.mean+4*math.Sqrt(variance), 3)
		if count > edge {
			x = edge
			weight = (edge - f.mean) / deviation
			weight *= weight
			deviation = edge - f.mean
			clipped = 1
		}
	}
	p := &b.now
	b.counts = b.counts*keep + weight*x
	b.exposure = b.exposure*keep + weight*exposure*p.shape
	b.recentCounts = b.recentCounts*b.recentKeep + count
	b.recentExposure = b.recentExposure*b.recentKeep + exposure*p.shape
	b.outlier = b.outlier*b.recentKeep + clipped*(1-b.recentKeep)
	if b.outlier > rebaseShare {
		b.counts, b.exposure, b.outlier = b.recentCounts, b.recentExposure, 0
		b.estimate()
		return
	}
	if b.n <= 8 { // the level itself is still a guess
		return
	}

	// All that follows is weighed by the variance that was expected, the
	// uncertain mean's included: the first days must not outweigh the rest.
	calmness := 1 / (1 + f.dispersion*f.mean)
	info := weight * calmness * b.calm
	seen, want := info*x, info*f.rate
	b.hour[p.slot%24].learn(seen, want*p.butHour, b.hourKeep)
	b.day[p.slot/24].learn(seen, want*p.butDay, b.dayKeep)
	b.week[p.slot].learn(seen, want*p.butWeek, b.weekKeep)

	// The half count would pass for under-dispersion where counts are sparse.
	unbiased := f.mean - f.prior
	around := x - unbiased
	mean2 := unbiased * unbiased
	u := 1 / (1 + (min(b.dispersion, maxSpreadScale)+3*f.relVar)*f.mean)
	u *= u * weight
	b.excess = b.excess*b.spreadKeep + u*(around*around-unbiased-f.relVar*mean2)
	b.square = b.square*b.spreadKeep + u*mean2
	b.sumMean = b.sumMean*b.spreadKeep + weight*unbiased
	b.sumOne = b.sumOne*b.spreadKeep + weight

	z := weight * calmness * deviation
	b.lagged = b.lagged*b.spreadKeep + z*b.previous
	b.squared = b.squared*b.spreadKeep + z*z
	b.previous = z
	if b.n%16 == 0 || b.n == minObservations { // it changes slowly
		b.estimate()
	}
}

// estimate renews the dispersion and the serial correlation. The prior of the
// dispersion is worth some 20 windows, or 4 counts where they are sparse: a
// variance a quarter above the mean plus a tenth of its square.
func (b *baseline) estimate() {
	m := max(b.sumMean/b.sumOne, 1e-6)
	inv := 1 / (1 + min(b.dispersion, maxSpreadScale)*m)
	inv *= inv
	priorExcess := (20*m + 4) * (.1*m + .25) * inv
	priorSquare := (20*m + 4) * m * inv
	d := max(minDispersion, (b.excess+priorExcess)/(b.square+priorSquare))
	// Half a standard error on top: an estimate too low costs false alarms
	// exponentially, one too high does not save as many.
	b.dispersion = d * (1 + .5*math.Sqrt((2+6*min(d, 10))/b.sumOne))
	phi := 1 + b.dispersion*m
	lagged := min(max(0, b.lagged), .95*b.squared)
	squared := b.squared + 20*m/phi
	b.calm = (squared - lagged) / (squared + lagged)
	b.levelVar = phi / ((b.counts + .5) * b.calm)
}

// raise moves the CUSUM of log likelihood ratios (Höhle and Paul 2008) for a
// mean one standard deviation higher, at least 1.5 and at most 2 times. Counts
// are cut at 3 deviations: single peaks are the other test's. Serial
// correlation divides each ratio, by the long-run variance.
func (b *baseline) raise(count float64, f *forecast) {
	if !(f.mean > 0) || b.cusum == 0 && count <= f.mean { // below the mean the ratio is negative
		return
	}
	sd := math.Sqrt(f.mean + f.dispersion*f.mean*f.mean)
	c := min(max(1+sd/f.mean, 1.5), 2)
	r := 1 / f.dispersion
	x := min(count, f.mean+3*sd)
	ratio := x*math.Log(c) - (x+r)*math.Log1p((c-1)*f.mean/(r+f.mean))
	b.cusum = min(max(0, b.cusum+ratio*b.calm), maxCUSUM)
}

// maxCUSUM lets the sum come down again within days of a long outbreak.
const maxCUSUM = 40

// judge scores a count against its forecast. Call raise first.
func (b *baseline) judge(count float64, f *forecast) Result {
	m, d := max(f.mean, 1e-12), max(f.dispersion, minDispersion)
	logPoint := min(0, logMidP(min(count, maxCount), m, d))
	// Lundberg's bound: without a rise, a sum of log likelihood ratios reaches
	// h with a probability of at most exp(-h).
	logSlow := -b.cusum
	// A fifth of the budget is for the slow test.
	logP := min(0, logPoint-math.Log(.8), logSlow-math.Log(.2))
	res := Result{
		Expected: f.mean, Dispersion: d, BaselineDays: b.days(),
		P: atLeastTiny(logP), PointP: atLeastTiny(logPoint), SlowP: atLeastTiny(logSlow),
		Score: max(0, -logP/math.Ln10),
	}
	res.Low, res.High = interval(m, d)
	return res
}

func atLeastTiny(logP float64) float64 {
	return max(math.Exp(logP), math.SmallestNonzeroFloat64)
}
