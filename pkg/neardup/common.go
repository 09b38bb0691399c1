package neardup

import (
	"strings"

	"github.com/zeebo/xxh3"
)

// commonWords are the function words of the languages that news feeds use
// most. Shingles of them alone ("one of the") stand in every text: they tell
// nothing, and make a short text look contained in any long one.
const commonWords = `
a about after again against all also an and any are as at be because been before being between both but by can could
did do does down during each for from had has have he her here him his how i if in into is it its just like may me
might more most much must my no nor not now of off on one only or other our out over own said same say says she should
since so some such than that the their them then there these they this those through to too two under until up upon us
very was we were what when where which while who whom why will with would you your
der die das und in den von zu mit sich des auf für ist im dem nicht ein eine als auch es an werden aus er hat dass sie
nach wird bei einer um am sind noch wie einem über
le la les de des du un une et en à que qui dans pour par sur au aux est pas il elle ce cette se sont avec plus son sa ses
el los las del y que en por con para se su al lo como más pero sus ha es una sin sobre
o os as do da dos das em um uma não com no na nos nas ao foi mais
di che è il per non si della dei delle nel alla sono anche
het een van op te dat niet zijn met voor er aan ook bij door naar om
`

// NewSketcher gives a sketcher for words hashed by terms, which appends the
// hashes of the normalised words of s to dst. Sketches compare only where they
// come from the same function.
func NewSketcher(terms func(dst []uint64, s string) []uint64) *Sketcher {
	return &Sketcher{common: newHashes(func(add func(uint64)) {
		for _, w := range strings.Fields(commonWords) {
			for _, h := range terms(nil, w) {
				add(h)
			}
		}
	})}
}

// corrections are the words by which a title says that the text was sent
// before: its numbers may differ from those of that text.
var corrections = newHashes(func(add func(uint64)) {
	for _, w := range strings.Fields("correct corrected correcting correction corrections corrects refile refiled refiles repeat repeats") {
		add(xxh3.HashString(w))
	}
})

// hashes is a set of hashes that most lookups miss: one bit tells so.
type hashes struct {
	filter [64]uint64 // a bit for the lower 12 bits of each
	set    map[uint64]struct{}
}

func newHashes(fill func(add func(uint64))) hashes {
	s := hashes{set: map[uint64]struct{}{}}
	fill(func(h uint64) {
		s.filter[h>>6&63] |= 1 << (h & 63)
		s.set[h] = struct{}{}
	})
	return s
}

func (s *hashes) has(h uint64) bool {
	if s.filter[h>>6&63]&(1<<(h&63)) == 0 {
		return false
	}
	_, ok := s.set[h]
	return ok
}
