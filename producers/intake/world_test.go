package intake

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/dateline/dateline/consumers/enrich"
	"github.com/dateline/dateline/consumers/land"
	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/engine"
	"github.com/dateline/dateline/pkg/engine/enginetest"
	"github.com/dateline/dateline/pkg/entity"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/store"
	"github.com/dateline/dateline/pkg/store/storetest"
	"github.com/dateline/dateline/pkg/watch"
	"github.com/dateline/dateline/pkg/web"
)

// world is a broker, a database, and the way from one to the other.
type world struct {
	t   *testing.T
	bus *bus.Bus
	db  *store.Store
	srv *httptest.Server // the dashboard
}

func newWorld(t *testing.T) *world {
	t.Helper()
	e, ctx, quiet := enginetest.Start(t), context.Background(), slog.New(slog.DiscardHandler)
	cfg := bus.DefaultConfig()
	cfg.Brokers, cfg.Session = e.Kafka, 2*time.Second
	b, err := bus.New(cfg, quiet)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	open := func(c engine.Credentials) *store.Store {
		s, err := store.Open(store.Config{Addr: []string{e.SQL}, Database: e.Database, User: c.User, Password: c.Password, Timeout: time.Minute})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		return s
	}
	writer, reader := open(e.Writer), open(e.Reader)
	storetest.Migrate(t, writer)
	if err := b.EnsureTopics(ctx, news.Topics); err != nil {
		t.Fatal(err)
	}
	tables, err := entity.Load()
	if err != nil {
		t.Fatal(err)
	}
	judging := land.DefaultConfig()
	judging.Judge.RevisionEvery = 0
	w := &world{t: t, bus: b, db: reader}
	w.run(enrich.New(enrich.DefaultConfig(), watch.DefaultConfig(), b, entity.NewPipeline(tables, entity.Options{}), quiet, prometheus.NewRegistry()).Run)
	w.run(land.New(judging, b, writer, quiet, prometheus.NewRegistry(), time.Now).Run)
	push, err := NewPush(tokenFile(t, "wire "+token), b, quiet, prometheus.NewRegistry(), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	w.srv = httptest.NewServer(web.New(web.DefaultConfig(), web.Deps{Store: reader, Push: push}).Handler())
	t.Cleanup(w.srv.Close)
	return w
}

func (w *world) run(f func(context.Context) error) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- f(ctx) }()
	w.t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			w.t.Error(err)
		}
	})
}

// settled gives what is stored once everything published has been worked
// through.
func (w *world) settled(sql string) string {
	w.t.Helper()
	limit := time.NewTimer(60 * time.Second)
	defer limit.Stop()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		left := int64(0)
		for _, bl := range []bus.Backlog{{Topic: news.TopicArticles, Group: enrich.GroupName}, {Topic: news.TopicDocuments, Group: land.GroupName}} {
			partitions := map[string]int{news.TopicArticles: 16, news.TopicDocuments: 1}[bl.Topic]
			p, err := w.bus.Pending(w.t.Context(), bl, partitions)
			if err != nil {
				w.t.Fatal(err)
			}
			left += p.Messages
		}
		if left == 0 {
			break
		}
		select {
		case <-tick.C:
		case <-limit.C:
			w.t.Fatalf("%d messages have not been worked through", left)
		}
	}
	rows, err := w.db.Strings(w.t.Context(), sql)
	if err != nil {
		w.t.Fatal(err)
	}
	return strings.Join(rows, "\n")
}

// TestPushLandsOnce: what is pushed lands as news or as history, once however
// often it is sent and by whichever door; a correction is a revision.
func TestPushLandsOnce(t *testing.T) {
	w := newWorld(t)
	at := func(d time.Duration) string { return time.Now().Add(d).UTC().Format(time.RFC3339) }
	fresh, old := at(-time.Hour), at(-100*time.Hour)
	body := func(text string) string {
		return fmt.Sprintf(`{"url":"https://courier.example/harbour?utm_source=x","title":"Harbour reopens","text":%q,"published":%q}
{"id":"2026/417","source":"agency.example","title":"Talks go on","html":"<p>The talks in Paris <b>go on</b>.</p>","published":%q}
{"url":"https://courier.example/old","title":"Long ago","text":"An old piece.","published":%q}
`, text, fresh, fresh, old)
	}
	first := body("Ships are back in the harbour of Ravenna.")
	for range 2 {
		if status, _, ans := post(t, w.srv, strings.NewReader(first), auth, ndjson); status != 200 || ans.Accepted != 3 {
			t.Fatalf("%d %+v", status, ans)
		}
	}
	if status, _, ans := post(t, w.srv, strings.NewReader("["+strings.ReplaceAll(strings.TrimSpace(first), "\n", ",")+"]"), auth, asJSON); status != 200 {
		t.Fatalf("%d %+v", status, ans)
	}
	if res, err := (&Stream{To: ToBrokers(w.bus, time.Now)}).Publish(t.Context(), "in", strings.NewReader(first)); err != nil || res.Published != 3 {
		t.Fatalf("%+v, %v", res, err)
	}
	const rows = "SELECT concat(url, ' ', canonical_url, ' ', source, ' ', text_from, ' r', toString(revision), if(backlog, ' history', ' news'), if(ts = published_at, '', ' ts differs'), ': ', text) FROM articles ORDER BY canonical_url, revision"
	landed := `https://courier.example/harbour?utm_source=x https://courier.example/harbour courier.example import r0 news: Ships are back in the harbour of Ravenna.
https://courier.example/old https://courier.example/old courier.example import r0 history: An old piece.
 push:agency.example/2026%2F417 agency.example import r0 news: The talks in Paris go on.`
	if got := w.settled(rows); got != landed {
		t.Errorf("landed:\n%s\nwant:\n%s", got, landed)
	}

	if status, _, _ := post(t, w.srv, strings.NewReader(body("Ships are back in the harbour of Ravenna, and so is the ferry.")), auth, ndjson); status != 200 {
		t.Fatal(status)
	}
	revised := strings.Replace(landed, "Ravenna.\n", "Ravenna.\nhttps://courier.example/harbour?utm_source=x https://courier.example/harbour courier.example import r1 news ts differs: Ships are back in the harbour of Ravenna, and so is the ferry.\n", 1)
	if got := w.settled(rows); got != revised {
		t.Errorf("after a correction:\n%s\nwant:\n%s", got, revised)
	}

	// The page of an article without an address leads nowhere.
	id, err := article([]byte(`{"id":"2026/417","source":"agency.example","title":"t"}`))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.Get(w.srv.URL + "/article/" + id.ID.String())
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	page, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != 200 || !strings.Contains(string(page), "agency.example") || !strings.Contains(string(page), "Talks go on") {
		t.Fatalf("%d, %v:\n%s", resp.StatusCode, err, page)
	}
	for _, link := range []string{`href=""`, `href="push:`, `href="#ZgotmplZ"`, `href="//agency`, `href="http://agency`} {
		if strings.Contains(string(page), link) {
			t.Errorf("the page holds %s", link)
		}
	}
}
