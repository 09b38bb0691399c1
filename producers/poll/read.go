package poll

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/feed"
	"github.com/dateline/dateline/pkg/fetch"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/rhythm"
)

// read takes the items out of an answer.
func (p *Poller) read(ctx context.Context, o *outcome, e *feedEntry, sub *news.Feed, req fetch.Request, res *fetch.Response) {
	f, err := feed.Parse(res.Body, feed.Options{BaseURL: res.FinalURL, ContentType: res.ContentType})
	switch {
	case err != nil && res.Truncated:
		// What came is no feed because the rest is missing: the connection is to blame.
		o.fail(fmt.Errorf("the answer of %s broke off after %d bytes, before a whole item had come; trying again later", host(res.FinalURL), len(res.Body)), fetch.ClassProtocol)
		return
	case err != nil:
		o.fail(err, feed.Class(err))
		return
	}
	index := len(f.Sitemaps) > 0
	if index {
		bytes, err := p.children(ctx, req, f)
		o.fetch.Bytes += bytes
		if err != nil {
			o.fail(err, classOf(err))
			return
		}
	}
	// The items are here now; the fetch may have begun long before.
	at := p.now().UTC().Truncate(time.Millisecond)
	whole := !res.Truncated && !f.Salvaged
	l := list(sub.URL, f, o.state.Churns, at)
	o.damaged = !whole || len(f.Warnings) > 0 || garbled(res.Body)
	s := o.sort(e, l)
	if !o.state.Churns && (s.churn() || o.renamed(l)) {
		o.state.Churns, o.write = true, true
		l = list(sub.URL, f, true, at)
		s = o.sort(e, l)
	}
	first := !e.state.Filled
	o.nameless, o.beyond, o.repeated, o.changed, o.fresh = l.nameless, l.beyond, s.repeated, len(s.changed), len(s.fresh)
	o.fetch.Items, o.fetch.NewItems = len(f.Items), o.fresh
	o.fetch.Gap = !first && whole && o.state.Churns == e.state.Churns && s.repeated == 0 && s.turnover(e, l).gap()
	others := first
	for _, it := range append(s.changed, s.fresh...) {
		a := it.article(sub, at)
		others = others || a.Source != countsFor(&o.state)
		a.Backlog = first
		a.WantPage = p.cfg.wantsPage(sub, a)
		o.publish = append(o.publish, bus.Message{
			Topic: news.TopicArticles, Key: []byte(a.ID.String()), Value: a.EncodeFit(), Time: at, Headers: map[string]string{"stage": GroupName, "trace": a.ID.String()},
		})
	}
	o.learn(e, s, l, first)
	o.succeed(e)
	if len(l.items) > 0 {
		o.seen = e.seen.next(l.items)
		o.state.Filled, o.write = true, o.write || first
		if others {
			o.state.Source = mainSource(sub.URL, l.items)
		}
		if whole || len(l.items) > o.state.Items {
			o.state.Items = len(l.items)
		}
	}
	o.heed(f)
	o.body = res.BodyHash
	o.validate(res)
	if !whole || index {
		// What was broken may be whole the next time, and a map may change
		// though its index does not: the next answer must not be a 304.
		o.state.ETag, o.state.LastModified, o.body = "", "", 0
	}
	o.write = o.write || len(o.publish) > 0
	if f.Salvaged {
		o.class = classSalvaged
	}
}

// classOf gives the class of an error of either package.
func classOf(err error) string {
	if c := fetch.ErrClass(err); c != "other" {
		return c
	}
	return feed.Class(err)
}

// garbled tells whether a document holds bytes that no text has: a parser drops
// them, and what was next to them may be gone as well.
func garbled(body []byte) bool {
	for _, b := range body {
		if b < ' ' && b != '\t' && b != '\n' && b != '\r' {
			return true
		}
	}
	return false
}

// learn takes in when the new items came.
func (o *outcome) learn(e *feedEntry, s sorted, l listing, first bool) {
	dates := make([]time.Time, 0, len(s.fresh))
	for _, it := range s.fresh {
		if !it.date.IsZero() {
			dates = append(dates, it.date)
		}
	}
	if !first {
		o.observe(e, dates)
		return
	}
	if len(l.items) == 0 {
		return
	}
	o.rhythm.Fill(dates, o.fetch.At)
	for _, t := range dates {
		if !t.After(o.fetch.At) && t.After(o.state.LastNew) {
			o.state.LastNew = t
		}
	}
	if o.rhythm.Silent(o.state.LastNew, o.fetch.At) {
		// It was dead before it was added. That is no news, and how it used to
		// be says nothing: it has a rhythm from its first new item on.
		o.rhythm = rhythm.Rhythm{}
	}
}

// heed notes what the document asks of pollers.
func (o *outcome) heed(f *feed.Feed) {
	st := &o.state
	st.Wait = int(min(max(f.TTL, f.UpdatePeriod), 7*24*time.Hour) / time.Second)
	st.SkipHours, st.SkipDays = 0, 0
	for _, h := range f.SkipHours {
		if h >= 0 && h < 24 {
			st.SkipHours |= 1 << h
		}
	}
	for _, d := range f.SkipDays {
		if d >= time.Sunday && d <= time.Saturday {
			st.SkipDays |= 1 << d
		}
	}
}

// host of an address, or the address where it has none.
func host(address string) string {
	if u, err := url.Parse(address); err == nil && u.Host != "" {
		return u.Host
	}
	return address
}
