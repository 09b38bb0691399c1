package alert

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/store"
)

func silent(url, source string, of uint64, since time.Time) store.SilentFeed {
	return store.SilentFeed{FeedURL: url, Source: source, LastNew: since, Missing: 12, Class: "ok", SourceFeeds: of}
}

func TestIntakeTroubles(t *testing.T) {
	well := store.Intake{Feeds: 100, Last: hour(10)}
	f := func(name string, all store.Intake, feeds []store.SilentFeed, want ...string) {
		t.Helper()
		var got []string
		for _, x := range intakeTroubles(hour(10), 15*time.Minute, all, feeds) {
			got = append(got, x.entity)
			if x.reason == "" || strings.Contains(x.reason, "%!") || x.name == "" {
				t.Errorf("%s: %+v", name, x)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	fails := silent("b", "s", 3, hour(1))
	fails.Class, fails.Error = "timeout", "s did not answer in time"
	f("nothing is polled at all", store.Intake{}, nil)
	f("all is well", well, nil)
	f("one feed of several", well, []store.SilentFeed{silent("a", "s", 3, hour(1))}, "feed/a")
	f("the only feed of its source", well, []store.SilentFeed{silent("a", "s", 1, hour(1))}, "feed/a")
	f("all feeds of a source", well, []store.SilentFeed{silent("a", "s", 2, hour(1)), silent("b", "s", 2, hour(2)), silent("c", "r", 2, hour(1))}, "feed/c", "source/s")
	f("feeds of no known source", well, []store.SilentFeed{silent("a", "", 2, hour(1)), silent("b", "", 2, hour(2))}, "feed/a", "feed/b")
	late := well
	late.Overdue = 51
	f("no poller runs: silence says nothing", late, []store.SilentFeed{silent("a", "s", 3, hour(1))}, allPolls)
	broken := well
	broken.Failing, broken.FailingSince, broken.CommonError = 80, hour(9), "dns"
	f("the network is away: what fails is no trouble of its own", broken, []store.SilentFeed{silent("a", "s", 3, hour(1)), fails}, allFetches, "feed/a")
	f("a few feeds that fail", store.Intake{Feeds: 4, Failing: 3}, []store.SilentFeed{fails}, "feed/b")

	source := intakeTroubles(hour(30), 15*time.Minute, well, []store.SilentFeed{silent("a", "s", 2, hour(1)), silent("b", "s", 2, hour(6))})[0]
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
