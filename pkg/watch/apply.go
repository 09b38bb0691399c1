package watch

import (
	"github.com/dateline/dateline/pkg/entity"
)

var _ entity.Watcher = (*Watcher)(nil)

// Watcher gives the user's list the last word over what a tagger and a linker
// found. It is for one goroutine.
type Watcher struct {
	*Matcher
	meant  map[string]int32 // entity ids of the linker that are entries in this document
	refs   map[string]int32 // rows in the tables of what was found in it
	hits   [2][]Hit
	merged [2][]entity.Mention
}

// NewWatcher makes a watcher over a list; nil: an empty one.
func NewWatcher(l *List) *Watcher {
	return &Watcher{Matcher: NewMatcher(l), meant: map[string]int32{}, refs: map[string]int32{}}
}

// Watch implements entity.Watcher.
//
// A name of the list replaces whatever was found over its place: span, kind,
// entity and name. Where exactly that span had been found, what the linker took
// for the same entity elsewhere in the document, a surname for one, goes with
// it. Where a name of an entry is not meant, that entity is not found either.
func (w *Watcher) Watch(title, text string, inTitle, inText []entity.Mention) (outTitle, outText []entity.Mention) {
	if w.l.Len() == 0 {
		return inTitle, inText
	}
	clear(w.meant)
	clear(w.refs)
	some := false
	for i, part := range [2]string{title, text} {
		w.hits[i] = append(w.hits[i][:0], w.Find(part)...)
		some = some || len(w.hits[i]) > 0
	}
	if !some {
		return inTitle, inText
	}
	w.learn(w.hits[0], inTitle)
	w.learn(w.hits[1], inText)
	w.merged[0] = w.merge(w.merged[0][:0], w.hits[0], inTitle)
	w.merged[1] = w.merge(w.merged[1][:0], w.hits[1], inText)
	return append(inTitle[:0], w.merged[0]...), append(inText[:0], w.merged[1]...)
}

// learn notes what the linker calls the entries.
func (w *Watcher) learn(hits []Hit, found []entity.Mention) {
	for i := range found {
		if found[i].Ref >= 0 {
			w.refs[found[i].EntityID] = found[i].Ref
		}
	}
	k := 0
	for _, h := range hits {
		if h.Why != Meant {
			continue
		}
		for k < len(found) && found[k].Start < h.Start {
			k++
		}
		if k < len(found) && found[k].Start == h.Start && found[k].End == h.End && found[k].EntityID != "" {
			if _, taken := w.meant[found[k].EntityID]; !taken {
				w.meant[found[k].EntityID] = h.Entry
			}
		}
	}
}

// merge puts the hits into what was found.
func (w *Watcher) merge(dst []entity.Mention, hits []Hit, found []entity.Mention) []entity.Mention {
	h := 0
	emit := func(before int32) {
		for ; h < len(hits) && hits[h].Start < before; h++ {
			if hits[h].Why == Meant {
				dst = append(dst, w.mention(&hits[h]))
			}
		}
	}
	first := 0 // hits before it end before what comes
	for i := range found {
		m := &found[i]
		for first < len(hits) && hits[first].End <= m.Start {
			first++
		}
		keep, entry := true, int32(-1)
		if e, ok := w.meant[m.EntityID]; ok {
			entry = e
		}
		for k := first; k < len(hits) && hits[k].Start < m.End; k++ {
			if hits[k].End <= m.Start {
				continue
			}
			switch hits[k].Why {
			case Meant:
				keep = false
			case NotNear, Excluded:
				keep = keep && hits[k].Entry != entry && w.l.entries[hits[k].Entry].ID != m.EntityID
			}
		}
		if !keep {
			continue
		}
		emit(m.Start)
		if entry >= 0 {
			e := &w.l.entries[entry]
			if m.EntityID != e.ID {
				m.Ref = -1
			}
			m.EntityID, m.Name, m.Kind, m.Watched = e.ID, e.Name, entity.Kind(e.kind), true
		}
		dst = append(dst, *m)
	}
	emit(1<<31 - 1)
	return dst
}

// mention makes what a hit stands for; its row in the tables is that of the
// same entity where the linker has found it in this document.
func (w *Watcher) mention(h *Hit) entity.Mention {
	e := &w.l.entries[h.Entry]
	m := entity.Mention{Start: h.Start, End: h.End, Kind: entity.Kind(e.kind), EntityID: e.ID, Name: e.Name, Score: 1, Ref: -1, Watched: true}
	if ref, ok := w.refs[e.ID]; ok {
		m.Ref = ref
	}
	return m
}
