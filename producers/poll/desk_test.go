package poll

import (
	"bytes"
	"container/heap"
	"context"
	"fmt"
	"hash/fnv"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/fetch"
	"github.com/dateline/dateline/pkg/news"
	"github.com/prometheus/client_golang/prometheus"
)

// script answers with what it is told, and keeps what it was asked.
type script struct {
	answer func(r fetch.Request) (*fetch.Response, error)
	asked  []fetch.Request
}

func (s *script) Do(_ context.Context, r fetch.Request) (*fetch.Response, error) {
	s.asked = append(s.asked, r)
	res, err := s.answer(r)
	if res != nil && len(res.Body) > 0 {
		h := fnv.New64a()
		h.Write(res.Body)
		res.BodyHash = h.Sum64()
	}
	return res, err
}

func (s *script) Acquire(string) (func(), time.Duration) { return func() {}, 0 }

// desk is a partition without Kafka and with a clock of its own: it visits one
// feed again and again.
type desk struct {
	t    *testing.T
	s    *script
	p    *Poller
	pt   *partition
	e    *feedEntry
	now  time.Time
	logs bytes.Buffer
	reg  *prometheus.Registry

	fetches  []news.Fetch
	articles []*news.Article
}

const feedURL = "https://herald.example/feed.xml"

func newDesk(t *testing.T) *desk {
	d := &desk{t: t, s: &script{}, now: monday, reg: prometheus.NewRegistry()}
	cfg := Config{MinInterval: time.Minute, MaxInterval: 24 * time.Hour, Workers: 1, Price: 0.1}
	log := slog.New(slog.NewTextHandler(&d.logs, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}))
	d.p = New(cfg, nil, d.s, nil, log, d.reg, func() time.Time { return d.now })
	d.pt = d.p.newPartition(0)
	d.subscribe(&news.Feed{Tags: []string{"dailies"}})
	return d
}

// subscribe takes a feed in, as its topic gives it.
func (d *desk) subscribe(f *news.Feed) *feedEntry {
	if f.URL == "" {
		f.URL = feedURL
	}
	f.V, f.Added = news.Version, d.now
	d.pt.change(bus.Message{Key: []byte(f.URL), Value: news.Encode(f)})
	e := d.pt.feeds[f.URL]
	if f.URL == feedURL {
		d.e = e
	}
	return e
}

// visit asks once and takes in what comes; an hour passes after it.
func (d *desk) visit(res *fetch.Response, err error) *outcome {
	d.s.answer = func(fetch.Request) (*fetch.Response, error) { return res, err }
	o := d.work(d.e)
	d.now = d.now.Add(time.Hour)
	return o
}

func (d *desk) work(e *feedEntry) *outcome {
	if e.index >= 0 {
		heap.Remove(&d.pt.queue, e.index)
	}
	o := d.p.visit(context.Background(), e, e.sub)
	d.pt.settle(context.Background(), visited{e, o, nil})
	d.fetches = append(d.fetches, o.fetch)
	for _, m := range o.publish {
		a, err := news.Decode[news.Article](m.Value)
		if err != nil {
			d.t.Fatal(err)
		}
		d.articles = append(d.articles, a)
	}
	return o
}

// run polls by the schedule until a time.
func (d *desk) run(until time.Time, answer func(r fetch.Request) (*fetch.Response, error)) {
	d.s.answer = answer
	for len(d.pt.queue) > 0 && d.pt.queue[0].next.Before(until) {
		e := d.pt.queue[0]
		if e.next.After(d.now) {
			d.now = e.next
		}
		d.work(e)
	}
	d.now = until
}

// said counts the lines of the log that hold a text.
func (d *desk) said(text string) int { return strings.Count(d.logs.String(), text) }

// published counts how often each article was published, by title.
func (d *desk) published() map[string]int {
	n := map[string]int{}
	for _, a := range d.articles {
		n[a.Title]++
	}
	return n
}

// different counts the articles that were published, each id once.
func (d *desk) different() int {
	ids := map[news.ID]bool{}
	for _, a := range d.articles {
		ids[a.ID] = true
	}
	return len(ids)
}

func (d *desk) silentFeeds() (n float64) {
	families, err := d.reg.Gather()
	if err != nil {
		d.t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() == "dateline_poll_silent_feeds" {
			n = f.GetMetric()[0].GetGauge().GetValue()
		}
	}
	return n
}

// item is one of a feed.
type item struct {
	guid, link, title, text string
	date                    time.Time
}

// rssOf writes a feed, the items in the order given.
func rssOf(items ...item) []byte {
	var b strings.Builder
	b.WriteString(`<rss version="2.0"><channel><title>Herald</title>`)
	for _, it := range items {
		b.WriteString("<item>")
		tag := func(name, value string) {
			if value != "" {
				fmt.Fprintf(&b, "<%s>%s</%s>", name, value, name)
			}
		}
		tag("title", it.title)
		tag("link", it.link)
		if it.guid != "" {
			fmt.Fprintf(&b, `<guid isPermaLink="false">%s</guid>`, it.guid)
		}
		tag("description", it.text)
		if !it.date.IsZero() {
			tag("pubDate", it.date.UTC().Format(time.RFC1123Z))
		}
		b.WriteString("</item>")
	}
	b.WriteString(`</channel></rss>`)
	return []byte(b.String())
}

// press is a publisher whose feed shows the newest of its articles, one a step.
type press struct {
	step   time.Duration
	window int
	start  time.Time
}

func (p press) items(now time.Time) (out []item) {
	n := int(now.Sub(p.start) / p.step)
	for i := n; i > n-p.window && i >= 0; i-- {
		out = append(out, item{
			guid: fmt.Sprint("g", i), link: fmt.Sprintf("https://herald.example/a/%d", i), title: fmt.Sprintf("Story %d", i),
			text: fmt.Sprintf("What happened in story number %d.", i), date: p.start.Add(time.Duration(i) * p.step),
		})
	}
	return out
}

// count is the number of articles between two times.
func (p press) count(from, to time.Time) int {
	return int(to.Sub(p.start)/p.step) - int(from.Sub(p.start)/p.step)
}

func answer200(body []byte) *fetch.Response {
	return &fetch.Response{Status: 200, Body: body, FinalURL: feedURL, ContentType: "application/rss+xml"}
}
