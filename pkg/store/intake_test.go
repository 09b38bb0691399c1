package store_test

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

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

func TestIntake(t *testing.T) {
	s := open(t)
	poll := func(url string, hour float64, silent bool, missing float64, err string) news.Fetch {
		return news.Fetch{FeedURL: url, At: at(hour), Source: "s.org", Class: "not_modified", Status: 304, LastNew: at(0), NextPoll: at(hour + 1), Missing: missing, Silent: silent, Error: err}
	}
	never := poll("n", 9, false, 0, "down")
	never.LastNew, never.NextPoll, never.Class = time.Time{}, time.Time{}, "timeout"
	put(t, s, polls(
		poll("a", 8, false, 1, ""), poll("a", 9, true, 20, ""), // fell silent
		poll("b", 8, true, 30, ""), poll("b", 9, false, 0, ""), // came back
		poll("b", 9.5, false, 0, "down"),
		never,
	))
	list, err := s.Intake(t.Context(), at(10))
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(list, func(a, b store.FeedIntake) int { return strings.Compare(a.FeedURL, b.FeedURL) })
	want := []store.FeedIntake{
		{FeedURL: "a", Source: "s.org", Silent: true, Missing: 20, Class: "not_modified", LastPoll: at(9), LastSuccess: at(9), LastNew: at(0), NextPoll: at(10)},
		{FeedURL: "b", Source: "s.org", Class: "not_modified", Error: "down", LastPoll: at(9.5), LastSuccess: at(9), LastNew: at(0), NextPoll: at(10.5)},
		{FeedURL: "n", Source: "s.org", Class: "timeout", Error: "down", LastPoll: at(9)},
	}
	if !slices.Equal(list, want) {
		t.Errorf("got  %+v\nwant %+v", list, want)
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
