package land

import (
	"context"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestModelOnClickHouse plays schedules of the model against the real tables:
// what comes out is what a calm run over the same log leaves.
func TestModelOnClickHouse(t *testing.T) {
	seeds := 5
	if n, err := strconv.Atoi(os.Getenv("DATELINE_MODEL_SEEDS")); err == nil {
		seeds = n
	}
	w := database(t)
	fresh := func() {
		t.Helper()
		if _, err := w.store.NewEpoch(context.Background(), "test"); err != nil {
			t.Fatal(err)
		}
		w.wipe()
	}
	for seed := range uint64(seeds) {
		r := rand.New(rand.NewPCG(seed, 2))
		pick := func(_ string, n int) int { return r.IntN(n) }
		fresh()
		s := newSim(t, pick, w.store, smallWindow, documentsFor(pick, 12, false, seed%2 == 1))
		s.faults = 6
		s.play(t)
		s.close()
		got := w.content()
		if seed == uint64(seeds)-1 {
			w.sound()
		}
		fresh()
		calm := s.calm(t, w.store)
		if len(calm.log) > len(s.log) {
			s.fail("%d texts that came too soon were not offered again", len(calm.log)-len(s.log))
		}
		if want := w.content(); !slices.Equal(got, want) {
			s.fail("%d rows, want %d, or other ones", len(got), len(want))
		}
		if s.wrong != "" {
			t.Errorf("seed %d: %s\n%s", seed, s.wrong, strings.Join(s.trace, "\n"))
		}
	}
}
