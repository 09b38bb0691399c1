package main

import (
	"strings"
	"testing"
	"time"

	"github.com/dateline/dateline/pkg/store"
)

var healthNow = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func healthRows() []healthRow {
	ok := healthRow{Title: "The North\x1b[31m Wire", Tags: []string{"europe"}}
	ok.FeedURL, ok.State, ok.Rate = "https://north.example/f", "gap", 17
	ok.Advice = "Within the last day it rolled over."
	ok.LastSuccess, ok.NextPoll = healthNow.Add(-50*time.Second), healthNow.Add(3*time.Minute)
	ok.Day = store.PollSums{Polls: 30, NewItems: 41, Expected: 38.5}
	ok.Week = store.PollSums{Polls: 200, NewItems: 300, Gaps: 2}
	gone := healthRow{}
	gone.FeedURL, gone.State, gone.Advice = "https://kestrel.example/a/very/long/address/that/no/terminal/has/the/room/for/feed.xml", "gone", "410 Gone: remove it"
	gone.LastSuccess = healthNow.AddDate(0, 0, -9)
	waiting := healthRow{}
	waiting.FeedURL, waiting.State = "https://late.example/f", "waiting"
	return []healthRow{gone, ok, waiting}
}

func TestHealthTable(t *testing.T) {
	t.Setenv("COLUMNS", "110")
	var sb strings.Builder
	if err := healthTable(&sb, healthNow, healthRows()); err != nil {
		t.Fatal(err)
	}
	const want = `FEED                       STATE    LAST SUCCESS  NEW 24H  NEW/POLL  RHYTHM      NEXT POLL  GAPS 7D
https://kest…for/feed.xml  gone     9 d ago       0        0.00      unknown     none       0
    https://kestrel.example/a/very/long/address/that/no/terminal/has/the/room/for/feed.xml
    410 Gone: remove it
The North [31m Wire        gap      50 s ago      41       1.50      17 an hour  in 3 min   2
    https://north.example/f
    Within the last day it rolled over.
https://late.example/f     waiting  never         0        0.00      unknown     soon       0
`
	if sb.String() != want {
		t.Errorf("got\n%s\nwant\n%s", sb.String(), want)
	}
	sb.Reset()
	if err := healthTable(&sb, healthNow, nil); err != nil || sb.String() != "no feed is like that\n" {
		t.Errorf("%q, %v", sb.String(), err)
	}
}

func TestHealthOfOne(t *testing.T) {
	var sb strings.Builder
	polls := []store.FeedPoll{
		{At: healthNow.Add(-time.Minute), Status: 200, Class: "ok", NewItems: 2, Expected: 1.5, Items: 30, Bytes: 24000, TookMS: 70, Recovered: 2},
		{At: healthNow.Add(-2 * time.Minute), Class: "timeout", Error: "north.example did not answer in time\nmore"},
		{At: healthNow.Add(-3 * time.Minute), Status: 200, Class: "ok", NewItems: 30, Items: 30, Gap: true},
	}
	if err := healthOf(&sb, healthNow, healthRows()[1], polls); err != nil {
		t.Fatal(err)
	}
	const want = `The North [31m Wire
https://north.example/f
  state         gap: rolled over between two polls within a day
  what to do    Within the last day it rolled over.
  tags          europe
  last success  50 s ago (2026-03-02 11:59:10)
  last new      never
  next poll     in 3 min
  rhythm        17 an hour
  24 hours      41 new of 38.5 expected in 30 polls (1.37 a poll), 0 failed, 0 not modified, 0 with a gap
  7 days        300 new of 0.0 expected in 200 polls (1.50 a poll), 0 failed, 0 not modified, 2 with a gap
  items         0 at a time

POLL                 STATUS  NEW  EXPECTED  ITEMS  BYTES  MS  RESULT
2026-03-02 11:59:00  200     2    1.5       30     24000  70  ok, after 2 failures
2026-03-02 11:58:00  0       0    0.0       0      0      0   north.example did not answer in time more
2026-03-02 11:57:00  200     30   0.0       30     0      0   gap: articles may have been missed
`
	if sb.String() != want {
		t.Errorf("got\n%s\nwant\n%s", sb.String(), want)
	}
}

func TestSummary(t *testing.T) {
	if got := statesHelp(); strings.Count(got, "\n") != len(stateNames())-1 || !strings.Contains(got, "  silent    answers,") {
		t.Errorf("%s", got)
	}
}
