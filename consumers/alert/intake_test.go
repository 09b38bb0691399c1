package alert

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/store"
)

// feed is one that answered at 9, brought something new at 8, and is due at 11.
func feed(url, source string, change ...func(*store.FeedIntake)) store.FeedIntake {
	f := store.FeedIntake{FeedURL: url, Source: source, Class: "ok", LastPoll: hour(9), LastSuccess: hour(9), LastNew: hour(8), NextPoll: hour(11)}
	for _, c := range change {
		c(&f)
	}
	return f
}

func silent(f *store.FeedIntake)  { f.Silent, f.Missing, f.LastNew = true, 12, hour(1) }
func overdue(f *store.FeedIntake) { f.NextPoll = hour(9.5) }
func retired(f *store.FeedIntake) { f.Class, f.Error, f.NextPoll = "gone", "410 Gone", time.Time{} }
func failing(f *store.FeedIntake) {
	f.Class, f.Error, f.LastSuccess = "dns", "the name has no address", hour(7)
}

func many(n int, change ...func(*store.FeedIntake)) (out []store.FeedIntake) {
	for i := range n {
		out = append(out, feed(fmt.Sprintf("m%02d", i), "m", change...))
	}
	return out
}

func TestIntakeTroubles(t *testing.T) {
	f := func(name string, feeds []store.FeedIntake, want ...string) []trouble {
		t.Helper()
		var got []string
		troubles := intakeTroubles(hour(10), 15*time.Minute, feeds)
		for _, x := range troubles {
			got = append(got, x.entity)
			if x.reason == "" || strings.Contains(x.reason, "%!") || x.name == "" {
				t.Errorf("%s: %+v", name, x)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
		return troubles
	}
	list := func(feeds ...store.FeedIntake) []store.FeedIntake { return append(feeds, many(20)...) }
	f("nothing is polled at all", nil)
	f("all is well", list())
	f("one feed of several", list(feed("a", "s", silent), feed("b", "s")), "feed/a")
	f("the only feed of its source", list(feed("a", "s", silent)), "feed/a")
	f("all feeds of a source", list(feed("a", "s", silent), feed("b", "s", silent), feed("c", "r", silent), feed("d", "r")), "feed/c", "source/s")
	f("one that was retired does not speak for its source", list(feed("a", "s", silent), feed("b", "s", silent), feed("c", "s", retired)), "source/s")
	f("feeds of no known source", list(feed("a", "", silent), feed("b", "", silent)), "feed/a", "feed/b")
	f("a few are late, some were retired", append(many(8, retired), list(feed("a", "s", overdue))...))
	f("no poller runs: silence says nothing", append(many(22, overdue), list(feed("a", "s", silent))...), allPolls)
	down := f("the network is away: what fails is no trouble of its own", append(many(30, failing), list(feed("a", "s", silent), feed("b", "r", silent, failing))...), "feed/a", allFetches)
	if !down[1].since.Equal(hour(7)) || !strings.Contains(down[1].reason, "31 of 52") || !strings.Contains(down[1].reason, "dns") {
		t.Errorf("%+v", down[1])
	}
	f("a few feeds that fail", []store.FeedIntake{feed("a", "s", failing), feed("b", "s", failing, silent), feed("c", "r")}, "feed/b")

	last := func(f *store.FeedIntake) { f.LastNew = hour(6) }
	source := intakeTroubles(hour(30), 24*time.Hour, list(feed("a", "s", silent), feed("b", "s", silent, last)))[0]
	if !source.since.Equal(hour(6)) || source.expected != 24 || !strings.Contains(source.reason, "24 hours") {
		t.Errorf("%+v: want since the last new item of any of its feeds, and the sum of what is missing", source)
	}
}

func TestIntakeStep(t *testing.T) {
	open := map[string]*news.Alert{}
	names := func(alerts []*news.Alert) (out []string) {
		for _, a := range alerts {
			if _, err := news.Decode[news.Alert](news.Encode(a)); err != nil {
				t.Error(err)
			}
			out = append(out, a.EntityID+" "+a.State)
		}
		return out
	}
	f := func(at float64, want []string, troubles ...trouble) []*news.Alert {
		t.Helper()
		out := intakeStep(hour(at), troubles, open, .5)
		if got := names(out); !slices.Equal(got, want) {
			t.Errorf("at %v: %q, want %q", at, got, want)
		}
		return out
	}
	a := trouble{entity: "feed/a", name: "a", since: hour(0), p: silenceP, reason: "Quiet."}
	f(1, nil)
	first := f(2, []string{"feed/a firing"}, a)[0]
	f(3, nil, a)
	last := f(4, []string{"feed/a resolved"})[0]
	if last.ID != first.ID || first.WindowS != 7200 || first.Completeness != .5 || first.Rule != ruleIntake {
		t.Errorf("%+v, then %+v", first, last)
	}
	again := f(5, []string{"feed/a firing"}, a)[0]
	if again.ID != first.ID {
		t.Error("the same silence has another id")
	}
	crowded := []trouble{a}
	for i := range crowd + 5 {
		crowded = append(crowded, trouble{entity: fmt.Sprintf("feed/z%02d", i), name: "z", since: hour(5), p: silenceP, reason: "Quiet."})
	}
	fact := trouble{entity: allFetches, name: "Fetches", since: hour(6), reason: "Down."}
	f(6, []string{allFetches + " firing", allSilence + " firing"}, append(crowded, fact)...)
	f(7, []string{allFetches + " resolved"}, crowded...)
	f(8, nil, crowded[:crowd]...)
	f(9, []string{"feed/z00 firing", allSilence + " resolved"}, crowded[:2]...)
	f(10, []string{"feed/a resolved", "feed/z00 resolved"})
	if len(open) != 0 {
		t.Errorf("still open: %v", open)
	}
}

// TestIntakeAlarms goes the whole way: records of polls in the database, alarms
// in the topic, over a restart.
func TestIntakeAlarms(t *testing.T) {
	w := newWorld(t)
	cfg := testConfig()
	cfg.Intake, cfg.Overdue = time.Millisecond, 2*time.Hour
	off := uint64(0)
	poll := func(at float64, url string, quiet bool) {
		off++
		f := news.Fetch{FeedURL: url, At: hour(at), Status: 200, Class: "ok", Source: "s.example", Rate: 3, LastNew: hour(0), NextPoll: hour(at + 1), Silent: quiet, Missing: 7}
		w.insert(store.FetchBatch([]store.FetchRow{{Origin: store.Origin{Epoch: 1, Off: off, LandedAt: hour(at)}, Fetch: &f}}))
	}
	reach := func(at float64, want string) []*news.Alert {
		t.Helper()
		w.clock.Store(hour(at).UnixMilli())
		w.wait(fmt.Sprintf("%q at %v", want, at), func() bool { return len(w.alerts()) >= strings.Count(want, ",")+1 })
		return w.want(want)
	}
	w.usually(t0, hour(12), false)
	w.flush()
	w.feeds = func(context.Context) ([]*news.Feed, error) {
		return []*news.Feed{{URL: "https://s.example/a"}, {URL: "https://s.example/b"}}, nil
	}
	poll(4, "https://s.example/removed", true)
	poll(5, "https://s.example/a", true)
	poll(5, "https://s.example/b", false)
	w.clock.Store(hour(5).UnixMilli())
	w.start(cfg)
	a := reach(5.1, "feed/https://s.example/a firing")[0]
	if a.Expected != 7 || !a.Since.Equal(hour(0)) || a.P != silenceP || !slices.Equal(a.Sources, []string{"s.example"}) {
		t.Errorf("%+v", a)
	}
	w.stop()
	w.start(cfg)
	poll(6, "https://s.example/a", false)
	poll(6, "https://s.example/b", false)
	reach(6.1, "feed/https://s.example/a firing, feed/https://s.example/a resolved")
	// Records that wait in the topic are polls, too: nothing is late.
	if err := w.bus.Publish(t.Context(), bus.Message{Topic: news.TopicFetches, Key: []byte("k"), Value: []byte("{}"), Time: hour(7)}); err != nil {
		t.Fatal(err)
	}
	w.until(hour(11))
	w.want("feed/https://s.example/a firing, feed/https://s.example/a resolved")
	if err := w.bus.SetCommitted(t.Context(), "land", news.TopicFetches, partitionOf(t, w), 1); err != nil {
		t.Fatal(err)
	}
	reach(11.2, "feed/https://s.example/a firing, feed/https://s.example/a resolved, pipeline/polls firing")
}

// partitionOf finds the partition of fetches that holds a message.
func partitionOf(t *testing.T, w *world) int {
	t.Helper()
	for p := range partitions(news.TopicFetches) {
		if _, end, err := w.bus.Bounds(t.Context(), news.TopicFetches, p); err == nil && end > 0 {
			return p
		}
	}
	t.Fatal("no partition holds a message")
	return 0
}
