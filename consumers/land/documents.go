package land

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/judge"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/store"
	"github.com/prometheus/client_golang/prometheus"
)

// documents plans what documents become: rows of articles, mentions, entities
// and sources.
type documents struct {
	store      archive
	clock      clock
	clocks     *prometheus.CounterVec
	index      *index
	size       prometheus.Gauge
	entities   nameCache
	sources    nameCache
	forget     forgetter
	held       held
	generation uint32 // of the table of mentions
}

func newDocuments(cfg Config, a archive, h history, c clock, m *metrics) *documents {
	d := &documents{store: a, clock: c, clocks: m.clocks, index: newIndex(cfg.Judge, h), size: m.index, held: held{m: m.held}}
	d.index.blank = d.forget.blanked
	return d
}

func (p *documents) restore(ctx context.Context, epoch uint32, part uint16, to uint64) error {
	if err := p.forget.load(ctx, p.index); err != nil {
		return err
	}
	err := p.index.restore(ctx, epoch, part, to)
	p.size.Set(float64(p.index.judge.Len()))
	return err
}

func (*documents) same(m bus.Message, row string) (bool, error) {
	d, err := news.Decode[news.Document](m.Value)
	return err == nil && d.ID.String() == row, err
}

// plan decides on documents in the order of their offsets.
func (p *documents) plan(ctx context.Context, j *job) (*plan, error) {
	good, dead := decode[news.Document](j.msgs, j.refused)
	good, forgotten := p.forget.keep(good)
	for _, m := range good {
		d := m.value
		d.SeenAt, d.TS, d.Published = millis(d.SeenAt), millis(d.TS), millis(d.Published)
	}
	made, err := p.decide(ctx, j, good)
	if err != nil {
		return nil, err
	}
	out := &plan{dead: dead, counts: map[string]int{"dead": len(dead), "forgotten": forgotten}}
	var rows []*store.ArticleRow
	for _, m := range good {
		v := made.verdicts[uint64(m.Offset)]
		if v.Kind == judge.Same {
			out.counts[v.Reason]++
			continue
		}
		out.counts[string(v.Kind)]++
		rows = append(rows, &store.ArticleRow{
			Origin: origin(j, m.Offset), Doc: m.value, Revision: v.Revision,
			CopyOf: news.ID(v.CopyOf), Similarity: v.Similarity, StoryID: news.ID(v.Story),
		})
	}
	mentions, err := p.mentions(ctx, j, rows)
	if err != nil {
		return nil, err
	}
	entities, err := p.newEntities(ctx, j, mentions)
	if err != nil {
		return nil, err
	}
	sources, err := p.newSources(ctx, j, rows)
	if err != nil {
		return nil, err
	}
	out.batches = []store.Batch{store.ArticleBatch(rows), store.MentionBatch(mentions), store.EntityBatch(entities), store.SourceBatch(sources)}
	out.landed = func() {
		p.index.next, p.index.ahead = j.To, nil
		p.held.note(good, made, j.at)
		p.size.Set(float64(p.index.judge.Len()))
		for _, m := range mentions {
			p.entities.add(m.Mention.EntityID)
		}
		for _, r := range rows {
			p.sources.add(r.Doc.Source)
		}
	}
	return out, nil
}

// decide gives the decision on every document. Each is folded at once, since
// the next may be a copy of it. Decisions that were made before, and did not
// get through, are taken again where nothing else has landed meanwhile.
func (p *documents) decide(ctx context.Context, j *job, good []decoded[news.Document]) (*decisions, error) {
	x := p.index
	if err := x.restore(ctx, j.Epoch, j.Part, j.From); err != nil {
		return nil, err
	}
	var adopted map[uint64]*store.Stored
	if j.again {
		var err error
		if adopted, err = p.index.store.Adopted(ctx, j.Range); err != nil {
			return nil, err
		}
	}
	if d := x.ahead; d != nil {
		if j.again && d.Range == j.Range && d.refused == len(j.refused) && d.hold(adopted) {
			for _, m := range good {
				off := uint64(m.Offset)
				seen(m.value, d.seen[off])
				m.value.Language = d.language[off]
				p.date(m.value, d.verdicts[off])
			}
			return d, nil
		}
		x.clean = false
		if err := x.restore(ctx, j.Epoch, j.Part, j.From); err != nil {
			return nil, err
		}
	}
	look, read := newLookup(p.store, j.Range), newShelf(ctx, p.store, j.Range)
	for _, m := range good {
		if !x.judge.Knows(uint64(m.value.ID)) {
			look.ask(m.value.ID)
			read.ask(x.judge, x.input(m.value))
		}
	}
	if err := errors.Join(look.run(ctx), read.run()); err != nil {
		return nil, err
	}
	d := &decisions{
		Range: j.Range, refused: len(j.refused),
		verdicts: make(map[uint64]judge.Verdict, len(good)), due: map[uint64]time.Time{}, seen: make(map[uint64]time.Time, len(good)),
		language: make(map[uint64]string, len(good)),
	}
	bounds, err := p.bounds(ctx, j.at, good)
	if err != nil {
		return nil, err
	}
	x.clean = false
	x.judge.SetPace(cmp.Or(j.pace, x.cfg.Pace()))
	for _, m := range good {
		doc, off := m.value, uint64(m.Offset)
		s := adopted[off]
		if s != nil {
			seen(doc, s.SeenAt)
		} else if at, ok := bounds[off]; ok {
			seen(doc, at)
		}
		d.seen[off] = doc.SeenAt
		x.speak(doc, s)
		d.language[off] = doc.Language
		in := x.input(doc)
		var v judge.Verdict
		if s == nil {
			k, err := look.get(ctx, x.judge, doc.ID)
			if err != nil {
				return nil, err
			}
			if v, err = x.judge.Read(in, k, read); err != nil {
				return nil, err
			}
			if v.Reason == judge.ReasonThrottled {
				if at, ok := x.judge.Due(in, k); ok {
					d.due[off] = at
				}
			}
		} else if s.ID == doc.ID {
			v = verdict(s)
		} else {
			return nil, fmt.Errorf("%w: article %s has landed from offset %d, which holds %s", errLog, s.ID, off, doc.ID)
		}
		d.verdicts[off] = v
		if v.Kind == judge.Same {
			continue
		}
		p.date(doc, v)
		in.TS = doc.TS
		x.judge.Fold(in, v)
		look.note(doc.ID, decided(in, v))
		read.note(doc.ID, doc.Text)
	}
	x.clean, x.ahead = true, d
	return d, nil
}

// date gives a revision its own time: what it adds counts when it was added.
func (p *documents) date(d *news.Document, v judge.Verdict) {
	if v.Kind == judge.Revision && !d.Backlog {
		d.TS = d.SeenAt
	}
}

// lookup finds articles that the judge's window does not hold: in the store,
// at any age, and among those decided a moment ago, which the window may have
// forgotten already.
type lookup struct {
	store  archive
	rng    store.Range
	want   []news.ID
	asked  map[news.ID]bool
	stored map[news.ID]*store.Revisions
	recent map[news.ID]*judge.Known
}

func newLookup(a archive, r store.Range) *lookup {
	return &lookup{store: a, rng: r, asked: map[news.ID]bool{}, stored: map[news.ID]*store.Revisions{}, recent: map[news.ID]*judge.Known{}}
}

func (l *lookup) ask(id news.ID) {
	if !l.asked[id] {
		l.asked[id] = true
		l.want = append(l.want, id)
	}
}

func (l *lookup) run(ctx context.Context) error {
	found, err := l.store.Known(ctx, l.want, l.rng)
	if err != nil {
		return err
	}
	for id, r := range found {
		l.stored[id] = r
	}
	l.want = l.want[:0]
	return nil
}

// get asks once more where the window has forgotten an article since.
func (l *lookup) get(ctx context.Context, j *judge.Judge, id news.ID) (*judge.Known, error) {
	if j.Knows(uint64(id)) {
		return nil, nil
	}
	if k := l.recent[id]; k != nil {
		return k, nil
	}
	if !l.asked[id] {
		l.ask(id)
		if err := l.run(ctx); err != nil {
			return nil, err
		}
	}
	return known(l.stored[id]), nil
}

func (l *lookup) note(id news.ID, k *judge.Known) { l.recent[id] = k }
