package page

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/engine/enginetest"
	"github.com/dateline/dateline/pkg/fetch"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/text"
	"github.com/prometheus/client_golang/prometheus"
)

const parts = 2 // of articles, in these tests

// rig is an embedded Kafka with the topic of articles.
type rig struct {
	t     *testing.T
	addrs []string
	bus   *bus.Bus
}

func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{t: t, addrs: enginetest.StartKafka(t)}
	r.bus = r.dial()
	if err := r.bus.EnsureTopics(t.Context(), []news.Topic{{Name: news.TopicArticles, Partitions: parts, Retention: time.Hour}}); err != nil {
		t.Fatal(err)
	}
	return r
}

func (r *rig) dial() *bus.Bus {
	r.t.Helper()
	cfg := bus.DefaultConfig()
	cfg.Brokers, cfg.Session = r.addrs, 2*time.Second
	b, err := bus.New(cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { b.Close() })
	return b
}

// pager is one running member of the group.
type pager struct {
	*Pager
	r    *rig
	reg  *prometheus.Registry
	stop func()
}

func (r *rig) run(change func(*Config), hooks ...func(*Pager)) *pager {
	r.t.Helper()
	cfg := DefaultConfig()
	cfg.Grace, cfg.MaxBody = 5*time.Second, 1<<20
	if change != nil {
		change(&cfg)
	}
	c, err := fetch.New(fetch.Config{AllowPrivate: []string{"127.0.0.1"}, HeaderTimeout: 30 * time.Second, MaxBody: cfg.MaxBody}, time.Now)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(c.Close)
	reg := prometheus.NewRegistry()
	p := New(cfg, r.dial(), c, slog.New(slog.DiscardHandler), reg, time.Now)
	for _, hook := range hooks {
		hook(p)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- p.Run(ctx) }()
	stop := sync.OnceFunc(func() {
		cancel()
		select {
		case err := <-done:
			if err != nil {
				r.t.Error(err)
			}
		case <-time.After(cfg.Grace + 15*time.Second):
			r.t.Error("does not stop within its grace period")
		}
	})
	r.t.Cleanup(stop)
	return &pager{p, r, reg, stop}
}

// result gives how many articles had a result.
func (p *pager) result(label string) (sum float64) {
	p.r.t.Helper()
	families, err := p.reg.Gather()
	if err != nil {
		p.r.t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if f.GetName() == "dateline_page_articles_total" && m.GetLabel()[0].GetValue() == label {
				sum += m.GetCounter().GetValue()
			}
		}
	}
	return sum
}

// publish puts articles into the stream.
func (r *rig) publish(list ...*news.Article) {
	r.t.Helper()
	var msgs []bus.Message
	for _, a := range list {
		msgs = append(msgs, bus.Message{Topic: news.TopicArticles, Key: []byte(a.ID.String()), Value: news.Encode(a)})
	}
	if err := r.bus.Publish(r.t.Context(), msgs...); err != nil {
		r.t.Fatal(err)
	}
}

// texts gives the articles with the text of their page, by id.
func (r *rig) texts() map[news.ID][]*news.Article {
	r.t.Helper()
	out := map[news.ID][]*news.Article{}
	for p := range parts {
		_, err := r.bus.ReadAll(r.t.Context(), news.TopicArticles, p, func(m bus.Message) error {
			a, err := news.Decode[news.Article](m.Value)
			if err == nil && a.TextFrom == news.FromPage {
				out[a.ID] = append(out[a.ID], a)
			}
			return err
		})
		if err != nil {
			r.t.Fatal(err)
		}
	}
	return out
}

func (r *rig) until(what string, f func() bool) {
	r.t.Helper()
	limit := time.NewTimer(60 * time.Second)
	defer limit.Stop()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !f() {
		select {
		case <-tick.C:
		case <-limit.C:
			r.t.Fatal("not reached: " + what)
		}
	}
}

// wanting is an article of a feed that gives only a teaser.
func wanting(url, title, teaser string) *news.Article {
	now := time.Now().UTC().Truncate(time.Millisecond)
	return &news.Article{
		V: news.Version, ID: news.ID(text.ID(url)), URL: url, Canonical: url, GUID: "guid of " + url, FeedURL: "https://harbour.example/feed", Source: "harbour.example",
		Tags: []string{"coast"}, Title: title, Author: "Ida Berg", Language: "en", Published: now.Add(-time.Minute), SeenAt: now.Add(-time.Second),
		Summary: teaser, TextFrom: news.FromTeaser, WantPage: true,
	}
}

const (
	title  = "Ferry line between Oslo and Kiel reopens after storm"
	teaser = "Crossings between Oslo and Kiel resume on Sunday."
)

// story is a text of some paragraphs on one subject.
func story(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "<p>The ferry line between Oslo and Kiel reopens on Sunday after the storm, the harbour master said in statement number %d. "+
			"Crossings resume with two ships, and passengers who had waited for days were let on board first, while lorries were told to wait until Monday.</p>\n", i+1)
	}
	return b.String()
}

// web is an article's page as sites have them.
func web(title, body string) string {
	return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>` + title + ` | Harbour Post</title><link rel="canonical" href="https://elsewhere.example/other"></head><body>
<header><a href="/">Harbour Post</a><nav><ul><li><a href="/news">News</a></li><li><a href="/sport">Sport</a></li></ul></nav></header>
<main><article><h1>` + title + `</h1>` + body + `</article></main>
<aside><h2>Most read</h2><ul><li><a href="/x">Ten recipes for herring</a></li></ul></aside>
<footer><p>Copyright Harbour Post. All rights reserved.</p></footer></body></html>`
}

// site is a server that counts its requests by path.
type site struct {
	*httptest.Server
	mu   sync.Mutex
	hits map[string]int
	most int // requests under way at once
	busy int
}

func newSite(t *testing.T, pages map[string]http.HandlerFunc) *site {
	s := &site{hits: map[string]int{}}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.hits[r.URL.Path]++
		s.busy++
		s.most = max(s.most, s.busy)
		s.mu.Unlock()
		defer func() {
			s.mu.Lock()
			s.busy--
			s.mu.Unlock()
		}()
		f := pages[r.URL.Path]
		if f == nil {
			f = pages["*"]
		}
		if f == nil || r.URL.Path == "/robots.txt" && pages["/robots.txt"] == nil {
			http.NotFound(w, r)
			return
		}
		f(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *site) count(path string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.hits[path]
}

// page serves a page.
func page(s string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, s)
	}
}

// hang answers when the test is over, or the client has gone.
func hang(t *testing.T) http.HandlerFunc {
	over := make(chan struct{})
	t.Cleanup(func() { close(over) })
	return func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-over:
		case <-r.Context().Done():
		}
	}
}
