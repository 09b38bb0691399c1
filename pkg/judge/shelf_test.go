package judge

import (
	"os"
	"strings"
	"testing"
)

// TestShelf keeps more than fits into memory, and reads everything back that
// the window still holds.
func TestShelf(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	s := newShelf(4000)
	text := func(id, version int) string {
		return strings.Repeat(string(rune('a'+(id+version)%26)), 30_000+id%7*1000)
	}
	const n = 9000
	for id := range n {
		if err := s.add(uint64(id%8000), text(id%8000, id/8000)); err != nil {
			t.Fatal(err)
		}
		for _, back := range []int{0, 1, 100, 3900} {
			if old := id - back; old >= 0 && id < 8000 && id%97 == 0 {
				if got, err := s.Text(uint64(old)); err != nil || got != text(old, 0) {
					t.Fatalf("text %d after %d: %d bytes, %v", old, id, len(got), err)
				}
			}
		}
	}
	for id, want := range map[uint64]string{999: text(999, 1), 7999: text(7999, 0), 5000: text(5000, 0), 4999: "", 1000: ""} {
		if got, err := s.Text(id); err != nil || got != want {
			t.Errorf("text %d: %d bytes, %v; want %d", id, len(got), err, len(want))
		}
	}
	if s.file == nil || s.places*boxSize > 150<<20 || len(s.texts) != 4000 {
		t.Errorf("%d places in the file for %d texts", s.places, len(s.texts))
	}
	name := s.file.Name()
	if err := s.close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(name); !os.IsNotExist(err) {
		t.Errorf("the file stays: %v", err)
	}
}
