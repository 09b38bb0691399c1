package text

import "github.com/zeebo/xxh3"

// ID is the 64-bit xxh3 hash of an article's key: its canonical URL where that
// is usable, else the feed's URL and the item's GUID. It is never 0, which
// stands for none.
func ID(key string) uint64 {
	if id := xxh3.HashString(key); id != 0 {
		return id
	}
	return 1
}
