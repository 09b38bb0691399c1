package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/dateline/dateline/pkg/news"
)

// Poll names one poll of one feed.
type Poll struct {
	FeedURL string
	At      int64 // Unix time in milliseconds
}

// PollOf gives the name of a poll.
func PollOf(f *news.Fetch) Poll { return Poll{f.FeedURL, f.At.UnixMilli()} }

// Fetched tells which of the polls have a row that does not come from the
// range itself.
func (s *Store) Fetched(ctx context.Context, polls []*news.Fetch, r Range) (map[Poll]bool, error) {
	out := map[Poll]bool{}
	if len(polls) == 0 {
		return out, nil
	}
	urls := map[string]bool{}
	from, to := polls[0].At, polls[0].At
	for _, p := range polls {
		urls[p.FeedURL] = true
		if p.At.Before(from) {
			from = p.At
		}
		if p.At.After(to) {
			to = p.At
		}
	}
	list := make([]string, 0, len(urls))
	for u := range urls {
		list = append(list, u)
	}
	slices.Sort(list)
	rows, err := s.conn.Query(ctx, `SELECT toString(feed_url), toUnixTimestamp64Milli(at) FROM fetches
		WHERE feed_url IN (?) AND at BETWEEN fromUnixTimestamp64Milli(?) AND fromUnixTimestamp64Milli(?)
			AND NOT (epoch = ? AND part = ? AND off >= ? AND off < ?)`,
		list, from.UnixMilli(), to.UnixMilli(), r.Epoch, r.Part, r.From, r.To)
	if err == nil {
		err = each(rows, func() error {
			var p Poll
			err := rows.Scan(&p.FeedURL, &p.At)
			out[p] = true
			return err
		})
	}
	if err != nil {
		return nil, fmt.Errorf("look up %d polls: %w", len(polls), err)
	}
	return out, nil
}
