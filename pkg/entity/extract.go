package entity

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// ExtractOptions say how RunExtract reads its input.
type ExtractOptions struct {
	JSONL bool // {"id","title","text"} lines; without it told by the first line
	CoNLL bool // one token a line in, token<TAB>tag out

	// Language names the language of a text, as ISO 639-1 or und. Nil: und.
	Language func(text string) string
	// OnBroken hears of each line that could not be read. Nil: nobody does.
	OnBroken func(line int, err error)
	// OnBare hears of each object that has neither a title nor a text. Nil:
	// nobody does.
	OnBare func(line int)
}

// ErrBroken is returned, wrapped, by RunExtract where lines could not be read.
var ErrBroken = errors.New("broken lines")

// maxLine bounds one line of input in bytes.
const maxLine = 64 << 20

type extractMention struct {
	Start    int32   `json:"start"`
	End      int32   `json:"end"`
	Text     string  `json:"text"`
	Kind     string  `json:"kind"`
	EntityID string  `json:"entity_id"`
	Name     string  `json:"name"`
	Score    float32 `json:"score"`
	In       string  `json:"in,omitempty"`      // "title", or nothing for the text
	InLead   bool    `json:"in_lead,omitempty"` // of the text
	Counted  bool    `json:"counted"`           // as coverage of the entity
}

type extractLine struct {
	ID       json.RawMessage  `json:"id"`
	Language string           `json:"language"`
	Mentions []extractMention `json:"mentions"`
	Error    string           `json:"error,omitempty"`
}

// RunExtract reads texts from r and writes the names in them to w: one line of
// JSON out for each line in (plain text as a whole is one), each judged by
// itself. A line that cannot be read gives a line with "error" and is told to
// OnBroken; when all is done the error wraps ErrBroken. Bytes that are no
// UTF-8 in JSON are read as U+FFFD, as JSON decoders do.
func (p *Pipeline) RunExtract(ctx context.Context, r io.Reader, w io.Writer, opt ExtractOptions) error {
	in := bufio.NewReaderSize(r, 1<<16)
	out := bufio.NewWriterSize(w, 1<<16)
	var err error
	switch {
	case opt.CoNLL:
		err = p.conll(ctx, in, out)
	case opt.JSONL || looksLikeJSON(in):
		err = p.jsonLines(ctx, in, out, opt)
	default:
		err = p.plain(in, out, opt)
	}
	if ferr := out.Flush(); ferr != nil && (err == nil || errors.Is(err, ErrBroken)) {
		err = fmt.Errorf("write: %w", ferr)
	}
	return err
}

// looksLikeJSON says whether the first line is a JSON object with a text or
// title, as far as a buffer shows it.
func looksLikeJSON(in *bufio.Reader) bool {
	head, _ := in.Peek(1 << 16)
	head = bytes.TrimLeft(bytes.TrimPrefix(head, utf8BOM), " \t\r\n")
	if len(head) == 0 || head[0] != '{' {
		return false
	}
	line, _, whole := bytes.Cut(head, []byte("\n"))
	if whole || len(line) < 1<<15 {
		var d map[string]json.RawMessage
		if json.Unmarshal(line, &d) != nil {
			return false
		}
		_, text := d["text"]
		_, title := d["title"]
		return text || title
	}
	return bytes.Contains(line, []byte(`"text"`)) || bytes.Contains(line, []byte(`"title"`))
}

var utf8BOM = []byte("\ufeff")

func (p *Pipeline) plain(in io.Reader, out *bufio.Writer, opt ExtractOptions) error {
	b, err := io.ReadAll(io.LimitReader(in, maxLine+1))
	if err != nil {
		return fmt.Errorf("read: %w", err)
	}
	if len(b) > maxLine {
		return fmt.Errorf("read: more than %d MB of plain text; give one text a line as JSON", maxLine>>20)
	}
	return p.write(out, extractLine{ID: json.RawMessage("null")}, "", string(b), opt)
}

func (p *Pipeline) jsonLines(ctx context.Context, in *bufio.Reader, out *bufio.Writer, opt ExtractOptions) error {
	broken, n := 0, 0
	var buf []byte
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		line, err := readLine(in, buf[:0])
		buf = line
		if err == io.EOF {
			break
		}
		n++
		if err != nil && !errors.Is(err, errLong) {
			return fmt.Errorf("read line %d: %w", n, err)
		}
		doc := struct {
			ID    json.RawMessage `json:"id"`
			Title *string         `json:"title"`
			Text  *string         `json:"text"`
		}{}
		if n == 1 {
			line = bytes.TrimPrefix(line, utf8BOM)
		}
		if line = bytes.TrimSpace(line); err == nil && len(line) > 0 {
			err = plainly(json.Unmarshal(line, &doc), line)
		}
		if err == nil && opt.OnBare != nil && len(line) > 0 && doc.Title == nil && doc.Text == nil {
			opt.OnBare(n)
		}
		head := extractLine{ID: doc.ID}
		if len(head.ID) == 0 {
			head.ID = json.RawMessage("null")
		}
		if err != nil {
			broken++
			head.Error = fmt.Sprintf("line %d: %v", n, err)
			if opt.OnBroken != nil {
				opt.OnBroken(n, err)
			}
			doc.Title, doc.Text = nil, nil
		}
		if err := p.write(out, head, value(doc.Title), value(doc.Text), opt); err != nil {
			return err
		}
	}
	if broken > 0 {
		return fmt.Errorf("%w: %d of %d", ErrBroken, broken, n)
	}
	return nil
}

func value(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// plainly says in plain words what is wrong with a line of JSON.
func plainly(err error, line []byte) error {
	var t *json.UnmarshalTypeError
	switch {
	case errors.As(err, &t) && t.Field != "":
		return fmt.Errorf("%s is not a string but a JSON %s", t.Field, t.Value)
	case errors.As(err, &t) || err == nil && line[0] != '{':
		return errors.New(`not a JSON object, want {"id":…,"title":"…","text":"…"}`)
	}
	return err
}

// write puts out one line: mentions of the title first.
func (p *Pipeline) write(out *bufio.Writer, line extractLine, title, text string, opt ExtractOptions) error {
	line.Language = "und"
	if opt.Language != nil && line.Error == "" {
		line.Language = opt.Language(title + "\n" + text)
	}
	inText, inTitle := p.Extract(title, text)
	p.mark(title, text, inTitle, inText)
	line.Mentions = make([]extractMention, 0, len(inText)+len(inTitle))
	add := func(s, where string, ms []Mention) {
		for i := range ms {
			m := &ms[i]
			line.Mentions = append(line.Mentions, extractMention{
				m.Start, m.End, m.Surface(s), m.Kind.String(), m.EntityID, m.Name, m.Score, where, m.Lead, m.Counted})
		}
	}
	add(title, "title", inTitle)
	add(text, "", inText)
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(line); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

var errLong = fmt.Errorf("longer than %d MB", maxLine>>20)

// readLine reads one line without its line end into buf. A line that is too
// long is read to its end and reported as errLong; io.EOF means there is none.
func readLine(in *bufio.Reader, buf []byte) ([]byte, error) {
	long := false
	for {
		part, err := in.ReadSlice('\n')
		if len(buf)+len(part) > maxLine {
			long = true
		} else {
			buf = append(buf, part...)
		}
		if err == bufio.ErrBufferFull {
			continue
		}
		if err == io.EOF && (len(buf) > 0 || long) {
			err = nil
		}
		if err == nil && long {
			err = errLong
		}
		if n := len(buf); n > 0 && buf[n-1] == '\n' {
			buf = buf[:n-1]
		}
		return buf, err
	}
}

// validPrefix cuts s to at most n bytes at a rune border.
func validPrefix(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
