package poll

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/feed"
	"github.com/dateline/dateline/pkg/fetch"
	"github.com/dateline/dateline/pkg/news"
)

// movedAfter is how many polls have to see a permanent redirect before its
// target is asked directly.
const movedAfter = 3

// outcome is what one visit to a feed changes.
type outcome struct {
	fetch    news.Fetch
	state    news.FeedState
	seen     seen
	publish  []bus.Message
	hint     time.Duration // the publisher asks not to come back sooner
	write    bool          // the state has to be written
	class    string        // of the result, for metrics
	fresh    int
	changed  int
	nameless int
}

// visit fetches a feed and says what that changes. It publishes nothing, and
// changes nothing in e. sub is the subscription as it was when the visit began.
func (p *Poller) visit(ctx context.Context, e *feedEntry, sub *news.Feed) *outcome {
	at := p.now().UTC().Truncate(time.Millisecond)
	o := &outcome{state: *e.state, seen: e.seen, class: "ok"}
	o.state.V, o.state.URL, o.state.LastPoll = news.Version, sub.URL, at
	o.fetch = news.Fetch{V: news.Version, FeedURL: sub.URL, At: at}
	since := p.cfg.MinInterval
	if !e.state.LastPoll.IsZero() {
		since = at.Sub(e.state.LastPoll)
	}
	o.fetch.Expected = e.state.Rate * since.Hours()
	target := sub.URL
	if e.state.MovedSeen >= movedAfter {
		target = e.state.MovedTo
	}
	res, err := p.client.Do(ctx, fetch.Request{URL: target, ETag: e.state.ETag, LastModified: e.state.LastModified})
	if res == nil {
		o.fail(err, fetch.ErrClass(err))
		return o
	}
	o.fetch.Status, o.fetch.Bytes, o.fetch.TookMS = res.Status, len(res.Body), int(res.Took.Milliseconds())
	o.hint = res.RetryAfter
	if res.Status < http.StatusBadRequest {
		o.hint = max(o.hint, min(res.CacheMaxAge, time.Hour))
		o.follow(res)
	}
	switch {
	case res.NotModified:
		o.class = "not_modified"
		o.succeed(e, at)
		o.state.Rate = learn(o.state.Rate, 0, since)
	case res.Status == http.StatusGone:
		o.state.Gone = true
		o.write = true
		o.fail(errors.New("410 Gone: the publisher has retired this feed; remove it with `dateline feeds remove`"), "gone")
	case res.Status != http.StatusOK:
		o.fail(statusError(res), "status")
	case err != nil:
		o.fail(err, fetch.ErrClass(err))
	default:
		p.read(o, e, sub, res, since)
	}
	return o
}

// follow learns where a feed has moved: several polls in a row have to be sent
// to the same place for good.
func (o *outcome) follow(res *fetch.Response) {
	st := &o.state
	switch {
	case st.MovedSeen >= movedAfter && (res.Permanent == "" || res.Permanent == st.MovedTo):
		return // asked there already
	case res.Permanent == "" || res.Permanent == st.URL:
		o.write = o.write || st.MovedTo != ""
		st.MovedTo, st.MovedSeen = "", 0
		return
	case res.Permanent != st.MovedTo:
		st.MovedTo, st.MovedSeen = res.Permanent, 0
	}
	st.MovedSeen++
	o.write = true
}

// read takes the items out of an answer.
func (p *Poller) read(o *outcome, e *feedEntry, sub *news.Feed, res *fetch.Response, since time.Duration) {
	f, err := feed.Parse(res.Body, feed.Options{BaseURL: res.FinalURL, ContentType: res.ContentType})
	if err != nil {
		o.fail(err, feed.Class(err))
		return
	}
	// The items are here now; the fetch may have begun long before.
	at := p.now().UTC().Truncate(time.Millisecond)
	items, nameless := entries(sub, f, at)
	o.fetch.Items = len(f.Items)
	first := !e.state.Filled
	stayed := 0
	seenBefore := e.seen.index()
	for _, it := range items {
		was, known := seenBefore[uint64(it.article.ID)]
		if known {
			stayed++
		}
		if known && was == it.hash {
			continue
		}
		if known {
			o.changed++
		} else {
			o.fresh++
		}
		it.article.Backlog = first
		o.publish = append(o.publish, bus.Message{
			Topic: news.TopicArticles, Key: []byte(it.article.ID.String()), Value: it.article.EncodeFit(), Time: at,
			Headers: map[string]string{"stage": GroupName, "trace": it.article.ID.String()},
		})
	}
	o.seen = e.seen.next(items)
	o.fetch.NewItems, o.nameless = o.fresh, nameless
	// Nothing of the last poll is still there, and the feed is as long as it
	// was: items may have come and gone in between.
	o.fetch.Gap = !first && stayed == 0 && e.state.Items > 0 && len(items) > 0 && len(items) >= e.state.Items
	o.succeed(e, o.fetch.At)
	if !first {
		o.state.Rate = learn(o.state.Rate, o.fresh, since)
	} else {
		o.state.Rate = pace(items)
	}
	if len(items) > 0 {
		o.state.Filled, o.state.Items = true, len(items)
	}
	o.state.ETag, o.state.LastModified = res.ETag, res.LastModified
	if res.Truncated || f.Salvaged {
		// The next answer may be whole: it must not be a 304.
		o.state.ETag, o.state.LastModified = "", ""
	}
	o.hint = max(o.hint, min(max(f.TTL, f.UpdatePeriod), time.Hour))
	o.write = o.write || len(o.publish) > 0 || e.state.ETag != o.state.ETag || e.state.LastModified != o.state.LastModified
	if f.Salvaged {
		o.class = "salvaged"
	}
}

// pace guesses the arrivals an hour from the dates of a first fill.
func pace(items []entry) float64 {
	var oldest, newest time.Time
	n := 0
	for _, it := range items {
		t := it.article.Published
		if t.IsZero() || t.After(it.article.SeenAt) {
			continue
		}
		if n++; n == 1 || t.Before(oldest) {
			oldest = t
		}
		if t.After(newest) {
			newest = t
		}
	}
	if n < 2 || !newest.After(oldest) {
		return 1 // nothing is known: soon enough to find out
	}
	return float64(n-1) / newest.Sub(oldest).Hours()
}

func (o *outcome) succeed(e *feedEntry, at time.Time) {
	o.write = o.write || e.state.Failures > 0
	o.state.Failures, o.state.Error, o.state.LastSuccess = 0, "", at
}

func (o *outcome) fail(err error, class string) {
	o.class = class
	o.state.Failures++
	o.state.Error = cut(err.Error(), 500)
	o.fetch.Error = o.state.Error
	if o.state.MovedSeen >= movedAfter && o.state.Failures >= movedAfter {
		// Perhaps the feed has moved back, or on.
		o.state.MovedTo, o.state.MovedSeen, o.write = "", 0, true
	}
	// The first failure, each doubling, and what the publisher asks for are worth
	// a write; the rest can be learned again.
	asked := o.fetch.Status >= http.StatusBadRequest && o.hint > 0
	o.write = o.write || asked || o.state.Failures&(o.state.Failures-1) == 0
}
