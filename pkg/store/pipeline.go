package store

import (
	"context"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// maxSilent bounds the silent feeds of one answer.
const maxSilent = 10_000

// SilentFeed is a feed that brings less than it ever did.
type SilentFeed struct {
	FeedURL  string    `json:"feed_url"`
	Source   string    `json:"source"`
	LastNew  time.Time `json:"last_new,omitzero"`  // when it last brought something new
	Missing  float64   `json:"missing"`            // items that the time since then should have brought
	Rate     float64   `json:"rate"`               // expected new items an hour
	Class    string    `json:"class"`              // of the last poll: ok, not_modified, salvaged, or that of the error
	Error    string    `json:"error,omitempty"`    // of the last poll
	At       time.Time `json:"at"`                 // of the last poll
	NextPoll time.Time `json:"next_poll,omitzero"` // as planned; one that is long past says that the feed is polled no more

	SourceFeeds uint64 `json:"source_feeds"` // feeds of its source that were polled
}

// SilentFeedsStatement is the query behind SilentFeeds.
func SilentFeedsStatement(since time.Time) Statement {
	return Statement{"silent_feeds", map[string]any{"from": since, "limit": uint32(maxSilent)}}
}

// SilentFeeds gives the feeds that were silent at their last poll, of those
// that were polled since a time: at most 10,000, those first that miss most.
func (s *Store) SilentFeeds(ctx context.Context, since time.Time) ([]SilentFeed, error) {
	return read(ctx, s, SilentFeedsStatement(since), func(r driver.Rows, f *SilentFeed) error {
		var missing, rate float32
		err := r.Scan(&f.FeedURL, &f.Source, &f.LastNew, &missing, &rate, &f.Class, &f.Error, &f.At, &f.NextPoll, &f.SourceFeeds)
		f.Missing, f.Rate = float64(missing), float64(rate)
		known(&f.LastNew, &f.NextPoll)
		return err
	})
}

// known makes the zero time of the times that a column holds as 1970.
func known(ts ...*time.Time) {
	for _, t := range ts {
		if t.Unix() <= 0 {
			*t = time.Time{}
		}
	}
}

// PollPulse is the polls of a time taken together.
type PollPulse struct {
	Fetches     uint64    `json:"fetches"`
	Feeds       uint64    `json:"feeds"`        // polled
	Failures    uint64    `json:"failures"`     // of the fetches
	FailedFeeds uint64    `json:"failed_feeds"` // of the feeds: those with a failure
	Silent      uint64    `json:"silent"`       // of the feeds: those that were called silent
	Expected    float64   `json:"expected"`     // items
	NewItems    uint64    `json:"new_items"`
	Last        time.Time `json:"last,omitzero"` // poll
}

// PollPulseStatement is the query behind PollPulse.
func PollPulseStatement(from, to time.Time) Statement {
	return Statement{"poll_pulse", map[string]any{"from": from, "to": to}}
}

// PollPulse sums up the polls in [from, to).
func (s *Store) PollPulse(ctx context.Context, from, to time.Time) (PollPulse, error) {
	return one(ctx, s, PollPulseStatement(from, to), func(r driver.Rows, p *PollPulse) error {
		err := r.Scan(&p.Fetches, &p.Feeds, &p.Failures, &p.FailedFeeds, &p.Silent, &p.Expected, &p.NewItems, &p.Last)
		known(&p.Last)
		return err
	})
}
