package newsroom

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/dateline/dateline/pkg/text"
)

// corpusOutlet is a source of the corpus with a feed.
func corpusOutlet(number int, s corpusSource, seed uint64) outlet {
	r := &rng{mix(seed, 37, fnv(0xcbf29ce484222325, s.domain))}
	o := outlet{number: number, name: s.name, slug: strings.ReplaceAll(s.domain, "/", "~"), domain: s.domain, language: clean(s.language), zone: time.UTC, real: true, validators: 3, bodySeed: r.next()}
	o.format = []format{rss, rss, rss, rss, atom, atom, rdf, jsonFeed}[r.intn(8)]
	o.guidStyle = uint8(r.intn(2)) * 2 // the address, or an opaque one
	return o
}

// CorpusStats says what the corpus holds; the zero value where there is none.
func (n *Newsroom) CorpusStats() CorpusStats {
	if n.corpus == nil {
		return CorpusStats{}
	}
	return n.corpus.stats
}

// PublishDue publishes the articles of the corpus whose time has come by the
// clock, and gives the moment of the next one; the zero time when there is no
// more. Run calls it.
func (n *Newsroom) PublishDue() (next time.Time, err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	co := n.corpus
	if co == nil {
		return time.Time{}, nil
	}
	for now := n.cfg.Now(); co.next < len(co.index); co.next++ {
		at := co.when(co.index[co.next].at)
		if at.After(now) {
			return at, nil
		}
		if err := n.replay(co.index[co.next], at); err != nil {
			return at, err
		}
	}
	return time.Time{}, nil
}

// replay publishes one article of the corpus. An address that was there before
// is a revision, where the text is another one.
func (n *Newsroom) replay(e corpusEntry, at time.Time) error {
	line, err := n.corpus.read(e.offset)
	if err != nil {
		return err
	}
	canonical, err := text.CanonicalURL(line.URL, nil)
	if err != nil {
		return nil // it had one when the file was indexed
	}
	id := text.ID(canonical)
	p := piece{id: id, seed: uint64(e.offset), at: at.UnixNano(), first: at.UnixNano(), base: n.desk.n, of: -1,
		outlet: n.realFrom + n.corpus.byName[text.Source(canonical)]}
	o := &n.world.outlets[p.outlet]
	a := o.print(line, canonical, at)
	hash := a.hash()
	n.pageMu.RLock()
	before, known := n.pages[id]
	n.pageMu.RUnlock()
	if known {
		base := &n.ledger.records[before]
		last := &n.ledger.records[base.latest]
		if last.bodyHash == hash && last.title == a.title {
			return nil
		}
		p.kind, p.base, p.of, p.first, p.revision = kindRevision, before, base.latest, base.first, last.revision+1
		a.guid, a.published = o.guid(canonical, id, p.firstAt()), p.firstAt()
	} else {
		n.pageMu.Lock()
		n.pages[id] = p.base
		n.pageMu.Unlock()
	}
	n.desk.n++
	index := n.ledger.append(record{piece: p, title: a.title, url: canonical, link: line.URL, bodyHash: hash})
	n.place(a, index, p, at)
	return nil
}

// reprint reads a version of a corpus article again; one without a text where
// the file is gone.
func (n *Newsroom) reprint(p *piece, canonical string) *article {
	o := &n.world.outlets[p.outlet]
	line, err := n.corpus.read(int64(p.seed))
	if err != nil {
		line = &corpusLine{URL: canonical, Title: "(the corpus file is gone)"}
	}
	a := o.print(line, canonical, time.Unix(0, p.at).UTC())
	a.published = p.firstAt()
	a.guid = o.guid(canonical, p.id, a.published)
	return a
}

// print makes the item of a corpus article. Its link is the address as the
// corpus has it.
func (o *outlet) print(line *corpusLine, canonical string, at time.Time) *article {
	a := &article{title: clean(line.Title), author: clean(line.Author), section: clean(line.Section), teaser: clean(line.Summary),
		published: at, updated: at, url: canonical, link: line.URL, pageID: text.ID(canonical)}
	a.guid = o.guid(canonical, a.pageID, at)
	if len(line.Text) > maxCorpusText {
		line.Text = line.Text[:maxCorpusText]
	}
	for _, p := range strings.Split(line.Text, "\n") {
		if p = clean(p); p != "" {
			a.paragraphs = append(a.paragraphs, p)
		}
	}
	if a.teaser == "" && len(a.paragraphs) > 0 {
		a.teaser = shorten(a.paragraphs[0], 280)
	}
	if a.title == "" {
		a.title = shorten(a.teaser, 80)
	}
	return a
}

// clean leaves out what no XML document may hold, and makes one line of it.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == utf8.RuneError, r == 0xfffe, r == 0xffff:
			return -1
		case r < 0x20, r == 0x7f, unicode.Is(unicode.Zs, r):
			return ' '
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

// shorten cuts after a word.
func shorten(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	cut := strings.LastIndexByte(s[:limit], ' ')
	if cut <= 0 {
		return strings.ToValidUTF8(s[:limit], "")
	}
	return s[:cut]
}

// CorpusHistory writes the articles before the corpus's start as JSON lines for
// `dateline import`, oldest first, their dates shifted and pressed together as
// those of the live ones are, so that past and present have one pace.
func (n *Newsroom) CorpusHistory(ctx context.Context, w io.Writer) error {
	if n.corpus == nil {
		return fmt.Errorf("newsroom: there is no corpus")
	}
	buffered := bufio.NewWriter(w)
	encoder := json.NewEncoder(buffered)
	encoder.SetEscapeHTML(false)
	for _, e := range n.corpus.index[:n.corpus.stats.Before] {
		if err := ctx.Err(); err != nil {
			return err
		}
		line, err := n.corpus.read(e.offset)
		if err != nil {
			return err
		}
		line.Published, line.Date = loose(n.corpus.when(e.at).UTC().Format(time.RFC3339)), ""
		if err := encoder.Encode(line); err != nil {
			return fmt.Errorf("write history: %w", err)
		}
	}
	if err := buffered.Flush(); err != nil {
		return fmt.Errorf("write history: %w", err)
	}
	return nil
}
