// Package store keeps the results in ClickHouse. It is the only package that
// imports clickhouse-go, and speaks HTTP everywhere, so that the embedded
// engine and a cluster take the same road.
//
// Inserts carry a deduplication token: the same token lands once, however
// often it is sent. Tables and views are made by the forward-only migrations
// in migrations/, named queries stand in queries/.
package store

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// Config says where ClickHouse is.
type Config struct {
	Addr     []string `yaml:"addr"` // host:port of the HTTP interface; empty means the embedded engine
	Database string   `yaml:"database"`
	User     string   `yaml:"user"`
	Password string   `yaml:"password"`      // secret; prefer the file
	PassFile string   `yaml:"password_file"` // read at start
	// Reader is whom the dashboard and statements of users sign in as; empty
	// means User, who may write.
	Reader         string        `yaml:"reader"`
	ReaderPassword string        `yaml:"reader_password"` // secret; prefer the file
	ReaderPassFile string        `yaml:"reader_password_file"`
	TLS            bool          `yaml:"tls"`
	Timeout        time.Duration `yaml:"timeout"` // of one statement
	// Replicated makes the database one whose tables are on all replicas of a
	// cluster; set it before the first start.
	Replicated bool      `yaml:"replicated"`
	Retention  Retention `yaml:"retention"`
}

// ForReader is the configuration under the name of the reader.
func (c Config) ForReader() Config {
	if c.Reader != "" {
		c.User, c.Password, c.PassFile = c.Reader, c.ReaderPassword, c.ReaderPassFile
	}
	c.Replicated = false // it need not see what was written a moment ago
	return c
}

// DefaultConfig speaks to the embedded engine.
func DefaultConfig() Config {
	return Config{Database: "dateline", User: "default", Timeout: 60 * time.Second}
}

// Validate tells what is wrong with the configuration.
func (c Config) Validate() error {
	var errs []error
	if !plainName(c.Database) {
		errs = append(errs, fmt.Errorf("clickhouse.database is %q, want letters, digits and _", c.Database))
	}
	if c.Timeout < time.Second {
		errs = append(errs, fmt.Errorf("clickhouse.timeout is %v, want 1s or more", c.Timeout))
	}
	return errors.Join(errs...)
}

func plainName(s string) bool {
	for i, r := range s {
		if !(r == '_' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || i > 0 && r >= '0' && r <= '9') {
			return false
		}
	}
	return s != ""
}

// Store is a connection to one database. Its methods may be called from
// several goroutines.
type Store struct {
	cfg   Config
	conn  driver.Conn
	slice uint64 // how many mentions a check of the audit groups at once, about
}

// Open prepares a connection to cfg.Database; nothing is sent yet. Migrate
// makes the database where it does not exist.
func Open(cfg Config) (*Store, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if cfg.PassFile != "" {
		raw, err := os.ReadFile(cfg.PassFile)
		if err != nil {
			return nil, fmt.Errorf("clickhouse.password_file: %w", err)
		}
		cfg.Password = strings.TrimSpace(string(raw))
	}
	conn, err := connect(cfg, cfg.Database)
	if err != nil {
		return nil, err
	}
	return &Store{cfg: cfg, conn: conn, slice: auditSlice}, nil
}

func connect(cfg Config, database string) (driver.Conn, error) {
	if len(cfg.Addr) == 0 {
		return nil, errors.New("clickhouse.addr is empty")
	}
	opt := &clickhouse.Options{
		Addr: cfg.Addr, Protocol: clickhouse.HTTP,
		Auth:        clickhouse.Auth{Database: database, Username: cfg.User, Password: cfg.Password},
		DialTimeout: 3 * time.Second, ReadTimeout: cfg.Timeout,
		Compression:  &clickhouse.Compression{Method: clickhouse.CompressionLZ4},
		MaxOpenConns: 8, MaxIdleConns: 4, ConnMaxLifetime: time.Hour,
		Settings: cfg.settings(),
	}
	if cfg.TLS {
		opt.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	conn, err := clickhouse.Open(opt)
	if err != nil {
		return nil, fmt.Errorf("clickhouse %s: %w", strings.Join(cfg.Addr, ","), err)
	}
	return conn, nil
}

// Close releases the connections.
func (s *Store) Close() error { return s.conn.Close() }

// Database is the name of the database that the store works in.
func (s *Store) Database() string { return s.cfg.Database }

// Ping tells whether ClickHouse answers.
func (s *Store) Ping(ctx context.Context) error {
	if err := s.conn.Exec(ctx, "SELECT 1"); err != nil {
		return fmt.Errorf("clickhouse %s does not answer: %w", strings.Join(s.cfg.Addr, ","), err)
	}
	return nil
}

// Clock is what time it is for ClickHouse.
func (s *Store) Clock(ctx context.Context) (at time.Time, err error) {
	if err := s.conn.QueryRow(ctx, "SELECT now64(3, 'UTC')").Scan(&at); err != nil {
		return at, fmt.Errorf("read the clock: %w", err)
	}
	return at, nil
}

// Exec runs one statement that answers with nothing.
func (s *Store) Exec(ctx context.Context, query string, args ...any) error {
	return s.conn.Exec(ctx, query, args...)
}

// Strings runs a query whose answer is one column of strings.
func (s *Store) Strings(ctx context.Context, query string, args ...any) ([]string, error) {
	rows, err := s.conn.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	var out []string
	err = each(rows, func() error {
		var v string
		err := rows.Scan(&v)
		out = append(out, v)
		return err
	})
	return out, err
}

// Code gives ClickHouse's error code; 0 where the error is not ClickHouse's.
func Code(err error) int32 {
	var ex *clickhouse.Exception
	if errors.As(err, &ex) {
		return ex.Code
	}
	return 0
}

// dataErrors are the codes that mean that the rows themselves cannot be
// stored. All others, "too many parts" (252) among them, are pressure or
// trouble of the server, and the insert has to be tried again.
var dataErrors = map[int32]bool{
	6: true, 25: true, 26: true, 27: true, 33: true, 38: true, 41: true, 53: true, 69: true, 70: true,
	72: true, 117: true, 131: true, 321: true, 349: true, 407: true, 441: true, 469: true,
}

// IsData tells whether an insert failed because of what it carries, so that
// trying it again cannot help.
func IsData(err error) bool {
	return dataErrors[Code(err)] || errors.Is(err, ErrRow)
}

// ErrRow marks a row that its table cannot take.
var ErrRow = errors.New("row does not fit its table")
