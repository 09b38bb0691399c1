package store_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/dateline/dateline/pkg/engine"
	"github.com/dateline/dateline/pkg/engine/enginetest"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/store"
	"github.com/dateline/dateline/pkg/store/storetest"
)

var day0 = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)

func at(hours float64) time.Time { return day0.Add(time.Duration(hours * float64(time.Hour))) }

func openAs(t testing.TB, e *enginetest.Engines, c engine.Credentials) *store.Store {
	t.Helper()
	cfg := store.DefaultConfig()
	cfg.Addr, cfg.Database, cfg.User, cfg.Password = []string{e.SQL}, e.Database, c.User, c.Password
	s, err := store.Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// article is a terse row of the fixture.
type article struct {
	id, copyOf, story news.ID
	hour              float64
	source, entities  string // entities split by blanks
	revision          uint16
	backlog           bool
}

// fill stores the articles, one offset each, with a mention for each entity.
func fill(t testing.TB, s *store.Store, rows ...article) {
	t.Helper()
	var as []*store.ArticleRow
	var ms []store.MentionRow
	for i, r := range rows {
		d := &news.Document{ID: r.id, URL: "https://" + r.source + "/" + r.id.String(), Source: r.source, Language: "en", Title: "Title " + r.id.String(),
			SeenAt: at(r.hour), TS: at(r.hour), Words: 10, Text: "Text.", TextFrom: news.FromFeed, Backlog: r.backlog}
		for _, e := range strings.Fields(r.entities) {
			kind, name, _ := strings.Cut(e, "/")
			d.Mentions = append(d.Mentions, news.Mention{EntityID: e, Kind: strings.ToUpper(kind), Name: strings.ToUpper(name), N: 1, Surface: name})
		}
		a := &store.ArticleRow{Origin: store.Origin{Epoch: 1, Off: uint64(i), LandedAt: at(r.hour).Add(time.Second)}, Doc: d, Revision: r.revision, CopyOf: r.copyOf, StoryID: r.story}
		as = append(as, a)
		for k := range d.Mentions {
			ms = append(ms, store.MentionRow{ArticleRow: a, Mention: &d.Mentions[k]})
		}
	}
	put(t, s, store.ArticleBatch(as), store.MentionBatch(ms))
}

func put(t testing.TB, s *store.Store, batches ...store.Batch) {
	t.Helper()
	for _, b := range batches {
		if err := s.Insert(t.Context(), "", b); err != nil {
			t.Fatal(err)
		}
	}
}

// entity is a row of `entities` that landed n seconds after the start.
func entity(id, name, sameAs string, n int) store.EntityRow {
	kind, _, _ := strings.Cut(id, "/")
	return store.EntityRow{Origin: store.Origin{Off: uint64(n), LandedAt: day0.Add(time.Duration(n) * time.Second)}, SameAs: sameAs, SeenAt: day0,
		Mention: &news.Mention{EntityID: id, Kind: strings.ToUpper(kind), Name: name, Origin: "learned"}}
}

// newsOfTwoDays: per/ann and per/anna are one person; article 3 names both.
func newsOfTwoDays(t testing.TB) (w, r *store.Store) {
	e := enginetest.StartClickHouse(t)
	w, r = openAs(t, e, e.Writer), openAs(t, e, e.Reader)
	storetest.Migrate(t, w)
	fill(t, w,
		article{id: 1, story: 1, hour: 1, source: "a.org", entities: "per/ann org/x", backlog: true},
		article{id: 2, story: 1, copyOf: 1, hour: 2, source: "b.org", entities: "per/ann org/x"},
		article{id: 3, story: 3, hour: 2.5, source: "b.org", entities: "per/ann per/anna loc/y"},
		article{id: 4, story: 4, hour: 25, source: "a.org", entities: "per/anna loc/y"},
		article{id: 4, story: 4, hour: 26, source: "a.org", entities: "per/bob", revision: 1},
		article{id: 5, story: 5, hour: 27, source: "c.org"},
	)
	put(t, w, store.EntityBatch([]store.EntityRow{
		entity("per/ann", "Ann", "", 1), entity("per/anna", "Anna", "", 2), entity("per/bob", "Bob", "", 3),
		entity("org/x", "X", "", 4), entity("loc/y", "Y", "", 5), entity("per/anna", "Anna", "per/ann", 6),
	}))
	return w, r
}

func TestTop(t *testing.T) {
	_, s := newsOfTwoDays(t)
	f := func(q store.TopQuery, want string) {
		t.Helper()
		q.From, q.To = day0.Add(time.Duration(q.From.Unix()+62135596800)*time.Second), at(48)
		top, err := s.Top(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, e := range top {
			got = append(got, strings.Join([]string{e.EntityID, e.Name, digits(e.Articles, e.Originals, e.Copies, e.Sources, e.Ingested)}, " "))
		}
		if s := strings.Join(got, "; "); s != want {
			t.Errorf("%+v:\ngot  %s\nwant %s", q, s, want)
		}
	}
	f(store.TopQuery{}, "per/ann Ann 4 3 1 2 5; loc/y Y 2 2 0 2 5; org/x X 2 1 1 2 5; per/bob Bob 1 1 0 1 5")
	f(store.TopQuery{Limit: 1}, "per/ann Ann 4 3 1 2 5")
	f(store.TopQuery{Kind: "LOC"}, "loc/y Y 2 2 0 2 5")
	f(store.TopQuery{Source: "b.org"}, "per/ann Ann 2 1 1 1 2; loc/y Y 1 1 0 1 2; org/x X 1 0 1 1 2")
	f(store.TopQuery{Language: "de"}, "")
}

func digits(ns ...uint64) string {
	var parts []string
	for _, n := range ns {
		parts = append(parts, string(rune('0'+n)))
	}
	return strings.Join(parts, " ")
}

func TestSeries(t *testing.T) {
	_, s := newsOfTwoDays(t)
	f := func(q store.SeriesQuery, want string) {
		t.Helper()
		if q.From.IsZero() {
			q.From, q.To = day0, at(48)
		}
		series, err := s.Series(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, one := range series {
			line := one.Source + ":"
			for _, b := range one.Buckets {
				line += " " + strings.ReplaceAll(digits(b.Articles, b.Originals, b.Copies, b.Ingested), " ", "")
			}
			got = append(got, line)
		}
		if s := strings.Join(got, "; "); s != want {
			t.Errorf("%+v:\ngot  %s\nwant %s", q, s, want)
		}
	}
	const day = 24 * time.Hour
	f(store.SeriesQuery{Entity: "per/ann", Step: day}, ": 3213 1102")
	f(store.SeriesQuery{Entity: "per/anna", Step: day}, ": 3213 1102")
	f(store.SeriesQuery{Entity: "per/ann", Step: 12 * time.Hour}, ": 3213 0000 1102 0000")
	f(store.SeriesQuery{Entity: "per/ann", Step: time.Hour, From: at(1.5), To: at(3)}, ": 0000 2112")
	f(store.SeriesQuery{Entity: "per/ann", Step: day, BySource: true}, "a.org: 1101 1101; b.org: 2112 0000")
	f(store.SeriesQuery{Entity: "per/ann", Step: day, Panel: true, From: day0, To: at(27)}, ": 1101 1101")
	f(store.SeriesQuery{Entity: "per/ann", Step: day, Collection: "wires"}, ": 0000 0000")
	f(store.SeriesQuery{Entity: "per/nobody's \\ {x:String}", Step: day}, ": 0003 0002")
	f(store.SeriesQuery{Step: day}, ": 3213 2202")
}

func TestSeriesRefusesWhatIsTooMuch(t *testing.T) {
	f := func(q store.SeriesQuery, want string) {
		t.Helper()
		if err := q.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %q", q, err, want)
		}
	}
	f(store.SeriesQuery{From: at(1), To: at(1), Step: time.Hour}, "not before")
	f(store.SeriesQuery{From: at(1), To: at(2), Step: time.Second}, "1m or more")
	f(store.SeriesQuery{From: at(0), To: at(24 * 30), Step: time.Minute}, "at most 5000")
	f(store.SeriesQuery{From: at(0), To: at(24), Step: time.Hour, BySource: true}, "need an entity")
}

func TestEntityAndArticles(t *testing.T) {
	_, s := newsOfTwoDays(t)
	ctx := t.Context()
	for _, id := range []string{"per/ann", "per/anna"} {
		e, err := s.Entity(ctx, id)
		if err != nil || e.EntityID != "per/ann" || strings.Join(e.IDs, " ") != "per/ann per/anna" || len(e.Aliases) != 2 {
			t.Errorf("%s: %+v, %v", id, e, err)
		}
	}
	if _, err := s.Entity(ctx, "per/nobody"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("unknown entity: %v", err)
	}
	if _, err := s.Story(ctx, 99, 0); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("unknown story: %v", err)
	}
	if _, err := s.Article(ctx, 99); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("unknown article: %v", err)
	}
	q := store.EntityQuery{Entity: "per/ann", From: day0, To: at(48)}
	f := func(what string, hs []store.Headline, err error, want string) {
		t.Helper()
		var got []uint64
		for _, h := range hs {
			got = append(got, uint64(h.ID))
		}
		if err != nil || digits(got...) != want {
			t.Errorf("%s: %s, %v, want %s", what, digits(got...), err, want)
		}
	}
	hs, err := s.EntityArticles(ctx, q)
	f("articles", hs, err, "4 3 2 1")
	if hs[0].Revision != 1 || hs[2].CopyOf != 1 {
		t.Errorf("articles: %+v", hs)
	}
	q.Originals = true
	hs, err = s.EntityArticles(ctx, q)
	f("originals", hs, err, "4 3 1")
	hs, err = s.Story(ctx, 1, 0)
	f("story", hs, err, "1 2")
	hs, err = s.Copies(ctx, 1, 0)
	f("copies", hs, err, "2")
	hs, err = s.Recent(ctx, 3, false)
	f("recent", hs, err, "5 4 4")
	hs, err = s.Recent(ctx, 10, true)
	f("recent live", hs, err, "5 4 4 3 2")
	revs, err := s.Article(ctx, 4)
	if err != nil || len(revs) != 2 || revs[1].Revision != 1 || revs[1].Text != "Text." || revs[0].Published != nil {
		t.Errorf("article: %+v, %v", revs, err)
	}
	co, err := s.CoMentions(ctx, q)
	if err != nil || len(co) != 3 || co[0].Name != "Y" || co[0].Articles != 2 || co[1].EntityID != "org/x" || co[2].EntityID != "per/bob" {
		t.Errorf("co-mentions: %+v, %v", co, err)
	}
	if co, err = s.CoMentions(ctx, store.EntityQuery{Entity: "loc/y", From: day0, To: at(48)}); err != nil || co[0].EntityID != "per/ann" || co[0].Articles != 2 || len(co) != 2 {
		t.Errorf("co-mentions count a merged entity once: %+v, %v", co, err)
	}
	sources, err := s.EntitySources(ctx, q)
	if err != nil || len(sources) != 2 || sources[0].Source != "a.org" || sources[0].Ingested != 2 || sources[1].Share != 1 {
		t.Errorf("sources: %+v, %v", sources, err)
	}
	names, err := s.Names(ctx, []news.ID{3, 4}, 0)
	if err != nil || len(names) != 3 || names[0].Name != "Ann" || names[0].Articles != 2 {
		t.Errorf("names: %+v, %v", names, err)
	}
	found, err := s.SearchEntities(ctx, " ANN", 0)
	if err != nil || len(found) != 1 || found[0].EntityID != "per/ann" || found[0].Name != "Ann" {
		t.Errorf("search: %+v, %v", found, err)
	}
}

func TestState(t *testing.T) {
	w, s := newsOfTwoDays(t)
	ctx := t.Context()
	rates, err := s.Rates(ctx, at(27).Add(30*time.Second))
	if want := (store.Rates{Minute: 1, Hour: 1, Day: 2, Revisions: 1, P50ms: 1000, P95ms: 1000}); err != nil || rates != want {
		t.Errorf("rates %+v, %v, want %+v", rates, err, want)
	}
	totals, err := s.Totals(ctx)
	if err != nil || totals.Articles != 5 || totals.Originals != 4 || totals.Backlog != 1 || totals.Mentions != 10 || totals.Entities != 5 || totals.Sources != 3 || !totals.Last.Equal(at(27)) {
		t.Errorf("totals %+v, %v", totals, err)
	}
	none, err := s.Completeness(ctx, day0, at(48))
	if err != nil || none.Polls != 0 {
		t.Errorf("completeness without polls %+v, %v", none, err)
	}
	poll := func(n int, url, trouble string, gap bool) store.FetchRow {
		return store.FetchRow{Origin: store.Origin{Off: uint64(n)}, Fetch: &news.Fetch{FeedURL: url, At: at(float64(n)), Status: 200, Items: 20, NewItems: 2, Expected: 2, Gap: gap, Error: trouble, TookMS: 40}}
	}
	put(t, w, store.FetchBatch([]store.FetchRow{
		poll(1, "http://a.org/f", "", false), poll(2, "http://a.org/f", "", true), poll(3, "http://b.org/f", "time-out", false), poll(4, "http://c.org/f", "", false),
	}))
	c, err := s.Completeness(ctx, day0, at(48))
	if want := (store.Completeness{Polls: 4, Gaps: 1, Failures: 1, Expected: 8, Covered: 4, Share: 0.5}); err != nil || c != want {
		t.Errorf("completeness %+v, %v, want %+v", c, err, want)
	}
	alert := func(n int, state string, observed float64) store.AlertRow {
		return store.AlertRow{Origin: store.Origin{Off: uint64(n)}, Alert: &news.Alert{ID: 7, Rule: "spike", EntityID: "per/anna", Name: "Anna", State: state,
			Since: at(1), At: at(float64(n)), WindowS: 3600, Observed: observed, Expected: 2, P: 1e-6, Q: 1e-4, Originals: 9, Stories: []news.ID{3}, Completeness: 1, Reason: "r"}}
	}
	put(t, w, store.AlertBatch([]store.AlertRow{alert(2, news.AlertFiring, 11), alert(3, news.AlertResolved, 1)}),
		store.ChangeBatch([]store.ChangeRow{{What: "model", Detail: "2", At: at(5)}}))
	alerts, err := s.Alerts(ctx, store.AlertQuery{From: day0, To: at(48), Entity: "per/ann"})
	if err != nil || len(alerts) != 1 || alerts[0].State != news.AlertResolved || alerts[0].Observed != 11 || !alerts[0].At.Equal(at(3)) || alerts[0].Stories[0] != 3 || alerts[0].Validate() != nil {
		t.Errorf("alerts %+v, %v", alerts, err)
	}
	changes, err := s.Changes(ctx, day0, at(48), 0)
	if err != nil || len(changes) != 1 || changes[0].What != "model" {
		t.Errorf("changes %+v, %v", changes, err)
	}
}

func TestEmptyDatabase(t *testing.T) {
	e := enginetest.StartClickHouse(t)
	storetest.Migrate(t, openAs(t, e, e.Writer))
	s, ctx := openAs(t, e, e.Reader), t.Context()
	f := func(what string, n int, err error) {
		t.Helper()
		if err != nil || n != 0 {
			t.Errorf("%s: %d, %v", what, n, err)
		}
	}
	top, err := s.Top(ctx, store.TopQuery{From: day0, To: at(1)})
	f("top", len(top), err)
	recent, err := s.Recent(ctx, 5, true)
	f("recent", len(recent), err)
	feeds, err := s.FeedBriefs(ctx, day0)
	f("feeds", len(feeds), err)
	totals, err := s.Totals(ctx)
	f("totals", int(totals.Articles), err)
	if !totals.First.IsZero() {
		t.Error("an empty database has no first article")
	}
	rates, err := s.Rates(ctx, day0)
	f("rates", int(rates.Day), err)
	series, err := s.Series(ctx, store.SeriesQuery{Entity: "per/ann", From: day0, To: at(3), Step: time.Hour})
	f("series", len(series)-1, err)
}
