package newsroom

import (
	"math"
	"time"
)

// Events rise and fade: an event that began x ago with time constant T has the
// weight peak * (x/T) * exp(1 - x/T), its maximum at x = T. What events there
// are follows from the seed and the calendar alone, so that history and the
// live stream tell of the same ones.
const (
	eventSlot     = 6 * time.Hour
	eventsPerSlot = 3
	eventLife     = 6 * 24 * time.Hour
)

// Shares of originals: about running events, about the focus entity in quiet
// times, and the most that a planted spike may take. The rest are one-offs.
const (
	eventShare    = .66
	focusShare    = .02
	maxSpikeShare = .5
)

type runningEvent struct {
	key    uint64
	weight float64
}

// running lists the events of a moment with their weights.
func (w *world) running(at time.Time, into []runningEvent) []runningEvent {
	into = into[:0]
	last := at.UnixNano() / int64(eventSlot)
	for slot := last - int64(eventLife/eventSlot); slot <= last; slot++ {
		for i := uint64(0); i < eventsPerSlot; i++ {
			key := mix(w.seed, 21, uint64(slot), i)
			r := &rng{key}
			start := slot*int64(eventSlot) + int64(r.unit()*float64(eventSlot))
			constant := (2 + 28*r.unit()*r.unit()) * float64(time.Hour)
			peak := math.Pow(r.unit()+.03, -.8)
			if x := float64(at.UnixNano()-start) / constant; x > 0 {
				into = append(into, runningEvent{key, peak * x * math.Exp(1-x)})
			}
		}
	}
	return into
}

// focusEvent is what the focus entity is in the news for in quiet times: a new
// matter every second day.
func (w *world) focusEvent(at time.Time) uint64 {
	return mix(w.seed, 22, uint64(at.Unix()/(2*24*3600)))
}

// spikeShare is the share of originals that a planted spike takes at a moment.
func (c *Config) spikeShare(at time.Time) float64 {
	s := c.Spike
	if s == nil {
		return 0
	}
	if since := at.Sub(c.Start.Add(s.After)); since < 0 || since >= s.Duration {
		return 0
	}
	return min(maxSpikeShare, focusShare*max(s.Factor-1, 0))
}

// hourProfile is the share of a day's articles by hour (UTC), weekdayProfile
// the volume of a weekday, Sunday first; each has mean 1.
var (
	hourProfile = [24]float64{.48, .40, .38, .42, .55, .78, 1.02, 1.22, 1.38, 1.45, 1.46, 1.42,
		1.40, 1.44, 1.47, 1.45, 1.40, 1.30, 1.15, 1.00, .86, .75, .66, .56}
	weekdayProfile = [7]float64{.66, 1.12, 1.14, 1.15, 1.13, 1.10, .70}
)

// profile is the volume of news at a moment, with a mean of about 1.
func profile(at time.Time) float64 {
	at = at.UTC()
	hour := at.Hour()
	into := float64(at.Minute()) / 60
	return weekdayProfile[at.Weekday()] * (hourProfile[hour]*(1-into) + hourProfile[(hour+1)%24]*into)
}
