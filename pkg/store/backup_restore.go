package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// restoring is a table that stands in a database only while it is being
// restored: until then nothing in it may be relied on.
const restoring = "restoring"

// ErrRestoring says that a restore has not been finished.
var ErrRestoring = errors.New("the database is being restored, or a restore was cut short: run `dateline restore` on the same backup again")

// Restoring gives ErrRestoring where a restore has not been finished.
func (s *Store) Restoring(ctx context.Context) error {
	found, err := s.Strings(ctx, "SELECT name FROM system.tables WHERE database = ? AND name = ?", s.cfg.Database, restoring)
	if Code(err) == 81 { // there is no such database
		return nil
	}
	if err != nil {
		return fmt.Errorf("look for a restore: %w", err)
	}
	if len(found) > 0 {
		return ErrRestoring
	}
	return nil
}

// Schema gives the number of the newest migration that this build has.
func Schema() (uint32, error) {
	ms, err := loadMigrations(migrationFiles)
	return uint32(len(ms)), err
}

// SchemaApplied gives the number of the newest migration of the database; 0
// where it has none.
func (s *Store) SchemaApplied(ctx context.Context) (v uint32, err error) {
	if err := s.conn.QueryRow(ctx, "SELECT max(version) FROM migrations").Scan(&v); err != nil {
		return 0, fmt.Errorf("read the log of migrations: %w", err)
	}
	return v, nil
}

// BeginRestore makes the database empty, with the schema that a backup has, and
// marks it. Where the same restore was begun before it gives the steps that are
// done, and leaves everything as it is. A database that holds rows is refused
// unless it is to be overwritten.
func (s *Store) BeginRestore(ctx context.Context, backup string, schema uint32, overwrite bool) (done map[string]bool, err error) {
	ms, err := loadMigrations(migrationFiles)
	if err != nil {
		return nil, err
	}
	if int(schema) > len(ms) || schema == 0 {
		return nil, fmt.Errorf("the backup has schema %04d, this build knows up to %04d: upgrade dateline", schema, len(ms))
	}
	root, err := connect(s.cfg, "default")
	if err != nil {
		return nil, err
	}
	defer root.Close()
	if err := root.Exec(ctx, "CREATE DATABASE IF NOT EXISTS "+s.cfg.Database); err != nil {
		return nil, fmt.Errorf("make database %s: %w", s.cfg.Database, err)
	}
	switch err := s.Restoring(ctx); {
	case errors.Is(err, ErrRestoring):
		if done, err = s.restored(ctx); err != nil {
			return nil, err
		}
		if done[backup] {
			return done, nil
		}
		if len(done) > 0 && !overwrite {
			return nil, errors.New("another backup was being restored into this database: finish that, or take --force")
		}
	case err != nil:
		return nil, err
	default:
		if err := s.empty(ctx); err != nil && !overwrite {
			return nil, err
		}
	}
	if err := s.clear(ctx); err != nil {
		return nil, err
	}
	if err := s.conn.Exec(ctx, "CREATE TABLE "+restoring+" (step String) ENGINE = MergeTree ORDER BY step"); err != nil {
		return nil, fmt.Errorf("mark the database: %w", err)
	}
	if err := s.migrate(ctx, ms[:schema]); err != nil {
		return nil, err
	}
	return map[string]bool{}, s.Restored(ctx, backup)
}

// Restored notes that a step of a restore is done.
func (s *Store) Restored(ctx context.Context, step string) error {
	if err := s.conn.Exec(ctx, "INSERT INTO "+restoring+" VALUES (?)", step); err != nil {
		return fmt.Errorf("note a step of the restore: %w", err)
	}
	return nil
}

func (s *Store) restored(ctx context.Context) (map[string]bool, error) {
	steps, err := s.Strings(ctx, "SELECT step FROM "+restoring)
	if err != nil {
		return nil, fmt.Errorf("read the steps of the restore: %w", err)
	}
	done := map[string]bool{}
	for _, st := range steps {
		done[st] = true
	}
	return done, nil
}

// EndRestore takes the mark away: the database is as it was.
func (s *Store) EndRestore(ctx context.Context) error {
	return s.conn.Exec(ctx, "DROP TABLE IF EXISTS "+restoring)
}

// SetMentionsGeneration lets the table of mentions take rows of one generation
// alone, as a replay left it; 0: of any.
func (s *Store) SetMentionsGeneration(ctx context.Context, generation uint32) error {
	if generation == 0 {
		return nil
	}
	for _, q := range []string{
		"ALTER TABLE " + Mentions + " DROP CONSTRAINT IF EXISTS generation",
		fmt.Sprintf("ALTER TABLE %s ADD CONSTRAINT generation CHECK generation = %d", Mentions, generation),
	} {
		if err := s.conn.Exec(ctx, q); err != nil {
			return fmt.Errorf("set the generation of the mentions: %w", err)
		}
	}
	return nil
}

// bookkeeping tables have rows in every database.
var bookkeeping = map[string]bool{"migrations": true, "epochs": true}

// empty says what stands in the way of a restore.
func (s *Store) empty(ctx context.Context) error {
	full, err := s.Strings(ctx, `SELECT name FROM system.tables
		WHERE database = ? AND endsWith(engine, 'MergeTree') AND total_rows > 0 ORDER BY name`, s.cfg.Database)
	if err != nil {
		return fmt.Errorf("look at the tables: %w", err)
	}
	var names []string
	for _, n := range full {
		if !bookkeeping[n] && !momentary(n) {
			names = append(names, n)
		}
	}
	if len(names) > 0 {
		return fmt.Errorf("database %s is not empty: %s hold rows; restore into another one (clickhouse.database or --data), or overwrite it with --force", s.cfg.Database, strings.Join(names, ", "))
	}
	return nil
}

// clear drops everything in the database, views first, the mark last.
func (s *Store) clear(ctx context.Context) error {
	for _, views := range []string{"endsWith(engine, 'View')", "NOT endsWith(engine, 'View')"} {
		names, err := s.Strings(ctx, "SELECT name FROM system.tables WHERE database = ? AND "+views+" ORDER BY name = '"+restoring+"', name", s.cfg.Database)
		if err != nil {
			return fmt.Errorf("look at the tables: %w", err)
		}
		for _, n := range names {
			if err := s.conn.Exec(ctx, "DROP TABLE IF EXISTS `"+n+"` SETTINGS max_table_size_to_drop = 0, max_partition_size_to_drop = 0"); err != nil {
				return fmt.Errorf("drop %s: %w", n, err)
			}
		}
	}
	return nil
}
