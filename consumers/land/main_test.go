package land

import (
	"os"
	"testing"

	"github.com/dateline/dateline/pkg/engine/enginetest"
)

// DATELINE_CHAOS_BROKER=kafka runs the tests on Apache Kafka.
func TestMain(m *testing.M) { os.Exit(enginetest.Run(m)) }
