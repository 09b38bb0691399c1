package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dateline/dateline/consumers/enrich"
	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/engine"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/store"
	"github.com/dateline/dateline/pkg/text"
	"github.com/prometheus/client_golang/prometheus"
)

// desk is an instance whose articles name a few people.
type desk struct {
	*App
	t      *testing.T
	n      int
	finder []*enrich.Deriver // what replays learn from, once
	stop   func()
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	cfg := DefaultConfig()
	cfg.Data = t.TempDir()
	if _, err := engine.Locate(cfg.Engine); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	a, err := Start(t.Context(), cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{App: a, t: t}
	t.Cleanup(func() {
		d.halt()
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

// other is another process at the same engines.
func (d *desk) other(owns bool) *App {
	a := &App{Config: d.Config, Bus: d.Bus, Store: d.Store, Reader: d.Reader, Reg: prometheus.NewRegistry(), Now: time.Now, log: d.log}
	if owns {
		a.engines = d.engines
	}
	return a
}

// work runs enrich and land until halt.
func (d *desk) work() {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	a := d.other(false)
	go func() { ended <- a.Run(ctx, "enrich", "land") }()
	d.stop = func() {
		cancel()
		if err := <-ended; err != nil {
			d.t.Error(err)
		}
	}
}

func (d *desk) halt() {
	if d.stop != nil {
		d.stop()
		d.stop = nil
	}
}

var people = []string{"Ana Ferreira", "Tomas Lindqvist", "Mirela Kovacs", "Jonas Okafor"}

// publish sends n articles, each about two of the people, the seventh of every
// ten with a revision that names a third.
func (d *desk) publish(n int) {
	d.t.Helper()
	var out []bus.Message
	for range n {
		i := d.n
		d.n++
		url := fmt.Sprintf("https://paper%d.example/story/%d", i%5, i)
		body := fmt.Sprintf("%s met %s in the harbour of the town on day %d. The talks went on for %d hours, and nobody would say what they were about. %s",
			people[i%4], people[(i+1)%4], i, i%9, strings.Repeat(fmt.Sprintf("Report number %d went round the tables again. ", i), 6))
		a := news.Article{
			V: news.Version, ID: news.ID(text.ID(url)), URL: url, Canonical: url, Source: fmt.Sprintf("paper%d.example", i%5),
			Title: fmt.Sprintf("Harbour talks, day %d", i), SeenAt: time.Date(2026, 3, 1, 0, i, 0, 0, time.UTC), Content: body, TextFrom: news.FromFeed,
		}
		if i%2 == 1 {
			a.SeenAt = a.SeenAt.AddDate(0, 1, 0)
		}
		send := func() {
			out = append(out, bus.Message{Topic: news.TopicArticles, Key: []byte(a.ID.String()), Value: news.Encode(a), Time: a.SeenAt})
		}
		send()
		if i%10 == 6 {
			a.SeenAt = a.SeenAt.Add(time.Hour)
			a.Content += " In the evening " + people[(i+2)%4] + " joined them, and the three of them were seen on the pier until late at night."
			send()
		}
	}
	if err := d.Bus.Publish(d.t.Context(), out...); err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) settle() {
	d.t.Helper()
	_, left, err := d.settled(d.t.Context(), time.Minute)
	if err != nil || left > 0 {
		d.t.Fatalf("%d messages are under way, %v", left, err)
	}
}

func (d *desk) teach(learned, id, name string) {
	d.t.Helper()
	k := news.Knowledge{V: news.Version, Type: "alias", Name: learned, At: time.Now(), Value: map[string]string{"entity_id": id, "name": name}}
	if err := d.Bus.Publish(d.t.Context(), bus.Message{Topic: news.TopicKnowledge, Key: []byte("alias/" + learned), Value: news.Encode(k)}); err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) rows(sql string) []string {
	d.t.Helper()
	out, err := d.Store.Strings(d.t.Context(), sql)
	if err != nil {
		d.t.Fatal(err)
	}
	return out
}

const mentionRows = "SELECT toString(tuple(* EXCEPT (generation, model))) AS r FROM mentions ORDER BY r"

func (d *desk) sound() {
	d.t.Helper()
	found, err := d.recount(d.t.Context(), time.Time{}, time.Now())
	if err != nil {
		d.t.Fatal(err)
	}
	for _, f := range found {
		if f.Problems > 0 {
			d.t.Errorf("audit %s: %d of %d: %s", f.Name, f.Problems, f.Looked, f.Detail)
		}
	}
}

func (d *desk) coverage(entity string) string {
	return d.rows("SELECT toString(uniqExact(article_id)) FROM mentions WHERE entity_id = '" + entity + "'")[0]
}

// small is a replay in small batches, so that there are many steps.
func (d *desk) small(owns bool, opt ReplayOptions) *replay {
	d.t.Helper()
	opt.Workers = 2
	j := d.other(owns).newReplay(opt)
	j.batch, j.copies, j.finder = 25, 80, d.finder
	if err := j.learn(context.Background()); err != nil {
		d.t.Fatal(err)
	}
	d.finder = j.finder
	return j
}

func TestReplay(t *testing.T) {
	d := newDesk(t)
	d.work()
	d.publish(60)
	d.settle()
	before := d.rows(mentionRows)
	if len(before) < 120 {
		t.Fatalf("%d mentions", len(before))
	}
	ana := d.coverage("per/ana-ferreira")

	t.Run("trial", func(t *testing.T) {
		d.teach("per/ana-ferreira", "per/anna-f", "Anna F.")
		d.settle()
		j := d.small(false, ReplayOptions{DryRun: true})
		rep, err := j.trial(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		want := []store.EntityChange{{Entity: "per/ana-ferreira", Kind: "PER", Name: "Ana Ferreira"}, {Entity: "per/anna-f", Kind: "PER"}}
		if len(rep.Top) != 2 || fmt.Sprint(rep.Top[0].Before) != ana || fmt.Sprint(rep.Top[1].After) != ana {
			t.Fatalf("would change %+v", rep.Top)
		}
		for i := range want {
			if got := rep.Top[i]; got.Entity != want[i].Entity || got.Kind != want[i].Kind || got.Name != want[i].Name {
				t.Errorf("change %d is %+v, want %+v", i, got, want[i])
			}
		}
		if !slices.Equal(d.rows(mentionRows), before) || len(d.rows("SELECT name FROM system.tables WHERE database = currentDatabase() AND startsWith(name, 'mentions_')")) != 0 {
			t.Error("the trial has left something behind")
		}
	})

	t.Run("while articles come", func(t *testing.T) {
		j := d.small(false, ReplayOptions{KeepOld: true})
		j.before = func(what string) error {
			if what == "note" && d.n < 70 {
				d.publish(10)
			}
			return nil
		}
		rep, err := j.run(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		d.settle()
		if !rep.OK() || rep.Old != "mentions_g0" || rep.Taught {
			t.Errorf("report %+v", rep)
		}
		if n := d.coverage("per/ana-ferreira"); n != "0" {
			t.Errorf("%s articles under the old name", n)
		}
		if want := d.rows("SELECT toString(uniqExact(article_id)) FROM articles WHERE position(text, 'Ana Ferreira') > 0")[0]; d.coverage("per/anna-f") != want {
			t.Errorf("%s articles under the new name, want %s", d.coverage("per/anna-f"), want)
		}
		if n := d.rows("SELECT name FROM entities WHERE entity_id = 'per/anna-f'"); !slices.Equal(n, []string{"Anna F."}) {
			t.Errorf("described as %q", n)
		}
		if got := d.rows("SELECT detail FROM changes WHERE what = 'replay'"); len(got) != 1 || !strings.HasPrefix(got[0], "mentions derived anew by "+rep.Model) {
			t.Errorf("told %q", got)
		}
		d.publish(20)
		d.settle()
		d.sound()
	})

	t.Run("kept short at every step", func(t *testing.T) {
		d.settle()
		d.halt()
		d.teach("per/jonas-okafor", "per/jo", "Jo")
		killed := errors.New("killed")
		for i := 0; ; i++ {
			j := d.small(true, ReplayOptions{})
			n := 0
			j.before = func(string) error {
				if n++; n > 1+i%3 {
					return killed
				}
				return nil
			}
			j.state.Owner = fmt.Sprint("host 0 ", i)
			rep, err := j.run(t.Context())
			if err == nil {
				if i < 5 || !rep.OK() {
					t.Errorf("through after %d times: %+v", i, rep)
				}
				break
			}
			if !errors.Is(err, killed) {
				t.Fatal(err)
			}
			d.exec("ALTER TABLE replays UPDATE at = at - 3600 WHERE 1")
		}
		if d.coverage("per/jonas-okafor") != "0" || d.coverage("per/jo") == "0" {
			t.Error("the alias does not hold")
		}
		rep, err := d.small(false, ReplayOptions{DryRun: true}).trial(t.Context())
		if err != nil || len(rep.Top) > 0 || rep.Before != rep.After {
			t.Errorf("at one go it would be otherwise: %+v, %+v, %v", rep, rep.Top, err)
		}
	})

	t.Run("of a range, and of what is forgotten", func(t *testing.T) {
		gone := d.rows("SELECT toString(article_id) FROM articles WHERE text LIKE '%Mirela%' AND seen_at < '2026-04-01' ORDER BY seen_at LIMIT 1")[0]
		revisions := d.rows("SELECT toString(count()) FROM articles WHERE article_id = " + gone)[0]
		d.exec("ALTER TABLE articles UPDATE text = '', title = '', words = 0, entities = [], text_from = 'forgotten' WHERE article_id = " + gone)
		d.exec("ALTER TABLE mentions DELETE WHERE article_id = " + gone)
		d.teach("per/mirela-kovacs", "per/mk", "M. K.")
		april := "SELECT toString(tuple(* EXCEPT (generation))) AS r FROM mentions WHERE seen_at >= '2026-04-01' ORDER BY r"
		kept := d.rows(april)
		j := d.small(true, ReplayOptions{To: time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)})
		rep, err := j.run(t.Context())
		if err != nil || !rep.OK() || fmt.Sprint(rep.Kept) != revisions {
			t.Fatalf("%+v, %v; of the forgotten article are %s revisions there", rep, err, revisions)
		}
		if !slices.Equal(d.rows(april), kept) {
			t.Error("mentions outside the range have changed")
		}
		if n := d.rows("SELECT toString(count()) FROM mentions WHERE seen_at < '2026-04-01' AND entity_id = 'per/mirela-kovacs'")[0]; n != "0" {
			t.Errorf("%s mentions in the range under the old name", n)
		}
		if n := d.rows("SELECT toString(count()) FROM mentions WHERE article_id = " + gone)[0]; n != "0" {
			t.Errorf("%s mentions of what is forgotten", n)
		}
		if d.coverage("per/mk") == "0" || d.coverage("per/mirela-kovacs") == "0" {
			t.Error("all or nothing was derived")
		}
	})
}

func (d *desk) exec(sql string) {
	d.t.Helper()
	if err := d.Store.Exec(d.t.Context(), sql+" SETTINGS mutations_sync = 2"); err != nil {
		d.t.Fatal(err)
	}
}
