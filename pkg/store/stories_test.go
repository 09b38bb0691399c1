package store_test

import (
	"errors"
	"testing"
	"time"

	"github.com/dateline/dateline/pkg/engine/enginetest"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/store"
	"github.com/dateline/dateline/pkg/store/storetest"
)

// TestStorySummary: the view counts articles once, whatever revisions they
// have, and finds a story by any article in it.
func TestStorySummary(t *testing.T) {
	e := enginetest.StartClickHouse(t)
	w, r := openAs(t, e, e.Writer), openAs(t, e, e.Reader)
	storetest.Migrate(t, w)
	fill(t, w,
		article{id: 1, story: 1, hour: 10, source: "a.example"},
		article{id: 2, copyOf: 1, story: 1, hour: 11, source: "b.example"},
		article{id: 3, story: 1, hour: 9, source: "c.example"}, // told earlier, seen later
		article{id: 4, story: 4, hour: 12, source: "a.example"},
		article{id: 1, story: 1, hour: 30, source: "a.example", revision: 1},
		article{id: 1, story: 1, hour: 31, source: "a.example", revision: 2},
		article{id: 5, copyOf: 1, story: 1, hour: 13, source: "b.example"},
	)
	want := store.StorySummary{ID: 1, Title: "Title " + news.ID(1).String(), FirstAt: at(9), LastAt: at(13), Originals: 2, Copies: 2, Sources: 3}
	for _, id := range []news.ID{1, 2, 3, 5} {
		if got, err := r.StorySummary(t.Context(), id); err != nil || got != want {
			t.Errorf("by article %d: %+v, %v; want %+v", id, got, err, want)
		}
	}
	if got, err := r.StorySummary(t.Context(), 4); err != nil || got.Originals != 1 || got.Copies != 0 || got.Sources != 1 {
		t.Errorf("alone: %+v, %v", got, err)
	}
	if _, err := r.StorySummary(t.Context(), 99); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("error %v, want ErrNotFound", err)
	}
	found, err := w.Recount(t.Context(), time.Time{}, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range found {
		if c.Name == "stories" && (c.Problems != 0 || c.Looked != 2) {
			t.Errorf("audit: %+v", c)
		}
	}
}
