package store

import (
	"context"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/dateline/dateline/pkg/news"
)

// StorySummary is a row of the view `stories`.
type StorySummary struct {
	ID        news.ID   `json:"story_id"`
	Title     string    `json:"title"`    // of the article that began it
	FirstAt   time.Time `json:"first_at"` // by ts
	LastAt    time.Time `json:"last_at"`
	Originals uint64    `json:"originals"`
	Copies    uint64    `json:"copies"`
	Sources   uint64    `json:"sources"`
}

// StorySummaryStatement is the query behind StorySummary.
func StorySummaryStatement(article news.ID) Statement {
	return Statement{"story_summary", map[string]any{"article": uint64(article)}}
}

// StorySummary gives the story that an article belongs to, or ErrNotFound. The
// id of a story is that of the article that began it.
func (s *Store) StorySummary(ctx context.Context, article news.ID) (StorySummary, error) {
	out, err := one(ctx, s, StorySummaryStatement(article), func(r driver.Rows, t *StorySummary) error {
		return r.Scan((*uint64)(&t.ID), &t.Title, &t.FirstAt, &t.LastAt, &t.Originals, &t.Copies, &t.Sources)
	})
	if err != nil {
		return out, fmt.Errorf("story %s: %w", article, err)
	}
	return out, nil
}
