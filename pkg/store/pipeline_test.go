package store_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/dateline/dateline/pkg/engine/enginetest"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/store"
)

// polls numbers fetches as rows that landed.
func polls(fs ...news.Fetch) store.Batch {
	rows := make([]store.FetchRow, len(fs))
	for i := range fs {
		rows[i] = store.FetchRow{Origin: store.Origin{Epoch: 1, Off: uint64(i), LandedAt: fs[i].At}, Fetch: &fs[i]}
	}
	return store.FetchBatch(rows)
}

func TestSilentFeeds(t *testing.T) {
	e := enginetest.StartClickHouse(t)
	w, s := openAs(t, e, e.Writer), openAs(t, e, e.Reader)
	if err := w.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	poll := func(url string, hour float64, silent bool, missing float64) news.Fetch {
		return news.Fetch{FeedURL: url, At: at(hour), Source: "s.org", Class: "not_modified", Status: 304, Rate: 2, LastNew: at(0), NextPoll: at(hour + 1), Missing: missing, Silent: silent}
	}
	f := func(since float64, want string) {
		t.Helper()
		list, err := s.SilentFeeds(t.Context(), at(since))
		var got []string
		for _, x := range list {
			got = append(got, fmt.Sprint(x.FeedURL, " ", x.Missing))
		}
		if err != nil || strings.Join(got, "; ") != want {
			t.Errorf("since %v: %v, %v; want %s", since, got, err, want)
		}
	}
	f(0, "")
	never := poll("n", 9, true, 3)
	never.LastNew = time.Time{}
	put(t, w, polls(
		poll("a", 8, false, 1), poll("a", 9, true, 20), // fell silent
		poll("b", 8, true, 30), poll("b", 9, false, 0), // came back
		poll("c", 5, true, 40), // polled long ago
		never,
	))
	f(8, "a 20; n 3")
	f(9, "a 20; n 3")
	f(0, "c 40; a 20; n 3")
	f(9.5, "")
	list, err := s.SilentFeeds(t.Context(), at(8))
	want := store.SilentFeed{FeedURL: "a", Source: "s.org", LastNew: at(0), Missing: 20, Rate: 2, Class: "not_modified", At: at(9), NextPoll: at(10), SourceFeeds: 3}
	if err != nil || list[0] != want || !list[1].LastNew.IsZero() {
		t.Errorf("%+v, %v; want %+v and one that never brought anything", list, err, want)
	}
}

func TestPollPulse(t *testing.T) {
	e := enginetest.StartClickHouse(t)
	w, s := openAs(t, e, e.Writer), openAs(t, e, e.Reader)
	if err := w.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	none, err := s.PollPulse(t.Context(), at(0), at(9))
	if err != nil || none != (store.PollPulse{}) {
		t.Errorf("%+v, %v; want nothing", none, err)
	}
	put(t, w, polls(
		news.Fetch{FeedURL: "a", At: at(1), Expected: 9},
		news.Fetch{FeedURL: "a", At: at(2), Expected: 1.5, NewItems: 3},
		news.Fetch{FeedURL: "a", At: at(3), Expected: 1.5, Error: "e"},
		news.Fetch{FeedURL: "a", At: at(4), Expected: 1, Error: "e"},
		news.Fetch{FeedURL: "b", At: at(3), Expected: 2, Silent: true},
		news.Fetch{FeedURL: "b", At: at(4), Expected: 2, Silent: true},
		news.Fetch{FeedURL: "c", At: at(5), Expected: 9},
	))
	got, err := s.PollPulse(t.Context(), at(2), at(5))
	want := store.PollPulse{Fetches: 5, Feeds: 2, Failures: 2, FailedFeeds: 1, Silent: 1, Expected: 8, NewItems: 3, Last: at(4)}
	if err != nil || got != want {
		t.Errorf("%+v, %v; want %+v", got, err, want)
	}
}

// TestFetchesThatNoColumnHolds: what a poller that went mad says costs its own
// figures at most.
func TestFetchesThatNoColumnHolds(t *testing.T) {
	s := open(t)
	put(t, s, polls(news.Fetch{FeedURL: "a", At: at(1), Bytes: -1, Items: math.MaxInt, Failures: -3, Expected: math.NaN(), Rate: math.Inf(1), Missing: -2,
		NextPoll: time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), LastNew: time.Date(1066, 1, 1, 0, 0, 0, 0, time.UTC)}))
	got, err := s.Strings(t.Context(), "SELECT toString((bytes, items, failures, expected_items, rate, missing, toUnixTimestamp(next_poll), toUnixTimestamp(last_new))) FROM fetches")
	if want := "(0,4294967295,0,0,0,0,0,0)"; err != nil || len(got) != 1 || got[0] != want {
		t.Errorf("%v, %v; want %s", got, err, want)
	}
}

// TestLastPollsSurviveACrash: the row of a feed's last poll follows from the
// insert of the poll itself, also where the server died in between.
func TestLastPollsSurviveACrash(t *testing.T) {
	s, ctx := open(t), t.Context()
	last := func(want string) {
		t.Helper()
		got, err := s.Strings(ctx, "SELECT toString((last_poll, error, items)) FROM feed_polls FINAL ORDER BY feed_url")
		if err != nil || strings.Join(got, " ") != want {
			t.Errorf("last polls: %v, %v; want %s", got, err, want)
		}
	}
	insert := func(token string, b store.Batch) {
		t.Helper()
		if err := s.Insert(ctx, token, b); err != nil {
			t.Fatal(err)
		}
	}
	one := polls(news.Fetch{FeedURL: "a", At: at(1), Status: 200, Items: 7})
	insert("one", one)
	insert("one", one)
	last("('2026-03-02 01:00:00.000','',7)")
	two := polls(news.Fetch{FeedURL: "a", At: at(2), Error: "time-out"})
	view, err := s.Strings(ctx, "SELECT create_table_query FROM system.tables WHERE database = currentDatabase() AND name = 'fetches_to_feed_polls'")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Exec(ctx, "DROP VIEW fetches_to_feed_polls"); err != nil {
		t.Fatal(err)
	}
	insert("two", two)
	last("('2026-03-02 01:00:00.000','',7)")
	if err := s.Exec(ctx, view[0]); err != nil {
		t.Fatal(err)
	}
	insert("two", two)
	last("('2026-03-02 02:00:00.000','time-out',7)")
	if n, err := s.Strings(ctx, "SELECT toString(count()) FROM fetches"); err != nil || n[0] != "2" {
		t.Errorf("%v polls, %v; want 2", n, err)
	}
}
