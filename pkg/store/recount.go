package store

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/dateline/dateline/pkg/news"
)

//go:embed audit/*.sql
var auditFiles embed.FS

// Recounted is the result of one check on the rows: how many things were
// looked at, how many are wrong, and examples of those.
type Recounted struct {
	Name, What       string
	Looked, Problems uint64
	Detail           string
}

// Recount runs the checks in audit/, see RecountSome.
func (s *Store) Recount(ctx context.Context, from, to time.Time) ([]Recounted, error) {
	return s.RecountSome(ctx, from, to, func(name string) bool { return !slices.Contains(Sampled, name) })
}

// RecountSome runs the checks in audit/ and those of Sampled that are wanted, by
// their names: each looks for rows that are doubled or orphaned, or compares a
// view with a count from the rows that uses none of the projections. Rows seen
// outside [from, to) are left out; of a view the hours or days are compared into
// which rows of that time fall, whole. Zero times are no bound. Sums that a view
// gives up to a moment are compared at the newest poll. Memory is bounded: what
// is grouped goes by way of the disk.
func (s *Store) RecountSome(ctx context.Context, from, to time.Time, want func(name string) bool) ([]Recounted, error) {
	touched := touchedBy(from, to)
	from, to = notBefore(from), notAfter(to)
	files, err := fs.Glob(auditFiles, "audit/*.sql")
	if err != nil {
		return nil, err
	}
	var newest time.Time
	var mentions uint64
	if err := s.conn.QueryRow(ctx, "SELECT (SELECT max(at) FROM fetches), (SELECT count() FROM mentions)").Scan(&newest, &mentions); err != nil {
		return nil, fmt.Errorf("audit: time of the newest poll, and how much there is: %w", err)
	}
	parts := 1 + mentions/s.slice
	// The largest groups go by way of the disk.
	ctx = clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{
		"max_bytes_before_external_group_by": 150 << 20, "max_bytes_ratio_before_external_group_by": 0,
		"max_bytes_before_external_sort": 150 << 20, "max_bytes_ratio_before_external_sort": 0,
	}))
	var out []Recounted
	for _, f := range files {
		raw, err := auditFiles.ReadFile(f)
		if err != nil {
			return nil, err
		}
		what, query, _ := strings.Cut(string(raw), "\n")
		_, name, _ := strings.Cut(strings.TrimSuffix(path.Base(f), ".sql"), "_")
		if !want(name) {
			continue
		}
		r := Recounted{Name: name, What: strings.TrimSpace(strings.TrimPrefix(what, "--"))}
		query = touched.Replace(query)
		for ph, t := range map[string]time.Time{"{from}": from, "{to}": to, "{newest}": newest} {
			query = strings.ReplaceAll(query, ph, literal(t, "DateTime64"))
		}
		if err := s.inSlices(ctx, query, parts, &r); err != nil {
			return nil, fmt.Errorf("audit %s: %w", r.Name, err)
		}
		out = append(out, r)
	}
	views, err := s.recountViews(ctx, from, to, want)
	return append(out, views...), err
}

// auditSlice is how many mentions a check groups at once, about: what goes by
// way of the disk is merged in memory in the end.
const auditSlice = 2_000_000

// sliced stands in a check for the condition that cuts it: rows that belong
// together have the same value in the column.
var sliced = regexp.MustCompile(`\{slice:([a-z_.]+)\}`)

// inSlices runs a check once for each slice, and sums up.
func (s *Store) inSlices(ctx context.Context, query string, parts uint64, r *Recounted) error {
	if !sliced.MatchString(query) {
		parts = 1
	}
	for i := range parts {
		var looked, problems uint64
		var detail string
		q := sliced.ReplaceAllString(query, fmt.Sprintf("cityHash64($1) %% %d = %d", parts, i))
		if err := s.conn.QueryRow(ctx, q).Scan(&looked, &problems, &detail); err != nil {
			return err
		}
		r.Looked, r.Problems = r.Looked+looked, r.Problems+problems
		if r.Detail == "" {
			r.Detail = detail
		}
	}
	return nil
}

// RowsOf gives the articles that have rows from the offsets [from, to) of a
// partition, in any epoch.
func (s *Store) RowsOf(ctx context.Context, part uint16, from, to uint64) (map[uint64][]news.ID, error) {
	out := map[uint64][]news.ID{}
	rows, err := s.conn.Query(ctx, "SELECT off, article_id FROM articles WHERE part = ? AND off >= ? AND off < ?", part, from, to)
	if err == nil {
		err = each(rows, func() error {
			var off, id uint64
			err := rows.Scan(&off, &id)
			out[off] = append(out[off], news.ID(id))
			return err
		})
	}
	if err != nil {
		return nil, fmt.Errorf("rows of offsets %d to %d: %w", from, to, err)
	}
	return out, nil
}

// Decided gives what is stored of articles by revision, as far as it decides
// whether a later document of theirs is new.
func (s *Store) Decided(ctx context.Context, ids []news.ID) (map[news.ID][]Stored, error) {
	out := map[news.ID][]Stored{}
	rows, err := s.conn.Query(ctx, "SELECT article_id, revision, seen_at, words, text_from, body_hash, epoch, off FROM articles WHERE article_id IN (?)", numbers(ids))
	if err == nil {
		err = each(rows, func() error {
			var r Stored
			var words uint32
			err := rows.Scan((*uint64)(&r.ID), &r.Revision, &r.SeenAt, &words, &r.TextFrom, &r.BodyHash, &r.Epoch, &r.Off)
			r.Words = int(words)
			out[r.ID] = append(out[r.ID], r)
			return err
		})
	}
	if err != nil {
		return nil, fmt.Errorf("look up the revisions of %d articles: %w", len(ids), err)
	}
	return out, nil
}

// OffsetSpan is a run of offsets of one epoch.
type OffsetSpan struct {
	Epoch             uint32
	Rows, First, Last uint64
}

// OffsetSpans gives what is stored of documents seen in [from, to) whose offsets
// lie before first in epoch, or are of an epoch before that.
func (s *Store) OffsetSpans(ctx context.Context, from, to time.Time, epoch uint32, first uint64) ([]OffsetSpan, error) {
	var out []OffsetSpan
	rows, err := s.conn.Query(ctx, "SELECT epoch, count(), min(off), max(off) FROM articles WHERE seen_at >= "+literal(notBefore(from), "DateTime64")+
		" AND seen_at < "+literal(notAfter(to), "DateTime64")+" AND (epoch < ? OR epoch = ? AND off < ?) GROUP BY epoch ORDER BY epoch", epoch, epoch, first)
	if err == nil {
		err = each(rows, func() error {
			var o OffsetSpan
			err := rows.Scan(&o.Epoch, &o.Rows, &o.First, &o.Last)
			out = append(out, o)
			return err
		})
	}
	if err != nil {
		return nil, fmt.Errorf("offsets that the log no longer holds: %w", err)
	}
	return out, nil
}

// notBefore and notAfter put bounds in the place of none.
func notBefore(t time.Time) time.Time {
	if t.IsZero() {
		return time.Unix(0, 0)
	}
	return t
}

func notAfter(t time.Time) time.Time {
	if t.IsZero() {
		return time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	return t
}

// Missing gives those of the ids that no row of `articles` has.
func (s *Store) Missing(ctx context.Context, ids []news.ID) ([]news.ID, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	rows, err := s.conn.Query(ctx, `SELECT arrayJoin(arrayDistinct(CAST(?, 'Array(UInt64)'))) AS id
		WHERE id NOT IN (SELECT article_id FROM articles WHERE article_id IN (?))`, numbers(ids), numbers(ids))
	var out []news.ID
	if err == nil {
		err = each(rows, func() error {
			var id uint64
			err := rows.Scan(&id)
			out = append(out, news.ID(id))
			return err
		})
	}
	if err != nil {
		return nil, fmt.Errorf("look up %d article ids: %w", len(ids), err)
	}
	return out, nil
}
