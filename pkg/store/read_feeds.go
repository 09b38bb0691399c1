package store

import (
	"context"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// FeedBrief is the state of one feed in few words: enough to count, sort and
// find feeds by.
type FeedBrief struct {
	FeedURL     string    `json:"feed_url"`
	Source      string    `json:"source,omitempty"`
	State       string    `json:"state"`
	Failures    uint32    `json:"failures"` // in a row
	LastPoll    time.Time `json:"last_poll,omitzero"`
	LastSuccess time.Time `json:"last_success,omitzero"` // zero where no poll succeeded
	LastNew     time.Time `json:"last_new,omitzero"`     // when it last brought something new
	NextPoll    time.Time `json:"next_poll,omitzero"`    // as planned
	Rate        float32   `json:"rate"`                  // expected new items an hour
}

// FeedBriefsStatement is the query behind FeedBriefs.
func FeedBriefsStatement(now time.Time) Statement {
	return Statement{"feed_briefs", map[string]any{"now": now}}
}

// FeedBriefs gives the state of every feed that was ever polled, in no order.
func (s *Store) FeedBriefs(ctx context.Context, now time.Time) ([]FeedBrief, error) {
	return read(ctx, s, FeedBriefsStatement(now), func(r driver.Rows, f *FeedBrief) error {
		err := r.Scan(&f.FeedURL, &f.Source, &f.State, &f.Failures, &f.LastPoll, &f.LastSuccess, &f.LastNew, &f.NextPoll, &f.Rate)
		known(&f.LastPoll, &f.LastSuccess, &f.LastNew, &f.NextPoll)
		return err
	})
}

// PollSums are sums of the polls of one feed over a time.
type PollSums struct {
	Polls       uint64  `json:"polls"`
	Failed      uint64  `json:"failed"`
	Gaps        uint64  `json:"gaps"`
	NotModified uint64  `json:"not_modified"`
	NewItems    uint64  `json:"new_items"`
	Expected    float64 `json:"expected_items"`
}

// Yield is new items for each poll.
func (p PollSums) Yield() float64 {
	if p.Polls == 0 {
		return 0
	}
	return float64(p.NewItems) / float64(p.Polls)
}

// FeedDetail is all that is known of the health of one feed.
type FeedDetail struct {
	FeedBrief
	Advice    string    `json:"advice,omitempty"` // what to do, in plain words
	Error     string    `json:"error,omitempty"`  // of the last poll
	Class     string    `json:"class,omitempty"`  // of the result of the last poll
	Status    uint16    `json:"status"`           // of the last poll; 0: no answer
	FirstPoll time.Time `json:"first_poll,omitzero"`
	LastGap   time.Time `json:"last_gap,omitzero"`
	Missing   float32   `json:"missing"` // items that the time since LastNew should have brought
	Silent    bool      `json:"silent"`
	Items     uint32    `json:"items"`     // in the feed, at its last full answer
	TookMS    uint32    `json:"took_ms"`   // of the last answer
	MedianMS  uint32    `json:"median_ms"` // of the last day
	Bytes     uint64    `json:"bytes_24h"`
	Day       PollSums  `json:"last_24h"`
	Week      PollSums  `json:"last_7d"`
}

// FeedDetailsStatement is the query behind FeedDetails.
func FeedDetailsStatement(now time.Time, feeds []string) Statement {
	return Statement{"feed_details", map[string]any{"now": now, "feeds": feeds[:min(len(feeds), MaxRows)]}}
}

// FeedDetails gives the health of those of the feeds that were ever polled, by
// URL; of more than MaxRows feeds those beyond are left out.
func (s *Store) FeedDetails(ctx context.Context, now time.Time, feeds []string) (map[string]FeedDetail, error) {
	out := map[string]FeedDetail{}
	for feeds = feeds[:min(len(feeds), MaxRows)]; len(feeds) > 0; {
		n, bytes := 0, 0
		for n < len(feeds) && (n == 0 || bytes < maxNamed) {
			bytes += len(feeds[n])
			n++
		}
		rows, err := s.feedDetails(ctx, FeedDetailsStatement(now, feeds[:n]))
		if err != nil {
			return nil, err
		}
		for _, f := range rows {
			out[f.FeedURL] = f
		}
		feeds = feeds[n:]
	}
	return out, nil
}

// maxNamed bounds the names in one statement, in bytes: a server reads no more
// than 256 kB of it, and they stand in it twice.
const maxNamed = 60 << 10

func (s *Store) feedDetails(ctx context.Context, st Statement) ([]FeedDetail, error) {
	return read(ctx, s, st, func(r driver.Rows, f *FeedDetail) error {
		d, w := &f.Day, &f.Week
		err := r.Scan(&f.FeedURL, &f.Source, &f.State, &f.Advice, &f.Error, &f.Class, &f.Status, &f.Failures, &f.FirstPoll, &f.LastPoll,
			&f.LastSuccess, &f.LastNew, &f.LastGap, &f.NextPoll, &f.Rate, &f.Missing, &f.Silent, &f.Items, &f.TookMS, &f.MedianMS,
			&d.Polls, &d.Failed, &d.Gaps, &d.NotModified, &d.NewItems, &d.Expected, &f.Bytes,
			&w.Polls, &w.Failed, &w.Gaps, &w.NotModified, &w.NewItems, &w.Expected)
		known(&f.FirstPoll, &f.LastPoll, &f.LastSuccess, &f.LastNew, &f.LastGap, &f.NextPoll)
		return err
	})
}

// FeedPoll is one poll of one feed.
type FeedPoll struct {
	At        time.Time `json:"at"`
	Status    uint16    `json:"status"` // 0: no answer
	Class     string    `json:"class,omitempty"`
	Bytes     uint32    `json:"bytes"`
	TookMS    uint32    `json:"took_ms"`
	Items     uint32    `json:"items"`
	NewItems  uint32    `json:"new_items"`
	Expected  float32   `json:"expected_items"`
	Gap       bool      `json:"gap"`
	Recovered uint32    `json:"recovered"` // failed polls in a row right before it
	Error     string    `json:"error,omitempty"`
}

// FeedPollsQuery asks for polls of one feed.
type FeedPollsQuery struct {
	Feed  string
	From  time.Time
	Gaps  bool // only those with a gap
	Limit int  // 20 where 0
}

// Statement is the query that answers q.
func (q FeedPollsQuery) Statement() Statement {
	return Statement{"feed_polls", map[string]any{"feed": q.Feed, "from": q.From, "gaps": q.Gaps, "limit": atMost(q.Limit, 20)}}
}

// FeedPolls gives the polls of one feed, newest first.
func (s *Store) FeedPolls(ctx context.Context, q FeedPollsQuery) ([]FeedPoll, error) {
	return read(ctx, s, q.Statement(), func(r driver.Rows, p *FeedPoll) error {
		return r.Scan(&p.At, &p.Status, &p.Class, &p.Bytes, &p.TookMS, &p.Items, &p.NewItems, &p.Expected, &p.Gap, &p.Recovered, &p.Error)
	})
}

// FeedStep is what the polls of one feed brought in one step of time.
type FeedStep struct {
	Time     time.Time `json:"time"`
	Polls    uint64    `json:"polls"`
	Failed   uint64    `json:"failed"`
	Gaps     uint64    `json:"gaps"`
	NewItems uint64    `json:"new_items"`
	Expected float64   `json:"expected_items"`
}

// FeedYieldQuery asks for the yield of one feed in [From, To).
type FeedYieldQuery struct {
	Feed     string
	From, To time.Time
	Step     time.Duration // whole seconds
}

// Statement is the query that answers q.
func (q FeedYieldQuery) Statement() Statement {
	first, last := SeriesQuery{From: q.From, To: q.To, Step: q.Step}.bounds()
	return Statement{"feed_yield", map[string]any{"feed": q.Feed, "from": q.From, "to": q.To, "step": uint32(q.Step / time.Second), "first": first, "last": last}}
}

// FeedYield gives what one feed brought, step by step, empty steps included.
func (s *Store) FeedYield(ctx context.Context, q FeedYieldQuery) ([]FeedStep, error) {
	if n := q.To.Sub(q.From) / max(q.Step, 1); q.Step < time.Minute || n < 1 || n > MaxBuckets {
		return nil, fmt.Errorf("yield of a feed: want 1 to %d steps of a minute or more", MaxBuckets)
	}
	return read(ctx, s, q.Statement(), func(r driver.Rows, f *FeedStep) error {
		return r.Scan(&f.Time, &f.Polls, &f.Failed, &f.Gaps, &f.NewItems, &f.Expected)
	})
}

// FeedArticlesStatement is the query behind FeedArticles.
func FeedArticlesStatement(feed string, from time.Time, limit int) Statement {
	return Statement{"feed_articles", map[string]any{"feed": feed, "from": from, "limit": atMost(limit, 20)}}
}

// FeedArticles gives the newest articles dated from a time on that came by one
// feed.
func (s *Store) FeedArticles(ctx context.Context, feed string, from time.Time, limit int) ([]Headline, error) {
	return read(ctx, s, FeedArticlesStatement(feed, from, limit), scanHeadline)
}
