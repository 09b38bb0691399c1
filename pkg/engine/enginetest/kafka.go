package enginetest

import (
	"os"
	"strings"
	"sync"
	"testing"
	"unicode"

	"github.com/dateline/dateline/pkg/engine/kafkatest"
)

// Prefix is one for the topics and groups of a test or sub-test.
func Prefix(t testing.TB) string {
	if !kafkatest.Chosen() {
		return "dateline."
	}
	legal := func(r rune) rune {
		if r < 128 && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
			return r
		}
		return '-'
	}
	return "dateline." + strings.Map(legal, t.Name()) + "."
}

// Run runs the tests of a process, and ends what they share.
func Run(m *testing.M) int {
	defer apache.end()
	return m.Run()
}

// apache is the Apache Kafka of the process.
var apache shelf

type shelf struct {
	sync.Mutex
	dir    string
	broker *kafkatest.Broker
}

func (s *shelf) addrs(t testing.TB) []string {
	t.Helper()
	s.Lock()
	defer s.Unlock()
	if s.broker == nil {
		kafkatest.Require(t)
		dir, err := os.MkdirTemp("", "dateline-kafka-*")
		if err != nil {
			t.Fatal(err)
		}
		s.dir = dir
		b, err := kafkatest.New(dir)
		if err == nil {
			err = b.Start(t.Context())
		}
		if err != nil {
			t.Fatal(err)
		}
		s.broker = b
	}
	return []string{s.broker.Addr}
}

func (s *shelf) end() {
	if s.broker != nil {
		s.broker.Kill()
	}
	if s.dir != "" {
		_ = os.RemoveAll(s.dir)
	}
}
