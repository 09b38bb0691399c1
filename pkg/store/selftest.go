package store

import (
	"context"
	"fmt"
	"math/rand/v2"
)

// SelfTest proves on this very server what exactly-once rests on: an insert
// that is sent again under its token does not land again, and one under
// another token does. Its table stays, since several processes may be testing
// at once; each knows its rows by a number of its own, and they go after a day.
func (s *Store) SelfTest(ctx context.Context) error {
	const table = "token_selftest"
	err := s.conn.Exec(ctx, s.cfg.render("CREATE TABLE IF NOT EXISTS "+table+` (x UInt64, at DateTime('UTC') DEFAULT now())
		ENGINE = MergeTree ORDER BY x TTL at + INTERVAL 1 DAY SETTINGS non_replicated_deduplication_window = 10000`))
	if err != nil {
		return fmt.Errorf("self-test of the deduplication token: %w", err)
	}
	x := rand.Uint64()
	one := newBatch(table, columns{{"x", "UInt64"}}, 1, func(int) uint64 { return 0 }, func(int) []any { return []any{x} })
	for _, token := range []string{"a", "a", "b"} {
		if err := s.Insert(ctx, fmt.Sprintf("%s/%016x", token, x), one); err != nil {
			return fmt.Errorf("self-test of the deduplication token: %w", err)
		}
	}
	var n uint64
	if err := s.conn.QueryRow(ctx, "SELECT count() FROM "+table+" WHERE x = ?", x).Scan(&n); err != nil {
		return fmt.Errorf("self-test of the deduplication token: %w", err)
	}
	if n != 2 {
		return fmt.Errorf("self-test of the deduplication token: three inserts under two tokens left %d rows, want 2: this ClickHouse would count articles twice or lose them; do not use it", n)
	}
	return nil
}
