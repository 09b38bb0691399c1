package simulate

import (
	"os"
	"strings"
	"testing"
)

func TestDev(t *testing.T) {
	real, err := Recorded(os.Getenv("DATELINE_TESTDATA"))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	Healths(&b, Diagnose(Options{Feeds: 60, Real: real, Only: []string{Newswire, Outlets, Samples, Paper, Batch, Blog, Breaking}}, 0.4))
	t.Log("\n" + b.String())
}
