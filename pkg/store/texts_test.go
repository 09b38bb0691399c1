package store_test

import (
	"context"
	"maps"
	"testing"
	"time"

	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/store"
)

func TestLatestTexts(t *testing.T) {
	s := open(t)
	ctx := context.Background()
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	var rows []*store.ArticleRow
	for i, a := range []struct {
		id       news.ID
		revision uint16
		text     string
	}{{1, 0, "one"}, {2, 0, "two"}, {1, 1, "one again"}, {3, 0, "three"}, {1, 2, "one at last"}} {
		seen := at.Add(time.Duration(i) * time.Hour)
		rows = append(rows, &store.ArticleRow{Origin: store.Origin{Epoch: 1, Off: uint64(i), LandedAt: at}, Revision: a.revision,
			Doc: &news.Document{ID: a.id, SeenAt: seen, TS: seen, Text: a.text, TextFrom: news.FromFeed}})
	}
	if err := s.Insert(ctx, "t", store.ArticleBatch(rows)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		ids      []news.ID
		bytes    int
		from, to uint64
		want     map[news.ID]string
	}{
		{nil, 100, 9, 9, map[news.ID]string{}},
		{[]news.ID{1, 2, 9}, 100, 9, 9, map[news.ID]string{1: "one at last", 2: "two"}},
		{[]news.ID{1, 3}, 100, 3, 5, map[news.ID]string{1: "one again"}},
		{[]news.ID{1}, 3, 9, 9, map[news.ID]string{1: "one"}},
	} {
		got, err := s.LatestTexts(ctx, c.ids, c.bytes, store.Range{Epoch: 1, From: c.from, To: c.to})
		if err != nil || !maps.Equal(got, c.want) {
			t.Errorf("%v without [%d, %d): %v, %v; want %v", c.ids, c.from, c.to, got, err, c.want)
		}
	}
}
