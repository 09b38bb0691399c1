package judge

import (
	"errors"
	"fmt"
	"os"

	"github.com/dateline/dateline/pkg/neardup"
)

const (
	boxSize  = 1 << 20 // bytes of text that are moved at once
	maxBoxes = 96      // that stay in memory
)

// shelf holds the texts of a window in boxes, in the order in which they came.
// The newest boxes are in memory, those before in a temporary file, the oldest
// give their place in it to others.
type shelf struct {
	limit  int // texts
	file   *os.File
	boxes  []box
	gone   int               // boxes dropped before the first of boxes
	spared int               // boxes from the first on that are in the file
	free   []int64           // places in the file
	places int64             // that the file has
	texts  map[uint64]parcel // the latest of each article
	queue  []uint64          // articles in the order of their texts, repeats included
}

type box struct {
	data  []byte // nil: in the file
	place int64
	n     int // texts that began in it and are in the queue
}

// parcel is where a text lies.
type parcel struct {
	box, from, size int
	n               int // of its texts in the queue
}

func newShelf(limit int) *shelf { return &shelf{limit: limit, texts: map[uint64]parcel{}} }

// add keeps the text of an article.
func (s *shelf) add(id uint64, text string) error {
	text = neardup.Readable(text)
	if len(s.boxes) == 0 || len(s.boxes[len(s.boxes)-1].data)+len(text) > boxSize {
		s.boxes = append(s.boxes, box{data: make([]byte, 0, boxSize)})
		if err := s.spare(); err != nil {
			return err
		}
	}
	b := &s.boxes[len(s.boxes)-1]
	p := s.texts[id]
	p.box, p.from, p.size = s.gone+len(s.boxes)-1, len(b.data), len(text)
	p.n++
	s.texts[id] = p
	b.data = append(b.data, text...)
	s.queue = append(s.queue, id)
	b.n++
	for len(s.queue) > s.limit {
		s.drop()
	}
	return nil
}

// spare moves a box to the file where too many are in memory.
func (s *shelf) spare() error {
	if len(s.boxes)-s.spared <= maxBoxes {
		return nil
	}
	if s.file == nil {
		f, err := os.CreateTemp("", "dateline-texts-*")
		if err != nil {
			return fmt.Errorf("make a temporary file for texts: %w", err)
		}
		s.file = f
	}
	b := &s.boxes[s.spared]
	if n := len(s.free); n > 0 {
		b.place, s.free = s.free[n-1], s.free[:n-1]
	} else {
		b.place = s.places
		s.places++
	}
	if _, err := s.file.WriteAt(b.data, b.place*boxSize); err != nil {
		return fmt.Errorf("write texts to a temporary file: %w", err)
	}
	b.data = nil
	s.spared++
	return nil
}

// drop forgets the oldest text.
func (s *shelf) drop() {
	id := s.queue[0]
	s.queue = s.queue[1:]
	if p := s.texts[id]; p.n == 1 {
		delete(s.texts, id)
	} else {
		p.n--
		s.texts[id] = p
	}
	b := &s.boxes[0]
	if b.n--; b.n > 0 || len(s.boxes) == 1 {
		return
	}
	if s.spared > 0 {
		s.free = append(s.free, b.place)
		s.spared--
	}
	s.boxes = s.boxes[1:]
	s.gone++
}

// Text gives the latest text of an article, "" where it is gone.
func (s *shelf) Text(id uint64) (string, error) {
	p, ok := s.texts[id]
	if !ok || p.box < s.gone {
		return "", nil
	}
	b := &s.boxes[p.box-s.gone]
	if b.data != nil {
		return string(b.data[p.from : p.from+p.size]), nil
	}
	data := make([]byte, p.size)
	if _, err := s.file.ReadAt(data, b.place*boxSize+int64(p.from)); err != nil {
		return "", fmt.Errorf("read a text from a temporary file: %w", err)
	}
	return string(data), nil
}

// close removes the file.
func (s *shelf) close() error {
	if s.file == nil {
		return nil
	}
	return errors.Join(s.file.Close(), os.Remove(s.file.Name()))
}
