package judge

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/zeebo/xxh3"

	"github.com/dateline/dateline/pkg/neardup"
	"github.com/dateline/dateline/pkg/story"
)

// Analysis is what Dedupe needs to know of a text.
type Analysis struct {
	Terms    []uint64 // hashes of the normalised words of the text, in order
	At       []int32  // where each of them begins in the text, in bytes; may be nil
	Title    []uint64 // of the title
	BodyHash uint64   // of the normalised text; 0: no text
	Language string
	Sure     bool     // the text is long enough to tell its language
	Entities []string // entity ids
}

// DedupeOptions binds Dedupe to the packages that normalise texts.
type DedupeOptions struct {
	Config    Config
	Terms     func(dst []uint64, s string) []uint64 // appends hashes of normalised words
	Analyse   func(a *Analysis, title, text string) // fills a; may reuse its slices
	Canonical func(url string) (string, bool)       // canonical URL; false: not usable as identity
	Broken    func(line int, err error)             // called for each line that cannot be used; may be nil
}

// Summary counts what Dedupe saw.
type Summary struct {
	Lines, Originals, Copies, Revisions, Stories, Broken int
}

// ErrBroken is returned by Dedupe where lines could not be used.
var ErrBroken = errors.New("lines could not be read")

// maxLine bounds one line of input, in bytes.
const maxLine = 16 << 20

// Dedupe judges JSON lines {"id","title","text","published","source","url"} in
// their order and writes {"id","kind","copy_of","story","similarity"} lines.
// Ids may be any JSON strings or numbers and are echoed as they came.
//
// Two lines are one article where their canonical URLs agree or, without a
// usable URL, their ids. A changed text of a known article is a revision; the
// same text again, or one cut by more than a third, is a copy of it. There is
// no wall clock: the order of lines stands for the time at which they were
// seen, published (where it can be read) for nearness in time, and revisions
// are not throttled. The similarity of an original is 0, that of a revision is
// to the text before.
//
// A line that cannot be used is reported to Broken and left out; the rest goes
// on, and the error at the end wraps ErrBroken.
func Dedupe(ctx context.Context, r io.Reader, w io.Writer, o DedupeOptions) (sum Summary, err error) {
	o.Config.RevisionEvery = 0
	d := &deduper{o: o, judge: New(o.Config), sketcher: neardup.NewSketcher(o.Terms), weigher: story.NewWeigher(o.Terms), names: map[uint64]json.RawMessage{}, spoken: map[string]string{}, byID: map[string]uint64{}, texts: newShelf(o.Config.Copies.MaxDocs)}
	defer func() { err = errors.Join(err, d.texts.close()) }()
	in := bufio.NewReaderSize(r, 64<<10)
	out := bufio.NewWriter(w)
	var buf []byte
	for n := 1; ; n++ {
		if err := ctx.Err(); err != nil {
			return d.sum, errors.Join(err, out.Flush())
		}
		line, long, err := readLine(in, &buf)
		if err != nil && err != io.EOF {
			return d.sum, errors.Join(fmt.Errorf("read line %d: %w", n, err), out.Flush())
		}
		last := err == io.EOF
		if line = bytes.TrimSpace(line); len(line) > 0 || long {
			if werr := d.handle(n, line, long, out); werr != nil {
				return d.sum, werr
			}
		}
		if last {
			break
		}
	}
	if err := out.Flush(); err != nil {
		return d.sum, fmt.Errorf("write: %w", err)
	}
	if d.sum.Broken > 0 {
		return d.sum, fmt.Errorf("%d of %d %w", d.sum.Broken, d.sum.Lines, ErrBroken)
	}
	return d.sum, nil
}

// readLine reads up to a newline; long: the line was longer than maxLine and
// has been skipped.
func readLine(r *bufio.Reader, buf *[]byte) (line []byte, long bool, err error) {
	*buf = (*buf)[:0]
	for {
		part, err := r.ReadSlice('\n')
		if long = long || len(*buf)+len(part) > maxLine; !long {
			*buf = append(*buf, part...)
		}
		if err == bufio.ErrBufferFull {
			continue
		}
		if long {
			*buf = (*buf)[:0]
		}
		return *buf, long, err
	}
}

type deduper struct {
	o        DedupeOptions
	judge    *Judge
	sketcher *neardup.Sketcher
	weigher  *story.Weigher
	analysis Analysis
	in       Input
	names    map[uint64]json.RawMessage // article -> id of the line that brought it
	spoken   map[string]string          // source -> its language, by the last text that told
	byID     map[string]uint64          // id of a line -> article
	texts    *shelf
	sum      Summary
}

type line struct {
	ID        json.RawMessage `json:"id"`
	Title     string          `json:"title"`
	Text      string          `json:"text"`
	Published string          `json:"published"`
	Date      string          `json:"date"`
	Source    string          `json:"source"`
	URL       string          `json:"url"`
}

type verdictLine struct {
	ID         json.RawMessage `json:"id"`
	Kind       Kind            `json:"kind"`
	CopyOf     json.RawMessage `json:"copy_of"`
	Story      json.RawMessage `json:"story"`
	Similarity float32         `json:"similarity"`
}

func (d *deduper) handle(n int, raw []byte, long bool, w io.Writer) error {
	d.sum.Lines++
	l, err := parseLine(raw, long)
	if err != nil {
		d.sum.Broken++
		if d.o.Broken != nil {
			d.o.Broken(n, err)
		}
		return nil
	}
	v, err := d.decide(n, l)
	if err != nil {
		return err
	}
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	if _, err = w.Write(append(b, '\n')); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

func parseLine(raw []byte, long bool) (*line, error) {
	if long {
		return nil, fmt.Errorf("longer than %d bytes", maxLine)
	}
	l := new(line)
	if err := json.Unmarshal(raw, l); err != nil {
		return nil, err
	}
	switch {
	case len(l.ID) == 0 || string(l.ID) == "null" || string(l.ID) == `""`:
		return nil, errors.New("no id")
	case l.ID[0] != '"' && l.ID[0] != '-' && (l.ID[0] < '0' || l.ID[0] > '9'):
		return nil, errors.New("id is neither a string nor a number")
	case strings.TrimSpace(l.Text) == "" && strings.TrimSpace(l.Title) == "":
		return nil, errors.New("no text")
	}
	if l.Published == "" {
		l.Published = l.Date
	}
	return l, nil
}

func (d *deduper) decide(n int, l *line) (verdictLine, error) {
	d.fill(n, l)
	in := &d.in
	v, err := d.judge.Read(in, nil, d.texts)
	if err != nil {
		return verdictLine{}, err
	}
	if _, ok := d.names[in.ID]; !ok {
		d.names[in.ID] = l.ID
	}
	out := verdictLine{ID: l.ID, Kind: v.Kind, Story: d.names[v.Story], Similarity: v.Similarity}
	original := v.CopyOf
	switch v.Kind {
	case Original:
		d.sum.Originals++
		if v.Story == in.ID {
			d.sum.Stories++
		}
	case Copy:
		d.sum.Copies++
	default: // of a known article
		if original == 0 {
			original = in.ID
		}
		out.Similarity = d.judge.Similarity(in, in.ID)
		if v.Kind == Revision {
			d.sum.Revisions++
		} else {
			out.Kind = Copy
			d.sum.Copies++
		}
	}
	if original != 0 {
		out.CopyOf = d.names[original]
	}
	d.judge.Fold(in, v)
	if v.Kind == Same {
		return out, nil
	}
	return out, d.texts.add(in.ID, l.Text)
}

// fill makes a judge's input of a line; its number is its time.
func (d *deduper) fill(n int, l *line) {
	a := &d.analysis
	d.o.Analyse(a, l.Title, l.Text)
	// A table of results or a flash looks like any language; its source does not.
	if a.Sure {
		d.spoken[l.Source] = a.Language
	} else if known, ok := d.spoken[l.Source]; ok {
		a.Language = known
	}
	d.in.Text = l.Text
	d.in.Terms = d.weigher.Append(d.in.Terms[:0], a.Title, a.Terms, a.At, l.Text, a.Language)
	d.in.Doc = neardup.Doc{
		ID: d.article(l), SeenAt: time.UnixMilli(int64(n)), TS: published(l.Published),
		Source: l.Source, Language: a.Language, BodyHash: a.BodyHash,
		Sketch: d.sketcher.Append(d.in.Sketch[:0], a.Terms, a.At, l.Text),
		Words:  len(a.Terms), Title: a.Title, Entities: a.Entities,
	}
}

// article gives the id of the article that a line is about.
func (d *deduper) article(l *line) uint64 {
	name := string(l.ID)
	id, known := d.byID[name]
	if u, ok := d.o.Canonical(l.URL); l.URL != "" && ok {
		id, known = xxh3.HashString("url "+u), true
	}
	if !known {
		id = xxh3.HashString("id " + name)
	}
	id = max(id, 1)
	if _, ok := d.byID[name]; !ok {
		d.byID[name] = id
	}
	return id
}

// published reads the forms of dates that files have; what it cannot read is
// an unknown time.
func published(s string) time.Time {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02 15:04:05", time.DateOnly, time.RFC1123Z, time.RFC1123} {
		if t, err := time.Parse(layout, s); err == nil {
			return t
		}
	}
	return time.Time{}
}
