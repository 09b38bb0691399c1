package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/store"
)

func TestFetchedTellsPollsThatAreStored(t *testing.T) {
	s := open(t)
	ctx := context.Background()
	at := time.Date(2026, 3, 1, 12, 0, 0, 7e6, time.UTC)
	poll := func(url string, after time.Duration) *news.Fetch {
		return &news.Fetch{V: 1, FeedURL: url, At: at.Add(after), Status: 200}
	}
	var rows []store.FetchRow
	for i, f := range []*news.Fetch{poll("https://a.example/'f'", 0), poll("https://b.example/f", time.Second)} {
		rows = append(rows, store.FetchRow{Origin: store.Origin{Epoch: 1, Part: 3, Off: uint64(10 + i), LandedAt: at}, Fetch: f})
	}
	if err := s.Insert(ctx, "t", store.FetchBatch(rows)); err != nil {
		t.Fatal(err)
	}
	asked := []*news.Fetch{poll("https://a.example/'f'", 0), poll("https://a.example/'f'", time.Second), poll("https://b.example/f", time.Second)}
	have, err := s.Fetched(ctx, asked, store.Range{Epoch: 1, Part: 3, From: 11, To: 20})
	if err != nil || len(have) != 1 || !have[store.PollOf(asked[0])] {
		t.Fatalf("stored outside the range: %v, %v; want the first poll alone", have, err)
	}
	have, err = s.Fetched(ctx, asked, store.Range{Epoch: 1, Part: 4, From: 0, To: 20})
	if err != nil || len(have) != 2 || !have[store.PollOf(asked[2])] {
		t.Fatalf("stored by another partition: %v, %v; want both", have, err)
	}
}
