// Package engine runs the two servers that dateline otherwise expects to find outside: a Kafka
// broker (franz-go's kfake) and a ClickHouse (libchdb, loaded without cgo), each on its own data
// directory and spoken to over loopback with the ordinary Kafka and ClickHouse HTTP protocols.
//
// Both survive kill -9: what was acknowledged is there after the next start. Ports and passwords
// stay the same over restarts wherever they can. Exactly one process may own a data directory;
// [Lock] sees to that, and [ReadEndpoint] tells other processes where a running one listens.
//
// The ClickHouse endpoint knows two users. The writer may do anything the process may do, reading
// files included. The reader may run SELECT, SHOW, DESCRIBE, EXISTS and EXPLAIN over an allow-list
// of functions that touch nothing but tables. There is no TLS: listen on loopback, or behind
// something that has it.
package engine

import (
	"errors"
	"fmt"
	"net"
	"strconv"
)

// Config says where the engines listen and what they may use.
type Config struct {
	// Library is the path of libchdb.so; empty: where [Fetch] puts it.
	Library string `yaml:"library"`
	// KafkaListen and SQLListen are host:port. Port 0 takes a free one and keeps it over restarts.
	KafkaListen string `yaml:"kafka_listen"`
	SQLListen   string `yaml:"sql_listen"`
	// RetentionBytes bounds each partition of a topic that is not compacted and names no bound of
	// its own when it is created.
	RetentionBytes int64 `yaml:"retention_bytes"`
	// MaxMemory is what one ClickHouse statement may take, in bytes; all together may take twice that.
	MaxMemory int64 `yaml:"max_memory"`
	// Connections is how many ClickHouse statements run at once; further ones wait.
	Connections int `yaml:"connections"`
}

// DefaultConfig listens on loopback ports of the system's choice.
func DefaultConfig() Config {
	return Config{
		KafkaListen:    "127.0.0.1:0",
		SQLListen:      "127.0.0.1:0",
		RetentionBytes: 512 << 20,
		MaxMemory:      1 << 30,
		Connections:    8,
	}
}

// Validate reports every value out of its range.
func (c Config) Validate() error {
	var errs []error
	for _, l := range []struct{ key, addr string }{{"kafka_listen", c.KafkaListen}, {"sql_listen", c.SQLListen}} {
		if err := validateListen(l.addr); err != nil {
			errs = append(errs, fmt.Errorf("engine.%s: %w", l.key, err))
		}
	}
	if host, _, err := net.SplitHostPort(c.KafkaListen); err == nil {
		// A Kafka broker tells its clients its own address, and nobody can connect to 0.0.0.0.
		if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
			errs = append(errs, fmt.Errorf("engine.kafka_listen: %q names no address that clients can reach; give the one they use, such as 127.0.0.1:9092", c.KafkaListen))
		}
	}
	if c.RetentionBytes < 1<<20 {
		errs = append(errs, fmt.Errorf("engine.retention_bytes: %d is below 1 MiB", c.RetentionBytes))
	}
	if c.MaxMemory < 64<<20 {
		errs = append(errs, fmt.Errorf("engine.max_memory: %d is below 64 MiB", c.MaxMemory))
	}
	if c.Connections < 1 || c.Connections > 256 {
		errs = append(errs, fmt.Errorf("engine.connections: %d is not within 1 and 256", c.Connections))
	}
	return errors.Join(errs...)
}

func validateListen(addr string) error {
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		return fmt.Errorf("%q is no host:port", addr)
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		return fmt.Errorf("%q is no port (0 to 65535)", port)
	}
	return nil
}
