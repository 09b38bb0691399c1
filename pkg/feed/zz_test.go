package feed

import (
	"math/rand"
	"testing"
	"bytes"
)

func TestZZRandom(t *testing.T) {
	r := rand.New(rand.NewSource(11))
	n, bad := 0, 0
	for _, cf := range cleanFeeds(t) {
		if len(cf.body) > 60_000 {
			continue
		}
		for range 150 {
			at := r.Intn(len(cf.body))
			b := bytes.Clone(cf.body)
			b[at] = byte(r.Intn(256))
			n++
			if l := lostItems(cf, b, at); l != "" {
				bad++
				t.Errorf("%s byte %#x at %d of %d (%q): %s", cf.name, b[at], at, len(b), cf.body[max(0, at-30):min(len(b), at+30)], l)
			}
		}
	}
	t.Log(n, bad)
}
