package store

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// lockTimeout is how long a lock is respected that nobody renews.
const lockTimeout = time.Minute

// life names this run of this process: process ids come again.
var life = strconv.FormatUint(rand.Uint64(), 36)

// lockMigrations takes the lock: a table that exists only while somebody
// migrates. Making a table is atomic. Its comment names the holder, who renews
// it; a lock of a process that has died on this machine is taken over at once,
// one of another machine when it has not been renewed for lockTimeout.
func (s *Store) lockMigrations(ctx context.Context) (unlock func(), err error) {
	host, _ := os.Hostname()
	holder := fmt.Sprintf("%s %d %s", strings.Map(plainRune, host), os.Getpid(), life)
	for {
		err := s.conn.Exec(ctx, "CREATE TABLE migration_lock (x UInt8) ENGINE = MergeTree ORDER BY x COMMENT '"+stamped(holder)+"'")
		if err == nil {
			return s.holdLock(ctx, holder), nil
		}
		if Code(err) != 57 {
			return nil, fmt.Errorf("lock migrations: %w", err)
		}
		var comment string
		err = s.conn.QueryRow(ctx, "SELECT comment FROM system.tables WHERE database = ? AND name = 'migration_lock'", s.cfg.Database).Scan(&comment)
		if err == nil && stale(comment, holder, time.Now()) {
			if err := s.conn.Exec(ctx, "DROP TABLE IF EXISTS migration_lock"); err != nil {
				return nil, fmt.Errorf("drop a stale migration lock: %w", err)
			}
			continue
		}
		select {
		case <-ctx.Done():
			return nil, errors.Join(fmt.Errorf("another process (%s) is migrating", comment), ctx.Err())
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// holdLock renews the lock until it is given back.
func (s *Store) holdLock(ctx context.Context, holder string) (unlock func()) {
	ctx = context.WithoutCancel(ctx)
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		renew := time.NewTicker(lockTimeout / 6)
		defer renew.Stop()
		for {
			select {
			case <-stop:
				return
			case <-renew.C:
				_ = s.conn.Exec(ctx, "ALTER TABLE migration_lock MODIFY COMMENT '"+stamped(holder)+"'")
			}
		}
	}()
	return func() {
		close(stop)
		<-stopped
		_ = s.conn.Exec(ctx, "DROP TABLE IF EXISTS migration_lock")
	}
}

func stamped(holder string) string { return fmt.Sprintf("%d %s", time.Now().Unix(), holder) }

// stale tells whether the holder in a lock's comment cannot hold it any more.
func stale(comment, me string, now time.Time) bool {
	since, holder, _ := strings.Cut(comment, " ")
	if t, _ := strconv.ParseInt(since, 10, 64); now.Sub(time.Unix(t, 0)) > lockTimeout {
		return true
	}
	theirs, mine := strings.Fields(holder), strings.Fields(me)
	if len(theirs) != 3 || len(mine) != 3 || theirs[0] != mine[0] || holder == me {
		return false
	}
	if theirs[1] == mine[1] { // an earlier life of this process id
		return true
	}
	pid, err := strconv.Atoi(theirs[1])
	return err == nil && errors.Is(syscall.Kill(pid, 0), syscall.ESRCH)
}

// plainRune keeps a host's name from breaking a statement.
func plainRune(r rune) rune {
	if r == '-' || r == '.' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
		return r
	}
	return '_'
}
