package poll

import (
	"context"
	"strings"
	"time"

	"github.com/dateline/dateline/pkg/news"
)

// A state is written when it changes, and not on each 304: what is stored of a
// quiet feed may be hours older than its last poll. Until when its partition
// was polled stands in the metadata of the group's offset, written every minute
// and at the end. Whoever comes next takes it that each feed was polled at its
// interval up to there, so that what a feed was expected to bring is counted
// neither twice nor not at all.
const (
	aliveEvery  = time.Minute
	alivePrefix = "polled until "
)

func aliveUntil(t time.Time) string { return alivePrefix + t.UTC().Format(time.RFC3339) }

// lastAlive reads the metadata of an offset; zero where there is none.
func lastAlive(metadata string) time.Time {
	s, ok := strings.CutPrefix(metadata, alivePrefix)
	if !ok {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return time.Time{}
	}
	return t
}

// resume puts a stored state to where its feed stood when its partition was
// last polled: its last poll lay, on average, half an interval before that.
func resume(st *news.FeedState, alive time.Time, random func() float64) {
	planned := st.NextPoll.Sub(st.LastPoll)
	if st.LastPoll.IsZero() || planned <= 0 || !alive.After(st.NextPoll) {
		return
	}
	last := alive.Add(-time.Duration(random() * float64(planned)))
	if last.Before(st.NextPoll) {
		last = st.NextPoll
	}
	st.LastPoll, st.NextPoll = last, last.Add(planned)
	if st.Failures == 0 {
		st.LastSuccess = last
	}
}

// keep notes that the partition is polled up to now. It fails where it has
// moved to another process.
func (p *partition) keep(ctx context.Context) error { return p.commit(ctx, aliveUntil(p.now())) }

// owns tells whether the partition is still this process's own.
func (p *partition) owns(ctx context.Context) bool { return p.keep(ctx) == nil }

func (p *partition) heartbeat(ctx context.Context) {
	tick := time.NewTicker(aliveEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := p.keep(ctx); err != nil && ctx.Err() == nil {
				p.log.Debug("it was not noted until when feeds are polled", "partition", p.id, "err", err)
			}
		}
	}
}
