package bus

import (
	"errors"
	"fmt"
	"time"
)

// Config says where the brokers are and how to speak to them.
type Config struct {
	Brokers     []string      `yaml:"brokers"`     // host:port; empty means the embedded broker
	Prefix      string        `yaml:"prefix"`      // of topics and consumer groups
	Replication int           `yaml:"replication"` // of topics that dateline creates
	Session     time.Duration `yaml:"session_timeout"`
	Timeout     time.Duration `yaml:"timeout"` // of one request
	TLS         bool          `yaml:"tls"`
	SASL        string        `yaml:"sasl"` // "", plain, scram-sha-256 or scram-sha-512
	User        string        `yaml:"user"`
	Password    string        `yaml:"password"`      // secret; prefer the file
	PassFile    string        `yaml:"password_file"` // read at start
}

// DefaultConfig speaks to the embedded broker.
func DefaultConfig() Config {
	return Config{Prefix: "dateline.", Replication: 1, Session: 10 * time.Second, Timeout: 10 * time.Second}
}

// Validate tells what is wrong with the configuration.
func (c Config) Validate() error {
	var errs []error
	if c.Replication < 1 {
		errs = append(errs, fmt.Errorf("kafka.replication is %d, want 1 or more", c.Replication))
	}
	if c.Session < time.Second {
		errs = append(errs, fmt.Errorf("kafka.session_timeout is %v, want 1s or more", c.Session))
	}
	if c.Timeout < 100*time.Millisecond {
		errs = append(errs, fmt.Errorf("kafka.timeout is %v, want 100ms or more", c.Timeout))
	}
	switch c.SASL {
	case "", "plain", "scram-sha-256", "scram-sha-512":
	default:
		errs = append(errs, fmt.Errorf("kafka.sasl is %q, want plain, scram-sha-256 or scram-sha-512", c.SASL))
	}
	if c.SASL != "" && c.User == "" {
		errs = append(errs, errors.New("kafka.sasl needs kafka.user"))
	}
	return errors.Join(errs...)
}
