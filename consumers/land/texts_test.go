package land

import (
	"context"

	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/store"
)

// LatestTexts gives the latest text of each article that the range did not bring.
func (m *memory) LatestTexts(_ context.Context, ids []news.ID, _ int, x store.Range) (map[news.ID]string, error) {
	out, last := map[news.ID]string{}, map[news.ID]uint16{}
	for _, id := range ids {
		for _, r := range m.data[store.Articles] {
			if r.ID == id && !r.inside(store.Articles, x) && r.Revision >= last[id] {
				out[id], last[id] = r.body, r.Revision
			}
		}
	}
	return out, nil
}

func (s *seam) LatestTexts(ctx context.Context, ids []news.ID, bytes int, r store.Range) (out map[news.ID]string, err error) {
	err = s.p.do(ctx, "texts", func() (err error) {
		out, err = s.p.s.tables.LatestTexts(ctx, ids, bytes, r)
		return err
	})
	return out, err
}
