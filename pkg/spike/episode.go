package spike

import "time"

// Change is what a step did to an episode.
type Change int

// Changes of an Episode.
const (
	None   Change = iota
	Raised        // a new episode: alert
	Closed        // the episode is over: no alert, but worth a row
)

// Episode is the state of one entity under one rule: a run of strange windows
// which raises one alert. Its zero value has never alerted. Since, together
// with entity and rule, names the alert: stepping the same windows again from
// the same stored state gives the same Since.
type Episode struct {
	Open  bool
	Since time.Time // start of the window that raised the latest alert
	Last  time.Time // start of the latest strange window
}

// Resume is the state after a stored alert: since when, and the latest window
// known to be strange (since, where none is stored).
func Resume(since, last time.Time, open bool) Episode {
	if last.Before(since) {
		last = since
	}
	return Episode{Open: open, Since: since, Last: last}
}

// Step takes the window that starts at at, in the order of time; an older one
// than the latest strange window changes nothing. hot: the window passes
// threshold, q and floors, and may raise. warm: it is still stranger than the
// weaker bound that keeps an episode open (see Warm). An episode is closed
// after cfg.Quiet without either; a new one is raised no sooner than
// cfg.Cooldown after the start of the one before.
func (e Episode) Step(at time.Time, hot, warm bool, cfg Config) (Episode, Change) {
	if at.Before(e.Last) {
		return e, None
	}
	change := None
	if e.Open && !hot && !warm && at.Sub(e.Last) >= cfg.Quiet {
		e.Open = false
		change = Closed
	}
	switch {
	case e.Open && (hot || warm):
		e.Last = at
	case !e.Open && hot && (e.Since.IsZero() || at.Sub(e.Since) >= cfg.Cooldown):
		return Episode{Open: true, Since: at, Last: at}, Raised
	}
	return e, change
}

// Warm tells whether a score keeps open an episode that threshold opened: half
// of its order of magnitude is enough (hysteresis).
func Warm(score, threshold float64) bool { return score >= logScore(threshold)/2 }
