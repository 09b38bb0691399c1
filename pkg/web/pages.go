package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/dateline/dateline/pkg/health"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/store"
)

// together runs the reads of a page side by side, a few at a time.
func together(ctx context.Context, reads ...func(context.Context) error) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(4)
	for _, read := range reads {
		g.Go(func() error { return read(ctx) })
	}
	return g.Wait()
}

// into stores what a read gives.
func into[T any](dst *T, read func(context.Context) (T, error)) func(context.Context) error {
	return func(ctx context.Context) error {
		v, err := read(ctx)
		*dst = v
		return err
	}
}

// graph is a chart on a page with the numbers behind it.
type graph struct {
	Entity  string
	Name    string
	Span    span
	Buckets []store.Bucket
	Marks   []mark
	Src     string // where the script gets the same numbers
	Origin  origin
}

// Total sums the buckets up.
func (g graph) Total() (b store.Bucket) {
	for _, x := range g.Buckets {
		b.Articles, b.Originals, b.Copies, b.Ingested = b.Articles+x.Articles, b.Originals+x.Originals, b.Copies+x.Copies, b.Ingested+x.Ingested
	}
	if b.Ingested > 0 {
		b.Share = float64(b.Articles) / float64(b.Ingested)
	}
	return b
}

// Newest gives the buckets backwards.
func (g graph) Newest() []store.Bucket {
	out := make([]store.Bucket, len(g.Buckets))
	for i, b := range g.Buckets {
		out[len(out)-1-i] = b
	}
	return out
}

func (s *Server) graph(ctx context.Context, id, name string, sp span) (graph, error) {
	q := store.SeriesQuery{Entity: id, From: sp.From, To: sp.To, Step: sp.Step}
	c, err := s.chart(ctx, q)
	if err != nil {
		return graph{}, err
	}
	v := url.Values{"step": {brief(sp.Step)}}
	if id != "" {
		v.Set("entity", id)
	}
	if sp.Picked != "" {
		v.Set("range", sp.Picked) // moves on with time
	} else {
		v.Set("from", iso(sp.From))
		v.Set("to", iso(sp.To))
	}
	return graph{id, name, sp, c.Series[0].Buckets, c.Marks, "/api/v1/series?" + v.Encode(), source("Articles by "+brief(sp.Step), q.Statement())}, nil
}

type homePage struct {
	Span         span
	Kind         string
	Live         live
	Totals       store.Totals
	Completeness store.Completeness
	Top          []store.TopEntity
	Graph        graph
	Alerts       []news.Alert
	Feeds        int
	Counts       []health.Count
	Troubled     int
	Trouble      []feedRow // the worst of them
	Sources      map[string][]origin
}

func (s *Server) home(r *http.Request) (string, any, error) {
	p := s.params(r, "range", "step", "entity", "kind")
	sp := p.span(28 * day)
	picked := p.text("entity", 300)
	q := store.TopQuery{From: sp.From, To: sp.To, Kind: p.oneOf("kind", news.PER, news.ORG, news.LOC, news.TOPIC), Limit: 15}
	if p.err != nil {
		return "", nil, p.err
	}
	now := p.now
	d := homePage{Span: sp, Kind: q.Kind}
	alerts := store.AlertQuery{From: now.Add(-7 * day), To: now.Add(time.Hour), Limit: 8}
	db := s.deps.Store
	err := together(r.Context(),
		into(&d.Live, s.liveNow),
		into(&d.Totals, db.Totals),
		into(&d.Completeness, func(ctx context.Context) (store.Completeness, error) { return db.Completeness(ctx, now.Add(-day), now) }),
		into(&d.Alerts, func(ctx context.Context) ([]news.Alert, error) { return db.Alerts(ctx, alerts) }),
		func(ctx context.Context) error {
			list, err := s.allFeeds(ctx)
			if err != nil {
				return err
			}
			d.Feeds, d.Counts, d.Troubled = len(list.Feeds), list.Counts, health.Troubled(list.Counts)
			worst, _ := health.Pick(list.Feeds, health.Query{State: "trouble", Limit: 5})
			d.Trouble, _, err = s.details(ctx, worst)
			return err
		},
		into(&d.Graph, func(ctx context.Context) (g graph, err error) {
			if d.Top, err = db.Top(ctx, q); err != nil {
				return g, err
			}
			name := picked
			if picked == "" && len(d.Top) > 0 {
				picked, name = d.Top[0].EntityID, d.Top[0].Name
			} else if e, err := db.Entity(ctx, picked); err == nil {
				picked, name = e.EntityID, e.Name
			}
			return s.graph(ctx, picked, name, sp)
		}),
	)
	d.Sources = map[string][]origin{
		"figures": {source("Articles of the last minute, hour and day, copies, delay", store.RatesStatement(now)),
			source("Completeness", store.CompletenessStatement(now.Add(-day), now))},
		"recent": {source("Arriving articles", store.RecentStatement(recentShown, true))},
		"top":    {source("Most covered", q.Statement())},
		"alerts": {source("Alerts", alerts.Statement())},
		"feeds":  {source("Feeds", store.FeedBriefsStatement(now))},
		"totals": {source("What is stored", store.TotalsStatement())},
	}
	return "home.html", d, err
}

type entityPage struct {
	Span     span
	Step     string
	Only     bool // originals
	Entity   store.Entity
	Graph    graph
	Sources  []store.SourceCount
	Together []store.NameCount
	Articles []store.Headline
	Alerts   []news.Alert
	Names    names
	Origins  map[string][]origin
}

func (s *Server) entity(r *http.Request) (string, any, error) {
	p := s.params(r, "range", "from", "to", "step", "originals")
	sp := p.span(28 * day)
	id, err := pathEntity(r)
	only := p.flag("originals")
	if p.err != nil || err != nil {
		return "", nil, orFirst(p.err, err)
	}
	db := s.deps.Store
	e, err := db.Entity(r.Context(), id)
	if err != nil {
		return "", nil, err
	}
	if e.EntityID != id {
		to := entityPath(e.EntityID)
		if r.URL.RawQuery != "" {
			to += "?" + r.URL.RawQuery
		}
		return "", nil, redirect(to)
	}
	q := store.EntityQuery{Entity: id, From: sp.From, To: sp.To, Originals: only}
	alerts := store.AlertQuery{From: sp.From, To: sp.To, Entity: id}
	d := entityPage{Span: sp, Step: brief(sp.Step), Only: only, Entity: e}
	err = together(r.Context(),
		into(&d.Graph, func(ctx context.Context) (graph, error) { return s.graph(ctx, id, e.Name, sp) }),
		into(&d.Sources, func(ctx context.Context) ([]store.SourceCount, error) { return db.EntitySources(ctx, q) }),
		into(&d.Together, func(ctx context.Context) ([]store.NameCount, error) { return db.CoMentions(ctx, q) }),
		into(&d.Articles, func(ctx context.Context) ([]store.Headline, error) { return db.EntityArticles(ctx, q) }),
		into(&d.Alerts, func(ctx context.Context) ([]news.Alert, error) { return db.Alerts(ctx, alerts) }),
		into(&d.Names, func(ctx context.Context) (names, error) { return s.names(ctx, append([]string{id}, e.IDs...)) }),
	)
	d.Origins = map[string][]origin{
		"sources": {source("Sources", q.SourcesStatement())}, "together": {source("Named together", q.CoMentionsStatement())},
		"articles": {source("Articles", q.ArticlesStatement())}, "alerts": {source("Alerts", alerts.Statement())},
	}
	return "entity.html", d, err
}

func orFirst(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

type storyPage struct {
	ID       news.ID
	Articles []store.Headline
	Last     time.Time
	Copies   int
	Sources  int
	Names    []store.NameCount
	Origins  []origin
}

func (s *Server) story(r *http.Request) (string, any, error) {
	id, err := pathID(r)
	if err := orFirst(s.params(r).err, err); err != nil {
		return "", nil, err
	}
	d := storyPage{ID: id, Origins: []origin{source("The story", store.StoryStatement(id, 0))}}
	if d.Articles, err = s.deps.Store.Story(r.Context(), id, 0); err != nil {
		return "", nil, err
	}
	sources := map[string]bool{}
	var ids []news.ID
	for _, a := range d.Articles {
		sources[a.Source] = true
		ids = append(ids, a.ID)
		d.Last = a.TS
		if a.CopyOf != 0 {
			d.Copies++
		}
	}
	d.Sources = len(sources)
	d.Names, err = s.deps.Store.Names(r.Context(), ids, 24)
	return "story.html", d, err
}

type articlePage struct {
	ID        news.ID
	Revisions []store.ArticleText
	Changes   []revised // what the revisions changed
	Copies    []store.Headline
	Names     []store.NameCount
	Origins   []origin
}

func (s *Server) article(r *http.Request) (string, any, error) {
	id, err := pathID(r)
	if err := orFirst(s.params(r).err, err); err != nil {
		return "", nil, err
	}
	db := s.deps.Store
	d := articlePage{ID: id, Origins: []origin{source("The article", store.ArticleStatement(id)), source("Its copies", store.CopiesStatement(id, 0))}}
	err = together(r.Context(),
		into(&d.Revisions, func(ctx context.Context) ([]store.ArticleText, error) { return db.Article(ctx, id) }),
		into(&d.Copies, func(ctx context.Context) ([]store.Headline, error) { return db.Copies(ctx, id, 0) }),
		into(&d.Names, func(ctx context.Context) ([]store.NameCount, error) { return db.Names(ctx, []news.ID{id}, 40) }),
	)
	d.Changes = changes(d.Revisions)
	return "article.html", d, err
}

type alertsPage struct {
	Span    span
	Alerts  []news.Alert
	Origins []origin
}

func (s *Server) alerts(r *http.Request) (string, any, error) {
	p := s.params(r, "range", "from", "to")
	sp := p.span(28 * day)
	if p.err != nil {
		return "", nil, p.err
	}
	q := store.AlertQuery{From: sp.From, To: sp.To, Limit: 200}
	list, err := s.deps.Store.Alerts(r.Context(), q)
	return "alerts.html", alertsPage{sp, list, []origin{source("Alerts", q.Statement())}}, err
}

type searchPage struct {
	Query   string
	Found   []store.NameCount
	Origins []origin
}

func (s *Server) search(r *http.Request) (string, any, error) {
	p := s.params(r, "q")
	d := searchPage{Query: strings.TrimSpace(p.text("q", 200))}
	if p.err != nil || d.Query == "" {
		return "search.html", d, p.err
	}
	var err error
	d.Found, err = s.deps.Store.SearchEntities(r.Context(), d.Query, 50)
	d.Origins = []origin{source("Entities", store.SearchStatement(d.Query, 50))}
	return "search.html", d, err
}
