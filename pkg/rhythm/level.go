package rhythm

import "math"

const (
	priorBatches = 0.4 // a feed of which nothing is known brings two batches a day,
	priorHours   = 5   // and that is believed for hours only
	slowHours    = 35 * 24
	slowBatches  = 60 // rare arrivals are remembered longer, for this many
	slowMax      = 2 * 365 * 24
	midHours     = 72
	midPrior     = 4
	fastHours    = 3
	fastPrior    = 3
)

// level is the rate of batches an hour with the shape of the week taken out. It
// is learned at three speeds: weeks, days and hours. The slow one is a gamma
// posterior with forgetting; each faster one is a factor on the one before it,
// shrunk to 1 (also a gamma posterior), that fades as time goes on. How far each
// is believed follows from how well it predicted (Bayesian model averaging with
// forgetting: Raftery, Karny and Ettler 2010).
type level struct {
	batches, hours float32 // recent, for the slow speed
	midN, midE     float32 // batches seen and expected, over days
	fastN, fastE   float32 // the same, over hours
	wMid, wFast    float32 // weights; the rest is the slow one's
}

func newLevel() level { return level{wMid: 0.3, wFast: 0.3} }

// slow is the rate over weeks.
func (l *level) slow() float64 {
	return (priorBatches + float64(l.batches)) / (priorHours + float64(l.hours))
}

func (l *level) mid() float64 { return (midPrior + float64(l.midN)) / (midPrior + float64(l.midE)) }
func (l *level) fast() float64 {
	return (fastPrior + float64(l.fastN)) / (fastPrior + float64(l.fastE))
}

// keep is the weight that the slow speed leaves to what it knew so many hours ago.
func (l *level) keep(hours float64) float64 {
	return math.Exp(-hours / min(max(slowHours, slowBatches/l.slow()), slowMax))
}

// at is the rate so many seconds after the last observation.
func (l *level) at(seconds float64) float64 {
	h := max(seconds, 0) / 3600
	m := 1 + (l.mid()-1)*math.Exp(-h/midHours)
	f := 1 + (l.fast()-1)*math.Exp(-h/fastHours)
	wm, wf := float64(l.wMid), float64(l.wFast)
	return l.slow() * (1 - wm - wf + m*(wm+f*wf))
}

// mean is the mean rate from so many hours after the last observation to so many.
func (l *level) mean(from, to float64) float64 {
	fade := func(tau float64) float64 { return tau * (math.Exp(-from/tau) - math.Exp(-to/tau)) / (to - from) }
	m, f := l.mid()-1, l.fast()-1
	wm, wf := float64(l.wMid), float64(l.wFast)
	both := fade(1 / (1.0/midHours + 1.0/fastHours))
	return l.slow() * (1 + (wm+wf)*m*fade(midHours) + wf*f*(fade(fastHours)+m*both))
}

// busy is the highest rate that any speed holds to be true now.
func (l *level) busy() float64 {
	m := max(1, l.mid())
	return l.slow() * m * max(1, l.fast())
}

// advance lets hours pass, mass of them after the shape of the week, with n
// batches at their end.
func (l *level) advance(hours, mass, n float64) {
	slow := l.slow()
	keep := l.keep(hours)
	l.batches = float32(float64(l.batches)*keep + n)
	l.hours = float32(float64(l.hours)*keep + mass)
	decay := func(tau float64) (keep, mean float64) {
		x := hours / tau
		if x < 1e-6 {
			return 1, 1
		}
		keep = math.Exp(-x)
		return keep, (1 - keep) / x
	}
	m := l.mid()
	keep, mean := decay(midHours)
	l.midN = float32(float64(l.midN)*keep + n)
	l.midE = float32(float64(l.midE)*keep + slow*mass*mean)
	keep, mean = decay(fastHours)
	l.fastN = float32(float64(l.fastN)*keep + n)
	l.fastE = float32(float64(l.fastE)*keep + slow*m*mass*mean)
}

// score weighs the speeds by how well they predicted n batches where the slow
// one expected so many.
func (l *level) score(slow, n float64) {
	const forget, least = 0.98, 0.01
	if slow <= 0 {
		return
	}
	like := func(e float64) float64 { return n*math.Log(max(e, 1e-9)) - e }
	m := l.mid()
	s0, s1, s2 := like(slow), like(slow*m), like(slow*m*l.fast())
	top := max(s0, s1, s2)
	wm, wf := float64(l.wMid), float64(l.wFast)
	w0 := math.Pow(max(1-wm-wf, least), forget) * math.Exp(max(s0-top, -20))
	w1 := math.Pow(max(wm, least), forget) * math.Exp(max(s1-top, -20))
	w2 := math.Pow(max(wf, least), forget) * math.Exp(max(s2-top, -20))
	sum := w0 + w1 + w2
	l.wMid, l.wFast = float32(w1/sum), float32(w2/sum)
}
