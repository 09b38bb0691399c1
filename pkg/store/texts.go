package store

import (
	"context"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/dateline/dateline/pkg/news"
)

// LatestTexts gives the first bytes of the text that each of some articles has in
// its latest revision, in one query. Rows of the range itself are left out:
// they are being decided. Articles that are not stored are missing.
func (s *Store) LatestTexts(ctx context.Context, ids []news.ID, bytes int, r Range) (map[news.ID]string, error) {
	out := make(map[news.ID]string, len(ids))
	if len(ids) == 0 {
		return out, nil
	}
	st := Statement{"latest_texts", map[string]any{
		"articles": numbers(ids), "bytes": uint32(bytes),
		"epoch": r.Epoch, "part": uint32(r.Part), "from": r.From, "to": r.To,
	}}
	_, err := read(ctx, s, st, func(rows driver.Rows, _ *struct{}) error {
		var id uint64
		var text string
		err := rows.Scan(&id, &text)
		out[news.ID(id)] = text
		return err
	})
	return out, err
}
