package web

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/dateline/dateline/pkg/health"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/store"
)

// feedList is every feed with its state, as of a moment.
type feedList struct {
	Feeds  []health.Feed
	Counts []health.Count
	byURL  map[string]*health.Feed
}

// feedCache keeps the list for a while: ten seconds, or longer where it takes
// long to make. It is a few hundred bytes a feed.
type feedCache struct {
	mu    sync.Mutex
	list  *feedList
	until time.Time
}

const feedsKept = 10 * time.Second

func (s *Server) allFeeds(ctx context.Context) (*feedList, error) {
	c := &s.feedCache
	c.mu.Lock()
	defer c.mu.Unlock()
	now := s.deps.Now().UTC()
	if c.list != nil && now.Before(c.until) {
		return c.list, nil
	}
	began := time.Now()
	var subs []*news.Feed
	var briefs []store.FeedBrief
	reads := []func(context.Context) error{
		into(&briefs, func(ctx context.Context) ([]store.FeedBrief, error) { return s.deps.Store.FeedBriefs(ctx, now) }),
	}
	if s.deps.Feeds != nil {
		reads = append(reads, into(&subs, func(ctx context.Context) ([]*news.Feed, error) {
			list, err := s.deps.Feeds(ctx)
			if list == nil {
				list = []*news.Feed{}
			}
			return list, err
		}))
	}
	if err := together(ctx, reads...); err != nil {
		return nil, err
	}
	l := &feedList{Feeds: health.Join(subs, briefs), byURL: map[string]*health.Feed{}}
	l.Counts = health.Counts(l.Feeds)
	for i := range l.Feeds {
		l.byURL[l.Feeds[i].FeedURL] = &l.Feeds[i]
	}
	c.list, c.until = l, now.Add(max(feedsKept, 20*time.Since(began)))
	return l, nil
}

// feedRow is one feed of a list: as it is subscribed to, and how it fares.
type feedRow struct {
	Title string   `json:"title,omitempty"`
	Tags  []string `json:"tags,omitempty"`
	store.FeedDetail
}

// Name is what people call it.
func (f feedRow) Name() string { return cmp.Or(f.Title, f.FeedURL) }

// feedsPerPage is how many feeds a page shows.
const feedsPerPage = 50

type feedsPage struct {
	Query        health.Query
	All          int
	Troubled     int
	Counts       []health.Count
	Total        int // found
	Page, Pages  int
	Rows         []feedRow
	Sorts        []string
	Completeness store.Completeness
	Origins      []origin
}

// Link is the address of the page with something else chosen.
func (d *feedsPage) Link(name string, value any) string {
	v := url.Values{}
	set := func(name, value string) {
		v.Del(name)
		if value != "" {
			v.Set(name, value)
		}
	}
	set("state", d.Query.State)
	set("q", d.Query.Search)
	set("tag", d.Query.Tag)
	set("sort", d.Query.Sort)
	switch value := value.(type) {
	case string:
		set(name, value)
	case int:
		set(name, strconv.Itoa(value))
	}
	if len(v) == 0 {
		return "/feeds"
	}
	return "/feeds?" + v.Encode()
}

// feedQuery reads which feeds are asked for.
func (s *Server) feedQuery(p *params) health.Query {
	states := []string{"trouble"}
	for _, st := range health.States {
		states = append(states, st.Name)
	}
	return health.Query{State: p.oneOf("state", states...), Search: strings.TrimSpace(p.text("q", 200)), Tag: p.text("tag", 200), Sort: p.oneOf("sort", health.Sorts...)}
}

// details gives the health of the feeds of one page.
func (s *Server) details(ctx context.Context, feeds []health.Feed) ([]feedRow, store.Statement, error) {
	urls := make([]string, len(feeds))
	for i := range feeds {
		urls[i] = feeds[i].FeedURL
	}
	now := s.deps.Now().UTC()
	found, err := s.deps.Store.FeedDetails(ctx, now, urls)
	rows := make([]feedRow, len(feeds))
	for i, f := range feeds {
		d, polled := found[f.FeedURL]
		if !polled {
			d.FeedBrief = f.FeedBrief
		}
		rows[i] = feedRow{f.Title, f.Tags, d}
	}
	return rows, store.FeedDetailsStatement(now, urls), err
}

func (s *Server) feeds(r *http.Request) (string, any, error) {
	p := s.params(r, "state", "q", "tag", "sort", "page")
	d := &feedsPage{Query: s.feedQuery(p), Page: p.whole("page", 1, 1_000_000), Sorts: health.Sorts}
	if p.err != nil {
		return "", nil, p.err
	}
	list, err := s.allFeeds(r.Context())
	if err != nil {
		return "", nil, err
	}
	d.All, d.Counts, d.Troubled = len(list.Feeds), list.Counts, health.Troubled(list.Counts)
	q := d.Query
	q.Offset, q.Limit = (d.Page-1)*feedsPerPage, feedsPerPage
	var page []health.Feed
	page, d.Total = health.Pick(list.Feeds, q)
	d.Pages = (d.Total + feedsPerPage - 1) / feedsPerPage
	d.Origins = []origin{source("All states", store.FeedBriefsStatement(p.now)), source("Completeness", store.CompletenessStatement(p.now.Add(-day), p.now))}
	err = together(r.Context(),
		into(&d.Completeness, func(ctx context.Context) (store.Completeness, error) {
			return s.deps.Store.Completeness(ctx, p.now.Add(-day), p.now)
		}),
		func(ctx context.Context) (err error) {
			var st store.Statement
			d.Rows, st, err = s.details(ctx, page)
			d.Origins = append(d.Origins, source("The feeds on this page", st))
			return err
		})
	return "feeds.html", d, err
}

// Lengths of what the page of one feed shows.
const (
	yieldSpan = 7 * day
	yieldStep = time.Hour
	pollsKept = 30
	newestAge = 60 * day
)

// yieldChart is what one feed brought, for a chart.
type yieldChart struct {
	From  time.Time        `json:"from"`
	To    time.Time        `json:"to"`
	StepS int              `json:"step_s"`
	Steps []store.FeedStep `json:"steps"`
	Marks []mark           `json:"marks"`
}

// Sum adds the steps up.
func (y yieldChart) Sum() (t store.FeedStep) {
	for _, x := range y.Steps {
		t.Polls, t.Failed, t.Gaps, t.NewItems, t.Expected = t.Polls+x.Polls, t.Failed+x.Failed, t.Gaps+x.Gaps, t.NewItems+x.NewItems, t.Expected+x.Expected
	}
	return t
}

// Newest gives the steps backwards.
func (y yieldChart) Newest() []store.FeedStep {
	out := make([]store.FeedStep, len(y.Steps))
	for i, x := range y.Steps {
		out[len(out)-1-i] = x
	}
	return out
}

type feedPage struct {
	Feed     feedRow
	Src      string // where the script gets the chart
	Yield    yieldChart
	Polls    []store.FeedPoll
	Gaps     []store.FeedPoll
	Articles []store.Headline
	Origins  map[string][]origin
}

// oneFeed reads which feed is asked for, and finds it.
func (s *Server) oneFeed(r *http.Request) (*health.Feed, *params, error) {
	p := s.params(r, "url")
	address := p.text("url", 2000)
	if address == "" {
		p.fail("url is missing: the address of a feed")
	}
	if p.err != nil {
		return nil, p, p.err
	}
	list, err := s.allFeeds(r.Context())
	if err != nil {
		return nil, p, err
	}
	if f := list.byURL[address]; f != nil {
		return f, p, nil
	}
	// One that was removed is still known by its polls.
	f := &health.Feed{FeedBrief: store.FeedBrief{FeedURL: address}}
	found, err := s.deps.Store.FeedDetails(r.Context(), p.now, []string{address})
	if err == nil && len(found) == 0 {
		err = store.ErrNotFound
	}
	f.FeedBrief = found[address].FeedBrief
	return f, p, err
}

func (s *Server) yield(ctx context.Context, feed string, now time.Time) (yieldChart, store.Statement, error) {
	q := store.FeedYieldQuery{Feed: feed, From: now.Add(-yieldSpan).Truncate(yieldStep), To: now, Step: yieldStep}
	y := yieldChart{From: q.From, To: q.To, StepS: int(q.Step / time.Second), Marks: []mark{}}
	var err error
	y.Steps, err = s.deps.Store.FeedYield(ctx, q)
	for _, x := range y.Steps {
		if x.Gaps > 0 {
			y.Marks = append(y.Marks, mark{x.Time, "gap", "articles may have been missed"})
		}
		if x.Failed > 0 {
			y.Marks = append(y.Marks, mark{x.Time, "failed", count(x.Failed, "poll", "polls")})
		}
	}
	return y, q.Statement(), err
}

func (s *Server) feed(r *http.Request) (string, any, error) {
	f, p, err := s.oneFeed(r)
	if err != nil {
		return "", nil, err
	}
	db, now := s.deps.Store, p.now
	d := feedPage{Src: "/api/v1/feed?" + url.Values{"url": {f.FeedURL}}.Encode()}
	polls := store.FeedPollsQuery{Feed: f.FeedURL, From: now.Add(-30 * day), Limit: pollsKept}
	gaps := store.FeedPollsQuery{Feed: f.FeedURL, From: now.Add(-30 * day), Gaps: true, Limit: pollsKept}
	var state, yield store.Statement
	err = together(r.Context(),
		func(ctx context.Context) error {
			rows, st, err := s.details(ctx, []health.Feed{*f})
			d.Feed, state = rows[0], st
			return err
		},
		func(ctx context.Context) (err error) {
			d.Yield, yield, err = s.yield(ctx, f.FeedURL, now)
			return err
		},
		into(&d.Polls, func(ctx context.Context) ([]store.FeedPoll, error) { return db.FeedPolls(ctx, polls) }),
		into(&d.Gaps, func(ctx context.Context) ([]store.FeedPoll, error) { return db.FeedPolls(ctx, gaps) }),
		into(&d.Articles, func(ctx context.Context) ([]store.Headline, error) {
			return db.FeedArticles(ctx, f.FeedURL, now.Add(-newestAge), 20)
		}),
	)
	if err != nil {
		return "", nil, err
	}
	d.Origins = map[string][]origin{
		"state": {source("State and sums", state)}, "yield": {source("What it brought", yield)},
		"polls": {source("Polls", polls.Statement()), source("Gaps", gaps.Statement())}, "articles": {source("Articles", store.FeedArticlesStatement(f.FeedURL, now.Add(-newestAge), 20))},
	}
	return "feed.html", d, nil
}
