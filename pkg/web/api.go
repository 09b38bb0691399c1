package web

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/store"
)

// answer gives what one address of the API returns, and the query behind it.
type answer func(*http.Request) (any, store.Statement, error)

// json writes {"data": …, "sql": "…"}, or {"error": "…"}. Ids are strings of 16
// hex digits.
func (s *Server) json(f answer) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		data, st, err := f(r)
		body := map[string]any{"data": data}
		if st.Name != "" {
			body["sql"] = st.String()
		}
		if err != nil {
			status, message := s.explain(r, err)
			body = map[string]any{"error": message}
			w.WriteHeader(status)
		}
		_ = json.NewEncoder(w).Encode(body)
	}
}

// explain turns an error into a status and a sentence. What is the server's
// own trouble is logged; the one who asked learns only that it is.
func (s *Server) explain(r *http.Request, err error) (int, string) {
	var b badRequest
	switch {
	case errors.As(err, &b):
		return http.StatusBadRequest, b.Error()
	case errors.Is(err, errNoPage):
		return http.StatusNotFound, err.Error()
	case errors.Is(err, store.ErrNotFound):
		return http.StatusNotFound, "nothing is stored under this id"
	case errors.Is(r.Context().Err(), context.Canceled):
		return 499, "the request was given up"
	case store.IsTimeout(err):
		s.deps.Log.Warn("a page took too long", "path", r.URL.Path, "error", err)
		return http.StatusServiceUnavailable, "the database took too long; ask for a shorter range or a longer step"
	}
	s.deps.Log.Error("a page could not be made", "path", r.URL.Path, "error", err)
	return http.StatusServiceUnavailable, "the database does not answer; /readyz says what is not ready"
}

func (s *Server) topQuery(p *params) store.TopQuery {
	sp := p.span(28 * day)
	return store.TopQuery{From: sp.From, To: sp.To, Kind: p.oneOf("kind", news.PER, news.ORG, news.LOC, news.TOPIC),
		Source: p.text("source", 300), Language: p.text("language", 20), Limit: p.number("limit", 20)}
}

func (s *Server) apiTop(r *http.Request) (any, store.Statement, error) {
	p := s.params(r, "range", "from", "to", "kind", "source", "language", "limit")
	q := s.topQuery(p)
	if p.err != nil {
		return nil, store.Statement{}, p.err
	}
	top, err := s.deps.Store.Top(r.Context(), q)
	return top, q.Statement(), err
}

// mark is something that a chart has to say of a moment.
type mark struct {
	Time  time.Time `json:"time"`
	Kind  string    `json:"kind"` // alert or change
	Label string    `json:"label"`
}

// chart is the answer of /api/v1/series.
type chart struct {
	Entity string         `json:"entity"`
	From   time.Time      `json:"from"`
	To     time.Time      `json:"to"`
	StepS  int            `json:"step_s"`
	Series []store.Series `json:"series"`
	Marks  []mark         `json:"marks"`
}

func (s *Server) apiSeries(r *http.Request) (any, store.Statement, error) {
	p := s.params(r, "entity", "range", "from", "to", "step", "by", "collection", "panel")
	sp := p.span(28 * day)
	q := store.SeriesQuery{Entity: p.text("entity", 300), From: sp.From, To: sp.To, Step: sp.Step,
		BySource: p.oneOf("by", "source") != "", Collection: p.text("collection", 200), Panel: p.flag("panel")}
	if p.err == nil {
		if err := q.Validate(); err != nil {
			p.err = badRequest{err}
		}
	}
	if p.err != nil {
		return nil, store.Statement{}, p.err
	}
	c, err := s.chart(r.Context(), q)
	return c, q.Statement(), err
}

func (s *Server) chart(ctx context.Context, q store.SeriesQuery) (chart, error) {
	c := chart{Entity: q.Entity, From: q.From, To: q.To, StepS: int(q.Step / time.Second), Marks: []mark{}}
	var err error
	if c.Series, err = s.deps.Store.Series(ctx, q); err != nil {
		return c, err
	}
	changes, err := s.deps.Store.Changes(ctx, q.From, q.To, 50)
	if err != nil {
		return c, err
	}
	for _, ch := range changes {
		c.Marks = append(c.Marks, mark{ch.At, "change", ch.What + ": " + ch.Detail})
	}
	if q.Entity == "" {
		return c, nil
	}
	alerts, err := s.deps.Store.Alerts(ctx, store.AlertQuery{From: q.From, To: q.To, Entity: q.Entity, Limit: 50})
	for _, a := range alerts {
		c.Marks = append(c.Marks, mark{a.Since, "alert", a.Reason})
	}
	return c, err
}

func (s *Server) apiRecent(r *http.Request) (any, store.Statement, error) {
	p := s.params(r, "limit", "live")
	limit, live := p.number("limit", 30), p.flag("live")
	if p.err != nil {
		return nil, store.Statement{}, p.err
	}
	list, err := s.deps.Store.Recent(r.Context(), limit, live)
	return list, store.RecentStatement(limit, live), err
}

// live is what the front page asks for every two seconds.
type live struct {
	At     time.Time        `json:"at"`
	Rates  store.Rates      `json:"rates"`
	Recent []store.Headline `json:"recent"`
}

const recentShown = 24

// liveNow gives the live articles, or those of a first fill where there are no
// live ones yet.
func (s *Server) liveNow(ctx context.Context) (live, error) {
	now := s.deps.Now().UTC()
	return s.live.get(now, time.Second, func() (live, error) {
		l := live{At: now}
		var err error
		if l.Rates, err = s.deps.Store.Rates(ctx, now); err != nil {
			return l, err
		}
		if l.Recent, err = s.deps.Store.Recent(ctx, recentShown, true); err == nil && len(l.Recent) == 0 {
			l.Recent, err = s.deps.Store.Recent(ctx, recentShown, false)
		}
		return l, err
	})
}

func (s *Server) apiLive(r *http.Request) (any, store.Statement, error) {
	if p := s.params(r); p.err != nil {
		return nil, store.Statement{}, p.err
	}
	l, err := s.liveNow(r.Context())
	return l, store.Statement{}, err
}

func (s *Server) apiEntities(r *http.Request) (any, store.Statement, error) {
	p := s.params(r, "prefix", "limit")
	prefix, limit := p.text("prefix", 200), p.number("limit", 20)
	if prefix == "" {
		p.fail("prefix is missing: the start of a name, of a word in it, or of an id")
	}
	if p.err != nil {
		return nil, store.Statement{}, p.err
	}
	found, err := s.deps.Store.SearchEntities(r.Context(), prefix, limit)
	return found, store.SearchStatement(prefix, limit), err
}

func (s *Server) apiEntity(r *http.Request) (any, store.Statement, error) {
	if p := s.params(r); p.err != nil {
		return nil, store.Statement{}, p.err
	}
	id, err := pathEntity(r)
	if err != nil {
		return nil, store.Statement{}, err
	}
	e, err := s.deps.Store.Entity(r.Context(), id)
	return e, store.EntityStatement(id), err
}

func (s *Server) apiStory(r *http.Request) (any, store.Statement, error) {
	p := s.params(r, "limit")
	limit := p.number("limit", 200)
	id, err := pathID(r)
	if p.err != nil || err != nil {
		return nil, store.Statement{}, errors.Join(p.err, err)
	}
	list, err := s.deps.Store.Story(r.Context(), id, limit)
	return list, store.StoryStatement(id, limit), err
}

func (s *Server) apiArticle(r *http.Request) (any, store.Statement, error) {
	p := s.params(r)
	id, err := pathID(r)
	if p.err != nil || err != nil {
		return nil, store.Statement{}, errors.Join(p.err, err)
	}
	revisions, err := s.deps.Store.Article(r.Context(), id)
	return revisions, store.ArticleStatement(id), err
}

func (s *Server) apiAlerts(r *http.Request) (any, store.Statement, error) {
	p := s.params(r, "range", "from", "to", "entity", "limit")
	sp := p.span(28 * day)
	q := store.AlertQuery{From: sp.From, To: sp.To, Entity: p.text("entity", 300), Limit: p.number("limit", 50)}
	if p.err != nil {
		return nil, store.Statement{}, p.err
	}
	list, err := s.deps.Store.Alerts(r.Context(), q)
	return list, q.Statement(), err
}

func (s *Server) apiChanges(r *http.Request) (any, store.Statement, error) {
	p := s.params(r, "range", "from", "to", "limit")
	sp, limit := p.span(28*day), p.number("limit", 100)
	if p.err != nil {
		return nil, store.Statement{}, p.err
	}
	list, err := s.deps.Store.Changes(r.Context(), sp.From, sp.To, limit)
	return list, store.ChangesStatement(sp.From, sp.To, limit), err
}

func (s *Server) apiTotals(r *http.Request) (any, store.Statement, error) {
	if p := s.params(r); p.err != nil {
		return nil, store.Statement{}, p.err
	}
	t, err := s.deps.Store.Totals(r.Context())
	return t, store.TotalsStatement(), err
}

func (s *Server) apiCompleteness(r *http.Request) (any, store.Statement, error) {
	p := s.params(r, "range", "from", "to")
	sp := p.span(day)
	if p.err != nil {
		return nil, store.Statement{}, p.err
	}
	c, err := s.deps.Store.Completeness(r.Context(), sp.From, sp.To)
	return c, store.CompletenessStatement(sp.From, sp.To), err
}
