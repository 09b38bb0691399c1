package engine

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestLockAndEndpoint(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	want := Endpoint{Kafka: []string{"127.0.0.1:1"}, SQL: "127.0.0.1:2", Writer: Credentials{"dateline", "p"}, Web: "127.0.0.1:3", PID: os.Getpid()}
	if _, err := ReadEndpoint(dir); !errors.Is(err, ErrNotRunning) {
		t.Error("no directory:", err)
	}
	l, err := Lock(dir)
	if err != nil {
		t.Fatal(err)
	}
	if info, _ := os.Stat(dir); info.Mode().Perm() != 0o700 {
		t.Error("mode", info.Mode())
	}
	if _, err := Lock(dir); !errors.Is(err, ErrLocked) || !strings.Contains(err.Error(), fmt.Sprint("process ", os.Getpid())) {
		t.Error("locked twice:", err)
	}
	if _, err := ReadEndpoint(dir); !errors.Is(err, ErrNotRunning) {
		t.Error("not up yet:", err)
	}
	if err := WriteEndpoint(dir, want); err != nil {
		t.Fatal(err)
	}
	if info, _ := os.Stat(endpointFile(dir)); info.Mode().Perm() != 0o600 {
		t.Error("mode", info.Mode())
	}
	if got, err := ReadEndpoint(dir); err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
		t.Error(got, err)
	}
	other := want
	other.PID++
	WriteEndpoint(dir, other)
	if _, err := ReadEndpoint(dir); !errors.Is(err, ErrNotRunning) {
		t.Error("another process's file:", err)
	}
	WriteEndpoint(dir, want)
	l.Close()
	if _, err := ReadEndpoint(dir); !errors.Is(err, ErrNotRunning) {
		t.Error("left behind:", err)
	}
	if l, err = Lock(dir); err != nil {
		t.Fatal(err)
	}
	l.Close()
	if s := fmt.Sprint(want); strings.Contains(s, " p}") {
		t.Error("prints the password:", s)
	}
}

func TestConfig(t *testing.T) {
	if err := DefaultConfig().Validate(); err != nil {
		t.Error(err)
	}
	f := func(change func(*Config), want string) {
		t.Helper()
		c := DefaultConfig()
		change(&c)
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	f(func(c *Config) { c.KafkaListen = "9092" }, "engine.kafka_listen")
	f(func(c *Config) { c.KafkaListen = "0.0.0.0:9092" }, "no address that clients can reach")
	f(func(c *Config) { c.SQLListen = "127.0.0.1:70000" }, "engine.sql_listen")
	f(func(c *Config) { c.RetentionBytes = 0 }, "engine.retention_bytes")
	f(func(c *Config) { c.MaxMemory = 1 }, "engine.max_memory")
	f(func(c *Config) { c.Connections = 0 }, "engine.connections")
}
