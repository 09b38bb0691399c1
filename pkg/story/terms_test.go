package story

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/zeebo/xxh3"
)

// starts gives where the words of s begin.
func starts(s string) (at []int32) {
	in := false
	for i, r := range s {
		word := !strings.ContainsRune(" \n\t.,:", r)
		if word && !in {
			at = append(at, int32(i))
		}
		in = word
	}
	return at
}

func TestAppend(t *testing.T) {
	w := NewWeigher(words)
	weightOf := func(t Terms, word string) (weight float64, title bool) {
		for _, v := range t {
			if v>>8 == uint32(xxh3.HashString(word)>>40) {
				return float64(v&maxWeight) / unit, v&inTitle != 0
			}
		}
		return 0, false
	}
	text := "Harbour talks ended. The harbour will close, and the harbour master resigned." + strings.Repeat(" filler", 100) + " quay"
	got := w.Append(nil, words(nil, "The harbour closes"), words(nil, text), starts(text), text, "en")
	for _, c := range []struct {
		word   string
		weight float64
		title  bool
	}{
		{"harbour", 1 + 1.0986 + 1 + .5, true}, {"closes", 2, true}, {"talks", 1.5, false}, {"quay", 1, false}, {"the", 0, false}, {"will", 0, false},
	} {
		weight, title := weightOf(got, c.word)
		if title != c.title || weight < c.weight-.05 || weight > c.weight+.05 {
			t.Errorf("%s: weight %.2f, title %v; want %.2f, %v", c.word, weight, title, c.weight, c.title)
		}
	}
	if err := got.Validate(); err != nil {
		t.Error(err)
	}
	// What stood in dst before stays, and the scratch space of one text does not show in the next.
	kept := w.Append(Terms{7}, words(nil, "Ferry"), nil, nil, "", "en")
	if len(kept) != 2 || kept[0] != 7 {
		t.Errorf("appended %v", kept)
	}
	if empty := w.Append(nil, nil, nil, nil, "", "en"); len(empty) != 0 {
		t.Errorf("nothing has terms %v", empty)
	}
}

// TestBounds: long texts, long titles and repeats keep within MaxTerms, and the
// words of the title are among them.
func TestBounds(t *testing.T) {
	w := NewWeigher(words)
	var text strings.Builder
	for i := range 3 * maxWords {
		fmt.Fprintf(&text, "word%d again ", i)
	}
	title := strings.Repeat("alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu ", 3)
	got := w.Append(nil, words(nil, title), words(nil, text.String()), nil, text.String(), "en")
	titled := 0
	for _, v := range got {
		if v&inTitle != 0 {
			titled++
		}
	}
	if len(got) != MaxTerms || titled != maxTitle || got.Validate() != nil {
		t.Errorf("%d terms, %d of the title, %v", len(got), titled, got.Validate())
	}
	for _, bad := range []Terms{make(Terms, MaxTerms+1), {5 << 8, 3 << 8}, {5<<8 | 1, 5<<8 | 2}} {
		if bad.Validate() == nil {
			t.Errorf("%v is taken", bad)
		}
	}
}

// TestUnlisted: where no list says which words are function words, short ones
// give way.
func TestUnlisted(t *testing.T) {
	w := NewWeigher(words)
	var parts []string
	for i := range 40 {
		parts = append(parts, fmt.Sprintf("a%d", i%10), fmt.Sprintf("słowo%d", i))
	}
	text := strings.Join(parts, " ")
	got := w.Append(nil, nil, words(nil, text), starts(text), text, "pl")
	for i := range 10 {
		h := uint32(xxh3.HashString(fmt.Sprintf("a%d", i)) >> 40)
		if slices.ContainsFunc(got, func(v uint32) bool { return v>>8 == h }) {
			t.Errorf("a%d of two letters is kept before words of six", i)
		}
	}
}
