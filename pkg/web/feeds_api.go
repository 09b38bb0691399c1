package web

import (
	"context"
	"net/http"

	"github.com/dateline/dateline/pkg/health"
	"github.com/dateline/dateline/pkg/store"
)

// apiFeeds gives the feeds that state, q and tag choose, from offset on, with
// how many they are and how many feeds are in each state.
func (s *Server) apiFeeds(r *http.Request) (any, store.Statement, error) {
	p := s.params(r, "state", "q", "tag", "sort", "offset", "limit")
	q := s.feedQuery(p)
	q.Offset, q.Limit = p.whole("offset", 0, 10_000_000), p.number("limit", 200)
	if p.err != nil {
		return nil, store.Statement{}, p.err
	}
	list, err := s.allFeeds(r.Context())
	if err != nil {
		return nil, store.Statement{}, err
	}
	page, total := health.Pick(list.Feeds, q)
	rows, st, err := s.details(r.Context(), page)
	return struct {
		Total  int            `json:"total"`
		States []health.Count `json:"states"`
		Feeds  []feedRow      `json:"feeds"`
	}{total, list.Counts, rows}, st, err
}

// apiFeed gives one feed with its yield of a week and its last polls.
func (s *Server) apiFeed(r *http.Request) (any, store.Statement, error) {
	f, p, err := s.oneFeed(r)
	if err != nil {
		return nil, store.Statement{}, err
	}
	var d struct {
		Feed feedRow `json:"feed"`
		yieldChart
		Polls []store.FeedPoll `json:"polls"`
	}
	q := store.FeedPollsQuery{Feed: f.FeedURL, From: p.now.Add(-30 * day), Limit: pollsKept}
	var st store.Statement
	err = together(r.Context(),
		func(ctx context.Context) error {
			rows, _, err := s.details(ctx, []health.Feed{*f})
			d.Feed = rows[0]
			return err
		},
		func(ctx context.Context) (err error) {
			d.yieldChart, st, err = s.yield(ctx, f.FeedURL, p.now)
			return err
		},
		into(&d.Polls, func(ctx context.Context) ([]store.FeedPoll, error) { return s.deps.Store.FeedPolls(ctx, q) }),
	)
	return d, st, err
}
