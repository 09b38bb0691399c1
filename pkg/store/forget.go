package store

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/dateline/dateline/pkg/news"
)

// Forgotten is the table of the tombstones that are in force.
const Forgotten = "forgotten"

// TombstoneRow is one row of `forgotten`: a tombstone that holds for all
// documents from Origin.Off on, or holds no longer.
type TombstoneRow struct {
	Origin
	news.Tombstone
	Said int64 // offset of its message in `knowledge`
}

// Newer tells whether r is a later word than o.
func (r TombstoneRow) Newer(o TombstoneRow) bool {
	return r.Epoch > o.Epoch || r.Epoch == o.Epoch && r.Said > o.Said
}

var tombstoneColumns = append(columns{
	{"name", "String"}, {"at", stamp}, {"reason", "String"}, {"keep_counts", "Bool"}, {"lifted", "Bool"}, {"said", "UInt64"},
}, originColumns...)

// TombstoneBatch makes a batch for `forgotten`.
func TombstoneBatch(rows []TombstoneRow) Batch {
	return newBatch(Forgotten, tombstoneColumns, len(rows), func(i int) uint64 { return rows[i].Off }, func(i int) []any {
		r := &rows[i]
		return append([]any{r.Name(), moment(r.At), r.Reason, r.KeepCounts, r.Lifted, uint64(r.Said)}, r.values()...)
	})
}

// Tombstones gives the newest word on each tombstone, lifted ones included, the
// oldest first.
func (s *Store) Tombstones(ctx context.Context) ([]TombstoneRow, error) {
	return read(ctx, s, Statement{Name: "forgotten"}, func(r driver.Rows, t *TombstoneRow) error {
		var name, reason string
		var at time.Time
		var keep, lifted bool
		var said uint64
		if err := r.Scan(&name, &at, &reason, &keep, &lifted, &t.Epoch, &said); err != nil {
			return err
		}
		stone, err := news.ParseTombstoneName(name)
		if err != nil {
			return err
		}
		stone.At, stone.Reason, stone.KeepCounts, stone.Lifted = at, reason, keep, lifted
		t.Tombstone, t.Said = stone, int64(said)
		return nil
	})
}

// Holding gives those of the rows that are in force.
func Holding(rows []TombstoneRow) []news.Tombstone {
	var out []news.Tombstone
	for _, r := range rows {
		if !r.Lifted {
			out = append(out, r.Tombstone)
		}
	}
	return out
}

// forgetChunk is how many ids one statement names: a statement has at most 256
// KiB.
const forgetChunk = 5000

// cover is the part of a set of tombstones that one statement takes.
type cover map[string]any

// covers parts tombstones by whether the counts stay, sites first, and ids into
// runs that fit a statement.
func covers(list []news.Tombstone) []cover {
	var out []cover
	for _, keep := range []bool{false, true} {
		var ids []uint64
		var sites []string
		for _, t := range list {
			switch {
			case t.KeepCounts != keep:
			case t.Article != 0:
				ids = append(ids, uint64(t.Article))
			default:
				sites = append(sites, t.Site)
			}
		}
		if len(sites) > 0 {
			out = append(out, cover{"ids": []uint64{0}, "sites": sites, "by_site": true, "keep": keep})
		}
		for c := range slices.Chunk(ids, forgetChunk) {
			out = append(out, cover{"ids": c, "sites": []string{""}, "by_site": false, "keep": keep})
		}
	}
	return out
}

// Unforgotten gives the articles that the tombstones cover and of which
// something is left in `articles`.
func (s *Store) Unforgotten(ctx context.Context, list []news.Tombstone) ([]news.ID, error) {
	var out []news.ID
	for _, c := range covers(list) {
		ids, err := s.ids(ctx, Statement{"forget_articles_left", c})
		if err != nil {
			return nil, err
		}
		out = append(out, ids...)
	}
	return out, nil
}

func (s *Store) ids(ctx context.Context, st Statement) ([]news.ID, error) {
	return read(ctx, s, st, func(r driver.Rows, id *news.ID) error {
		var n uint64
		err := r.Scan(&n)
		*id = news.ID(n)
		return err
	})
}

// Remains is what is left of what is to be forgotten.
type Remains struct {
	Articles int    // with any of their text
	Mentions uint64 // that count, or quote, forgotten articles
	Alerts   int    // forgotten articles whose titles stand in alerts
	Names    int    // of entities that only forgotten articles have taught
}

// None tells whether nothing is left.
func (r Remains) None() bool { return r == Remains{} }

// Texts tells whether all but names is gone.
func (r Remains) Texts() bool { return r.Articles > 0 || r.Mentions > 0 || r.Alerts > 0 }

// Remains looks for what is left. With no tombstones it looks for what is left
// beside articles that are forgotten already.
func (s *Store) Remains(ctx context.Context, list []news.Tombstone) (Remains, error) {
	var r Remains
	left, err := s.Unforgotten(ctx, list)
	if err != nil {
		return r, err
	}
	r.Articles = len(left)
	tables, err := s.mentionsLeft(ctx)
	if err != nil {
		return r, err
	}
	for _, n := range tables {
		r.Mentions += n.extra + n.quoting
	}
	said, err := s.evidenceLeft(ctx)
	if err != nil {
		return r, err
	}
	r.Mentions += said
	alerts, err := s.ids(ctx, Statement{Name: "forget_alerts_left"})
	if err != nil {
		return r, err
	}
	r.Alerts = len(alerts)
	names, err := s.orphans(ctx)
	r.Names = len(names)
	return r, err
}

// mentionsLeft looks into every table of mentions, those of replays too.
func (s *Store) mentionsLeft(ctx context.Context) ([]mentionsLeft, error) {
	tables, err := s.MentionTables(ctx)
	if err != nil {
		return nil, err
	}
	var out []mentionsLeft
	for _, t := range slices.Sorted(maps.Keys(tables)) {
		n := mentionsLeft{table: t}
		sql := inTable(Statement{Name: "forget_mentions_left"}.String(), Mentions, t)
		if err := s.conn.QueryRow(ctx, sql).Scan(&n.extra, &n.quoting); err != nil {
			return nil, fmt.Errorf("forget_mentions_left in %s: %w", t, err)
		}
		out = append(out, n)
	}
	return out, nil
}

// mentionsLeft counts what is left in one table of mentions.
type mentionsLeft struct {
	table          string
	extra, quoting uint64
}

// Erase takes one step towards nothing being left of what the tombstones
// cover, and returns when it is done on the server: first the articles, then
// what refers to them. Whoever calls it until Remains says so is through,
// wherever a call was cut short.
func (s *Store) Erase(ctx context.Context, list []news.Tombstone) error {
	for _, c := range covers(list) {
		left, err := s.ids(ctx, Statement{"forget_articles_left", c})
		if err != nil {
			return err
		}
		if len(left) > 0 {
			if err := s.mutate(ctx, Articles, Statement{"forget_articles", c}); err != nil {
				return err
			}
		}
	}
	tables, err := s.mentionsLeft(ctx)
	if err != nil {
		return err
	}
	for _, t := range tables {
		if t.extra > 0 {
			if err := s.mutate(ctx, t.table, Statement{Name: "forget_mentions"}); err != nil {
				return err
			}
		}
		if t.quoting > 0 {
			if err := s.mutate(ctx, t.table, Statement{Name: "forget_surfaces"}); err != nil {
				return err
			}
		}
	}
	if said, err := s.evidenceLeft(ctx); err != nil {
		return err
	} else if said > 0 {
		if err := s.mutate(ctx, AliasEvidence, Statement{Name: "forget_evidence"}); err != nil {
			return err
		}
	}
	alerts, err := s.ids(ctx, Statement{Name: "forget_alerts_left"})
	if err != nil {
		return err
	}
	for c := range slices.Chunk(alerts, forgetChunk) {
		if err := s.mutate(ctx, Alerts, Statement{"forget_alerts", map[string]any{"ids": numbers(c)}}); err != nil {
			return err
		}
	}
	return nil
}

// EraseNames removes the names that nothing mentions. Nothing may be landing
// meanwhile: a mention that comes in between would be left without its name.
func (s *Store) EraseNames(ctx context.Context) error {
	names, err := s.orphans(ctx)
	if err != nil {
		return err
	}
	for c := range slices.Chunk(names, namesChunk) {
		if err := s.mutate(ctx, Entities, Statement{"forget_entities", map[string]any{"names": c}}); err != nil {
			return err
		}
	}
	return nil
}

// namesChunk is how many names one statement holds.
const namesChunk = 500

func (s *Store) orphans(ctx context.Context) ([]string, error) {
	return read(ctx, s, Statement{Name: "forget_entities_left"}, func(r driver.Rows, name *string) error { return r.Scan(name) })
}

const mutationPoll = 100 * time.Millisecond

// mutate rewrites the parts that a statement touches, and returns when all are.
// A mutation may take longer than a statement may, so it is waited for by
// looking; one that somebody began before is waited for first.
func (s *Store) mutate(ctx context.Context, table string, st Statement) error {
	if err := s.mutated(ctx, table); err != nil {
		return err
	}
	sql := st.String()
	if strings.HasPrefix(table, Mentions) {
		sql = inTable(sql, Mentions, table)
	}
	if err := s.conn.Exec(ctx, sql+"\nSETTINGS mutations_sync = 0, allow_nondeterministic_mutations = 1"); err != nil {
		return fmt.Errorf("%s: %w", st.Name, err)
	}
	return s.mutated(ctx, table)
}

// mutated waits until no mutation of the table is under way. One of forgetting
// that fails is given up, so that the next try begins afresh.
func (s *Store) mutated(ctx context.Context, table string) error {
	for wait := mutationPoll / 10; ; wait = min(2*wait, 10*mutationPoll) {
		failed, err := s.Strings(ctx, `SELECT latest_fail_reason FROM system.mutations
			WHERE database = ? AND table = ? AND NOT is_done AND NOT is_killed ORDER BY latest_fail_time DESC`, s.cfg.Database, table)
		if err != nil {
			return fmt.Errorf("look at the mutations of %s: %w", table, err)
		}
		if len(failed) == 0 {
			return nil
		}
		if failed[0] != "" {
			_ = s.conn.Exec(ctx, "KILL MUTATION WHERE database = ? AND table = ? AND NOT is_done AND latest_fail_reason != '' AND command LIKE '%forgotten%'", s.cfg.Database, table)
			return fmt.Errorf("a mutation of %s does not get through: %s", table, clipped(failed[0]))
		}
		t := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			t.Stop()
			return ctx.Err()
		case <-t.C:
		}
	}
}

func clipped(s string) string {
	if len(s) > 500 {
		s = strings.ToValidUTF8(s[:500], "") + "…"
	}
	return s
}

// Affected says what tombstones cover in one source.
type Affected struct {
	Source      string
	Articles    uint64
	Revisions   uint64
	First, Last time.Time // seen_at
}

// Affected tells what tombstones would cover that is not forgotten yet, the
// sources with most articles first.
func (s *Store) Affected(ctx context.Context, list []news.Tombstone) ([]Affected, error) {
	sum := map[string]Affected{}
	for _, c := range covers(list) {
		rows, err := read(ctx, s, Statement{"forget_look", c}, func(r driver.Rows, a *Affected) error {
			return r.Scan(&a.Source, &a.Articles, &a.Revisions, &a.First, &a.Last)
		})
		if err != nil {
			return nil, err
		}
		for _, a := range rows {
			if b, ok := sum[a.Source]; ok {
				a.Articles, a.Revisions = a.Articles+b.Articles, a.Revisions+b.Revisions
				if b.First.Before(a.First) {
					a.First = b.First
				}
				if b.Last.After(a.Last) {
					a.Last = b.Last
				}
			}
			sum[a.Source] = a
		}
	}
	out := make([]Affected, 0, len(sum))
	for _, a := range sum {
		out = append(out, a)
	}
	slices.SortFunc(out, func(x, y Affected) int {
		if x.Articles != y.Articles {
			return int(y.Articles) - int(x.Articles)
		}
		return strings.Compare(x.Source, y.Source)
	})
	return out, nil
}

// FindArticles gives the articles that have one of the ids or addresses, as
// published or canonical. With copies it gives all that carry the same text.
func (s *Store) FindArticles(ctx context.Context, ids []news.ID, addresses []string, copies bool) ([]news.ID, error) {
	if addresses == nil {
		addresses = []string{""}
	}
	found, err := read(ctx, s, Statement{"forget_find", map[string]any{"ids": numbers(append([]news.ID{0}, ids...)), "addresses": addresses}},
		func(r driver.Rows, p *[2]uint64) error { return r.Scan(&p[0], &p[1]) })
	if err != nil {
		return nil, err
	}
	var out, roots []news.ID
	for _, p := range found {
		out = append(out, news.ID(p[0]))
		root := p[0]
		if p[1] != 0 {
			root = p[1]
		}
		roots = append(roots, news.ID(root))
	}
	if copies && len(roots) > 0 {
		return s.ids(ctx, Statement{"forget_copies", map[string]any{"ids": numbers(roots)}})
	}
	return out, nil
}
