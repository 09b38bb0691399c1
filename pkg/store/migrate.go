package store

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// migration is one numbered file; its statements end with a semicolon at the
// end of a line.
type migration struct {
	version  uint32
	name     string
	checksum string
	sql      []string
}

// Migrate makes the database and brings it to the newest version, one
// numbered file after the other, never back. Two processes that start at once
// do not collide: the second waits. A file that was changed after it had been
// applied is an error, as is a database from a newer dateline.
func (s *Store) Migrate(ctx context.Context) error {
	ms, err := loadMigrations(migrationFiles)
	if err != nil {
		return err
	}
	return s.migrate(ctx, ms)
}

func (s *Store) migrate(ctx context.Context, ms []migration) error {
	root, err := connect(s.cfg, "default")
	if err != nil {
		return err
	}
	defer root.Close()
	if err := root.Exec(ctx, s.cfg.createDatabase()); err != nil {
		return fmt.Errorf("make database %s: %w", s.cfg.Database, err)
	}
	const log = `CREATE TABLE IF NOT EXISTS migrations
		(version UInt32, name String, checksum String, applied_at DateTime64(3, 'UTC') DEFAULT now64(3))
		ENGINE = MergeTree ORDER BY version`
	if err := s.conn.Exec(ctx, s.cfg.render(log)); err != nil {
		return fmt.Errorf("make the log of migrations: %w", err)
	}
	if done, err := s.pendingMigrations(ctx, ms); err != nil || len(done) == 0 {
		return err
	}
	unlock, err := s.lockMigrations(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	todo, err := s.pendingMigrations(ctx, ms)
	if err != nil {
		return err
	}
	for _, m := range todo {
		for i, q := range m.sql {
			if err := s.conn.Exec(ctx, s.cfg.render(q)); err != nil && !alreadyThere(err) {
				return fmt.Errorf("migration %04d_%s, statement %d: %w", m.version, m.name, i+1, err)
			}
		}
		if err := s.conn.Exec(ctx, "INSERT INTO migrations (version, name, checksum) VALUES (?, ?, ?)", m.version, m.name, m.checksum); err != nil {
			return fmt.Errorf("note migration %04d: %w", m.version, err)
		}
	}
	return nil
}

// alreadyThere accepts what a process left that was killed in the middle of a
// migration: DDL has no transactions. Statements that it does not cover say
// IF EXISTS or IF NOT EXISTS.
func alreadyThere(err error) bool {
	c := Code(err)
	return c == 57 || c == 44 || c == 15 // TABLE_ALREADY_EXISTS, ILLEGAL_COLUMN, DUPLICATE_COLUMN
}

func loadMigrations(files fs.FS) ([]migration, error) {
	names, err := fs.Glob(files, "migrations/*.sql")
	if err != nil {
		return nil, err
	}
	var out []migration
	for i, f := range names {
		num, name, ok := strings.Cut(strings.TrimSuffix(path.Base(f), ".sql"), "_")
		v, err := strconv.ParseUint(num, 10, 32)
		if !ok || err != nil {
			return nil, fmt.Errorf("migration %s: want NNNN_name.sql", f)
		}
		if len(num) != 4 || int(v) != i+1 {
			return nil, fmt.Errorf("migration %s: the next number is %04d; there is a gap or a duplicate", f, i+1)
		}
		raw, err := fs.ReadFile(files, f)
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(raw)
		out = append(out, migration{uint32(v), name, hex.EncodeToString(sum[:]), splitSQL(string(raw))})
	}
	return out, nil
}

// splitSQL cuts a file into statements at semicolons that end a line, and
// drops lines that are comments as a whole.
func splitSQL(file string) []string {
	var out []string
	var sb strings.Builder
	for line := range strings.Lines(file) {
		if strings.HasPrefix(strings.TrimSpace(line), "--") {
			continue
		}
		body := strings.TrimRight(line, " \r\n")
		if strings.HasSuffix(body, ";") {
			sb.WriteString(strings.TrimSuffix(body, ";"))
			out = append(out, strings.TrimSpace(sb.String()))
			sb.Reset()
			continue
		}
		sb.WriteString(line)
	}
	if rest := strings.TrimSpace(sb.String()); rest != "" {
		out = append(out, rest)
	}
	return out
}

func (s *Store) pendingMigrations(ctx context.Context, ms []migration) ([]migration, error) {
	rows, err := s.conn.Query(ctx, "SELECT version, any(checksum) FROM migrations GROUP BY version ORDER BY version")
	if err != nil {
		return nil, fmt.Errorf("read the log of migrations: %w", err)
	}
	done := map[uint32]string{}
	err = each(rows, func() error {
		var v uint32
		var sum string
		if err := rows.Scan(&v, &sum); err != nil {
			return err
		}
		done[v] = sum
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the log of migrations: %w", err)
	}
	var todo []migration
	for _, m := range ms {
		sum, ok := done[m.version]
		if !ok {
			todo = append(todo, m)
		} else if sum != m.checksum {
			return nil, fmt.Errorf("migration %04d_%s was changed after it was applied to database %s; migrations only go forward: add a new one", m.version, m.name, s.cfg.Database)
		}
		delete(done, m.version)
	}
	for v := range done {
		return nil, fmt.Errorf("database %s has migration %04d, which this build does not know: it belongs to a newer dateline; upgrade this one", s.cfg.Database, v)
	}
	return todo, nil
}

// each runs f for each row and closes them.
func each(rows driver.Rows, f func() error) error {
	defer rows.Close()
	for rows.Next() {
		if err := f(); err != nil {
			return err
		}
	}
	return rows.Err()
}
