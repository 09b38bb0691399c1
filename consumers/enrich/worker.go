package enrich

import (
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/entity"
	"github.com/dateline/dateline/pkg/neardup"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/story"
	"github.com/dateline/dateline/pkg/text"
)

// worker enriches for one partition; it keeps scratch space.
type worker struct {
	*Enricher
	finder
	sketcher *neardup.Sketcher
	weigher  *story.Weigher
	title    []uint64
	terms    []uint64
	at       []int32 // where each of them begins
}

func (e *Enricher) worker() *worker {
	w := &worker{Enricher: e, finder: finder{pipeline: e.pipeline.Clone()}, sketcher: neardup.NewSketcher(text.AppendTerms), weigher: story.NewWeigher(text.AppendTerms)}
	w.know(e.facts.now())
	return w
}

type stop struct {
	offset int64
	err    error
}

// batch makes the messages that a run of articles becomes, dead letters among
// them. It ends before the first article of a newer version.
func (w *worker) batch(msgs []bus.Message) (out []bus.Message, newer *stop) {
	start := time.Now()
	defer func() { w.seconds.Add(time.Since(start).Seconds()) }()
	w.know(w.facts.now())
	w.watched.WithLabelValues("used").Set(float64(w.told.list.Len()))
	w.watched.WithLabelValues("left").Set(float64(w.told.left))
	for _, m := range msgs {
		a, err := news.Decode[news.Article](m.Value)
		if errors.Is(err, news.ErrNewer) {
			return out, &stop{m.Offset, err}
		}
		var doc *news.Document
		var value []byte
		if err == nil {
			doc, value, err = w.enrich(a)
		}
		if err != nil {
			w.log.Warn("message goes to the dead letters", "topic", m.Topic, "partition", m.Partition, "offset", m.Offset, "err", err)
			w.done.WithLabelValues("dead").Inc()
			out = append(out, m.Dead(GroupName, err))
			continue
		}
		w.done.WithLabelValues("ok").Inc()
		out = append(out, bus.Message{
			Topic: news.TopicDocuments, Key: []byte(doc.ID.String()), Value: value, Time: m.Time,
			Headers: m.Onward(GroupName),
		})
	}
	return out, nil
}

// enrich makes the document of one article, and the message of it. A panic in
// one of the cores is an error of this article alone.
func (w *worker) enrich(a *news.Article) (doc *news.Document, value []byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			doc, value, err = nil, nil, fmt.Errorf("enriching %s panicked: %v", a.ID, p)
			t := w.told
			w.finder = finder{pipeline: w.Enricher.pipeline.Clone()} // what it kept may be broken
			w.know(t)
		}
	}()
	// Escapes can double a text, and a list of names has many mentions: what
	// does not fit into a message is made again from less of the text, so that
	// everything in the document is true of the text in it.
	for limit := w.cfg.MaxText; ; limit /= 2 {
		doc = w.document(a, limit)
		if value = news.Encode(doc); len(value) <= news.MaxMessage {
			return doc, value, nil
		}
		if limit < minText {
			return nil, nil, fmt.Errorf("document %s has %d bytes with %d bytes of text, more than a message holds", a.ID, len(value), len(doc.Text))
		}
	}
}

// minText is how far a text is cut before the document is given up, in bytes.
const minText = 4096

// Bounds, in bytes, of what stands in a document beside its text. Longer ones
// are no titles or names, and are cut.
const (
	maxTitle   = 2000
	maxName    = 500
	maxSummary = 16 << 10
)

// document makes the document of an article with at most limit bytes of text.
func (w *worker) document(a *news.Article, limit int) *news.Document {
	d := &news.Document{
		V: news.Version, ID: a.ID, URL: a.URL, Canonical: a.Canonical, FeedURL: a.FeedURL, Source: a.Source, Via: a.Via,
		Tags: a.Tags, Title: clip(text.Plain(a.Title), maxTitle), Author: clip(text.Plain(a.Author), maxName), Section: clip(text.Plain(a.Section), maxName),
		Published: a.Published, SeenAt: a.SeenAt, TS: news.AnalysisTime(a.Published, a.SeenAt, a.Backlog),
		TextFrom: a.TextFrom, Backlog: a.Backlog, Model: w.finder.pipeline.Model(),
	}
	d.Summary = text.FromHTML(a.Summary, limit)
	d.Text = text.FromHTML(a.Content, limit)
	if len(d.Text) <= len(d.Summary) {
		// Some feeds put the article into the description and a stub, or
		// nothing, into the content.
		d.Text, d.Summary = d.Summary, ""
	}
	d.Summary = clip(d.Summary, maxSummary)
	if d.Text == "" {
		d.TextFrom = news.FromTitle
	}
	w.terms, w.at = text.AppendTermsAt(w.terms[:0], w.at[:0], d.Text)
	d.Words = text.Words(d.Text)
	if d.Words > 0 {
		d.BodyHash = news.ID(text.BodyHash(d.Text))
		d.Sketch = w.sketcher.Append(nil, w.terms, w.at, d.Text)
	}
	d.Language, d.Guessed = w.language(a.Language, d)
	w.title = text.AppendTerms(w.title[:0], d.Title)
	d.Terms = w.weigher.Append(nil, w.title, w.terms, w.at, d.Text, d.Language)
	d.Mentions, d.Knowledge = w.count(d.Title, d.Text, d.Language, d.Source), w.told.next
	return d
}

// clip cuts a string to at most n bytes, between two characters.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// language believes the text where it is long enough to tell, and what the
// feed declares otherwise; what is left is a guess.
func (w *worker) language(declared string, d *news.Document) (code string, guessed bool) {
	const sure = 0.5 // below it the detector is often wrong
	code, confidence := w.languages.Detect(d.Title + "\n" + d.Text)
	if confidence >= sure {
		return code, false
	}
	if said := text.NormalizeLanguage(declared); said != "" {
		return said, false
	}
	return code, true
}

func mentions(ts []entity.Tally) []news.Mention {
	out := make([]news.Mention, len(ts))
	for i := range ts {
		t := &ts[i]
		out[i] = news.Mention{
			EntityID: t.EntityID, Kind: t.Kind.String(), Name: t.Name, N: t.N, InTitle: t.InTitle, InLead: t.InLead,
			Surface: t.Surface, FirstAt: int(t.FirstAt), Score: t.Score,
			Origin: t.Origin, Country: t.Country, Lat: t.Lat, Lon: t.Lon, Refs: t.Refs,
		}
	}
	return out
}
