package app

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/engine/enginetest"
	"github.com/dateline/dateline/pkg/feed"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/store"
)

// What an instance knows, without where it stands in the log.
const (
	articleFacts = "SELECT toString(tuple(* EXCEPT (landed_at, epoch, part, off, knowledge))) AS r FROM articles ORDER BY r"
	mentionFacts = "SELECT toString(tuple(* EXCEPT (landed_at, epoch, part, off))) AS r FROM mentions ORDER BY r"
	// Which of two articles that come at once begins a story is for the enrichers
	// to say, who work side by side.
	landedFacts  = "SELECT toString(tuple(* EXCEPT (landed_at, epoch, part, off, knowledge, story_id))) AS r FROM articles ORDER BY r"
	countedFacts = "SELECT toString(tuple(* EXCEPT (landed_at, epoch, part, off, story_id))) AS r FROM mentions ORDER BY r"
	changeFacts  = "SELECT what || detail AS r FROM changes WHERE what != 'restore' ORDER BY r"
)

// cluster is a second instance at servers of its own, as a configuration would
// name them.
func (d *desk) cluster(database string) Config {
	cfg := d.Config
	cfg.Data = ""
	cfg.Kafka.Brokers = enginetest.StartKafka(d.t)
	ep := d.engines.endpoint("")
	cfg.ClickHouse.Addr, cfg.ClickHouse.Database = []string{ep.SQL}, database
	cfg.ClickHouse.User, cfg.ClickHouse.Password = ep.Writer.User, ep.Writer.Password
	return cfg
}

var errStop = errors.New("killed here")

// stopAt fails before a step.
func stopAt(step string) func(string) error {
	return func(s string) error {
		if strings.HasPrefix(s, step) {
			return errStop
		}
		return nil
	}
}

func (d *desk) backup(dest, stop string) (*Manifest, error) {
	j := &backupJob{a: d.App, dir: dest + partialEnding, progress: io.Discard, before: func(string) error { return nil }}
	if stop != "" {
		j.before = stopAt(stop)
	}
	return j.run(d.t.Context(), dest)
}

func restoreTo(t *testing.T, cfg Config, dir, stop string, opt RestoreOptions) (*Restored, error) {
	t.Helper()
	opt.Progress = io.Discard
	m, err := ReadBackup(t.Context(), dir, io.Discard)
	if err != nil {
		return nil, err
	}
	a, err := openBare(t.Context(), cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	j := &restoreJob{a: a, dir: dir, m: m, opt: opt, recount: a.recount, before: func(string) error { return nil }}
	if opt.DatabaseOnly { // the rows are compared with those that were
		j.recount = func(context.Context, time.Time, time.Time) ([]store.Recounted, error) { return nil, nil }
	}
	if stop != "" {
		j.before = stopAt(stop)
	}
	return j.run(t.Context())
}

func values(t *testing.T, a *App, topic string) (out []string) {
	t.Helper()
	for p := range partitions(topic) {
		_, err := a.Bus.ReadAll(t.Context(), topic, p, func(m bus.Message) error {
			out = append(out, string(m.Key)+"="+string(m.Value))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return out
}

func TestBackupAndRestore(t *testing.T) {
	d := newDesk(t)
	if _, err := d.AddFeeds(t.Context(), []feed.Outline{{URL: "https://paper1.example/feed"}}, false); err != nil {
		t.Fatal(err)
	}
	state := &news.FeedState{V: 1, URL: "https://paper1.example/feed", Seen: []byte("0123456789\xff\xfe\x00234\n\t"), LastPoll: time.Now().UTC()}
	letter := bus.Message{Topic: news.TopicArticles, Offset: 7, Value: []byte{0xff, 0}}.Dead("enrich", errors.New("odd"))
	if err := d.Bus.Publish(t.Context(), bus.Message{Topic: news.TopicFeedState, Key: []byte(state.URL), Value: news.Encode(state)}, letter); err != nil {
		t.Fatal(err)
	}
	d.teach("per/ana-ferreira", "per/ana", "Ana")
	d.publish(40)
	d.work()
	d.settle()
	d.halt()
	d.publish(7) // under way, with what is taught
	d.teach("per/jonas-okafor", "per/jonas", "Jonas")

	// Cut short, a backup goes on; it is there only when it is whole.
	dir := filepath.Join(t.TempDir(), "backup")
	for _, stop := range []string{"topics/articles", "tables/articles", "tables/mentions", "manifest"} {
		if _, err := d.backup(dir, stop); !errors.Is(err, errStop) {
			t.Fatalf("stopped at %s: %v", stop, err)
		}
		if _, err := ReadBackup(t.Context(), dir+partialEnding, io.Discard); err == nil || !strings.Contains(err.Error(), "cut short") {
			t.Errorf("stopped at %s, it reads: %v", stop, err)
		}
	}
	m, err := d.backup(dir, "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.backup(dir, ""); err == nil || !strings.Contains(err.Error(), "there already") {
		t.Errorf("a second one into the same folder: %v", err)
	}

	// What is not as it was written is not restored.
	for _, f := range []BackedFile{m.Topics[0].Files[0], m.Tables[slices.IndexFunc(m.Tables, func(b BackedTable) bool { return b.Name == store.Mentions })].Partitions[0].Files[0]} {
		name := filepath.Join(dir, f.Name)
		good, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		bad := bytes.Clone(good)
		bad[len(bad)/2] ^= 4
		for _, b := range [][]byte{bad, good[:len(good)-1]} {
			if err := os.WriteFile(name, b, 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := ReadBackup(t.Context(), dir, io.Discard); !errors.Is(err, errDamaged) {
				t.Errorf("%s: %v", f.Name, err)
			}
		}
		if err := os.WriteFile(name, good, 0o600); err != nil {
			t.Fatal(err)
		}
	}

	// To other servers, cut short at each kind of step.
	cfg := d.cluster("elsewhere")
	for _, stop := range []string{"tables/articles", "tables/mentions", "topics/documents", "topics/knowledge", "migrate"} {
		if _, err := restoreTo(t, cfg, dir, stop, RestoreOptions{}); !errors.Is(err, errStop) {
			t.Fatalf("stopped at %s: %v", stop, err)
		}
		if _, err := Join(t.Context(), cfg, slog.New(slog.DiscardHandler)); !errors.Is(err, store.ErrRestoring) {
			t.Fatalf("stopped at %s, roles start: %v", stop, err)
		}
	}
	res, err := restoreTo(t, cfg, dir, "", RestoreOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if !res.Audit.OK() || res.Epoch != 2 {
		t.Errorf("epoch %d, audit %+v", res.Epoch, res.Audit)
	}
	if _, err := restoreTo(t, cfg, dir, "", RestoreOptions{}); err == nil || !strings.Contains(err.Error(), "not empty") {
		t.Errorf("restored over what is there: %v", err)
	}
	a, err := Join(t.Context(), cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	there := &desk{App: a, t: t, n: d.n}
	for _, sql := range []string{articleFacts, mentionFacts} {
		if !slices.Equal(d.rows(sql), there.rows(sql)) {
			t.Errorf("%d rows before, %d after: %s", len(d.rows(sql)), len(there.rows(sql)), sql)
		}
	}
	for _, topic := range []string{news.TopicFeeds, news.TopicFeedState} {
		if got, want := values(t, a, topic), values(t, d.App, topic); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", topic, got, want)
		}
	}
	if dead := values(t, a, news.TopicDeadLetters); len(dead) != 1 || !strings.HasPrefix(dead[0], "epoch-1/articles/0/7=\xff\x00") {
		t.Errorf("dead letters %q", dead)
	}

	// Ingest goes on in both; what was under way lands, and what comes again
	// does not.
	d.work()
	d.settle()
	d.halt()
	there.work()
	there.settle()
	there.n = 0
	there.publish(d.n)
	there.settle()
	there.halt()
	for _, sql := range []string{landedFacts, countedFacts, changeFacts} {
		if here, there := d.rows(sql), there.rows(sql); !slices.Equal(here, there) {
			t.Errorf("%d rows there where none was lost, %d in the restored: %s", len(here), len(there), sql)
			for i := range min(len(here), len(there)) {
				if here[i] != there[i] {
					t.Logf("row %d: %s\nrestored: %s", i, here[i], there[i])
				}
			}
		}
	}

	// The database alone is lost: what the topics hold since lands again.
	want := d.rows(articleFacts)
	d.exec("TRUNCATE TABLE articles")
	if _, err := restoreTo(t, d.Config, dir, "", RestoreOptions{DatabaseOnly: true}); err == nil || !strings.Contains(err.Error(), "--force") {
		t.Errorf("a database with rows in it was overwritten: %v", err)
	}
	if _, err := restoreTo(t, d.Config, dir, "", RestoreOptions{DatabaseOnly: true, Overwrite: true}); err != nil {
		t.Fatal(err)
	}
	d.work()
	d.settle()
	d.halt()
	d.sound()
	if got := d.rows(articleFacts); !slices.Equal(got, want) {
		t.Errorf("%d rows after the database was lost, want %d", len(got), len(want))
	}
}

func TestForgetAndBackup(t *testing.T) {
	d := newDesk(t)
	d.publish(12)
	d.work()
	d.settle()
	d.halt()
	opt := ForgetOptions{Wait: time.Minute, Reason: "request 1"}
	for _, c := range []struct{ what, want string }{
		{"https://paper1.example/", "home page"}, {"co.uk", "no site"}, {"nonsense", "want an article's address"}, {"medium.com/a/b/c", "no site"}, {"https:///x", "cannot be forgotten"},
	} {
		if _, err := d.PlanForget(t.Context(), []string{c.what}, opt); !errors.Is(err, ErrForgetWhat) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.what, err)
		}
	}
	p, err := d.PlanForget(t.Context(), []string{"https://www.paper1.example/story/1?utm_source=x", "paper2.example"}, opt)
	if err != nil || len(p.Tombstones) != 3 || p.Articles() != 3 {
		t.Fatalf("%+v, %v", p, err)
	}
	// No land process runs: it is ordered, and not done.
	short := opt
	short.Wait = time.Second
	other := d.other(false)
	if err := other.Forget(t.Context(), p, short); !errors.Is(err, ErrNotForgottenYet) || !strings.Contains(err.Error(), "land process") {
		t.Errorf("without a land process: %v", err)
	}
	// A process that runs the engines for the moment lands, too.
	if err := d.other(true).Forget(t.Context(), p, opt); err != nil {
		t.Fatal(err)
	}
	if got := d.rows("SELECT source || ' ' || toString(count()) FROM articles WHERE text_from = 'forgotten' GROUP BY source ORDER BY source"); !slices.Equal(got, []string{"paper1.example 1", "paper2.example 2"}) {
		t.Error(got)
	}
	// A backup holds the tombstones and none of the text; restored, they hold.
	dir := filepath.Join(t.TempDir(), "backup")
	if _, err := d.backup(dir, ""); err != nil {
		t.Fatal(err)
	}
	cfg := d.cluster("forgetful")
	if res, err := restoreTo(t, cfg, dir, "", RestoreOptions{}); err != nil || !res.Audit.OK() {
		t.Fatalf("%+v, %v", res, err)
	}
	a, err := Join(t.Context(), cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	there := &desk{App: a, t: t}
	there.work()
	there.publish(13)
	there.settle()
	there.halt()
	if got := there.rows("SELECT toString(count()) || ' ' || toString(countIf(text_from = 'forgotten' AND text = '')) FROM articles WHERE revision = 0"); !slices.Equal(got, []string{"12 3"}) {
		t.Errorf("%v articles and forgotten ones; the thirteenth is of a forgotten site", got)
	}
	rep, err := a.Audit(context.Background(), AuditOptions{Wait: time.Minute})
	if err != nil || !rep.OK() {
		t.Errorf("%+v, %v", rep, err)
	}
}
