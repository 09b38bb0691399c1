package store

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// touched is what in a check stands for the condition that a key of a view is
// one into which rows of the time fall: {touched:hour:mentions}.
type touched struct{ from, to time.Time }

func touchedBy(from, to time.Time) touched { return touched{from, to} }

var touchedMark = regexp.MustCompile(`\{touched:(hour|day|article_id):(\w+)\}`)

// Replace puts the conditions into a check.
func (t touched) Replace(query string) string {
	return touchedMark.ReplaceAllStringFunc(query, func(mark string) string {
		m := touchedMark.FindStringSubmatch(mark)
		if t.from.IsZero() {
			return "1" // everything
		}
		of := map[string]string{"hour": "toStartOfHour(ts)", "day": "toDate(ts)", "article_id": "article_id"}[m[1]]
		return fmt.Sprintf("%s IN (SELECT %s FROM %s WHERE seen_at >= %s AND seen_at < %s)", m[1], of, m[2], literal(t.from, "DateTime64"), literal(notAfter(t.to), "DateTime64"))
	})
}

// Views that take parameters are compared for some values of those: what is
// named or told most, and others that every audit of the same rows takes, too.
const (
	sampledMost   = 4
	sampledOthers = 6
)

// Sampled are the checks of views that take parameters, and of what merges come
// to: each asks for several values one after the other.
var Sampled = []string{"entity_merges", "coverage", "co_mentions", "story_timeline"}

// recountViews compares the views that take parameters with recounts.
func (s *Store) recountViews(ctx context.Context, from, to time.Time, want func(string) bool) ([]Recounted, error) {
	var out []Recounted
	for _, c := range []struct {
		name, what string
		run        func(context.Context, *Recounted, time.Time, time.Time) error
	}{
		{"entity_merges", "entity_merges: each merged entity counts where its chain of merges ends, followed one by one", s.recountMerges},
		{"coverage", "coverage(…): equals a distinct recount with merges, over all time, for entities named most, merged, and taken at random", s.recountCoverage},
		{"co_mentions", "co_mentions(…): equals a distinct recount with merges, for entities named most, merged, and taken at random", s.recountCompany},
		{"story_timeline", "story_timeline(…): has each revision of the story's articles once, for stories told most and taken at random", s.recountStories},
	} {
		if !want(c.name) {
			continue
		}
		r := Recounted{Name: c.name, What: c.what}
		if err := c.run(ctx, &r, notBefore(from), notAfter(to)); err != nil {
			return nil, fmt.Errorf("audit %s: %w", c.name, err)
		}
		out = append(out, r)
	}
	return out, nil
}

// wrong notes a problem, and names it where it is among the first.
func (r *Recounted) wrong(what string) {
	if r.Problems++; r.Problems <= 10 {
		if r.Detail != "" {
			r.Detail += ", "
		}
		r.Detail += what
	}
}

// pairs reads rows of two strings.
func (s *Store) pairs(ctx context.Context, query string) (map[string]string, error) {
	rows, err := s.conn.Query(ctx, query)
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	return out, each(rows, func() error {
		var a, b string
		err := rows.Scan(&a, &b)
		out[a] = b
		return err
	})
}

// canonical gives what each merged entity counts under.
func (s *Store) canonical(ctx context.Context) (map[string]string, error) {
	next, err := s.pairs(ctx, `SELECT entity_id, into FROM
		(SELECT entity_id, argMax(same_as, (epoch, off, landed_at)) AS into FROM entities WHERE topic != 'documents' GROUP BY entity_id)
		WHERE into != '' AND into != entity_id`)
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for id := range next {
		end, path := id, []string{}
		for next[end] != "" {
			if i := slices.Index(path, end); i >= 0 { // a circle
				end = slices.Min(path[i:])
				break
			}
			path = append(path, end)
			end = next[end]
		}
		if end != id {
			out[id] = end
		}
	}
	return out, nil
}

func (s *Store) recountMerges(ctx context.Context, r *Recounted, _, _ time.Time) error {
	want, err := s.canonical(ctx)
	if err != nil {
		return err
	}
	got, err := s.pairs(ctx, "SELECT entity_id, canonical_id FROM entity_merges")
	if err != nil {
		return err
	}
	all := maps.Clone(want)
	maps.Copy(all, got)
	for _, id := range slices.Sorted(maps.Keys(all)) {
		if r.Looked++; want[id] != got[id] {
			r.wrong(fmt.Sprintf("%s counts under %q, not under %q", id, got[id], want[id]))
		}
	}
	return nil
}

// sampledEntities gives the entities to look at, with all ids that count as
// each.
func (s *Store) sampledEntities(ctx context.Context, from, to time.Time) (map[string][]string, error) {
	into, err := s.canonical(ctx)
	if err != nil {
		return nil, err
	}
	members := map[string][]string{}
	for id, c := range into {
		members[c] = append(members[c], id)
	}
	seen := "seen_at >= " + literal(from, "DateTime64") + " AND seen_at < " + literal(to, "DateTime64")
	ids, err := s.Strings(ctx, fmt.Sprintf(`SELECT entity_id FROM (SELECT entity_id FROM mentions WHERE %[1]s GROUP BY entity_id ORDER BY count() DESC, entity_id LIMIT %[2]d)
		UNION DISTINCT SELECT entity_id FROM (SELECT DISTINCT entity_id FROM mentions WHERE %[1]s ORDER BY cityHash64(entity_id) LIMIT %[3]d)`, seen, sampledMost, sampledOthers))
	if err != nil {
		return nil, err
	}
	merged := slices.Sorted(maps.Keys(members))
	ids = append(ids, merged[:min(len(merged), sampledOthers)]...)
	out := map[string][]string{}
	for _, id := range ids {
		if c := into[id]; c != "" {
			id = c
		}
		out[id] = append([]string{id}, members[id]...)
	}
	return out, nil
}

// disagreements runs a comparison that gives how much it looked at, how much of
// that is wrong, and the first that is.
func (s *Store) disagreements(ctx context.Context, query string) (looked, wrong uint64, first string, err error) {
	err = s.conn.QueryRow(ctx, query).Scan(&looked, &wrong, &first)
	return looked, wrong, first, err
}

func (s *Store) recountCoverage(ctx context.Context, r *Recounted, from, to time.Time) error {
	return s.forEntities(ctx, r, from, to, func(id, list string) string {
		return fmt.Sprintf(`SELECT count(), countIf(wrong), anyIf(toString(day), wrong) FROM
(
    SELECT day, sum(a) != 0 OR sum(o) != 0 OR sum(t) != 0 OR sum(b) != 0 OR sum(s) != 0 OR sum(n) != 0 AS wrong FROM
    (
        SELECT toDate(time) AS day, toInt64(articles) AS a, toInt64(originals) AS o, toInt64(in_title) AS t, toInt64(backlog) AS b,
            toInt64(sources) AS s, toInt64(occurrences) AS n
        FROM coverage(entity = %s, from = '1970-01-01 00:00:00', to = '2199-01-01 00:00:00', step = 86400)
        UNION ALL
        SELECT toDate(d.first) AS day, -toInt64(count()), -toInt64(sum(d.o)), -toInt64(sum(d.t)), -toInt64(sum(d.b)), -toInt64(uniqExact(d.source)), -toInt64(sum(d.n))
        FROM
        (
            SELECT article_id, min(m.ts) AS first, max(toUInt8(m.original)) AS o, max(toUInt8(m.in_title)) AS t, max(toUInt8(m.backlog)) AS b,
                any(toString(m.source)) AS source, sum(m.n) AS n
            FROM mentions AS m WHERE m.entity_id IN (%s) GROUP BY article_id
        ) AS d
        GROUP BY day
    )
    GROUP BY day
)`, id, list)
	})
}

func (s *Store) recountCompany(ctx context.Context, r *Recounted, from, to time.Time) error {
	return s.forEntities(ctx, r, from, to, func(id, list string) string {
		return fmt.Sprintf(`SELECT count(), countIf(wrong), anyIf(other, wrong) FROM
(
    SELECT other, sum(a) != 0 OR sum(o) != 0 AS wrong FROM
    (
        SELECT entity_id AS other, toInt64(articles) AS a, toInt64(originals) AS o
        FROM co_mentions(entity = %s, from = '1970-01-01 00:00:00', to = '2199-01-01 00:00:00')
        UNION ALL
        SELECT p.other AS other, -toInt64(count()), -toInt64(sum(p.original)) FROM
        (
            SELECT if(e.canonical_id = '', m.entity_id, e.canonical_id) AS other, m.article_id AS article_id, max(toUInt8(m.original)) AS original
            FROM mentions AS m
            LEFT JOIN entity_merges AS e ON e.entity_id = m.entity_id
            WHERE m.article_id IN (SELECT article_id FROM mentions WHERE entity_id IN (%[2]s)) AND m.entity_id NOT IN (%[2]s)
            GROUP BY other, article_id
        ) AS p
        GROUP BY other
    )
    GROUP BY other
)`, id, list)
	})
}

// forEntities runs one comparison for each sampled entity, of its id and the
// list of all ids that count as it.
func (s *Store) forEntities(ctx context.Context, r *Recounted, from, to time.Time, query func(id, list string) string) error {
	entities, err := s.sampledEntities(ctx, from, to)
	if err != nil {
		return err
	}
	for _, id := range slices.Sorted(maps.Keys(entities)) {
		list := literal(entities[id], "Array")
		_, wrong, first, err := s.disagreements(ctx, query(literal(id, "String"), strings.Trim(list, "[]")))
		if err != nil {
			return fmt.Errorf("%s: %w", id, err)
		}
		if r.Looked++; wrong > 0 {
			r.wrong(fmt.Sprintf("%s in %d places, as %s", id, wrong, first))
		}
	}
	return nil
}

func (s *Store) recountStories(ctx context.Context, r *Recounted, from, to time.Time) error {
	seen := "seen_at >= " + literal(from, "DateTime64") + " AND seen_at < " + literal(to, "DateTime64")
	rows, err := s.conn.Query(ctx, fmt.Sprintf(`SELECT story_id FROM (SELECT story_id FROM articles WHERE %[1]s GROUP BY story_id ORDER BY count() DESC, story_id LIMIT %[2]d)
		UNION DISTINCT SELECT story_id FROM (SELECT DISTINCT story_id FROM articles WHERE %[1]s ORDER BY cityHash64(story_id) LIMIT %[3]d)`, seen, sampledMost, sampledOthers))
	if err != nil {
		return err
	}
	var ids []uint64
	if err := scanAll(rows, &ids); err != nil {
		return err
	}
	for _, id := range ids {
		_, wrong, first, err := s.disagreements(ctx, fmt.Sprintf(`SELECT count(), countIf(n != 0), anyIf(article, n != 0) FROM
(
    SELECT article, revision, ts, sum(n) AS n FROM
    (
        SELECT article, revision, ts, 1 AS n FROM story_timeline(story = '%016[1]x')
        UNION ALL
        SELECT lower(leftPad(hex(article_id), 16, '0')) AS article, revision, ts, -1 AS n FROM articles WHERE story_id = %[1]d
    )
    GROUP BY article, revision, ts
)`, id))
		if err != nil {
			return err
		}
		if r.Looked++; wrong > 0 {
			r.wrong(fmt.Sprintf("story %016x in %d places, as article %s", id, wrong, first))
		}
	}
	return nil
}

// scanAll reads rows of one number.
func scanAll(rows driver.Rows, into *[]uint64) error {
	return each(rows, func() error {
		var v uint64
		err := rows.Scan(&v)
		*into = append(*into, v)
		return err
	})
}
