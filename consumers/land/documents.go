package land

import (
	"context"
	"time"

	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/judge"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/store"
)

// documents plans what documents become: rows of articles, mentions, entities
// and sources.
type documents struct {
	l        *Lander
	index    *index
	entities nameCache
	sources  nameCache
}

func (p *documents) restore(ctx context.Context, epoch uint32, part uint16, to uint64) error {
	err := p.index.restore(ctx, epoch, part, to)
	p.l.m.index.Set(float64(p.index.judge.Len()))
	return err
}

// plan decides on documents in the order of their offsets. Decisions are
// folded at once, since a document may be a copy of one just before it; where
// the plan does not land, the next call starts from the store again.
func (p *documents) plan(ctx context.Context, r store.Range, msgs []bus.Message, bad map[uint64]error, at time.Time) (*plan, error) {
	if err := p.index.restore(ctx, r.Epoch, r.Part, r.From); err != nil {
		return nil, err
	}
	good, dead := decode[news.Document](msgs, bad)
	var ids []news.ID
	for _, m := range good {
		d := m.value
		d.SeenAt, d.TS, d.Published = millis(d.SeenAt), millis(d.TS), millis(d.Published)
		if !p.index.judge.Knows(uint64(d.ID)) {
			ids = append(ids, d.ID)
		}
	}
	stored, err := p.l.store.Known(ctx, ids, r)
	if err != nil {
		return nil, err
	}
	adopted, err := p.l.store.Adopted(ctx, r)
	if err != nil {
		return nil, err
	}
	out := &plan{dead: dead, counts: map[string]int{"dead": len(dead)}}
	var rows []*store.ArticleRow
	p.index.clean = false
	for _, m := range good {
		d := m.value
		in := p.index.input(d)
		var v judge.Verdict
		if s := adopted[uint64(m.Offset)]; s != nil {
			v = verdict(s)
		} else {
			v = p.index.judge.Decide(in, known(stored[d.ID]))
		}
		result := string(v.Kind)
		if v.Kind == judge.Same {
			result = v.Reason
		}
		out.counts[result]++
		if v.Kind == judge.Same {
			continue
		}
		if v.Kind == judge.Revision && !d.Backlog {
			d.TS = d.SeenAt // what a revision adds counts when it was added
		}
		p.index.judge.Fold(in, v)
		rows = append(rows, &store.ArticleRow{
			Origin: origin(r, m.Offset, at), Doc: d, Revision: v.Revision,
			CopyOf: news.ID(v.CopyOf), Similarity: v.Similarity, StoryID: news.ID(v.Story),
		})
	}
	mentions, err := p.mentions(ctx, r, rows)
	if err != nil {
		return nil, err
	}
	entities, err := p.newEntities(ctx, r, mentions)
	if err != nil {
		return nil, err
	}
	sources, err := p.newSources(ctx, r, rows)
	if err != nil {
		return nil, err
	}
	out.batches = []store.Batch{store.ArticleBatch(rows), store.MentionBatch(mentions), store.EntityBatch(entities), store.SourceBatch(sources)}
	out.landed = func() {
		p.index.next, p.index.clean = r.To, true
		p.l.m.index.Set(float64(p.index.judge.Len()))
		for _, e := range entities {
			p.entities.add(e.Mention.EntityID)
		}
		for _, s := range sources {
			p.sources.add(s.Source)
		}
	}
	return out, nil
}

// mentions counts each entity of an article once: a revision brings only what
// it adds.
func (p *documents) mentions(ctx context.Context, r store.Range, rows []*store.ArticleRow) ([]store.MentionRow, error) {
	var revised []news.ID
	for _, row := range rows {
		if row.Revision > 0 {
			revised = append(revised, row.Doc.ID)
		}
	}
	counted, err := p.l.store.Mentioned(ctx, revised, r)
	if err != nil {
		return nil, err
	}
	var out []store.MentionRow
	for _, row := range rows {
		d := row.Doc
		have := counted[d.ID]
		if have == nil {
			have = map[string]bool{}
			counted[d.ID] = have
		}
		for i := range d.Mentions {
			if e := d.Mentions[i].EntityID; !have[e] {
				have[e] = true
				out = append(out, store.MentionRow{ArticleRow: row, Mention: &d.Mentions[i]})
			}
		}
	}
	return out, nil
}

// newEntities gives a row to each entity that has none yet.
func (p *documents) newEntities(ctx context.Context, r store.Range, mentions []store.MentionRow) ([]store.EntityRow, error) {
	unsure := names(mentions, func(m store.MentionRow) string { return m.Mention.EntityID }, &p.entities)
	have, err := p.l.store.KnownNames(ctx, store.Entities, unsure, r)
	if err != nil {
		return nil, err
	}
	for n := range have {
		p.entities.add(n)
	}
	var out []store.EntityRow
	for _, m := range mentions {
		id := m.Mention.EntityID
		if p.entities.has(id) || have[id] {
			continue
		}
		have[id] = true
		out = append(out, store.EntityRow{Origin: m.Origin, Topic: r.Topic, Mention: m.Mention, SeenAt: m.Doc.SeenAt})
	}
	return out, nil
}

// newSources gives a row to each source that has none yet.
func (p *documents) newSources(ctx context.Context, r store.Range, rows []*store.ArticleRow) ([]store.SourceRow, error) {
	unsure := names(rows, func(a *store.ArticleRow) string { return a.Doc.Source }, &p.sources)
	have, err := p.l.store.KnownNames(ctx, store.Sources, unsure, r)
	if err != nil {
		return nil, err
	}
	for n := range have {
		p.sources.add(n)
	}
	var out []store.SourceRow
	for _, a := range rows {
		if p.sources.has(a.Doc.Source) || have[a.Doc.Source] {
			continue
		}
		have[a.Doc.Source] = true
		out = append(out, store.SourceRow{
			Origin: a.Origin, Topic: r.Topic, Source: a.Doc.Source, Name: a.Doc.Source, Language: a.Doc.Language, SeenAt: a.Doc.SeenAt,
		})
	}
	return out, nil
}

// names lists the distinct names of items that a cache does not hold.
func names[T any](items []T, name func(T) string, known *nameCache) []string {
	seen := map[string]bool{}
	var out []string
	for _, it := range items {
		if n := name(it); !seen[n] && !known.has(n) {
			seen[n] = true
			out = append(out, n)
		}
	}
	return out
}
