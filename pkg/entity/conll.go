package entity

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/dateline/dateline/pkg/text"
)

// conll tags a file of one token a line: the first column, columns parted by
// TAB alone. Blank lines end sentences, -DOCSTART- opens documents; a file
// without it is read in pieces of some sentences: those that stand together
// mostly come from one text and explain each other.
// Every line in gives one line out.
func (p *Pipeline) conll(ctx context.Context, in *bufio.Reader, out *bufio.Writer) error {
	d := conllDoc{p: p, out: out}
	docs := false
	var buf []byte
	for n := 1; ; n++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		line, err := readLine(in, buf[:0])
		buf = line
		if err == io.EOF {
			break
		}
		if errors.Is(err, errLong) {
			return fmt.Errorf("line %d: %w", n, err)
		}
		if err != nil {
			return fmt.Errorf("read line %d: %w", n, err)
		}
		token := bytes.TrimSuffix(line, []byte("\r"))
		token, _, _ = bytes.Cut(token, []byte("\t"))
		blank := len(bytes.TrimSpace(line)) == 0
		switch {
		case bytes.HasPrefix(token, []byte("-DOCSTART-")):
			docs = true
			if err := d.flush(); err != nil {
				return err
			}
			d.skip(token)
		case blank:
			d.sentence(line)
			if !docs && len(d.sents) >= blindSentences || len(d.text) > maxConll {
				if err := d.flush(); err != nil {
					return err
				}
			}
		default:
			d.token(token)
			if len(d.text) > 2*maxConll {
				if err := d.flush(); err != nil {
					return err
				}
			}
		}
	}
	return d.flush()
}

// blindSentences is how many sentences are judged together where nothing tells
// documents.
const blindSentences = 30

// maxConll bounds the text of one document in bytes; longer ones come in
// pieces, cut between sentences where there are any.
const maxConll = 4 << 20

// conllDoc gathers the tokens of one document, joined by spaces, sentences set
// apart by empty lines.
type conllDoc struct {
	p     *Pipeline
	out   *bufio.Writer
	text  []byte
	lines []conllLine
	toks  []text.Token
	sents []text.Span
	first int // token of the sentence that is read
}

type conllLine struct {
	start, end int32 // of the token in text
	raw        []byte
	plain      bool // no token: echoed as it is, with a tag where tagged is set
	tagged     bool
}

func (d *conllDoc) token(b []byte) {
	if n := len(d.text); n > 0 && d.text[n-1] != '\n' {
		d.text = append(d.text, ' ')
	}
	start := len(d.text)
	d.text = append(d.text, b...)
	d.lines = append(d.lines, conllLine{start: int32(start), end: int32(len(d.text))})
	if start < len(d.text) {
		d.toks = append(d.toks, text.Token{Start: int32(start), End: int32(len(d.text)), Kind: text.Word})
	}
}

// endSentence closes the sentence that is read.
func (d *conllDoc) endSentence() {
	if n := len(d.toks); n > d.first {
		d.sents = append(d.sents, text.Span{Start: d.toks[d.first].Start, End: d.toks[n-1].End})
		d.first = n
	}
}

func (d *conllDoc) sentence(raw []byte) {
	d.endSentence()
	if len(d.text) > 0 {
		d.text = append(d.text, '\n', '\n')
	}
	d.lines = append(d.lines, conllLine{raw: bytes.Clone(bytes.TrimSuffix(raw, []byte("\r"))), plain: true})
}

func (d *conllDoc) skip(token []byte) {
	d.lines = append(d.lines, conllLine{raw: bytes.Clone(token), plain: true, tagged: true})
}

// flush tags what is gathered and writes its lines.
func (d *conllDoc) flush() error {
	d.endSentence()
	body := string(d.text)
	ms := d.p.extractTokens(body, d.toks, d.sents)
	k := 0
	for i := range d.lines {
		l := &d.lines[i]
		if l.plain {
			d.out.Write(l.raw)
			if l.tagged {
				d.out.WriteString("\tO")
			}
			d.out.WriteByte('\n')
			continue
		}
		for k < len(ms) && ms[k].End <= l.start {
			k++
		}
		d.out.WriteString(body[l.start:l.end])
		switch {
		case k == len(ms) || ms[k].Start >= l.end || l.start == l.end:
			d.out.WriteString("\tO\n")
		case ms[k].Start >= l.start:
			d.out.WriteString("\tB-" + ms[k].Kind.String() + "\n")
		default:
			d.out.WriteString("\tI-" + ms[k].Kind.String() + "\n")
		}
	}
	d.text, d.lines, d.toks, d.sents, d.first = d.text[:0], d.lines[:0], d.toks[:0], d.sents[:0], 0
	if _, err := d.out.Write(nil); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}
