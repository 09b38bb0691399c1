// Package kafkatest runs a real Apache Kafka for tests: one node in KRaft's
// combined mode on a directory of its own, which can be stopped, killed and
// started again on its port.
//
// It wants Java 17 and the jars that .ci/kafka fetches. Where they are missing,
// a test is skipped, or fails if CI is set in the environment.
package kafkatest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Version is the release that .ci/kafka fetches.
const Version = "4.1.1"

// Chosen tells whether tests that can run on either broker are to run on
// Apache Kafka: DATELINE_CHAOS_BROKER is "kafka".
func Chosen() bool { return os.Getenv("DATELINE_CHAOS_BROKER") == "kafka" }

// ErrMissing is wrapped by the errors that say that Java or the jars are not
// there.
var ErrMissing = errors.New("Apache Kafka is not there")

// Require skips a test that cannot have an Apache Kafka, or fails it in CI.
func Require(t testing.TB) {
	t.Helper()
	if _, _, err := locate(); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
}

// locate finds Java, and the jars in the user's cache directory.
func locate() (java, jars string, err error) {
	if java, err = exec.LookPath("java"); err != nil {
		return "", "", fmt.Errorf("%w: no java in the path: run .ci/kafka once", ErrMissing)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", "", fmt.Errorf("%w: %w", ErrMissing, err)
	}
	jars = filepath.Join(cache, "dateline", "kafka", Version)
	if _, err := os.Stat(filepath.Join(jars, "complete")); err != nil {
		return "", "", fmt.Errorf("%w (looked for %s): run .ci/kafka once", ErrMissing, jars)
	}
	return java, jars, nil
}

// Broker is one Kafka, running or not.
type Broker struct {
	Addr string // host:port, the same at every start
	Log  string // file that gets what it prints

	args []string
	mu   sync.Mutex
	cmd  *exec.Cmd
	done chan struct{}
}

// New prepares a broker on an existing, empty directory.
func New(dir string) (*Broker, error) {
	java, jars, err := locate()
	if err != nil {
		return nil, err
	}
	ports, err := freePorts(2)
	if err != nil {
		return nil, fmt.Errorf("prepare Apache Kafka: %w", err)
	}
	b := &Broker{Addr: fmt.Sprintf("127.0.0.1:%d", ports[0]), Log: filepath.Join(dir, "kafka.log")}
	file, data := filepath.Join(dir, "server.properties"), filepath.Join(dir, "data")
	if err := os.WriteFile(file, []byte(properties(b.Addr, fmt.Sprintf("127.0.0.1:%d", ports[1]), data)), 0o600); err != nil {
		return nil, fmt.Errorf("prepare Apache Kafka: %w", err)
	}
	b.args = []string{java, "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xms128m", "-Xmx400m",
		"-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-Dorg.slf4j.simpleLogger.showDateTime=true", "-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS",
		"-cp", filepath.Join(jars, "*")}
	format := append(b.args[1:len(b.args):len(b.args)], "kafka.tools.StorageTool", "format", "--cluster-id", "ZGF0ZWxpbmUtdGVzdHMtMQ", "--config", file)
	if out, err := exec.Command(java, format...).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("prepare Apache Kafka: %w\n%s", err, out)
	}
	b.args = append(b.args, "kafka.Kafka", file)
	return b, nil
}

// properties differ from Kafka's own where one node, short sessions and a small
// machine ask for it. Nothing is synced more often than Kafka does by itself.
func properties(addr, controller, data string) string {
	return strings.Join([]string{
		"process.roles=broker,controller",
		"node.id=1",
		"controller.quorum.voters=1@" + controller,
		"controller.listener.names=CONTROLLER",
		"listeners=PLAINTEXT://" + addr + ",CONTROLLER://" + controller,
		"advertised.listeners=PLAINTEXT://" + addr,
		"listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
		"log.dirs=" + data,
		"auto.create.topics.enable=false",
		"controlled.shutdown.enable=false",
		"group.initial.rebalance.delay.ms=0",
		"group.min.session.timeout.ms=1000",
		"offsets.retention.minutes=525600",
		"offsets.topic.num.partitions=4",
		"offsets.topic.replication.factor=1",
		"transaction.state.log.num.partitions=1",
		"transaction.state.log.replication.factor=1",
		"transaction.state.log.min.isr=1",
		"share.coordinator.state.topic.replication.factor=1",
		"share.coordinator.state.topic.min.isr=1",
		"num.network.threads=2",
		"num.io.threads=4",
		"log.cleaner.dedupe.buffer.size=16777216",
	}, "\n") + "\n"
}

func freePorts(n int) ([]int, error) {
	var out []int
	for range n {
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer ln.Close()
		out = append(out, ln.Addr().(*net.TCPAddr).Port)
	}
	return out, nil
}

// Args start the broker in the foreground, for those who keep processes
// themselves.
func (b *Broker) Args() []string { return b.args }

// Answers tells whether something listens on the broker's port.
func (b *Broker) Answers() bool {
	c, err := net.DialTimeout("tcp", b.Addr, time.Second)
	if err != nil {
		return false
	}
	c.Close()
	return true
}

// startWithin is patient: two cores may be busy with other tests.
const startWithin = 2 * time.Minute

// Start starts the broker and waits until it takes connections.
func (b *Broker) Start(ctx context.Context) error {
	log, err := os.OpenFile(b.Log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("start Apache Kafka: %w", err)
	}
	defer log.Close()
	cmd := exec.Command(b.args[0], b.args[1:]...)
	cmd.Stdout, cmd.Stderr = log, log
	if err := start(cmd); err != nil {
		return fmt.Errorf("start Apache Kafka: %w", err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = cmd.Wait() // its outcome is in the log
	}()
	b.mu.Lock()
	b.cmd, b.done = cmd, done
	b.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, startWithin)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for !b.Answers() {
		select {
		case <-tick.C:
			continue
		case <-done:
			err = errors.New("it has ended")
		case <-ctx.Done():
			err = ctx.Err()
		}
		b.Kill()
		said, _ := os.ReadFile(b.Log)
		return fmt.Errorf("start Apache Kafka: %w\n%s", err, said[max(0, len(said)-4000):])
	}
	return nil
}

// Stop asks the broker to end, and waits until it has.
func (b *Broker) Stop() { b.end(syscall.SIGTERM) }

// Kill ends the broker with SIGKILL.
func (b *Broker) Kill() { b.end(syscall.SIGKILL) }

func (b *Broker) end(s syscall.Signal) {
	b.mu.Lock()
	cmd, done := b.cmd, b.done
	b.cmd = nil
	b.mu.Unlock()
	if cmd == nil {
		return
	}
	_ = cmd.Process.Signal(s) // it may have ended
	<-done
}
