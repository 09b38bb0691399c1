package kafkatest

import (
	"bytes"
	"os"
	"testing"
)

// The script that fetches Kafka and the package that looks for it name one
// version.
func TestVersion(t *testing.T) {
	script, err := os.ReadFile("../../../.ci/kafka")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(script, []byte("\nversion="+Version+"\n")) {
		t.Errorf(".ci/kafka fetches another version than %s", Version)
	}
}
