package app_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/dateline/dateline/producers/intake"
)

// TestImportIsNoFasterThanItLands: where nobody lands, an import of more than
// may wait does it itself; run again, it adds nothing.
func TestImportIsNoFasterThanItLands(t *testing.T) {
	cfg := config(t)
	cfg.Engine.RetentionBytes = 4 << 20
	a, end := start(t, cfg)
	defer end()
	var lines strings.Builder
	for i := range 1200 {
		fmt.Fprintf(&lines, `{"url":"https://a.example/%d","title":"Title %d","text":"Report number %d.","published":"2024-03-01T00:00:00Z"}`+"\n", i, i, i)
	}
	imported := func() intake.Result {
		t.Helper()
		h := a.History()
		im := &intake.Importer{Out: h, Now: time.Now}
		res, err := im.Import(t.Context(), "x", strings.NewReader(lines.String()))
		if err := errors.Join(err, h.Close()); err != nil {
			t.Fatal(err)
		}
		return res
	}
	if res := imported(); res.Published != 1200 {
		t.Errorf("%+v", res)
	}
	// The last of them may wait for the next start, as those of a small file.
	if n := len(stored(t, a)); n < 500 {
		t.Errorf("%d of 1200 articles have landed while it ran", n)
	}
}
