// Package bus carries messages between stages through Kafka. It is the only
// package that imports kafka-go.
//
// Publish returns when all in-sync replicas have a message, or not at all.
// Consume gives each assigned partition to a handler under a generation of its
// consumer group; offsets move only when the handler commits them, together
// with metadata of its own. Delivery is at least once; what makes it exactly
// once stands in the land stage.
package bus

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol"
	"github.com/segmentio/kafka-go/sasl"
	"github.com/segmentio/kafka-go/sasl/plain"
	"github.com/segmentio/kafka-go/sasl/scram"
)

// Message is one record. Topic is the name without prefix.
type Message struct {
	Topic     string
	Partition int
	Offset    int64
	Key       []byte
	Value     []byte
	Headers   map[string]string
	Time      time.Time // as given to Publish; the broker's append time where none was given
}

// Bus is a connection to one edition's topics. Its methods may be called from
// several goroutines.
type Bus struct {
	cfg       Config
	log       *slog.Logger
	transport *kafka.Transport
	client    *kafka.Client
	dialer    *kafka.Dialer
	writer    *kafka.Writer
}

// New prepares a connection; nothing is dialled yet.
func New(cfg Config, log *slog.Logger) (*Bus, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if len(cfg.Brokers) == 0 {
		return nil, errors.New("kafka.brokers is empty")
	}
	mech, err := mechanism(cfg)
	if err != nil {
		return nil, err
	}
	var tc *tls.Config
	if cfg.TLS {
		tc = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	addr := kafka.TCP(cfg.Brokers...)
	b := &Bus{cfg: cfg, log: log}
	b.transport = &kafka.Transport{
		DialTimeout: 3 * time.Second, IdleTimeout: 30 * time.Second, MetadataTTL: 5 * time.Second,
		ClientID: "dateline", TLS: tc, SASL: mech,
	}
	b.client = &kafka.Client{Addr: addr, Timeout: cfg.Timeout, Transport: b.transport}
	b.dialer = &kafka.Dialer{Timeout: 3 * time.Second, DualStack: true, ClientID: "dateline", TLS: tc, SASLMechanism: mech}
	b.writer = &kafka.Writer{
		Addr: addr, Transport: b.transport, Balancer: kafka.Murmur2Balancer{Consistent: true},
		RequiredAcks: kafka.RequireAll, Compression: kafka.Zstd,
		BatchTimeout: 5 * time.Millisecond, BatchSize: 1000, BatchBytes: MaxMessageBytes,
		MaxAttempts: 1, ReadTimeout: cfg.Timeout, WriteTimeout: cfg.Timeout,
	}
	return b, nil
}

// Close releases the connections. No call may be under way.
func (b *Bus) Close() error {
	err := b.writer.Close()
	b.transport.CloseIdleConnections()
	return err
}

func (b *Bus) name(topic string) string { return b.cfg.Prefix + topic }

func mechanism(cfg Config) (sasl.Mechanism, error) {
	pass := cfg.Password
	if cfg.PassFile != "" {
		raw, err := os.ReadFile(cfg.PassFile)
		if err != nil {
			return nil, fmt.Errorf("kafka.password_file: %w", err)
		}
		pass = strings.TrimSpace(string(raw))
	}
	switch cfg.SASL {
	case "plain":
		return plain.Mechanism{Username: cfg.User, Password: pass}, nil
	case "scram-sha-256":
		return scram.Mechanism(scram.SHA256, cfg.User, pass)
	case "scram-sha-512":
		return scram.Mechanism(scram.SHA512, cfg.User, pass)
	}
	return nil, nil
}

// transient tells whether the same request may succeed a little later: the
// broker is away, moving, or overloaded.
func transient(err error) bool {
	if err == nil {
		return false
	}
	var ke kafka.Error
	if errors.As(err, &ke) {
		return ke.Temporary() || ke.Timeout() || ke == kafka.BrokerNotAvailable
	}
	// The transport's picture of the cluster is some seconds old.
	if errors.Is(err, protocol.ErrNoTopic) || errors.Is(err, protocol.ErrNoPartition) || errors.Is(err, protocol.ErrNoLeader) {
		return true
	}
	var ne net.Error
	return errors.As(err, &ne) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, io.ErrClosedPipe) || errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, syscall.ECONNRESET) ||
		errors.Is(err, syscall.EPIPE) || errors.Is(err, net.ErrClosed) || errors.Is(err, context.DeadlineExceeded)
}

// retry calls f until it succeeds, fails for good, or ctx ends. After a broker
// has restarted each pooled connection fails once, hence the short first waits.
func retry(ctx context.Context, f func() error) error {
	wait := 10 * time.Millisecond
	for {
		err := f()
		if err == nil || !transient(err) {
			return err
		}
		if ctx.Err() != nil {
			return err
		}
		if pause(ctx, wait) != nil {
			return err
		}
		wait = min(2*wait, 2*time.Second)
	}
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
