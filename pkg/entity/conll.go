package entity

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"unicode"
	"unicode/utf8"

	"github.com/dateline/dateline/pkg/text"
)

// conll tags a file of one token a line: the first column, columns parted by
// TAB. In a file without TABs whose lines all end with a blank and a tag, as
// that of CoNLL-2003, the token is what stands before the first blank. Blank
// lines end sentences, -DOCSTART- and "# newdoc" open documents; a file
// without them is read in pieces of some sentences: those that stand together
// mostly come from one text and explain each other.
// Every line in gives one line out.
func (p *Pipeline) conll(ctx context.Context, in *bufio.Reader, out *bufio.Writer) error {
	d := conllDoc{p: p, out: out}
	head, _ := in.Peek(1 << 16)
	blanks := blankColumns(bytes.TrimPrefix(head, utf8BOM))
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
		line = bytes.TrimSuffix(line, []byte("\r"))
		column, _, _ := bytes.Cut(line, []byte("\t"))
		token := column
		if n == 1 {
			token = bytes.TrimPrefix(token, utf8BOM)
		}
		switch opens, aside := notToken(token, len(column) < len(line)); {
		case aside:
			if opens {
				docs = true
				if err := d.flush(); err != nil {
					return err
				}
			}
			d.lines = append(d.lines, conllLine{raw: bytes.Clone(column), plain: true, tagged: true})
		case len(bytes.Trim(line, " \t\r")) == 0:
			d.sentence(line)
			if !docs && len(d.sents) >= blindSentences || len(d.text) > maxConll {
				if err := d.flush(); err != nil {
					return err
				}
			}
		default:
			if blanks {
				token, _, _ = bytes.Cut(token, []byte(" "))
			}
			d.token(column, token)
			if len(d.text) > 2*maxConll {
				if err := d.flush(); err != nil {
					return err
				}
			}
		}
	}
	return d.flush()
}

// notToken knows the lines that mark documents, and comments as CoNLL-U has
// them: "# sent_id = 4". A line with columns is no comment.
func notToken(token []byte, columns bool) (opens, aside bool) {
	if bytes.HasPrefix(token, []byte("-DOCSTART-")) {
		return true, true
	}
	if columns || !bytes.HasPrefix(token, []byte("# ")) {
		return false, false
	}
	opens = bytes.HasPrefix(token, []byte("# newdoc"))
	return opens, opens || bytes.HasPrefix(token, []byte("# newpar")) || bytes.Contains(token, []byte(" = "))
}

// blankColumns says whether the lines at the head of a file part their columns
// by blanks: no TAB, and each ends in a tag.
func blankColumns(head []byte) bool {
	if bytes.IndexByte(head, '\t') >= 0 {
		return false
	}
	n := 0
	for len(head) > 0 {
		line, rest, whole := bytes.Cut(head, []byte("\n"))
		if !whole && n > 0 {
			break // may be cut
		}
		head = rest
		line = bytes.TrimRight(line, " \r")
		if _, aside := notToken(line, false); aside || len(line) == 0 {
			continue
		}
		i := bytes.LastIndexByte(line, ' ')
		if i < 1 || !isTag(line[i+1:]) {
			return false
		}
		n++
	}
	return n > 0
}

// isTag knows O, B-PER, I-MISC and the like.
func isTag(b []byte) bool {
	if len(b) == 1 {
		return b[0] == 'O'
	}
	if len(b) < 3 || b[1] != '-' || bytes.IndexByte([]byte("BIESLU"), b[0]) < 0 {
		return false
	}
	for _, c := range b[2:] {
		if (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && c != '_' && c != '-' {
			return false
		}
	}
	return true
}

// blindSentences is how many sentences are judged together where nothing tells
// documents.
const blindSentences = 30

// maxConll bounds the text of one document in bytes; longer ones come in
// pieces, cut between sentences where there are any.
const maxConll = 4 << 20

// conllDoc gathers the tokens of one document, joined by blanks, sentences set
// apart by empty lines.
type conllDoc struct {
	p     *Pipeline
	out   *bufio.Writer
	text  []byte
	raw   []byte // first columns as they stand
	lines []conllLine
	toks  []text.Token
	sents []text.Span
	first int // token of the sentence that is read
}

type conllLine struct {
	start, end int32 // of the token in text
	till       int32 // end of its column in raw
	raw        []byte
	plain      bool // no token: echoed as it is, with a tag where tagged is set
	tagged     bool
}

// token takes a line: the column that is echoed, and the token in it.
func (d *conllDoc) token(column, token []byte) {
	if n := len(d.text); n > 0 && d.text[n-1] != '\n' {
		d.text = append(d.text, ' ')
	}
	start := len(d.text)
	d.text = appendToken(d.text, token)
	d.raw = append(d.raw, column...)
	d.lines = append(d.lines, conllLine{start: int32(start), end: int32(len(d.text)), till: int32(len(d.raw))})
	// What holds blanks is several words of the text.
	for at := start; at < len(d.text); {
		end := bytes.IndexByte(d.text[at:], ' ')
		if end < 0 {
			end = len(d.text) - at
		}
		if end > 0 {
			d.toks = append(d.toks, text.Token{Start: int32(at), End: int32(at + end), Kind: text.Word})
		}
		at += end + 1
	}
}

// escaped are the spellings that treebanks have for signs of a text.
var escaped = map[string]string{"-LRB-": "(", "-RRB-": ")", "-LSB-": "[", "-RSB-": "]", "-LCB-": "{", "-RCB-": "}", "``": `"`, "''": `"`}

// appendToken appends a token as it would stand in a text: signs unescaped,
// characters left out that have no width, any blank as a space.
func appendToken(dst, token []byte) []byte {
	plain := true
	for _, c := range token {
		if c <= ' ' || c >= 0x7f {
			plain = false
			break
		}
	}
	if plain {
		if s, ok := escaped[string(token)]; ok {
			return append(dst, s...)
		}
		return append(dst, token...)
	}
	from := len(dst)
	for len(token) > 0 {
		r, n := utf8.DecodeRune(token)
		switch {
		case unicode.IsSpace(r):
			if len(dst) > from && dst[len(dst)-1] != ' ' {
				dst = append(dst, ' ')
			}
		case unicode.Is(unicode.Cf, r) || unicode.IsControl(r):
		default:
			dst = append(dst, token[:n]...)
		}
		token = token[n:]
	}
	if n := len(dst); n > from && dst[n-1] == ' ' {
		dst = dst[:n-1]
	}
	return dst
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
	d.lines = append(d.lines, conllLine{raw: bytes.Clone(raw), plain: true})
}

// flush tags what is gathered and writes its lines.
func (d *conllDoc) flush() error {
	d.endSentence()
	body := string(d.text)
	ms := d.p.extractTokens(body, d.toks, d.sents)
	k, at := 0, int32(0)
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
		d.out.Write(d.raw[at:l.till])
		at = l.till
		switch {
		case k == len(ms) || ms[k].Start >= l.end || l.start == l.end:
			d.out.WriteString("\tO\n")
		case ms[k].Start >= l.start:
			d.out.WriteString("\tB-" + ms[k].Kind.String() + "\n")
		default:
			d.out.WriteString("\tI-" + ms[k].Kind.String() + "\n")
		}
	}
	d.text, d.raw, d.lines, d.toks, d.sents, d.first = d.text[:0], d.raw[:0], d.lines[:0], d.toks[:0], d.sents[:0], 0
	if _, err := d.out.Write(nil); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}
