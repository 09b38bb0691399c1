package store

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"path"
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

// Recount runs every check in audit/: each looks for rows that are doubled or
// orphaned, or compares a view with a count from the rows that uses none of
// the projections. Rows seen outside [from, to) are left out where the check
// allows it; zero times are no bound. Sums that a view gives up to a moment are
// compared at the newest poll.
func (s *Store) Recount(ctx context.Context, from, to time.Time) ([]Recounted, error) {
	if from.IsZero() {
		from = time.Unix(0, 0)
	}
	if to.IsZero() {
		to = time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	files, err := fs.Glob(auditFiles, "audit/*.sql")
	if err != nil {
		return nil, err
	}
	var newest time.Time
	if err := s.conn.QueryRow(ctx, "SELECT max(at) FROM fetches").Scan(&newest); err != nil {
		return nil, fmt.Errorf("audit: time of the newest poll: %w", err)
	}
	// The largest groups go by way of the disk.
	ctx = clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{
		"max_bytes_before_external_group_by": 150 << 20, "max_bytes_ratio_before_external_group_by": 0,
	}))
	var out []Recounted
	for _, f := range files {
		raw, err := auditFiles.ReadFile(f)
		if err != nil {
			return nil, err
		}
		what, query, _ := strings.Cut(string(raw), "\n")
		_, name, _ := strings.Cut(strings.TrimSuffix(path.Base(f), ".sql"), "_")
		r := Recounted{Name: name, What: strings.TrimSpace(strings.TrimPrefix(what, "--"))}
		for ph, t := range map[string]time.Time{"{from}": from, "{to}": to, "{newest}": newest} {
			query = strings.ReplaceAll(query, ph, literal(t, "DateTime64"))
		}
		if err := s.conn.QueryRow(ctx, query).Scan(&r.Looked, &r.Problems, &r.Detail); err != nil {
			return nil, fmt.Errorf("audit %s: %w", r.Name, err)
		}
		out = append(out, r)
	}
	return out, nil
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
