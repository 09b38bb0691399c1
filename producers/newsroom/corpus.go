package newsroom

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sort"
	"strings"
	"time"

	"github.com/dateline/dateline/pkg/feed"
	"github.com/dateline/dateline/pkg/text"
)

// Corpus says which real articles a newsroom replays.
type Corpus struct {
	// File holds JSON lines as `dateline import` takes them, gzipped or not, in
	// any order. It must not change while the newsroom runs.
	File string
	// Start is the moment of the corpus that becomes Config.Start; that of the
	// first article by default. What is older is left to CorpusHistory.
	Start time.Time
	// Speed is how many seconds of the corpus pass in a second; 1 by default.
	Speed float64
}

// CorpusStats says what a corpus file holds.
type CorpusStats struct {
	Articles int       // that can be replayed
	Broken   int       // lines that are no article, or have no address
	Undated  int       // articles without a date that can be read: left out
	Sources  int       // each has a feed
	From, To time.Time // dates of the first and the last article
	Before   int       // articles before the start
	Rate     float64   // articles a second, from the start to the end, at the chosen speed
}

// String says it in a line.
func (s CorpusStats) String() string {
	line := fmt.Sprintf("%d articles of %d sources from %s to %s, %d of them before the start; the others come at %.3g an hour",
		s.Articles, s.Sources, s.From.Format(time.DateOnly), s.To.Format(time.DateOnly), s.Before, 3600*s.Rate)
	if s.Broken+s.Undated > 0 {
		line += fmt.Sprintf("; %d broken lines and %d articles without a date left out", s.Broken, s.Undated)
	}
	return line
}

// corpus is an opened file: an index of 16 bytes an article, in order of time;
// texts are read from disk when their time comes.
type corpus struct {
	file    *os.File
	scratch bool // the file is an unpacked copy
	index   []corpusEntry
	start   time.Time // of the corpus
	begin   time.Time // the same moment on the newsroom's clock
	speed   float64
	stats   CorpusStats
	next    int // in index
	sources []corpusSource
	byName  map[string]int32 // domain -> position in sources
}

type corpusEntry struct {
	at     int64 // Unix nanoseconds
	offset int64
}

type corpusSource struct{ domain, name, language string } // as its first article has them

// corpusLine is an article as `dateline import` takes it.
type corpusLine struct {
	URL       string   `json:"url"`
	Title     string   `json:"title"`
	Text      string   `json:"text,omitempty"`
	Summary   string   `json:"summary,omitempty"`
	Published loose    `json:"published,omitempty"`
	Date      loose    `json:"date,omitempty"`
	Source    string   `json:"source,omitempty"`
	Author    string   `json:"author,omitempty"`
	Language  string   `json:"language,omitempty"`
	Section   string   `json:"section,omitempty"`
	Tags      []string `json:"tags,omitempty"`
}

// loose is a string or a number, as a string.
type loose string

// UnmarshalJSON takes strings, numbers and null.
func (l *loose) UnmarshalJSON(b []byte) error {
	if bytes.Equal(b, []byte("null")) {
		return nil
	}
	if b[0] != '"' {
		*l = loose(b)
		return nil
	}
	return json.Unmarshal(b, (*string)(l))
}

// Bounds of what one line may bring.
const (
	maxCorpusLine = 8 << 20
	maxCorpusText = 600 << 10
)

// openCorpus indexes a file. What is gzipped is unpacked into the directory for
// temporary files first, since articles are read in order of time.
func openCorpus(c Corpus, begin time.Time) (*corpus, error) {
	co := &corpus{speed: c.Speed, begin: begin, byName: map[string]int32{}}
	if err := co.open(c.File); err != nil {
		return nil, fmt.Errorf("newsroom: corpus %s: %w", c.File, err)
	}
	if co.stats.Articles == 0 {
		co.close()
		return nil, fmt.Errorf("newsroom: corpus %s: none of its lines is an article with an address and a date (%d broken, %d without a date)", c.File, co.stats.Broken, co.stats.Undated)
	}
	sort.Slice(co.index, func(i, j int) bool {
		a, b := co.index[i], co.index[j]
		return a.at < b.at || a.at == b.at && a.offset < b.offset
	})
	co.stats.From, co.stats.To = moment(co.index[0].at), moment(co.index[len(co.index)-1].at)
	co.start = c.Start
	if co.start.IsZero() {
		co.start = co.stats.From
	}
	if co.start.After(co.stats.To) {
		co.close()
		return nil, fmt.Errorf("newsroom: corpus %s: it ends on %s, before the start date %s", c.File, co.stats.To.Format(time.DateOnly), co.start.Format(time.DateOnly))
	}
	co.next = sort.Search(len(co.index), func(i int) bool { return co.index[i].at >= co.start.UnixNano() })
	co.stats.Before, co.stats.Sources = co.next, len(co.sources)
	lasts := co.stats.To.Sub(co.start).Seconds() / co.speed
	co.stats.Rate = float64(len(co.index)-co.next) / max(lasts, 1)
	return co, nil
}

func (co *corpus) close() {
	if co.file != nil {
		co.file.Close()
		if co.scratch {
			os.Remove(co.file.Name())
		}
	}
}

func (co *corpus) open(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	in := bufio.NewReaderSize(f, 1<<20)
	var copied *bufio.Writer
	co.file = f
	if head, _ := in.Peek(2); len(head) == 2 && head[0] == 0x1f && head[1] == 0x8b {
		defer f.Close()
		z, err := gzip.NewReader(in)
		if err != nil {
			return err
		}
		in = bufio.NewReaderSize(z, 1<<20)
		if co.file, err = os.CreateTemp("", "dateline-corpus-*.jsonl"); err != nil {
			return err
		}
		co.scratch = true
		copied = bufio.NewWriterSize(co.file, 1<<20)
	}
	offset := int64(0)
	for {
		line, size, err := readCorpusLine(in)
		if err != nil && !errors.Is(err, io.EOF) {
			co.close()
			return err
		}
		if size == 0 {
			break
		}
		if kept := co.note(line, offset); copied == nil {
			offset += int64(size)
		} else if kept {
			offset += int64(len(line))
			if _, err := copied.Write(line); err != nil {
				co.close()
				return fmt.Errorf("unpack to %s (set TMPDIR to a disk with room): %w", co.file.Name(), err)
			}
		}
	}
	if copied != nil {
		if err := copied.Flush(); err != nil {
			co.close()
			return fmt.Errorf("unpack to %s (set TMPDIR to a disk with room): %w", co.file.Name(), err)
		}
	}
	return nil
}

// readCorpusLine reads one line of any length; of one that is too long it
// gives nothing but its size. Lines that it gives end with a line feed.
func readCorpusLine(in *bufio.Reader) (line []byte, size int, err error) {
	for {
		part, err := in.ReadSlice('\n')
		if size += len(part); size <= maxCorpusLine {
			line = append(line, part...)
		} else {
			line = nil
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if n := len(line); n > 0 && line[n-1] != '\n' {
			line = append(line, '\n')
		}
		return line, size, err
	}
}

// note indexes a line; false when it cannot be replayed.
func (co *corpus) note(line []byte, offset int64) bool {
	line = bytes.TrimSpace(line)
	if len(line) == 0 {
		return false
	}
	var head struct {
		URL       string `json:"url"`
		Published loose  `json:"published"`
		Date      loose  `json:"date"`
		Source    string `json:"source"`
		Language  string `json:"language"`
	}
	if err := json.Unmarshal(bytes.TrimPrefix(line, []byte("\ufeff")), &head); err != nil {
		co.stats.Broken++
		return false
	}
	canonical, err := text.CanonicalURL(strings.TrimSpace(head.URL), nil)
	domain := ""
	if err == nil {
		domain = text.Source(canonical)
	}
	if domain == "" {
		co.stats.Broken++
		return false
	}
	at, ok := momentOf(head.Published, head.Date, canonical)
	if !ok {
		co.stats.Undated++
		return false
	}
	if _, known := co.byName[domain]; !known {
		name := clean(head.Source)
		if name == "" || len(name) > 200 {
			name = domain
		}
		co.byName[domain] = int32(len(co.sources))
		co.sources = append(co.sources, corpusSource{domain, name, head.Language})
	}
	co.index = append(co.index, corpusEntry{at.UnixNano(), offset})
	co.stats.Articles++
	return true
}

// momentOf is when an article came out. A date alone is given a time of day by
// the usual profile, so that a day's articles do not all come at midnight.
func momentOf(published, date loose, url string) (time.Time, bool) {
	when := strings.TrimSpace(string(published))
	if when == "" {
		when = strings.TrimSpace(string(date))
	}
	at, ok := feed.ParseDate(when)
	if !ok || at.Year() < 1700 || at.Year() > 2260 {
		return time.Time{}, false
	}
	if at.Equal(at.Truncate(24*time.Hour)) && !strings.Contains(when, ":") {
		r := &rng{fnv(0xcbf29ce484222325, url)}
		pick := r.unit() * 24
		for hour, share := range hourProfile {
			if pick -= share; pick < 0 {
				at = at.Add(time.Duration(hour)*time.Hour + time.Duration(r.unit()*float64(time.Hour)))
				break
			}
		}
	}
	return at.UTC(), true
}

// when is a moment of the corpus on the newsroom's clock.
func (co *corpus) when(at int64) time.Time {
	return co.begin.Add(time.Duration(float64(time.Duration(at-co.start.UnixNano())) / co.speed))
}

// read reads the line at an offset.
func (co *corpus) read(offset int64) (*corpusLine, error) {
	in := bufio.NewReaderSize(io.NewSectionReader(co.file, offset, maxCorpusLine+1), 32<<10)
	raw, _, err := readCorpusLine(in)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("newsroom: corpus: %w", err)
	}
	var line corpusLine
	if err := json.Unmarshal(bytes.TrimPrefix(bytes.TrimSpace(raw), []byte("\ufeff")), &line); err != nil {
		return nil, fmt.Errorf("newsroom: corpus changed while it was replayed: %w", err)
	}
	line.URL = strings.TrimSpace(line.URL)
	return &line, nil
}
