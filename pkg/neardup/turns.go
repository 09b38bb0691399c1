package neardup

import "strings"

// turnList are words that say which way a thing went: a group a line, and in
// it the words of each side. Where a form is filled in again they may be all
// that differs. English only, as the names of days are.
const turnList = `up upward rise rises rose risen rising higher raise raises raised raising increase increases increased gain gains gained advance advances advanced climb climbs climbed lift lifts lifted hike hikes hiked jump jumps jumped stronger firmer/down downward fall falls fell fallen falling lower lowers lowered lowering cut cuts cutting decrease decreases decreased loss losses decline declines declined drop drops dropped slip slips slipped trim trims trimmed reduce reduces reduced weaker easier
profit profits/loss losses
open opens opened opening/close closes closed closing/midday
win wins won beat beats/lose loses lost
buy buys bought/sell sells sold
above/below
import imports/export exports
morning/afternoon/evening
first 1st/second 2nd/third 3rd/fourth 4th`

// turn is a side of a group.
type turn struct{ group, side uint8 }

// turns gives for the hash of a word its sides.
type turns map[uint64][]turn

func newTurns(terms func(dst []uint64, at []int32, s string) ([]uint64, []int32)) turns {
	t := turns{}
	for g, line := range strings.Split(turnList, "\n") {
		for side, words := range strings.Split(line, "/") {
			for _, w := range strings.Fields(words) {
				if h, _ := terms(nil, nil, w); len(h) == 1 {
					t[h[0]] = append(t[h[0]], turn{uint8(g), uint8(side)})
				}
			}
		}
	}
	return t
}

// opposite tells whether two words stand on two sides of a group, and on one of
// none.
func (t turns) opposite(a, b uint64) (is bool) {
	for _, x := range t[a] {
		for _, y := range t[b] {
			if x == y {
				return false
			}
			is = is || x.group == y.group
		}
	}
	return is
}

// turned counts the words of a passage in whose place the other text has their
// opposite.
func (r *Reader) turned(s, l *prose, p passage) (n int) {
	for i := p.from; i < p.to; i++ {
		if s.same[i] || r.turns[s.terms[i]] == nil {
			continue
		}
		j := p.other(i)
		for k := max(j-1, p.at); k <= min(j+1, p.atEnd-1); k++ {
			if !l.same[k] && r.turns.opposite(s.terms[i], l.terms[k]) {
				n++
				break
			}
		}
	}
	return n
}
