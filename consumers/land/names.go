package land

import (
	"context"

	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/store"
)

// mentions counts each entity of an article once: a revision brings only what
// it adds.
func (p *documents) mentions(ctx context.Context, j *job, rows []*store.ArticleRow) ([]store.MentionRow, error) {
	var revised []news.ID
	for _, row := range rows {
		if row.Revision > 0 {
			revised = append(revised, row.Doc.ID)
		}
	}
	counted, err := p.store.Mentioned(ctx, revised, j.Range)
	if err != nil {
		return nil, err
	}
	var out []store.MentionRow
	for _, row := range rows {
		if j.partly[store.Mentions][row.Off] != nil {
			continue // what it names counts with the next revision
		}
		d := row.Doc
		have := counted[d.ID]
		if have == nil {
			have = map[string]bool{}
			counted[d.ID] = have
		}
		out = AppendUncounted(out, row, have, p.generation)
	}
	return out, nil
}

// AppendUncounted appends the mentions of a document whose entities are not
// counted for its article yet, and notes them in have.
func AppendUncounted(out []store.MentionRow, row *store.ArticleRow, have map[string]bool, generation uint32) []store.MentionRow {
	for i := range row.Doc.Mentions {
		m := &row.Doc.Mentions[i]
		if !have[m.EntityID] {
			have[m.EntityID] = true
			out = append(out, store.MentionRow{ArticleRow: row, Mention: m, Generation: generation})
		}
	}
	return out
}

// newEntities gives a row to each entity that has none yet.
func (p *documents) newEntities(ctx context.Context, j *job, mentions []store.MentionRow) ([]store.EntityRow, error) {
	fresh, err := unnamed(ctx, p.store, store.Entities, j.Range, mentions, func(m store.MentionRow) string { return m.Mention.EntityID }, &p.entities)
	out := make([]store.EntityRow, len(fresh))
	for i, m := range fresh {
		out[i] = store.EntityRow{Origin: m.Origin, Topic: j.Topic, Mention: m.Mention, SeenAt: m.Doc.SeenAt}
	}
	return out, err
}

// newSources gives a row to each source that has none yet.
func (p *documents) newSources(ctx context.Context, j *job, rows []*store.ArticleRow) ([]store.SourceRow, error) {
	fresh, err := unnamed(ctx, p.store, store.Sources, j.Range, rows, func(a *store.ArticleRow) string { return a.Doc.Source }, &p.sources)
	out := make([]store.SourceRow, len(fresh))
	for i, a := range fresh {
		out[i] = store.SourceRow{
			Origin: a.Origin, Topic: j.Topic, Source: a.Doc.Source, Name: a.Doc.Source, Language: a.Doc.Language, SeenAt: a.Doc.SeenAt,
		}
	}
	return out, err
}

// unnamed gives the first item of each name that has no row in a table yet.
func unnamed[T any](ctx context.Context, s archive, table string, r store.Range, items []T, name func(T) string, known *nameCache) ([]T, error) {
	var first []T
	var names []string
	seen := map[string]bool{}
	for _, it := range items {
		if n := name(it); !seen[n] && !known.has(n) {
			seen[n] = true
			first, names = append(first, it), append(names, n)
		}
	}
	have, err := s.KnownNames(ctx, table, names, r)
	if err != nil {
		return nil, err
	}
	out := first[:0]
	for i, it := range first {
		if !have[names[i]] {
			out = append(out, it)
		}
	}
	return out, nil
}

// nameCache remembers which names have a row already. It forgets everything
// at once when it is full; the store knows the rest.
type nameCache struct{ names map[string]bool }

const maxNames = 400_000

func (c *nameCache) has(n string) bool { return c.names[n] }

func (c *nameCache) add(n string) {
	if c.names == nil || len(c.names) >= maxNames {
		c.names = make(map[string]bool)
	}
	c.names[n] = true
}
