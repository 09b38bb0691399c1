package land

import (
	"context"
	"time"

	"github.com/dateline/dateline/pkg/news"
)

// How far a seen_at may lie from the clocks of this process and of ClickHouse.
// Messages wait for at most as long as Kafka keeps them, dead letters included.
const (
	aheadAtMost  = 10 * time.Minute
	behindAtMost = 45 * 24 * time.Hour
)

// bounds gives the seen_at of each document whose poller has a clock that
// cannot be right, by offset. One that is far ahead would empty the window of
// copies and stories; one that is far behind would put what is new into the
// past. It takes two clocks to overrule a poller's, so that one which is wrong
// itself, or jumps, changes nothing: what is seen after both of them is from
// now, and so is what both call old although it was published since.
func (p *documents) bounds(ctx context.Context, now time.Time, good []decoded[news.Document]) (map[uint64]time.Time, error) {
	var out map[uint64]time.Time
	var server time.Time
	for _, m := range good {
		d := m.value
		late := d.Published.Sub(d.SeenAt) > 24*time.Hour
		if !d.SeenAt.After(now.Add(aheadAtMost)) && !(late && d.SeenAt.Before(now.Add(-behindAtMost))) {
			continue
		}
		if server.IsZero() {
			var err error
			if server, err = p.clock.Clock(ctx); err != nil {
				return nil, err
			}
		}
		earlier, later := now, server
		if server.Before(now) {
			earlier, later = server, now
		}
		var at time.Time
		switch {
		case d.SeenAt.After(later.Add(aheadAtMost)):
			at = later
			p.clocks.WithLabelValues("ahead").Inc()
		case late && d.SeenAt.Before(earlier.Add(-behindAtMost)):
			at = earlier
			p.clocks.WithLabelValues("behind").Inc()
		default:
			continue
		}
		if out == nil {
			out = map[uint64]time.Time{}
		}
		out[uint64(m.Offset)] = millis(at)
	}
	return out, nil
}

// seen sets when a document was seen, where that is not what it says.
func seen(d *news.Document, at time.Time) {
	if d.SeenAt.Equal(at) {
		return
	}
	d.SeenAt, d.TS = at, millis(news.AnalysisTime(d.Published, at, d.Backlog))
}
