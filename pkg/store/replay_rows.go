package store

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/dateline/dateline/pkg/news"
)

// Pass is a run of decided documents that a replay goes through: from one mark
// up to another. Articles that were first seen outside [SeenFrom, SeenTo) keep
// the mentions that they have.
type Pass struct {
	From, To         Mark
	SeenFrom, SeenTo time.Time // zero: no bound
	Floor            time.Time // articles that were seen before are not stored any more; see Floor
}

// Ranged tells whether some articles keep the mentions that they have.
func (p Pass) Ranged() bool { return !p.SeenFrom.IsZero() || !p.SeenTo.IsZero() }

func (p Pass) params(more map[string]any) map[string]any {
	from, to := p.SeenFrom, p.SeenTo
	if from.IsZero() {
		from = time.Unix(0, 0)
	}
	if to.IsZero() {
		to = time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	low, high := uint64(0), uint64(math.MaxUint64)
	if p.From.Epoch == p.To.Epoch {
		low, high = p.From.Off, p.To.Off
	}
	out := map[string]any{
		"from_epoch": p.From.Epoch, "from_off": p.From.Off, "to_epoch": p.To.Epoch, "to_off": p.To.Off, "low": low, "high": high,
		"seen_from": from, "seen_to": to, "ranged": p.Ranged(), "floor": p.Floor, "all": !p.Ranged(),
	}
	for k, v := range more {
		out[k] = v
	}
	return out
}

// Stretch is a part of a pass whose rows are stored together: of one month, and
// one revision. A stretch of copies has revision 0.
type Stretch struct {
	Month    uint32 `json:"month"`
	Revision uint16 `json:"revision"`
	Rows     uint64 `json:"rows"`
}

// Place is where a replay stands in a stretch: everything up to it is done.
type Place struct {
	Entity string    `json:"entity,omitempty"` // of copies
	TS     time.Time `json:"ts"`
	ID     uint64    `json:"id"`
}

// onShadow reads with a named query in which the shadow's name stands for table.
func onShadow[T any](ctx context.Context, s *Store, name string, params map[string]any, table string, scan func(driver.Rows, *T) error) ([]T, error) {
	sql := Statement{name, params}.String()
	if name == "forget_mentions_left" {
		sql = inTable(sql, Mentions, table)
	}
	return listed(ctx, s, name, inTable(sql, Shadow, table), scan)
}

func listed[T any](ctx context.Context, s *Store, name, sql string, scan func(driver.Rows, *T) error) ([]T, error) {
	rows, err := s.conn.Query(ctx, sql)
	var out []T
	if err == nil {
		err = each(rows, func() error {
			var v T
			err := scan(rows, &v)
			out = append(out, v)
			return err
		})
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return out, nil
}

// Floor gives the time that the oldest stored article was seen at. Mentions
// from before are of articles that retention has removed.
func (s *Store) Floor(ctx context.Context) (time.Time, error) {
	var t time.Time
	var n uint64
	if err := s.conn.QueryRow(ctx, "SELECT min(seen_at), count() FROM articles").Scan(&t, &n); err != nil {
		return t, fmt.Errorf("oldest stored article: %w", err)
	}
	if n == 0 {
		t = time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	return t, nil
}

func scanStretch(r driver.Rows, v *Stretch) error { return r.Scan(&v.Month, &v.Revision, &v.Rows) }

// Stretches gives the parts of a pass in which articles are to be derived,
// earlier revisions first.
func (s *Store) Stretches(ctx context.Context, p Pass) ([]Stretch, error) {
	return listed(ctx, s, "replay_stretches", Statement{"replay_stretches", p.params(nil)}.String(), scanStretch)
}

// CopyStretches gives the parts of a pass in which mentions are to be copied.
func (s *Store) CopyStretches(ctx context.Context, p Pass) ([]Stretch, error) {
	return listed(ctx, s, "replay_copy_months", Statement{"replay_copy_months", p.params(nil)}.String(), scanStretch)
}

// Texts gives the next articles of a stretch, with their texts: at most limit,
// and no more once they have bytes of text. What comes depends on nothing but
// what is stored; more is false where the stretch ends.
func (s *Store) Texts(ctx context.Context, p Pass, st Stretch, after Place, limit, bytes int) (out []*ArticleRow, more bool, err error) {
	name := "replay_first"
	if st.Revision > 0 {
		name = "replay_later"
	}
	sql := Statement{name, p.params(map[string]any{
		"month": st.Month, "revision": uint32(st.Revision), "after": after.TS, "after_id": after.ID, "limit": uint32(limit),
	})}.String()
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Timeout)
	defer cancel() // ends what is left of the query where enough has come
	rows, err := s.conn.Query(ctx, sql)
	if err != nil {
		return nil, false, fmt.Errorf("read articles again: %w", err)
	}
	defer rows.Close()
	for size := 0; rows.Next(); {
		r, d := &ArticleRow{Revision: st.Revision}, &news.Document{}
		r.Doc = d
		var words uint32
		err := rows.Scan((*uint64)(&d.ID), &d.Source, &d.Language, &d.Title, &d.Text, &d.SeenAt, &d.TS, (*uint64)(&r.CopyOf), (*uint64)(&r.StoryID),
			&d.TextFrom, &d.Backlog, &words, &r.Epoch, &r.Part, &r.Off, &r.LandedAt)
		if err != nil {
			return nil, false, fmt.Errorf("read articles again: %w", err)
		}
		d.Words = int(words)
		out = append(out, r)
		if size += len(d.Title) + len(d.Text); size >= bytes {
			return out, true, nil
		}
	}
	if err := rows.Err(); err != nil {
		return nil, false, fmt.Errorf("read articles again: %w", err)
	}
	return out, len(out) == limit, nil
}

// Counted gives the entities that a shadow table counts for articles before a
// revision.
func (s *Store) Counted(ctx context.Context, table string, ids []news.ID, revision uint16) (map[news.ID]map[string]bool, error) {
	type pair struct {
		id     uint64
		entity string
	}
	ps, err := onShadow(ctx, s, "replay_counted", map[string]any{"ids": numbers(ids), "revision": uint32(revision)}, table, func(r driver.Rows, v *pair) error {
		return r.Scan(&v.id, &v.entity)
	})
	out := map[news.ID]map[string]bool{}
	for _, p := range ps {
		set := out[news.ID(p.id)]
		if set == nil {
			set = map[string]bool{}
			out[news.ID(p.id)] = set
		}
		set[p.entity] = true
	}
	return out, err
}

// InShadow counts the mentions that a shadow table has of articles in one
// revision.
func (s *Store) InShadow(ctx context.Context, table string, ids []news.ID, revision uint16) (uint64, error) {
	n, err := onShadow(ctx, s, "replay_derived", map[string]any{"ids": numbers(ids), "revision": uint32(revision)}, table, func(r driver.Rows, n *uint64) error { return r.Scan(n) })
	if err != nil {
		return 0, err
	}
	return n[0], nil
}

// KeptMention is a mention that a replay takes over as it is.
type KeptMention struct {
	entity, kind, source, language, surface, textFrom, model string
	id, story                                                uint64
	revision, n                                              uint16
	ts, seen                                                 time.Time
	original, backlog, inTitle, inLead                       bool
	firstAt                                                  int32
	score                                                    float32
	Origin
}

// Place is that of the mention in the order of the table.
func (m *KeptMention) Place() Place { return Place{Entity: m.entity, TS: m.ts, ID: m.id} }

func scanKept(r driver.Rows, m *KeptMention) error {
	return r.Scan(&m.entity, &m.kind, &m.id, &m.revision, &m.story, &m.source, &m.language, &m.ts, &m.seen, &m.original, &m.backlog, &m.n, &m.inTitle, &m.inLead,
		&m.surface, &m.firstAt, &m.score, &m.textFrom, &m.model, &m.Epoch, &m.Part, &m.Off, &m.LandedAt)
}

// KeptBatch makes a batch for a table of mentions of what is taken over.
func KeptBatch(table string, rows []KeptMention, generation uint32) Batch {
	return newBatch(table, mentionColumns, len(rows), func(i int) uint64 { return rows[i].Off }, func(i int) []any {
		m := &rows[i]
		return append([]any{
			m.entity, m.kind, m.id, m.revision, m.story, m.source, m.language, m.ts, m.seen, m.original, m.backlog, m.n, m.inTitle, m.inLead,
			m.surface, m.firstAt, m.score, m.textFrom, m.model, generation,
		}, m.values()...)
	})
}

// ToCopy gives the next mentions of a stretch that are copied, in the order of
// the table.
func (s *Store) ToCopy(ctx context.Context, p Pass, st Stretch, after Place, limit int) ([]KeptMention, error) {
	params := p.params(map[string]any{"month": st.Month, "after_entity": after.Entity, "after": after.TS, "after_id": after.ID, "limit": uint32(limit)})
	return listed(ctx, s, "replay_copies", Statement{"replay_copies", params}.String(), scanKept)
}

// Copied counts the mentions that a shadow table has in (after, last] of a
// stretch.
func (s *Store) Copied(ctx context.Context, table string, p Pass, st Stretch, after, last Place) (uint64, error) {
	params := p.params(map[string]any{
		"month": st.Month, "after_entity": after.Entity, "after": after.TS, "after_id": after.ID,
		"last_entity": last.Entity, "last": last.TS, "last_id": last.ID,
	})
	n, err := onShadow(ctx, s, "replay_copied", params, table, func(r driver.Rows, n *uint64) error { return r.Scan(n) })
	if err != nil {
		return 0, err
	}
	return n[0], nil
}

// KeptMentions gives the mentions that articles have in one revision.
func (s *Store) KeptMentions(ctx context.Context, ids []news.ID, revision uint16) ([]KeptMention, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	return listed(ctx, s, "replay_kept", Statement{"replay_kept", map[string]any{"ids": numbers(ids), "revision": uint32(revision)}}.String(), scanKept)
}

// Uncounted gives those of the mentions whose entities are not counted yet for
// their articles.
func Uncounted(rows []KeptMention, counted map[news.ID]map[string]bool) []KeptMention {
	out := rows[:0]
	for _, m := range rows {
		if !counted[news.ID(m.id)][m.entity] {
			out = append(out, m)
		}
	}
	return out
}

// Describe gives a row of entities to those that a shadow table mentions and
// that have none: their names were removed meanwhile. The surface form has to
// do.
func (s *Store) Describe(ctx context.Context, table string, epoch uint32) error {
	err := s.conn.Exec(ctx, inTable(Statement{"replay_describe", map[string]any{"to_epoch": epoch}}.String(), Shadow, table))
	if err != nil {
		return fmt.Errorf("describe the entities of %s: %w", table, err)
	}
	return nil
}

// UsualModel gives the model that made most of the mentions.
func (s *Store) UsualModel(ctx context.Context) (string, error) {
	ms, err := s.Strings(ctx, "SELECT toString(model) FROM mentions GROUP BY model ORDER BY count() DESC LIMIT 1")
	if err != nil || len(ms) == 0 {
		return "", err
	}
	return ms[0], nil
}

// EntityChange is the coverage of an entity in two tables of mentions.
type EntityChange struct {
	Entity string `json:"entity_id"`
	Kind   string `json:"kind"`
	Name   string `json:"name"`
	Before uint64 `json:"before,string"`
	After  uint64 `json:"after,string"`
}

// MentionTotals are those of two tables of mentions.
type MentionTotals struct {
	Before         uint64 `json:"mentions_before,string"`
	After          uint64 `json:"mentions_after,string"`
	EntitiesBefore uint64 `json:"entities_before,string"` // estimated
	EntitiesAfter  uint64 `json:"entities_after,string"`
}

// Compare tells what a pass has changed: before and after are tables, of which
// the second holds nothing but what the pass went through.
func (s *Store) Compare(ctx context.Context, before, after string, p Pass, limit int) (t MentionTotals, top []EntityChange, err error) {
	in := func(name string) string {
		sql := Statement{name, p.params(map[string]any{"limit": uint32(limit)})}.String()
		return inTable(inTable(sql, "mentions_before", before), "mentions_after", after)
	}
	totals, err := listed(ctx, s, "replay_totals", in("replay_totals"), func(r driver.Rows, v *MentionTotals) error {
		return r.Scan(&v.Before, &v.After, &v.EntitiesBefore, &v.EntitiesAfter)
	})
	if err != nil {
		return t, nil, err
	}
	top, err = listed(ctx, s, "replay_compare", in("replay_compare"), func(r driver.Rows, v *EntityChange) error {
		return r.Scan(&v.Entity, &v.Kind, &v.Name, &v.Before, &v.After)
	})
	return totals[0], top, err
}
