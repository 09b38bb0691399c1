package newsroom

import "sync"

// shelf bounds what texts and documents the windows keep: beyond the budget,
// those that nobody asked for lately are dropped (second chance). With a
// hundred thousand feeds all else is some hundred bytes a feed.
type shelf struct {
	budget int

	mu    sync.Mutex
	held  int
	queue []*window
}

// note books what a window keeps now. The caller holds the window's lock, and
// calls sweep once it has given it back.
func (s *shelf) note(w *window) {
	kept := w.texts
	if w.doc != nil {
		kept += len(w.doc.body) + len(w.doc.packed)
	}
	w.used = true
	s.mu.Lock()
	defer s.mu.Unlock()
	s.held += kept - w.booked
	w.booked = kept
	if !w.shelved && kept > 0 {
		w.shelved = true
		s.queue = append(s.queue, w)
	}
}

// sweep drops until the budget is kept. Windows that are in use are passed
// over; those used since the last look have a second chance.
func (s *shelf) sweep() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for looks := 2 * len(s.queue); s.held > s.budget && looks > 0; looks-- {
		w := s.queue[0]
		s.queue = s.queue[1:]
		if !w.mu.TryLock() {
			s.queue = append(s.queue, w)
			continue
		}
		if w.used {
			w.used = false
			s.queue = append(s.queue, w)
		} else {
			for i := range w.items {
				w.items[i].article = nil
			}
			s.held -= w.booked
			w.doc, w.shelved, w.texts, w.booked = nil, false, 0, 0
		}
		w.mu.Unlock()
	}
}

// size is about how many bytes an article takes; nil takes none.
func (a *article) size() int {
	if a == nil {
		return 0
	}
	n := 256 + len(a.xml) + len(a.title) + len(a.teaser) + len(a.url) + len(a.link) + len(a.guid)
	for _, p := range a.paragraphs {
		n += 16 + len(p)
	}
	return n
}
