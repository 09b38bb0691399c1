package web_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/dateline/dateline/pkg/engine"
	"github.com/dateline/dateline/pkg/engine/enginetest"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/store"
	"github.com/dateline/dateline/pkg/store/storetest"
	"github.com/dateline/dateline/pkg/web"
)

// now is the clock of every test.
var now = time.Date(2026, 3, 29, 14, 20, 0, 0, time.UTC)

func connect(t testing.TB, e *enginetest.Engines, c engine.Credentials) *store.Store {
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

// serve starts a dashboard on a fresh database, filled by fill where given. It
// reads as the user who may only read.
func serve(t testing.TB, fill func(testing.TB, *store.Store)) *httptest.Server {
	t.Helper()
	e := enginetest.StartClickHouse(t)
	w := connect(t, e, e.Writer)
	storetest.Migrate(t, w)
	if fill != nil {
		fill(t, w)
	}
	cfg := web.DefaultConfig()
	s := web.New(cfg, web.Deps{Store: connect(t, e, e.Reader), Now: func() time.Time { return now }, Version: "test", Metrics: prometheus.NewRegistry(), Feeds: subscriptions(fill != nil)})
	srv := httptest.NewServer(s.Handler())
	t.Cleanup(srv.Close)
	return srv
}

// subscriptions are the feeds of the outlets, some with titles and tags, one
// that was never polled; the last outlet's was removed.
func subscriptions(some bool) func(context.Context) ([]*news.Feed, error) {
	var list []*news.Feed
	if some {
		list = append(list, &news.Feed{URL: "https://late.example/rss?a=1&b=<2>", Tags: []string{"europe"}})
		for i, o := range outlets[:len(outlets)-1] {
			f := &news.Feed{URL: "https://" + o + "/feed.xml"}
			if i%3 == 0 {
				f.Title, f.Tags = "The <b>"+o+"</b> Service", []string{"europe", "daily & weekly"}
			}
			list = append(list, f)
		}
	}
	return func(context.Context) ([]*news.Feed, error) { return list, nil }
}

func put(t testing.TB, s *store.Store, batches ...store.Batch) {
	t.Helper()
	for _, b := range batches {
		if err := s.Insert(t.Context(), "", b); err != nil {
			t.Fatal(err)
		}
	}
}

// cast is who the made-up news is about; the weight falls with the place.
var cast = strings.Split("per/mara-lindqvist:Mara Lindqvist|loc/aldermere:Aldermere|org/harbour-authority:Harbour Authority|per/tomas-okafor:Tomas Okafor|loc/vesthaven:Vesthaven|org/union-of-dockers:Union of Dockers|per/ines-carvallo:Inés Carvallo|org/northern-rail:Northern Rail|loc/kestrel-bay:Kestrel Bay|per/li-weimin:李维民|org/central-bank-of-aldermere:Central Bank of Aldermere|per/jo-brandt:Jo Brandt|loc/sundmark:Sundmark|org/fc-vesthaven:FC Vesthaven|per/anneke-de-wit:Anneke de Wit|org/ministry-of-the-sea-and-inland-waterways:Ministry of the Sea and Inland Waterways|per/rashid-amin:Rashid Amin|loc/port-of-lies:Port of Lies", "|")

var outlets = strings.Split("aldermere-post.example|harbour.example|vesthaven-daily.example|the-north-wire.example|kestrel.example|sundmark-tidende.example|evening-ledger.example|dockside.example", "|")

var headlines = []string{
	"%s says talks over the harbour will go on", "%s rejects plan for a second quay", "Storm closes the line to %s for a third day",
	"What %s wants from the new budget", "%s faces questions in parliament", "Prices rise again, %s reports", "%s wins in extra time",
	"Strike at the docks: %s calls for calm", "A quiet year for %s ends with a <b>surprise</b> & a row",
}

// fourWeeks is 28 days of history and live news up to now: some 2,400
// articles with copies and revisions, a spike today, feeds in every state.
func fourWeeks(t testing.TB, s *store.Store) {
	t.Helper()
	rng := rand.New(rand.NewPCG(1, 2))
	var as []*store.ArticleRow
	var ms []store.MentionRow
	name := func(i int) (id, n string) { id, n, _ = strings.Cut(cast[i], ":"); return }
	var originals []*store.ArticleRow
	add := func(at time.Time, backlog bool, who []int, copyOf *store.ArticleRow, revision *store.ArticleRow) *store.ArticleRow {
		n := len(as)
		_, main := name(who[0])
		outlet := outlets[rng.IntN(len(outlets))]
		d := &news.Document{ID: news.ID(0x9e3779b97f4a7c15 * uint64(n+1)), Source: outlet, FeedURL: "https://" + outlet + "/feed.xml", Language: "en",
			Title: fmt.Sprintf(headlines[rng.IntN(len(headlines))], main), SeenAt: at.Add(40 * time.Second), TS: at, Published: at, Words: 180 + rng.IntN(600),
			Summary: "A short account.", Text: "The harbour was quiet on the morning after.\n" + main + " spoke of a long road.\n<script>alert(1)</script> is text here.",
			TextFrom: news.FromFeed, Backlog: backlog, Model: "test"}
		if backlog {
			d.SeenAt = now.Add(-3 * time.Hour)
		}
		a := &store.ArticleRow{Origin: store.Origin{Epoch: 1, Off: uint64(n), LandedAt: d.SeenAt.Add(time.Duration(200+rng.IntN(900)) * time.Millisecond)}, Doc: d, StoryID: d.ID}
		switch {
		case revision != nil:
			d.ID, d.Source, a.Revision, a.StoryID = revision.Doc.ID, revision.Doc.Source, 1, revision.StoryID
			d.Title += " (updated)"
		case copyOf != nil:
			d.Title, a.CopyOf, a.StoryID, a.Similarity = copyOf.Doc.Title, copyOf.Doc.ID, copyOf.StoryID, 0.97
		}
		d.URL = "https://" + outlet + "/news/" + d.ID.String()
		d.Canonical = d.URL
		for k, i := range who {
			id, n := name(i)
			kind, _, _ := strings.Cut(id, "/")
			d.Mentions = append(d.Mentions, news.Mention{EntityID: id, Kind: strings.ToUpper(kind), Name: n, N: 1 + rng.IntN(4), InTitle: k == 0, Surface: n, Score: 0.9, Origin: "learned"})
		}
		as = append(as, a)
		if revision == nil {
			for k := range d.Mentions {
				ms = append(ms, store.MentionRow{ArticleRow: a, Mention: &d.Mentions[k]})
			}
		}
		return a
	}
	pick := func() []int {
		var who []int
		for range 1 + rng.IntN(3) {
			f := rng.Float64()
			who = append(who, int(f*f*float64(len(cast))))
		}
		seen, out := map[int]bool{}, who[:0]
		for _, i := range who {
			if !seen[i] {
				seen[i] = true
				out = append(out, i)
			}
		}
		return out
	}
	publish := func(at time.Time, backlog bool, who []int) {
		f := rng.Float64()
		switch {
		case f < 0.3 && len(originals) > 0:
			o := originals[max(0, len(originals)-1-rng.IntN(6))]
			var same []int
			for i := range cast {
				if id, _ := name(i); containsMention(o, id) {
					same = append(same, i)
				}
			}
			add(at, backlog, same, o, nil)
		case f < 0.33 && len(originals) > 0 && !backlog:
			add(at, backlog, who, nil, originals[len(originals)-1])
		default:
			originals = append(originals, add(at, backlog, who, nil, nil))
		}
	}
	for at := now.Add(-28 * 24 * time.Hour); at.Before(now.Add(-time.Minute)); {
		busy := 1.0
		if h := at.Hour(); h < 6 {
			busy = 3
		}
		if wd := at.Weekday(); wd == time.Saturday || wd == time.Sunday {
			busy *= 1.6
		}
		at = at.Add(time.Duration(busy * rng.ExpFloat64() * 11 * float64(time.Minute)))
		if at.Before(now.Add(-time.Minute)) {
			publish(at, at.Before(now.Add(-30*time.Hour)), pick())
		}
	}
	for i := range 90 { // the spike
		publish(now.Add(-time.Duration(90-i)*time.Minute/2-45*time.Second), false, []int{3, 0})
	}
	put(t, s, store.ArticleBatch(as), store.MentionBatch(ms))
	var es []store.EntityRow
	for i := range cast {
		id, n := name(i)
		kind, _, _ := strings.Cut(id, "/")
		es = append(es, store.EntityRow{Origin: store.Origin{LandedAt: now}, SeenAt: now.Add(-28 * 24 * time.Hour), Aliases: []string{n, "the " + n},
			Mention: &news.Mention{EntityID: id, Kind: strings.ToUpper(kind), Name: n, Origin: "learned"}})
	}
	var fs []store.FetchRow
	for i, o := range outlets {
		for k := range 40 {
			f := &news.Fetch{FeedURL: "https://" + o + "/feed.xml", At: now.Add(-time.Duration(k)*20*time.Minute - time.Second), Status: 200, Items: 30, NewItems: i % 3 * (k % 2), Expected: 1.5, TookMS: 30 + 20*i,
				Bytes: 24_000, Class: "ok", Source: o, Rate: 4.5}
			f.NextPoll, f.LastNew = f.At.Add(20*time.Minute), f.At
			if k%4 == 3 {
				f.Status, f.Class, f.Bytes, f.Items, f.NewItems = 304, "not_modified", 0, 0, 0
			}
			if i == 2 && k%13 == 0 {
				f.Gap = true
			}
			if i == 5 && k < 6 {
				f.Status, f.Error, f.Items, f.NewItems, f.Bytes, f.Class, f.Failures = 0, "sundmark-tidende.example refuses connections: connection refused; it may be down, or the port is wrong", 0, 0, 0, "refused", 6-k
			}
			if i == 6 && k < 30 {
				f.Status, f.Class, f.NewItems, f.Bytes, f.LastNew, f.Missing = 304, "not_modified", 0, 0, now.Add(-10*time.Hour), 45
				f.Silent = k < 20
			}
			fs = append(fs, store.FetchRow{Origin: store.Origin{Off: uint64(len(fs))}, Fetch: f})
		}
	}
	spike := as[len(as)-3:]
	al := &news.Alert{ID: 0xa1, Rule: "spike", EntityID: "per/tomas-okafor", Name: "Tomas Okafor", State: news.AlertFiring, Since: now.Add(-40 * time.Minute), At: now.Add(-2 * time.Minute), WindowS: 3600,
		Observed: 64, Expected: 3.2, Low: 0, High: 9, P: 3e-21, Q: 4e-18, Originals: 64, Copies: 26, Sources: outlets, Completeness: 0.96, BaselineDays: 28,
		Reason: "64 original articles in an hour, where 3.2 are usual at this time of the week (0 to 9)"}
	for _, a := range spike {
		al.TopArticles, al.Titles, al.Stories = append(al.TopArticles, a.Doc.ID), append(al.Titles, a.Doc.Title), append(al.Stories, a.StoryID)
	}
	old := *al
	old.ID, old.EntityID, old.Name, old.State, old.Since, old.At, old.Observed = 0xa2, "loc/kestrel-bay", "Kestrel Bay", news.AlertResolved, now.Add(-80*time.Hour), now.Add(-76*time.Hour), 17
	old.Reason = "17 original articles in an hour, where 3.2 are usual at this time of the week (0 to 9)"
	quiet := &news.Alert{
		ID: 0xa3, Rule: "intake", EntityID: "feed/https://harbour.example/feed.xml", Name: "https://harbour.example/feed.xml", State: news.AlertFiring, Since: now.Add(-10 * time.Hour), At: now.Add(-time.Hour),
		WindowS: 9 * 3600, Expected: 45, P: 1e-3, Q: 1e-3, Sources: []string{"harbour.example"}, Completeness: .97,
		Reason: "Nothing new from https://harbour.example/feed.xml for 9 hours, where 45 articles are usual; it answers that nothing has changed (304).",
	}
	put(t, s, store.EntityBatch(es), store.FetchBatch(fs), store.AlertBatch([]store.AlertRow{{Alert: al}, {Origin: store.Origin{Off: 1}, Alert: &old}, {Origin: store.Origin{Off: 2}, Alert: quiet}}),
		store.ChangeBatch([]store.ChangeRow{{What: "feeds", Detail: "2 feeds added", At: now.Add(-9 * 24 * time.Hour)}}))
	learned(t, s)
}

// learned is what the stream says of the names of two of the cast: one is
// merged and split again, the other proposed.
func learned(t testing.TB, s *store.Store) {
	t.Helper()
	told := func(days int, v string) store.ChangeRow {
		return store.ChangeRow{What: "merge", Detail: "per/t-okafor: " + v, At: now.AddDate(0, 0, -days)}
	}
	var rows []store.EvidenceRow
	for i := range 6 {
		o := &store.Original{ID: news.ID(i + 1), Source: outlets[i], TS: now, SeenAt: now}
		rows = append(rows, store.EvidenceRow{Original: o, From: "per/brandt", Into: "per/jo-brandt", Kind: "PER", Pattern: "short", Form: "Brandt", Name: "Jo Brandt", LandedAt: now})
	}
	put(t, s, store.EvidenceBatch(rows), store.EntityBatch([]store.EntityRow{{Topic: "documents", Mention: &news.Mention{EntityID: "per/brandt", Kind: "PER", Name: "Brandt", Origin: "learned"}, SeenAt: now}}),
		store.ChangeBatch([]store.ChangeRow{
			told(20, `{"against":"0","by":"stream","originals":"4","patterns":"known_as","same_as":"per/tomas-okafor","sources":"3"}`),
			told(3, `{"by":"person","from":"per/tomas-okafor","same_as":"","why":"his <b>brother"}`)}))
}

func containsMention(a *store.ArticleRow, id string) bool {
	for _, m := range a.Doc.Mentions {
		if m.EntityID == id {
			return true
		}
	}
	return false
}
