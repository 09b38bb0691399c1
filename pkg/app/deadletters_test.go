package app_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dateline/dateline/pkg/app"
	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/news"
)

func letters(t *testing.T, a *app.App, q app.LetterQuery) (out []*app.DeadLetter) {
	t.Helper()
	if err := a.DeadLetters(t.Context(), q, func(l *app.DeadLetter) error { out = append(out, l); return nil }); err != nil {
		t.Fatal(err)
	}
	return out
}

// states gives the state of every letter, in their order.
func states(t *testing.T, a *app.App) string {
	t.Helper()
	var out []string
	for _, l := range letters(t, a, app.LetterQuery{}) {
		s := l.State
		if l.Again >= 0 {
			s += fmt.Sprint("→", l.Again)
		}
		out = append(out, s)
	}
	return strings.Join(out, " ")
}

// retry retries, and gives what became of each letter.
func retry(t *testing.T, a *app.App, opt app.RetryOptions) string {
	t.Helper()
	var out []string
	err := a.RetryDeadLetters(t.Context(), opt, func(r app.Retried) error {
		s := "published"
		if r.Err != nil {
			s = r.Err.Error()
		} else if r.Before {
			s = "before"
		}
		out = append(out, fmt.Sprint(r.Letter.Offset, " ", s))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(out, "; ")
}

func publish(t *testing.T, a *app.App, msgs ...bus.Message) {
	t.Helper()
	if err := a.Bus.Publish(t.Context(), msgs...); err != nil {
		t.Fatal(err)
	}
}

func anArticle(id news.ID) *news.Article {
	return &news.Article{V: 1, ID: id, URL: "https://a.example/" + id.String(), Canonical: "https://a.example/" + id.String(), Source: "a.example",
		Title: "Harbour reopens", Content: "The harbour reopened.", TextFrom: news.FromFeed, SeenAt: time.Now().UTC()}
}

func TestDeadLetters(t *testing.T) {
	a, end := start(t, config(t), "enrich", "land")
	defer end()
	good := anArticle(0xa1)
	dead := func(m bus.Message, why string) bus.Message { return m.Dead("enrich", errors.New(why)) }
	letter := dead(bus.Message{Topic: news.TopicArticles, Partition: 3, Offset: 1000, Key: []byte(good.ID.String()), Value: news.Encode(good), Headers: map[string]string{"trace": "x"}}, "panicked: boom")
	publish(t, a, letter, letter) // a crash after the first
	publish(t, a, dead(bus.Message{Topic: news.TopicArticles, Offset: 7, Value: []byte("{}")}, "not a dateline message: no version"))
	publish(t, a, dead(bus.Message{Topic: "elsewhere", Offset: 7, Value: []byte("{}")}, "code: 53, message: x"))
	publish(t, a, dead(bus.Message{Topic: news.TopicDocuments, Offset: 9, Value: []byte("{}")}, "has a row in articles, but mentions refuses: code: 53"))
	publish(t, a, dead(bus.Message{Topic: news.TopicDocuments, Offset: 9, Value: []byte(strings.Repeat("x", 600<<10))}, "odd"))
	publish(t, a, bus.Message{Topic: news.TopicKnowledge, Key: []byte("alias/per/x"), Value: news.Encode(&news.Knowledge{V: 1, Type: "alias", Name: "per/x"})})
	publish(t, a, dead(bus.Message{Topic: news.TopicKnowledge, Offset: -1, Key: []byte("alias/per/x"), Value: []byte("{}")}, "odd"))
	if got := states(t, a); got != "open repeat→0 open open open open open" {
		t.Fatal(got)
	}
	var classes []string
	for _, l := range letters(t, a, app.LetterQuery{Stage: "enrich"}) {
		classes = append(classes, l.Class)
	}
	if got := strings.Join(classes, ","); got != "other,other,foreign,clickhouse 53,partly landed,other,other" {
		t.Error(got)
	}
	if got := letters(t, a, app.LetterQuery{Topic: news.TopicArticles, State: app.LetterOpen}); len(got) != 2 {
		t.Errorf("%d letters selected, want 2", len(got))
	}
	if got := letters(t, a, app.LetterQuery{Since: time.Now().Add(time.Hour)}); len(got) != 0 {
		t.Errorf("%d letters of the future", len(got))
	}
	if got := retry(t, a, app.RetryOptions{DryRun: true, Query: app.LetterQuery{Topic: news.TopicArticles}}); got != "0 published; 2 published" {
		t.Error(got)
	}
	// The good one lands, the bad one comes back; the rest says why not.
	want := []string{"names no topic", "its main row has landed", "only the first 512000 of its 614400 bytes", "something newer", "0 published; 2 published"}
	got := retry(t, a, app.RetryOptions{})
	for _, w := range want {
		if !strings.Contains(got, w) {
			t.Errorf("%q lacks %q", got, w)
		}
	}
	until(t, "the article has landed", func() bool { return stored(t, a)[good.ID.String()] })
	until(t, "the bad one is back", func() bool { return strings.HasPrefix(states(t, a), "retried repeat→0 returned→") })
	all := letters(t, a, app.LetterQuery{State: app.LetterReturned})
	came := all[0].Again
	back, err := a.DeadLetter(t.Context(), came)
	if err != nil || back.Attempt != 1 || back.Stage != "enrich" || back.Headers()[bus.HeaderRetryOf] != "2" {
		t.Errorf("%+v, %v", back, err)
	}
	if l, err := a.DeadLetter(t.Context(), 0); err != nil {
		t.Error(err)
	} else if yes, err := a.LetterLanded(t.Context(), l); yes != "yes" || err != nil {
		t.Error(yes, err)
	}
	// Nothing is retried twice by accident.
	ends := func() (n int64) {
		for p := range 16 {
			_, end, err := a.Bus.Bounds(t.Context(), news.TopicArticles, p)
			if err != nil {
				t.Fatal(err)
			}
			n += end
		}
		return n
	}
	before := ends()
	if got := retry(t, a, app.RetryOptions{Offsets: []int64{0, 1, 2}}); !strings.Contains(got, "0 it was retried before") || !strings.Contains(got, "1 it is the same message as letter 0") || !strings.Contains(got, fmt.Sprint("2 it was retried, and came back as letter ", came)) || ends() != before {
		t.Error(got)
	}
	if got := retry(t, a, app.RetryOptions{Offsets: []int64{0}, Again: true}); got != "0 published" || ends() != before+1 {
		t.Error(got)
	}
	if err := a.DismissDeadLetters(t.Context(), []int64{came}); err != nil {
		t.Error(err)
	}
	if l, _ := a.DeadLetter(t.Context(), came); l.State != app.LetterDismissed {
		t.Error(l.State)
	}
	for _, off := range []int64{7, 1 << 40} { // a mark, and nothing
		if _, err := a.DeadLetter(t.Context(), off); !errors.Is(err, app.ErrNoLetter) {
			t.Errorf("%d: %v", off, err)
		}
	}
}

// A retry that is cut short after it has published is finished by the next.
func TestRetryAfterCrash(t *testing.T) {
	a, end := start(t, config(t))
	defer end()
	now := time.Now()
	a.Now = func() time.Time { return now }
	for i := range 3 {
		x := anArticle(news.ID(0xb0 + i))
		publish(t, a, bus.Message{Topic: news.TopicArticles, Offset: int64(i), Key: []byte(x.ID.String()), Value: news.Encode(x)}.Dead("enrich", errors.New("odd")))
	}
	opt := app.RetryOptions{Offsets: []int64{0, 1}}
	f := func(after string, want string, published int) {
		t.Helper()
		a.OnRetry(func(step string) {
			if step == after {
				panic("killed")
			}
		})
		func() {
			defer func() { _ = recover() }()
			_ = a.RetryDeadLetters(t.Context(), opt, func(app.Retried) error { return nil })
			t.Errorf("%s: not reached", after)
		}()
		a.OnRetry(nil)
		if got := retry(t, a, opt); !strings.Contains(got, "another command is retrying it") {
			t.Errorf("at once after %s: %s", after, got)
		}
		now = now.Add(2 * time.Minute)
		if got := retry(t, a, opt); got != want {
			t.Errorf("after %s: %s, want %s", after, got, want)
		}
		var of []string
		for p := range 16 {
			_, err := a.Bus.ReadAll(t.Context(), news.TopicArticles, p, func(m bus.Message) error { of = append(of, m.Headers[bus.HeaderRetryOf]); return nil })
			if err != nil {
				t.Fatal(err)
			}
		}
		if slices.Sort(of); len(of) != published || len(slices.Compact(of)) != published {
			t.Errorf("after %s: messages of letters %v, want each once", after, of)
		}
	}
	f("claim", "0 published; 1 published", 2)
	opt.Offsets = []int64{2}
	f("publish", "2 before", 3)
}
