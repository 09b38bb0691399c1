package store

import (
	"context"
	"fmt"

	"github.com/dateline/dateline/pkg/news"
)

// ResolveMerges brings what entities count under up to the merges and splits
// that have landed. Insert does so after each; it is needed where rows of
// `entities` have come in by another way.
func (s *Store) ResolveMerges(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Timeout)
	defer cancel()
	if err := s.conn.Exec(ctx, Statement{Name: "resolve_merges"}.String()); err != nil {
		return fmt.Errorf("resolve the merges of entities: %w", err)
	}
	return nil
}

// merges tells whether rows for `entities` may merge or split.
func merges(rows []EntityRow) bool {
	for i := range rows {
		if rows[i].Topic != news.TopicDocuments {
			return true
		}
	}
	return false
}
