package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/dateline/dateline/pkg/engine/enginetest"
)

func files(names ...string) fstest.MapFS {
	out := fstest.MapFS{}
	for _, n := range names {
		out["migrations/"+n] = &fstest.MapFile{Data: []byte("SELECT 1;\n")}
	}
	return out
}

func TestLoadMigrations(t *testing.T) {
	for _, c := range []struct {
		files []string
		err   string
	}{
		{[]string{"0001_a.sql", "0002_b.sql", "0003_c.sql"}, ""},
		{nil, ""},
		{[]string{"0001_a.sql", "0003_c.sql"}, "0003_c.sql: the next number is 0002"},
		{[]string{"0001_a.sql", "0001_b.sql"}, "0001_b.sql: the next number is 0002"},
		{[]string{"0002_b.sql"}, "next number is 0001"},
		{[]string{"0000_a.sql", "0001_b.sql"}, "next number is 0001"},
		{[]string{"1_a.sql"}, "next number is 0001"},
		{[]string{"0001.sql"}, "want NNNN_name.sql"},
		{[]string{"first_a.sql"}, "want NNNN_name.sql"},
	} {
		ms, err := loadMigrations(files(c.files...))
		if (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%v: %v, want %q", c.files, err, c.err)
		}
		if err == nil && len(ms) != len(c.files) {
			t.Errorf("%v: %d migrations", c.files, len(ms))
		}
	}
	ms, err := loadMigrations(migrationFiles)
	if err != nil || len(ms) == 0 {
		t.Fatal(len(ms), err)
	}
	for _, m := range ms {
		for i, q := range m.sql {
			verb, _, _ := strings.Cut(q, " ")
			if !strings.Contains(" CREATE ALTER INSERT DROP ", " "+verb+" ") || strings.Contains(q, ";") {
				t.Errorf("%04d_%s, statement %d begins with %q, or is cut wrongly", m.version, m.name, i+1, verb)
			}
			if verb == "DROP" && !strings.Contains(q, "IF EXISTS") {
				t.Errorf("%04d_%s, statement %d cannot be repeated after a crash", m.version, m.name, i+1)
			}
		}
	}
}

func TestSplitSQL(t *testing.T) {
	got := splitSQL("-- about; this\nCREATE TABLE a\n(\n    x String DEFAULT ';' -- not; here\n);\r\n\n  -- more\nSELECT 2;\nSELECT 3")
	want := []string{"CREATE TABLE a\n(\n    x String DEFAULT ';' -- not; here\n)", "SELECT 2", "SELECT 3"}
	if fmt.Sprintf("%q", got) != fmt.Sprintf("%q", want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func fresh(t *testing.T) *Store {
	t.Helper()
	e := enginetest.StartClickHouse(t)
	s, err := Open(Config{Addr: []string{e.SQL}, Database: e.Database, User: e.Writer.User, Password: e.Writer.Password, Timeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func step(v uint32, sql ...string) migration {
	return migration{version: v, name: "x", checksum: fmt.Sprint("sum", v), sql: sql}
}

func TestMigrate(t *testing.T) {
	s, ctx := fresh(t), context.Background()
	one, two := step(1, "CREATE TABLE a (x UInt8) ENGINE = MergeTree ORDER BY x", "INSERT INTO a VALUES (1)"), step(2, "ALTER TABLE a ADD COLUMN y UInt8", "CREATE TABLE b (x UInt8) ENGINE = MergeTree ORDER BY x")
	broken := step(2, two.sql[0], "CREATE TABLE b (x Nonsense) ENGINE = MergeTree ORDER BY x")
	must := func(err error, want string) {
		t.Helper()
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	must(s.migrate(ctx, []migration{one}), "")
	must(s.migrate(ctx, []migration{one, broken}), "0002_x, statement 2")
	// It died in the middle: the first statement has taken effect.
	must(s.migrate(ctx, []migration{one, two}), "")
	must(s.migrate(ctx, []migration{one, two}), "")
	must(s.migrate(ctx, []migration{one}), "newer dateline")
	changed := two
	changed.checksum = "other"
	must(s.migrate(ctx, []migration{one, changed}), "was changed after it was applied")
	if got, err := s.Strings(ctx, "SELECT toString(version) FROM migrations ORDER BY version"); err != nil || strings.Join(got, " ") != "1 2" {
		t.Errorf("%v, %v", got, err)
	}
	if got, err := s.Strings(ctx, "SELECT name FROM system.columns WHERE database = currentDatabase() AND table = 'a' ORDER BY name"); err != nil || strings.Join(got, " ") != "x y" {
		t.Errorf("%v, %v", got, err)
	}
	if got, err := s.Strings(ctx, "SELECT name FROM system.tables WHERE database = currentDatabase() AND name = 'migration_lock'"); err != nil || len(got) > 0 {
		t.Errorf("the lock is still there: %v", err)
	}
}

// TestMigrateAtOnce: of processes that start together one migrates.
func TestMigrateAtOnce(t *testing.T) {
	s, ctx := fresh(t), context.Background()
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if err := s.migrate(ctx, []migration{step(1, "CREATE TABLE a (x UInt8) ENGINE = MergeTree ORDER BY x", "INSERT INTO a VALUES (1)")}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got, err := s.Strings(ctx, "SELECT toString(count()) || ' ' || (SELECT toString(count()) FROM migrations) FROM a"); err != nil || got[0] != "1 1" {
		t.Errorf("%v, %v: want one row and one migration", got, err)
	}
}

func TestStaleLock(t *testing.T) {
	host, _ := os.Hostname()
	host = strings.Map(plainRune, host)
	now := time.Now()
	me := fmt.Sprintf("%s %d %s", host, os.Getpid(), life)
	for _, c := range []struct {
		what, comment string
		stale         bool
	}{
		{"own", fmt.Sprintf("%d %s", now.Unix(), me), false},
		{"own, not renewed", fmt.Sprintf("%d %s", now.Add(-2*lockTimeout).Unix(), me), true},
		{"earlier life of the process id", fmt.Sprintf("%d %s %d x", now.Unix(), host, os.Getpid()), true},
		{"living process", fmt.Sprintf("%d %s %d x", now.Unix(), host, os.Getppid()), false},
		{"dead process", fmt.Sprintf("%d %s %d x", now.Unix(), host, 1<<30), true},
		{"other machine", fmt.Sprintf("%d other 1 x", now.Unix()), false},
		{"other machine, not renewed", fmt.Sprintf("%d other 1 x", now.Add(-2*lockTimeout).Unix()), true},
		{"nonsense", "hm", true},
	} {
		if got := stale(c.comment, me, now); got != c.stale {
			t.Errorf("%s: stale %v", c.what, got)
		}
	}
	s, ctx := fresh(t), context.Background()
	lock := func(comment string) {
		t.Helper()
		if err := s.Exec(ctx, "CREATE TABLE migration_lock (x UInt8) ENGINE = MergeTree ORDER BY x COMMENT '"+comment+"'"); err != nil {
			t.Fatal(err)
		}
	}
	lock(fmt.Sprintf("%d %s %d x", now.Unix(), host, 1<<30))
	unlock, err := s.lockMigrations(ctx)
	if err != nil {
		t.Fatal(err)
	}
	short, cancel := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() {
		_, err := s.lockMigrations(short)
		done <- err
	}()
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("a lock that is held: %v", err)
	}
	if err := s.Exec(ctx, "ALTER TABLE migration_lock MODIFY COMMENT '"+stamped("x 1 y")+"'"); err != nil {
		t.Errorf("the lock cannot be renewed: %v", err)
	}
	unlock()
	if unlock, err = s.lockMigrations(ctx); err != nil {
		t.Fatal(err)
	}
	unlock()
}

// TestMigrateFromBefore: a database of the second version, with polls, comes to
// the newest one and loses nothing.
func TestMigrateFromBefore(t *testing.T) {
	s, ctx := fresh(t), context.Background()
	ms, err := loadMigrations(migrationFiles)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.migrate(ctx, ms[:2]); err != nil {
		t.Fatal(err)
	}
	const old = `INSERT INTO fetches (feed_url, at, status, items, new_items, gap, expected_items, error, took_ms, epoch, off) VALUES
		('a', '2026-03-01 10:00:00', 200, 30, 4, true, 3, '', 70, 1, 0), ('a', '2026-03-01 11:00:00', 304, 0, 0, false, 2, '', 5, 1, 1),
		('a', '2026-03-01 12:00:00', 0, 0, 0, false, 2, 'time-out', 0, 1, 2), ('b', '2026-03-01 12:00:00', 0, 0, 0, false, 1, 'no such host', 0, 1, 3)`
	if err := s.Exec(ctx, old); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.migrate(ctx, ms); err != nil {
			t.Fatal(err)
		}
	}
	f := func(sql, want string) {
		t.Helper()
		if got, err := s.Strings(ctx, sql); err != nil || strings.Join(got, " ") != want {
			t.Errorf("%s: %v, %v; want %s", sql, got, err, want)
		}
	}
	f("SELECT toString((feed_url, toHour(last_poll), toHour(last_success), toHour(last_new), toHour(last_gap), status, error, items, took_ms)) FROM feed_states(now = '2026-03-01 13:00:00') ORDER BY feed_url",
		"('a',12,11,10,10,0,'time-out',30,5) ('b',12,0,0,0,0,'no such host',0,0)")
	f("SELECT state FROM feed_states(now = '2026-03-01 13:00:00') ORDER BY feed_url", "retrying failing")
	f("SELECT toString((class, source, rate, toUnixTimestamp(next_poll), failures, recovered, silent)) FROM fetches LIMIT 1", "('','',0,0,0,0,false)")
	f("SELECT toString((sum(h.polls), sum(h.expected), sum(h.covered))) FROM completeness_hourly AS h", "(4,8,2)")
	// A death in the middle of the migration leaves it to be done again.
	for _, m := range ms[2:] {
		for i, q := range m.sql {
			if err := s.Exec(ctx, q); err != nil && !alreadyThere(err) {
				t.Errorf("%04d_%s, statement %d, for the second time: %v", m.version, m.name, i+1, err)
			}
		}
	}
	f("SELECT toString(count()) FROM feed_polls FINAL", "2")
	rows, err := s.Recount(ctx, time.Time{}, time.Time{})
	for _, r := range rows {
		if r.Problems > 0 {
			t.Errorf("the audit finds %+v", r)
		}
	}
	if err != nil {
		t.Error(err)
	}
}
