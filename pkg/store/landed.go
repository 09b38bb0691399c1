package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/dateline/dateline/pkg/news"
)

// Range is a run of offsets [From, To) of one partition within one epoch.
type Range struct {
	Topic    string // only tables that several topics feed ask for it
	Epoch    uint32
	Part     uint16
	From, To uint64
}

// Tables that land fills.
const (
	Articles = "articles"
	Mentions = "mentions"
	Entities = "entities"
	Sources  = "sources"
	Fetches  = "fetches"
	Alerts   = "alerts"
	Changes  = "changes"
)

// shared tells whether more than one topic feeds a table, so that an offset
// alone does not name a message.
func shared(table string) bool { return table == Entities || table == Sources || table == Changes }

func (r Range) where(table string) (string, []any) {
	q, args := "epoch = ? AND part = ? AND off >= ? AND off < ?", []any{r.Epoch, r.Part, r.From, r.To}
	if shared(table) {
		q, args = q+" AND topic = ?", append(args, r.Topic)
	}
	return q, args
}

// Landed gives, for each offset of the range that has rows in table, how many.
func (s *Store) Landed(ctx context.Context, table string, r Range) (map[uint64]int, error) {
	where, args := r.where(table)
	out := map[uint64]int{}
	rows, err := s.conn.Query(ctx, "SELECT off, count() FROM "+table+" WHERE "+where+" GROUP BY off", args...)
	if err == nil {
		err = each(rows, func() error {
			var off, n uint64
			if err := rows.Scan(&off, &n); err != nil {
				return err
			}
			out[off] = int(n)
			return nil
		})
	}
	if err != nil {
		return nil, fmt.Errorf("offsets landed in %s: %w", table, err)
	}
	return out, nil
}

// HighestOffset gives the highest offset of an epoch and partition that has a
// row in table; ok is false where there is none.
func (s *Store) HighestOffset(ctx context.Context, table, topic string, epoch uint32, part uint16) (off uint64, ok bool, err error) {
	q := "SELECT max(off), count() FROM " + table + " WHERE epoch = ? AND part = ?"
	args := []any{epoch, part}
	if shared(table) {
		q, args = q+" AND topic = ?", append(args, topic)
	}
	var n uint64
	if err := s.conn.QueryRow(ctx, q, args...).Scan(&off, &n); err != nil {
		return 0, false, fmt.Errorf("highest offset in %s: %w", table, err)
	}
	return off, n > 0, nil
}

// Row names a row and the message that it comes from.
type Row struct {
	Epoch uint32
	Off   uint64
	What  string // see Last
}

// what names a row by something that its message holds too: an article by its
// id, a fetch by milliseconds and feed URL, an alert by its id and state, a
// change by type and detail.
var what = map[string]string{
	Articles: "leftPad(lower(hex(article_id)), 16, '0')",
	Fetches:  "toString(toUnixTimestamp64Milli(at)) || ' ' || feed_url",
	Alerts:   "leftPad(lower(hex(alert_id)), 16, '0') || state",
	Changes:  "what || ' ' || detail",
}

// Last gives the row with the highest offset that a partition has left in
// table, which is Articles, Fetches, Alerts or Changes, in the epoch given or
// else in the last one before; ok is false where there is none.
func (s *Store) Last(ctx context.Context, table, topic string, epoch uint32, part uint16) (r Row, ok bool, err error) {
	q := "SELECT epoch, off, " + what[table] + " FROM " + table + " WHERE part = ? AND epoch <= ?"
	args := []any{part, epoch}
	if shared(table) {
		q, args = q+" AND topic = ?", append(args, topic)
	}
	rows, err := s.conn.Query(ctx, q+" ORDER BY epoch DESC, off DESC LIMIT 1", args...)
	if err == nil {
		err = each(rows, func() error {
			ok = true
			return rows.Scan(&r.Epoch, &r.Off, &r.What)
		})
	}
	if err != nil {
		return r, false, fmt.Errorf("last row in %s: %w", table, err)
	}
	return r, ok, nil
}

// Epoch gives the epoch in force: offsets of topics count from its start.
func (s *Store) Epoch(ctx context.Context) (uint32, error) {
	var e uint32
	if err := s.conn.QueryRow(ctx, "SELECT max(epoch) FROM epochs").Scan(&e); err != nil {
		return 0, fmt.Errorf("read the epoch: %w", err)
	}
	return e, nil
}

// NewEpoch starts the next epoch and returns it.
func (s *Store) NewEpoch(ctx context.Context, reason string) (uint32, error) {
	e, err := s.Epoch(ctx)
	if err != nil {
		return 0, err
	}
	if err := s.conn.Exec(ctx, "INSERT INTO epochs (epoch, reason) VALUES (?, ?)", e+1, reason); err != nil {
		return 0, fmt.Errorf("start epoch %d: %w", e+1, err)
	}
	return e + 1, nil
}

// Stored is what `articles` holds of one decided document, enough to judge
// later ones against it and to rebuild the index from.
type Stored struct {
	ID         news.ID
	Revision   uint16
	Source     string
	Language   string
	Title      string
	SeenAt     time.Time
	TS         time.Time
	CopyOf     news.ID
	Similarity float32
	StoryID    news.ID
	Words      int
	TextFrom   string
	Backlog    bool
	BodyHash   uint64
	Sketch     []uint32
	Terms      []uint32
	Entities   []string
	Epoch      uint32
	Part       uint16
	Off        uint64
}

// Arrays travel as bytes, since the driver takes them value by value: numbers of
// four bytes, and names parted by a zero byte.
const storedColumns = `article_id, revision, source, language, title, seen_at, ts, copy_of, similarity,
	story_id, words, text_from, backlog, body_hash,
	arrayStringConcat(arrayMap(x -> char(x, bitShiftRight(x, 8), bitShiftRight(x, 16), bitShiftRight(x, 24)), sketch)),
	arrayStringConcat(arrayMap(x -> char(x, bitShiftRight(x, 8), bitShiftRight(x, 16), bitShiftRight(x, 24)), terms)), arrayStringConcat(entities, '\0'), epoch, part, off`

func scanStored(rows driver.Rows) (*Stored, error) {
	var r Stored
	var id, copyOf, story uint64
	var words uint32
	var sketch, terms, entities string
	err := rows.Scan(&id, &r.Revision, &r.Source, &r.Language, &r.Title, &r.SeenAt, &r.TS, &copyOf, &r.Similarity,
		&story, &words, &r.TextFrom, &r.Backlog, &r.BodyHash, &sketch, &terms, &entities, &r.Epoch, &r.Part, &r.Off)
	r.ID, r.CopyOf, r.StoryID, r.Words = news.ID(id), news.ID(copyOf), news.ID(story), int(words)
	r.Sketch, r.Terms = values(sketch), values(terms)
	if entities != "" {
		r.Entities = strings.Split(entities, "\x00")
	}
	return &r, err
}

// values reads numbers of four bytes, the lowest first.
func values(s string) []uint32 {
	out := make([]uint32, len(s)/4)
	for i := range out {
		out[i] = uint32(s[4*i]) | uint32(s[4*i+1])<<8 | uint32(s[4*i+2])<<16 | uint32(s[4*i+3])<<24
	}
	return out
}

// Adopted gives the rows of `articles` that the range has left there already,
// by offset.
func (s *Store) Adopted(ctx context.Context, r Range) (map[uint64]*Stored, error) {
	where, args := r.where(Articles)
	out := map[uint64]*Stored{}
	rows, err := s.conn.Query(ctx, "SELECT "+storedColumns+" FROM articles WHERE "+where, args...)
	if err == nil {
		err = each(rows, func() error {
			st, err := scanStored(rows)
			if err == nil {
				out[st.Off] = st
			}
			return err
		})
	}
	if err != nil {
		return nil, fmt.Errorf("articles of a pending range: %w", err)
	}
	return out, nil
}

// Revisions is what is stored of one article id over all its revisions.
type Revisions struct {
	First  *Stored // its decision: copy_of, story, ts
	Latest *Stored
}

// Known looks article ids up, at any age, in one query. Rows of the range
// itself are left out: they are being decided.
func (s *Store) Known(ctx context.Context, ids []news.ID, r Range) (map[news.ID]*Revisions, error) {
	out := map[news.ID]*Revisions{}
	if len(ids) == 0 {
		return out, nil
	}
	const q = `SELECT article_id, revision, source, '', '', seen_at, ts, copy_of, toFloat32(0), story_id, words,
			text_from, backlog, body_hash, '', '', '', epoch, part, off
		FROM articles WHERE article_id IN (?) AND NOT (epoch = ? AND part = ? AND off >= ? AND off < ?)`
	rows, err := s.conn.Query(ctx, q, numbers(ids), r.Epoch, r.Part, r.From, r.To)
	if err == nil {
		err = each(rows, func() error {
			st, err := scanStored(rows)
			if err != nil {
				return err
			}
			k := out[st.ID]
			if k == nil {
				k = &Revisions{First: st, Latest: st}
				out[st.ID] = k
			}
			if st.Revision < k.First.Revision {
				k.First = st
			}
			if st.Revision > k.Latest.Revision {
				k.Latest = st
			}
			return nil
		})
	}
	if err == nil {
		err = s.similarities(ctx, out)
	}
	if err != nil {
		return nil, fmt.Errorf("look up %d article ids: %w", len(ids), err)
	}
	return out, nil
}

// similarities fills in what the projection by id does not hold, for copies.
func (s *Store) similarities(ctx context.Context, found map[news.ID]*Revisions) error {
	var ids []uint64
	from, to := time.Time{}, time.Time{}
	for id, k := range found {
		if k.First.CopyOf != 0 {
			ids = append(ids, uint64(id))
			if ts := k.First.TS; from.IsZero() || ts.Before(from) {
				from = ts
			}
			if ts := k.First.TS; ts.After(to) {
				to = ts
			}
		}
	}
	if len(ids) == 0 {
		return nil
	}
	rows, err := s.conn.Query(ctx, "SELECT article_id, similarity FROM articles WHERE revision = 0 AND article_id IN (?) AND ts >= ? AND ts <= ?",
		ids, from.Add(-time.Second), to.Add(time.Second))
	if err != nil {
		return err
	}
	return each(rows, func() error {
		var id uint64
		var similarity float32
		if err := rows.Scan(&id, &similarity); err != nil {
			return err
		}
		found[news.ID(id)].First.Similarity = similarity
		return nil
	})
}

// Mentioned gives the entities that are already counted for the articles
// given, so that a revision counts only what it adds. Rows of the range itself
// are left out.
func (s *Store) Mentioned(ctx context.Context, ids []news.ID, r Range) (map[news.ID]map[string]bool, error) {
	out := map[news.ID]map[string]bool{}
	if len(ids) == 0 {
		return out, nil
	}
	// Not what `articles` says that they name: a replay counts otherwise.
	rows, err := s.conn.Query(ctx, `SELECT article_id, groupUniqArray(entity_id) FROM mentions
		WHERE article_id IN (?) AND NOT (epoch = ? AND part = ? AND off >= ? AND off < ?) GROUP BY article_id`, numbers(ids), r.Epoch, r.Part, r.From, r.To)
	if err == nil {
		err = each(rows, func() error {
			var id uint64
			var ents []string
			if err := rows.Scan(&id, &ents); err != nil {
				return err
			}
			set := out[news.ID(id)]
			if set == nil {
				set = map[string]bool{}
				out[news.ID(id)] = set
			}
			for _, e := range ents {
				set[e] = true
			}
			return nil
		})
	}
	if err != nil {
		return nil, fmt.Errorf("look up the entities of %d articles: %w", len(ids), err)
	}
	return out, nil
}

// KnownNames tells which of the names have a row in a table keyed by them
// (entities by entity_id, sources by source) that does not come from the range.
func (s *Store) KnownNames(ctx context.Context, table string, names []string, r Range) (map[string]bool, error) {
	out := map[string]bool{}
	if len(names) == 0 {
		return out, nil
	}
	key := "entity_id"
	if table == Sources {
		key = "source"
	}
	rows, err := s.conn.Query(ctx, "SELECT DISTINCT toString("+key+") FROM "+table+" WHERE "+key+
		" IN (?) AND NOT (topic = ? AND epoch = ? AND part = ? AND off >= ? AND off < ?)", names, r.Topic, r.Epoch, r.Part, r.From, r.To)
	if err == nil {
		err = each(rows, func() error {
			var n string
			err := rows.Scan(&n)
			out[n] = true
			return err
		})
	}
	if err != nil {
		return nil, fmt.Errorf("look up %d names in %s: %w", len(names), table, err)
	}
	return out, nil
}

// AlertStates tells which states of the alerts given are stored, as id and
// state joined, leaving out rows of the range itself.
func (s *Store) AlertStates(ctx context.Context, ids []news.ID, r Range) (map[string]bool, error) {
	out := map[string]bool{}
	if len(ids) == 0 {
		return out, nil
	}
	rows, err := s.conn.Query(ctx, `SELECT DISTINCT alert_id, toString(state) FROM alerts
		WHERE alert_id IN (?) AND NOT (epoch = ? AND part = ? AND off >= ? AND off < ?)`, numbers(ids), r.Epoch, r.Part, r.From, r.To)
	if err == nil {
		err = each(rows, func() error {
			var id uint64
			var state string
			err := rows.Scan(&id, &state)
			out[news.ID(id).String()+state] = true
			return err
		})
	}
	if err != nil {
		return nil, fmt.Errorf("look up %d alerts: %w", len(ids), err)
	}
	return out, nil
}
