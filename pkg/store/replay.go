package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// Tables of a replay. Mentions of the next generation are made in Shadow, and
// change places with those in Mentions under a name that begins with
// SwapPrefix; what they replace is kept under KeptPrefix and its generation.
const (
	Replays    = "replays"
	Shadow     = "mentions_replay"
	Trial      = "mentions_trial" // of a replay that only tells what it would change
	SwapPrefix = "mentions_swap_"
	KeptPrefix = "mentions_g"
)

// States of a replay.
const (
	ReplayDeriving = "deriving"
	ReplayNear     = "near" // the shadow follows the landed documents closely
	ReplaySwapped  = "swapped"
	ReplayGiven    = "given up"
)

// Replay is how far a replay has come. Every article below At is in the shadow.
type Replay struct {
	Generation uint32
	Step       uint64
	Age        time.Duration // by the clock of the server
	State      string
	At         Mark
	Detail     string
}

var replayColumns = columns{
	{"generation", "UInt32"}, {"step", "UInt64"}, {"state", "LowCardinality(String)"}, {"epoch", "UInt32"}, {"off", "UInt64"}, {"detail", "String"},
}

// LastReplay gives the newest word on the newest replay; ok is false where
// there never was one.
func (s *Store) LastReplay(ctx context.Context) (r Replay, ok bool, err error) {
	rows, err := s.conn.Query(ctx, "SELECT generation, step, dateDiff('millisecond', at, now64(3)) / 1000, state, epoch, off, detail FROM replays ORDER BY generation DESC, step DESC LIMIT 1")
	if err == nil {
		err = each(rows, func() error {
			ok = true
			var age float64
			err := rows.Scan(&r.Generation, &r.Step, &age, &r.State, &r.At.Epoch, &r.At.Off, &r.Detail)
			r.Age = time.Duration(age * float64(time.Second))
			return err
		})
	}
	if err != nil {
		return r, false, fmt.Errorf("read how far the replay is: %w", err)
	}
	return r, ok, nil
}

// NoteReplay writes one step down. Of two processes that write the same step
// the first prevails; read it back to see who that was.
func (s *Store) NoteReplay(ctx context.Context, r Replay) error {
	b := newBatch(Replays, replayColumns, 1, func(int) uint64 { return r.Step }, func(int) []any {
		return []any{r.Generation, r.Step, r.State, r.At.Epoch, r.At.Off, r.Detail}
	})
	if err := s.Insert(ctx, fmt.Sprintf("replay/%d/%d", r.Generation, r.Step), b); err != nil {
		return fmt.Errorf("note how far the replay is: %w", err)
	}
	return nil
}

// MentionTables gives the tables of mentions that there are, the one in force
// and those of replays, with their generations.
func (s *Store) MentionTables(ctx context.Context) (map[string]uint32, error) {
	rows, err := s.conn.Query(ctx, `SELECT name, toUInt32OrZero(extract(create_table_query, 'CONSTRAINT generation CHECK generation = ([0-9]+)'))
		FROM system.tables WHERE database = ? AND (name IN (?, ?, ?) OR startsWith(name, ?) OR match(name, ?))`,
		s.cfg.Database, Mentions, Shadow, Trial, SwapPrefix, "^"+KeptPrefix+"\\d+$")
	out := map[string]uint32{}
	if err == nil {
		err = each(rows, func() error {
			var name string
			var g uint32
			err := rows.Scan(&name, &g)
			out[name] = g
			return err
		})
	}
	if err == nil && len(out) == 0 {
		err = errors.New("there is none")
	}
	if err != nil {
		return nil, fmt.Errorf("look at the tables of mentions: %w", err)
	}
	return out, nil
}

// MentionsGeneration gives the generation of the mentions that are in force.
func (s *Store) MentionsGeneration(ctx context.Context) (uint32, error) {
	tables, err := s.MentionTables(ctx)
	return tables[Mentions], err
}

// MakeShadow makes an empty table of mentions which takes rows of one
// generation alone. It is there whole or not at all.
func (s *Store) MakeShadow(ctx context.Context, name string, generation uint32) error {
	making := name + "_making"
	for _, q := range []string{
		"DROP TABLE IF EXISTS " + making, "DROP TABLE IF EXISTS " + name,
		"CREATE TABLE " + making + " AS " + Mentions,
		"ALTER TABLE " + making + " DROP CONSTRAINT IF EXISTS generation",
		"ALTER TABLE " + making + " ADD CONSTRAINT generation CHECK generation = " + strconv.FormatUint(uint64(generation), 10),
		"RENAME TABLE " + making + " TO " + name,
	} {
		if err := s.conn.Exec(ctx, q); err != nil {
			return fmt.Errorf("make the table %s: %w", name, err)
		}
	}
	return nil
}

// DropMentions drops a table of mentions that is not in force.
func (s *Store) DropMentions(ctx context.Context, name string) error {
	if name == Mentions || !strings.HasPrefix(name, Mentions+"_") || !plainName(name) {
		return fmt.Errorf("table %s is not one to drop", name)
	}
	// ClickHouse asks back before it drops a large table.
	return s.conn.Exec(ctx, "DROP TABLE IF EXISTS "+name+" SETTINGS max_table_size_to_drop = 0, max_partition_size_to_drop = 0")
}

// RenameMentions renames a table of mentions, at once and for everybody.
func (s *Store) RenameMentions(ctx context.Context, from, to string) error {
	return s.conn.Exec(ctx, "RENAME TABLE "+from+" TO "+to)
}

// ExchangeMentions puts a table in the place of the mentions in force, which
// get its name.
func (s *Store) ExchangeMentions(ctx context.Context, with string) error {
	return s.conn.Exec(ctx, "EXCHANGE TABLES "+Mentions+" AND "+with)
}

// SameShape tells whether a table has the columns, indices and projections
// that the mentions in force have.
func (s *Store) SameShape(ctx context.Context, name string) (bool, error) {
	shapes, err := s.Strings(ctx, `SELECT replaceRegexpAll(replaceRegexpOne(create_table_query, '^CREATE TABLE [^ ]+( UUID [^ ]+)?', ''), ',?\\s*CONSTRAINT generation CHECK generation = [0-9]+', '')
		FROM system.tables WHERE database = ? AND name IN (?, ?)`, s.cfg.Database, Mentions, name)
	if err != nil {
		return false, fmt.Errorf("compare %s with %s: %w", name, Mentions, err)
	}
	return len(shapes) == 2 && shapes[0] == shapes[1], nil
}

// Room gives the bytes that the mentions take on disk, and those that are free
// there.
func (s *Store) Room(ctx context.Context) (mentions, free uint64, err error) {
	err = s.conn.QueryRow(ctx, "SELECT sum(bytes_on_disk) FROM system.parts WHERE active AND database = ? AND table = ?", s.cfg.Database, Mentions).Scan(&mentions)
	if err == nil {
		err = s.conn.QueryRow(ctx, "SELECT min(unreserved_space) FROM system.disks").Scan(&free)
	}
	if err != nil {
		return 0, 0, fmt.Errorf("look at the room on disk: %w", err)
	}
	return mentions, free, nil
}

// ForgottenShadow tells how many mentions a shadow table holds of articles that
// are forgotten, and has to lose or to blank.
func (s *Store) ForgottenShadow(ctx context.Context, table string) (uint64, error) {
	n, err := onShadow(ctx, s, "forget_mentions_left", nil, table, func(r driver.Rows, n *[2]uint64) error { return r.Scan(&n[0], &n[1]) })
	if err != nil || len(n) == 0 {
		return 0, err
	}
	return n[0][0] + n[0][1], nil
}

// ForgetShadow does to a shadow table what was done to the mentions in force.
func (s *Store) ForgetShadow(ctx context.Context, table string) error {
	for _, name := range []string{"forget_mentions", "forget_surfaces"} {
		sql := inTable(Statement{Name: name}.String(), Mentions, table) + "\nSETTINGS mutations_sync = 1, allow_nondeterministic_mutations = 1"
		if err := s.conn.Exec(ctx, sql); err != nil {
			return fmt.Errorf("%s in %s: %w", name, table, err)
		}
	}
	return nil
}

// inTable makes a statement about one table a statement about another.
func inTable(sql, from, to string) string {
	for _, verb := range []string{"FROM ", "TABLE "} {
		sql = strings.ReplaceAll(sql+"\n", verb+from+"\n", verb+to+"\n")
		sql = strings.ReplaceAll(sql, verb+from+" ", verb+to+" ")
	}
	return strings.TrimSpace(sql)
}
