package store

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/dateline/dateline/pkg/news"
)

// Rows travel in and out of a backup as tab-separated text, which any version
// of ClickHouse reads: one row a line, line feeds escaped.

// Table is the shape of a table that holds data.
type Table struct {
	Name    string        `json:"name"`
	Columns []TableColumn `json:"columns"`
}

// TableColumn is one stored column.
type TableColumn struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

func (t Table) list() string {
	names := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		names[i] = "`" + c.Name + "`"
	}
	return strings.Join(names, ", ")
}

// has tells whether the table has a column.
func (t Table) has(name string) bool {
	return slices.ContainsFunc(t.Columns, func(c TableColumn) bool { return c.Name == name })
}

// Validate tells whether the names can be those of a table of dateline: a
// backup may come from anywhere.
func (t Table) Validate() error {
	if !plainName(t.Name) || momentary(t.Name) {
		return fmt.Errorf("%q is no name of a table", t.Name)
	}
	for _, c := range t.Columns {
		if !plainName(c.Name) {
			return fmt.Errorf("table %s: %q is no name of a column", t.Name, c.Name)
		}
	}
	return nil
}

// momentary are tables that mean nothing elsewhere.
func momentary(name string) bool {
	return name == "migration_lock" || name == "token_selftest" || name == restoring || strings.Contains(name, "_probe_") ||
		strings.HasSuffix(name, partSuffix) || name != Mentions && strings.HasPrefix(name, Mentions+"_")
}

// Tables gives the tables whose rows are worth keeping, by name. Tables of
// replays under way are not among them.
func (s *Store) Tables(ctx context.Context) ([]Table, error) {
	rows, err := s.conn.Query(ctx, `SELECT table, name, type FROM system.columns
		WHERE database = ? AND default_kind NOT IN ('ALIAS', 'MATERIALIZED')
			AND table IN (SELECT name FROM system.tables WHERE database = ? AND endsWith(engine, 'MergeTree'))
		ORDER BY table, position`, s.cfg.Database, s.cfg.Database)
	var out []Table
	if err == nil {
		err = each(rows, func() error {
			var table string
			var c TableColumn
			if err := rows.Scan(&table, &c.Name, &c.Type); err != nil {
				return err
			}
			if len(out) == 0 || out[len(out)-1].Name != table {
				out = append(out, Table{Name: table})
			}
			t := &out[len(out)-1]
			t.Columns = append(t.Columns, c)
			return nil
		})
	}
	if err != nil {
		return nil, fmt.Errorf("look at the tables: %w", err)
	}
	return slices.DeleteFunc(out, func(t Table) bool { return momentary(t.Name) }), nil
}

// Cut is how far each partition of the topics has landed whole: rows of later
// messages, and they alone, are left out of a backup.
type Cut struct {
	Epoch   uint32             `json:"epoch"`
	Offsets map[string][]int64 `json:"offsets"` // topic -> by partition
}

// cutTopics names the topic that fills a table; tables that several fill have a
// column that says it.
var cutTopics = map[string]string{
	Articles: news.TopicDocuments, Mentions: news.TopicDocuments, Fetches: news.TopicFetches, Alerts: news.TopicAlerts,
}

// below is the condition that a row comes from below the cut.
func (c Cut) below(t Table) string {
	under := func(topic string) string {
		parts := []string{"epoch < " + fmt.Sprint(c.Epoch)}
		for p, off := range c.Offsets[topic] {
			parts = append(parts, fmt.Sprintf("epoch = %d AND part = %d AND off < %d", c.Epoch, p, off))
		}
		return "(" + strings.Join(parts, " OR ") + ")"
	}
	if topic := cutTopics[t.Name]; topic != "" {
		return under(topic)
	}
	if !shared(t.Name) || !t.has("topic") {
		return "1"
	}
	topics := []string{news.TopicDocuments, news.TopicKnowledge}
	var parts, names []string
	for _, topic := range topics {
		names = append(names, literal(topic, "String"))
		parts = append(parts, "topic = "+literal(topic, "String")+" AND "+under(topic))
	}
	return "(topic NOT IN (" + strings.Join(names, ", ") + ") OR " + strings.Join(parts, " OR ") + ")"
}

// Partitions gives the partitions of a table that have rows.
func (s *Store) Partitions(ctx context.Context, table string) ([]string, error) {
	out, err := s.Strings(ctx, `SELECT DISTINCT partition_id FROM system.parts WHERE database = ? AND table = ? AND active AND rows > 0 ORDER BY partition_id`, s.cfg.Database, table)
	if err != nil {
		return nil, fmt.Errorf("partitions of %s: %w", table, err)
	}
	return out, nil
}

// Dump streams the rows of one partition below the cut to w, and gives their
// number. It checks that number: an error may come when much has been written.
func (s *Store) Dump(ctx context.Context, t Table, partition string, cut Cut, w io.Writer) (rows uint64, err error) {
	from := " FROM " + t.Name
	if t.Name == feedPolls {
		from += " FINAL"
	}
	from += " WHERE _partition_id = " + literal(partition, "String") + " AND " + cut.below(t)
	var want uint64
	if err := s.conn.QueryRow(ctx, "SELECT count()"+from).Scan(&want); err != nil {
		return 0, fmt.Errorf("count %s: %w", t.Name, err)
	}
	body, err := s.stream(ctx, "SELECT "+t.list()+from+" FORMAT TabSeparated", nil)
	if err != nil {
		return 0, fmt.Errorf("read %s: %w", t.Name, err)
	}
	defer body.Close()
	n := &lines{w: w}
	if _, err := io.Copy(n, body); err != nil {
		return n.n, fmt.Errorf("read %s: %w", t.Name, err)
	}
	if n.n != want {
		return n.n, fmt.Errorf("read %s, partition %s: %w: %d rows came, want %d", t.Name, partition, ErrShort, n.n, want)
	}
	return n.n, nil
}

// ErrShort says that a result had another number of rows than were counted: it
// broke off, or the rows have changed meanwhile.
var ErrShort = errors.New("not all rows came")

// lines counts what goes through it.
type lines struct {
	w io.Writer
	n uint64
}

func (l *lines) Write(p []byte) (int, error) {
	n, err := l.w.Write(p)
	l.n += uint64(bytes.Count(p[:n], []byte{'\n'}))
	return n, err
}

const feedPolls = "feed_polls"

// partSuffix names the table that rows are loaded into before they are put in
// their place.
const partSuffix = "_loading"

// Load puts the rows of one partition in the place of what the table holds of
// it, all at once. files gives them one after the other, and io.EOF at the end.
func (s *Store) Load(ctx context.Context, t Table, partition string, files func() (io.ReadCloser, error)) error {
	tmp := t.Name + partSuffix
	drop := func(ctx context.Context) error {
		return s.conn.Exec(ctx, "DROP TABLE IF EXISTS "+tmp+" SETTINGS max_table_size_to_drop = 0, max_partition_size_to_drop = 0")
	}
	if err := drop(ctx); err != nil {
		return fmt.Errorf("load %s: %w", t.Name, err)
	}
	if err := s.conn.Exec(ctx, "CREATE TABLE "+tmp+" AS "+t.Name); err != nil {
		return fmt.Errorf("load %s: %w", t.Name, err)
	}
	defer func() { _ = drop(context.WithoutCancel(ctx)) }()
	for {
		f, err := files()
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil {
			err = s.post(ctx, "INSERT INTO "+tmp+" ("+t.list()+") SETTINGS insert_deduplicate = 0, async_insert = 0 FORMAT TabSeparated", f)
			err = errors.Join(err, f.Close())
		}
		if err != nil {
			return fmt.Errorf("load %s, partition %s: %w", t.Name, partition, err)
		}
	}
	if err := s.conn.Exec(ctx, "ALTER TABLE "+t.Name+" REPLACE PARTITION ID "+literal(partition, "String")+" FROM "+tmp); err != nil {
		return fmt.Errorf("put partition %s of %s in its place: %w", partition, t.Name, err)
	}
	return nil
}

// Count gives the number of rows of a table.
func (s *Store) Count(ctx context.Context, table string) (n uint64, err error) {
	q := "SELECT count() FROM " + table
	if table == feedPolls {
		q += " FINAL"
	}
	if err := s.conn.QueryRow(ctx, q).Scan(&n); err != nil {
		return 0, fmt.Errorf("count %s: %w", table, err)
	}
	return n, nil
}

func (s *Store) post(ctx context.Context, query string, body io.Reader) error {
	answer, err := s.stream(ctx, query, io.NopCloser(body)) // who opened it closes it
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, answer)
	return errors.Join(err, answer.Close())
}

// stream sends a statement as it is, with data after it or none, and gives the
// answer as it comes.
func (s *Store) stream(ctx context.Context, query string, data io.Reader) (io.ReadCloser, error) {
	u := url.URL{Scheme: "http", Path: "/", RawQuery: url.Values{"database": {s.cfg.Database}, "query": {query}}.Encode()}
	if s.cfg.TLS {
		u.Scheme = "https"
	}
	var last error
	for _, addr := range s.cfg.Addr {
		u.Host = addr
		if data == nil {
			data = http.NoBody
		}
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(), data)
		if err != nil {
			return nil, err
		}
		req.Header.Set("X-ClickHouse-User", s.cfg.User)
		req.Header.Set("X-ClickHouse-Key", s.cfg.Password)
		res, err := bulk.Do(req)
		if err != nil {
			if data != http.NoBody {
				return nil, plainURL(err)
			}
			last = plainURL(err)
			continue
		}
		if res.StatusCode != http.StatusOK {
			msg, _ := io.ReadAll(io.LimitReader(res.Body, 4<<10))
			res.Body.Close()
			return nil, fmt.Errorf("clickhouse %s: %s: %s", addr, res.Status, clipped(strings.TrimSpace(string(msg))))
		}
		return res.Body, nil
	}
	return nil, last
}

// plainURL leaves the statement out of an error.
func plainURL(err error) error {
	var ue *url.Error
	if errors.As(err, &ue) {
		return ue.Err
	}
	return err
}

// bulk carries results of any length: only the beginning of an answer has to
// come in time.
var bulk = &http.Client{Transport: &http.Transport{
	Proxy:               http.ProxyFromEnvironment,
	DialContext:         (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
	TLSClientConfig:     &tls.Config{MinVersion: tls.VersionTLS12},
	MaxIdleConnsPerHost: 2, IdleConnTimeout: 30 * time.Second,
}}
