package fetch

import (
	"sync"

	"github.com/zeebo/xxh3"
)

// finals remembers where a redirect led to that ended at another origin, so
// that the validators which came from there go there again, and nowhere else.
type finals struct {
	mu    sync.Mutex
	known map[uint64]uint64 // hash of the address asked to that of the one that answered
}

const maxFinals = 1 << 16

// learn notes that final answered a request for url, with validators.
func (f *finals) learn(url, final string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.known == nil || len(f.known) >= maxFinals {
		f.known = map[uint64]uint64{} // the next answer of each is a whole one
	}
	f.known[xxh3.HashString(url)] = xxh3.HashString(final)
}

// gave tells whether the validators for url came from final.
func (f *finals) gave(url, final string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	h, ok := f.known[xxh3.HashString(url)]
	return ok && h == xxh3.HashString(final)
}
