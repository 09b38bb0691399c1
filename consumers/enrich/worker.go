package enrich

import (
	"errors"
	"fmt"
	"time"

	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/entity"
	"github.com/dateline/dateline/pkg/neardup"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/text"
)

// worker enriches for one partition; it keeps scratch space.
type worker struct {
	*Enricher
	pipeline *entity.Pipeline
	sketcher *neardup.Sketcher
	terms    []uint64
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
	for _, m := range msgs {
		a, err := news.Decode[news.Article](m.Value)
		if errors.Is(err, news.ErrNewer) {
			return out, &stop{m.Offset, err}
		}
		var doc *news.Document
		if err == nil {
			doc, err = w.enrich(a)
		}
		if err != nil {
			w.log.Warn("message goes to the dead letters", "topic", m.Topic, "partition", m.Partition, "offset", m.Offset, "err", err)
			w.done.WithLabelValues("dead").Inc()
			out = append(out, m.Dead(GroupName, err))
			continue
		}
		w.done.WithLabelValues("ok").Inc()
		out = append(out, bus.Message{
			Topic: news.TopicDocuments, Key: []byte(doc.ID.String()), Value: news.Encode(doc), Time: m.Time,
			Headers: map[string]string{"stage": GroupName, "trace": m.Headers["trace"]},
		})
	}
	return out, nil
}

// enrich makes the document of one article. A panic in one of the cores is an
// error of this article alone.
func (w *worker) enrich(a *news.Article) (doc *news.Document, err error) {
	defer func() {
		if p := recover(); p != nil {
			doc, err = nil, fmt.Errorf("enriching %s panicked: %v", a.ID, p)
		}
	}()
	d := &news.Document{
		V: news.Version, ID: a.ID, URL: a.URL, Canonical: a.Canonical, FeedURL: a.FeedURL, Source: a.Source, Via: a.Via,
		Tags: a.Tags, Title: text.Plain(a.Title), Author: text.Plain(a.Author), Section: text.Plain(a.Section),
		Published: a.Published, SeenAt: a.SeenAt, TS: news.AnalysisTime(a.Published, a.SeenAt, a.Backlog),
		TextFrom: a.TextFrom, Backlog: a.Backlog, Model: w.pipeline.Model(), Knowledge: w.facts.offset(),
	}
	d.Summary = text.FromHTML(a.Summary, w.cfg.MaxText)
	d.Text = text.FromHTML(a.Content, w.cfg.MaxText)
	if len(d.Text) <= len(d.Summary) {
		// Some feeds put the article into the description and a stub, or
		// nothing, into the content.
		d.Text, d.Summary = d.Summary, ""
	}
	if d.Text == "" {
		d.TextFrom = news.FromTitle
	}
	w.terms = text.AppendTerms(w.terms[:0], d.Text)
	d.Words = text.Words(d.Text)
	if d.Words > 0 {
		d.BodyHash = news.ID(text.BodyHash(d.Text))
		d.Sketch = w.sketcher.Append(nil, w.terms, d.Text)
	}
	d.Language = w.language(a.Language, d)
	d.Mentions = w.facts.apply(mentions(w.pipeline.Count(d.Title, d.Text)))
	return d, nil
}

// language believes the text where it is long enough to tell, and what the
// feed declares otherwise.
func (w *worker) language(declared string, d *news.Document) string {
	const sure = 0.5 // below it the detector is often wrong
	code, confidence := w.languages.Detect(d.Title + "\n" + d.Text)
	if said := text.NormalizeLanguage(declared); said != "" && confidence < sure {
		return said
	}
	return code
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
