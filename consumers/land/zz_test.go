package land

import (
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
)

func TestZZ(t *testing.T) {
	from, _ := strconv.ParseUint(os.Getenv("FROM"), 10, 64)
	to, _ := strconv.ParseUint(os.Getenv("TO"), 10, 64)
	for seed := from; seed < to; seed++ {
		r := rand.New(rand.NewPCG(seed, 1))
		if s := simulate(t, func(_ string, n int) int { return r.IntN(n) }, os.Getenv("MUTANT")); s.wrong != "" {
			t.Fatalf("seed %d: %s\n%s", seed, s.wrong, strings.Join(s.trace, "\n"))
		}
	}
}
func TestZY(t *testing.T) {
	from, _ := strconv.ParseUint(os.Getenv("FROM"), 10, 64)
	r := rand.New(rand.NewPCG(from, 1))
	s := simulate(t, func(_ string, n int) int { return r.IntN(n) }, os.Getenv("MUTANT"))
	for i, m := range s.log {
		t.Logf("%d %.400s", i, m.Value)
	}
	for _, x := range s.tables.(*memory).data["articles"] {
		t.Logf("%d %v r%d %v seen %v words %d hash %x", x.off, x.ID, x.Revision, x.CopyOf, x.SeenAt, x.Words, x.BodyHash)
	}
}
