package app_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dateline/dateline/pkg/app"
	"github.com/dateline/dateline/pkg/engine"
	"github.com/dateline/dateline/pkg/feed"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/text"
	"github.com/dateline/dateline/producers/intake"
	"github.com/dateline/dateline/producers/newsroom"
)

// config gives a configuration on a data directory of its own. The test is
// skipped, or fails in CI, where the database's library is missing.
func config(t *testing.T) app.Config {
	t.Helper()
	cfg := app.DefaultConfig()
	cfg.Data = t.TempDir()
	cfg.Web.Listen = "127.0.0.1:0"
	cfg.Poll.MinInterval, cfg.Poll.MaxInterval = time.Second, 2*time.Second
	if _, err := engine.Locate(cfg.Engine); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	return cfg
}

var quiet = slog.New(slog.DiscardHandler)

// start runs roles until the returned function is called.
func start(t *testing.T, cfg app.Config, roles ...string) (*app.App, func()) {
	t.Helper()
	a, err := app.Start(t.Context(), cfg, quiet)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx, roles...) }()
	return a, func() {
		cancel()
		if err := errors.Join(<-ended, a.Close()); err != nil {
			t.Error(err)
		}
	}
}

// until waits for a condition.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(3 * time.Minute)
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatalf("gave up waiting until %s", what)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func strs(t *testing.T, a *app.App, sql string) []string {
	t.Helper()
	out, err := a.Reader.Strings(t.Context(), sql)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// stored gives the ids in articles with the number of their first rows.
func stored(t *testing.T, a *app.App) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	for _, id := range strs(t, a, "SELECT lower(leftPad(hex(article_id), 16, '0')) FROM articles WHERE revision = 0") {
		if out[id] {
			t.Errorf("article %s stands twice", id)
		}
		out[id] = true
	}
	return out
}

func TestWholePathLandsTheLedgerOnce(t *testing.T) {
	cfg := config(t)
	room, err := newsroom.New(newsroom.Config{Seed: 3, Outlets: 6, Window: 60, Words: 150})
	if err != nil {
		t.Fatal(err)
	}
	defer room.Close()
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	go func() { _ = room.Serve(ctx, nil) }()
	host, _, _ := net.SplitHostPort(room.Addr())
	cfg.Fetch.AllowPrivate = []string{host}
	var list []feed.Outline
	for _, f := range room.Feeds() {
		list = append(list, feed.Outline{URL: f.URL, Title: f.Title, Tags: []string{"press"}})
	}

	a, end := start(t, cfg, "poll", "enrich", "land")
	res, err := a.AddFeeds(t.Context(), append(list, feed.Outline{URL: "ftp://no.example/feed"}), false)
	if err != nil || res.Added != 6 || len(res.Refused) != 1 {
		t.Fatalf("feeds added: %+v, %v", res, err)
	}
	landed := func() bool {
		have := stored(t, a)
		for _, e := range room.Ledger().Entries() {
			if e.Kind != newsroom.Revision && !have[articleID(t, e)] {
				return false
			}
		}
		return true
	}
	room.Publish(60)
	until(t, "the first articles have landed", landed)
	end()

	// What is published while nothing runs is found by the next start.
	room.Publish(40)
	a, end = start(t, cfg, "poll", "enrich", "land")
	until(t, "the articles published meanwhile have landed", landed)
	room.Publish(40)
	until(t, "the last articles have landed", landed)
	known := map[string]newsroom.Entry{}
	for _, e := range room.Ledger().Entries() {
		known[articleID(t, e)] = e
	}
	for id := range stored(t, a) {
		if _, ok := known[id]; !ok {
			t.Errorf("article %s is not of the newsroom", id)
		}
	}
	// A copy may be polled before its original: what counts is that both are
	// one original and its copies.
	original := map[string]string{}
	for _, row := range strs(t, a, "SELECT concat(lower(leftPad(hex(article_id), 16, '0')), ' ', lower(leftPad(hex(if(copy_of = 0, article_id, copy_of)), 16, '0'))) FROM articles") {
		id, of, _ := strings.Cut(row, " ")
		original[id] = of
	}
	copies, marked := 0, 0
	for _, e := range known {
		if e.Kind != newsroom.Copy || e.TeaserOnly {
			continue
		}
		copies++
		if original[articleID(t, e)] == original[articleID(t, newsroom.Entry{URL: e.Of})] {
			marked++
		}
	}
	if copies == 0 || float64(marked) < 0.95*float64(copies) {
		t.Errorf("%d of %d copies are marked as such", marked, copies)
	}
	rep, err := a.Audit(t.Context(), app.AuditOptions{Wait: 30 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	if !rep.OK() {
		var sb strings.Builder
		_ = rep.Write(&sb, false)
		t.Error(sb.String())
	}
	if n := strs(t, a, "SELECT toString(count()) FROM fetches WHERE status = 304"); n[0] == "0" {
		t.Error("no fetch was answered by 304")
	}
	end()
}

func articleID(t *testing.T, e newsroom.Entry) string {
	t.Helper()
	c, err := text.CanonicalURL(e.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	return news.ID(text.ID(c)).String()
}

func TestFeedsImportDoctorAndRefusals(t *testing.T) {
	cfg := config(t)
	ctx := t.Context()
	a, err := app.Start(ctx, cfg, quiet)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := app.Start(ctx, cfg, quiet); !errors.Is(err, engine.ErrLocked) {
		t.Errorf("a second start on the directory: %v, want ErrLocked", err)
	}
	b, err := app.Join(ctx, cfg, quiet)
	if err != nil {
		t.Fatal("join what runs:", err)
	}
	if _, err := b.AddFeeds(ctx, []feed.Outline{{URL: "https://b.example/feed"}, {URL: " https://a.example/feed#top", Tags: []string{"x"}}}, false); err != nil {
		t.Fatal(err)
	}
	if res, err := b.AddFeeds(ctx, []feed.Outline{{URL: "https://a.example/feed", Title: "A"}}, true); err != nil || res.Known != 1 {
		t.Errorf("a feed that is there already: %+v, %v", res, err)
	}
	unknown, err := b.RemoveFeeds(ctx, []string{"https://b.example/feed", "https://c.example/feed"})
	if err != nil || len(unknown) != 1 {
		t.Errorf("remove: %v, %v", unknown, err)
	}
	list, err := b.Feeds(ctx)
	if err != nil || len(list) != 1 || list[0].URL != "https://a.example/feed" || list[0].Title != "A" || len(list[0].Tags) != 1 {
		t.Errorf("feeds %v, %v", list, err)
	}
	im := &intake.Importer{Out: b.Bus, Now: time.Now, Report: func(string, int, error) {}}
	if res, err := im.Import(ctx, "x", strings.NewReader(`{"url":"https://a.example/1","title":"T","text":"Some text."}`)); err != nil || res.Published != 1 {
		t.Errorf("import: %+v, %v", res, err)
	}
	if err := b.Close(); err != nil {
		t.Error(err)
	}
	if err := a.Close(); err != nil {
		t.Error(err)
	}
	// Nothing runs now: the doctor starts the engines for the moment.
	var out strings.Builder
	ok, err := app.Doctor(ctx, cfg, quiet, &out, false)
	if err != nil || !ok || !strings.Contains(out.String(), "1 messages wait for enrich") {
		t.Errorf("doctor: %v, %v\n%s", ok, err, out.String())
	}
	if _, err := app.Join(ctx, cfg, quiet); !errors.Is(err, engine.ErrNotRunning) {
		t.Errorf("join what does not run: %v, want ErrNotRunning", err)
	}
	// What was imported while nothing ran lands with the next start.
	a, end := start(t, cfg, "enrich", "land")
	until(t, "the import has landed", func() bool { return len(stored(t, a)) == 1 })
	if got := strs(t, a, "SELECT concat(source, ' ', text_from, ' ', toString(backlog)) FROM articles"); got[0] != "a.example import true" {
		t.Errorf("imported row %q", got[0])
	}
	end()
}

func TestStartRefusesWhatCannotWork(t *testing.T) {
	cfg := config(t)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	f := func(says string, change func(*app.Config)) {
		t.Helper()
		c := cfg
		c.Data = filepath.Join(t.TempDir(), "data")
		change(&c)
		err := app.Up(t.Context(), c, quiet, app.UpOptions{Out: io.Discard})
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v; want an error that says %q", err, says)
		}
	}
	f("web.listen", func(c *app.Config) { c.Web.Listen = ln.Addr().String() })
	f("kafka_listen", func(c *app.Config) { c.Engine.KafkaListen = ln.Addr().String() })
	f("sql_listen", func(c *app.Config) { c.Engine.SQLListen = ln.Addr().String() })
	f("engine.library", func(c *app.Config) { c.Engine.Library = "/no/such/libchdb.so" })
}
