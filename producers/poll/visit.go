package poll

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/fetch"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/rhythm"
	"github.com/dateline/dateline/pkg/text"
)

// Classes of results that are neither of a fetch nor of a document.
const (
	classOK          = "ok"
	classNotModified = "not_modified"
	classSalvaged    = "salvaged"
	classGone        = "gone"
	classSecret      = "secret"
	classMoved       = "moved"
)

// settleEvery is how often a state is stored that has changed only in what the
// next polls would find out again: validators, and the rhythm of a quiet feed.
const settleEvery = 6 * time.Hour

// outcome is what one visit to a feed changes.
type outcome struct {
	fetch    news.Fetch
	state    news.FeedState // without Seen
	rhythm   rhythm.Rhythm
	seen     seen
	publish  []bus.Message
	wishes   wishes
	class    string // of the result
	write    bool   // the state has to be stored
	drifted  bool   // it may be stored some time
	body     uint64 // as in feedEntry
	suspect  uint8  // as in feedEntry
	name     mark   // as in feedEntry
	damaged  bool   // as in feedEntry
	fresh    int    // items that are new,
	changed  int    // that say something else than before,
	nameless int    // that nothing tells apart,
	beyond   int    // that are too many or too old to be read,
	repeated int    // that are known under another name
}

// visit fetches a feed and says what that changes. It publishes nothing, and
// changes nothing in e. sub is the subscription as it was when the visit began.
func (p *Poller) visit(ctx context.Context, e *feedEntry, sub *news.Feed) *outcome {
	at := p.now().UTC().Truncate(time.Millisecond)
	o := &outcome{state: *e.state, seen: e.seen, class: classOK, body: e.body, suspect: e.suspect, name: e.name, damaged: e.damaged}
	o.state.V, o.state.URL, o.state.LastPoll = news.Version, sub.URL, at
	o.fetch = news.Fetch{V: news.Version, FeedURL: sub.URL, At: at}
	if err := o.rhythm.UnmarshalBinary(e.state.Rhythm); err != nil {
		o.rhythm = rhythm.Rhythm{} // of another version: it is learned again
	}
	if !e.state.LastPoll.IsZero() {
		o.fetch.Expected = o.rhythm.Expected(e.state.LastPoll, at)
	}
	p.meet(ctx, o, e, sub)
	p.conclude(o, e, sub)
	return o
}

// meet asks the publisher and takes in the answer.
func (p *Poller) meet(ctx context.Context, o *outcome, e *feedEntry, sub *news.Feed) {
	req := fetch.Request{URL: p.target(e.state, sub), Rung: e.state.Identity}
	if sub.Secret != "" {
		var err error
		if req.Access, err = p.access(sub.Secret); err != nil {
			o.fail(err, classSecret)
			return
		}
	}
	res, c, err := p.ask(ctx, o, e, req)
	if res == nil {
		o.fail(err, fetch.ErrClass(err))
		return
	}
	o.fetch.Status, o.fetch.Bytes, o.fetch.TookMS = res.Status, len(res.Body), int(res.Took.Milliseconds())
	o.wishes.least = res.RetryAfter
	if res.Status < http.StatusBadRequest {
		o.wishes.freshness = res.CacheMaxAge
		o.follow(res)
	}
	switch {
	case err == nil && p.elsewhere(&o.state, res):
		o.standDown(e)
	case res.NotModified:
		o.class = classNotModified
		o.unchanged(e)
	case res.Status == http.StatusGone:
		o.state.Gone = true
		o.write = true
		o.fail(errors.New("410 Gone: the publisher has retired this feed; remove it with `dateline feeds remove`"), classGone)
	case err != nil:
		o.fail(err, fetch.ErrClass(err))
	case res.Status != http.StatusOK:
		o.fail(statusError(res.Status), fetch.ClassStatus)
	case res.BodyHash != 0 && res.BodyHash == e.body:
		// Some servers give a new ETag to each copy of the same document.
		o.fetch.Items = e.state.Items
		o.validate(res)
		o.unchanged(e)
	default:
		p.read(ctx, o, e, sub, req, res)
	}
	o.weigh(c)
}

// target is the address that is asked: where the feed has moved to, once that
// is certain. What opens a feed goes nowhere else.
func (p *Poller) target(st *news.FeedState, sub *news.Feed) string {
	if st.MovedSeen < movedAfter || sub.Secret != "" || p.polls(st.MovedTo) {
		return sub.URL
	}
	return st.MovedTo
}

func (p *Poller) access(name string) (*fetch.Access, error) {
	if p.secrets == nil {
		return nil, errors.New("the feed names a secret, and this process has none; set fetch.secrets to the folder that holds it")
	}
	a, err := p.secrets.Access(name)
	for _, w := range p.secrets.Warnings() {
		p.log.Warn(w)
	}
	return a, err
}

// unchanged takes in that there is nothing new.
func (o *outcome) unchanged(e *feedEntry) {
	o.observe(e, nil)
	o.succeed(e)
	o.drifted = true
}

// observe learns from what an answer has brought since the last one. Where the
// feed rolled over in between, its items tell of the time that they cover alone.
func (o *outcome) observe(e *feedEntry, dates []time.Time) {
	from := e.state.LastSuccess
	switch {
	case from.IsZero() || !e.state.Filled:
	case o.fetch.Gap:
		o.rhythm.Overflow(from, o.fetch.At, o.fresh, dates)
	default:
		o.rhythm.Observe(from, o.fetch.At, o.fresh, dates)
	}
}

func (o *outcome) succeed(e *feedEntry) {
	o.write = o.write || e.state.Failures > 0
	o.fetch.Recovered = e.state.Failures
	o.state.Failures, o.state.Error, o.state.LastSuccess = 0, "", o.fetch.At
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
	asked := o.fetch.Status >= http.StatusBadRequest && o.wishes.least > 0
	o.write = o.write || asked || o.state.Failures&(o.state.Failures-1) == 0
}

// validate remembers what makes the next request conditional.
func (o *outcome) validate(res *fetch.Response) {
	o.drifted = o.drifted || o.state.ETag != res.ETag || o.state.LastModified != res.LastModified
	o.state.ETag, o.state.LastModified = res.ETag, res.LastModified
}

// conclude judges the feed's silence, plans the next poll, and completes the
// record.
func (p *Poller) conclude(o *outcome, e *feedEntry, sub *news.Feed) {
	st := &o.state
	o.silence(!e.state.Filled)
	st.Rate = o.rhythm.Rate()
	if b, err := o.rhythm.AppendBinary(nil); err == nil {
		st.Rhythm = b
	}
	d := p.cfg.MaxInterval
	if o.class != classMoved {
		var gap time.Duration
		if o.fetch.Gap {
			gap = o.fetch.At.Sub(e.state.LastSuccess)
		}
		d = p.interval(st, &o.rhythm, o.wishes, sub.Added, gap)
	}
	st.NextPoll = o.fetch.At.Add(d)
	o.write = o.write || o.drifted && o.fetch.At.Sub(e.written) >= settleEvery
	f := &o.fetch
	f.Class, f.Rate, f.NextPoll, f.LastNew, f.Failures, f.Silent = o.class, st.Rate, st.NextPoll, st.LastNew, st.Failures, st.Silent
	f.Source = countsFor(st)
}

// countsFor is the source that a feed counts for.
func countsFor(st *news.FeedState) string {
	if st.Source != "" {
		return st.Source
	}
	return text.Source(st.URL)
}

// silence compares the time without anything new to the feed's own rhythm,
// whatever the server answers: 304, an empty document, or errors. It ends with
// the next new item. Those of a first fill tell by their dates when they were new.
func (o *outcome) silence(first bool) {
	st := &o.state
	if o.fresh > 0 && (!first || st.LastNew.IsZero()) {
		st.LastNew = o.fetch.At
		st.Silent = false
	}
	if !st.Filled || st.LastNew.IsZero() || o.class == classMoved {
		return
	}
	o.fetch.Missing, _ = o.rhythm.Quiet(st.LastNew, o.fetch.At)
	if !st.Silent && o.rhythm.Silent(st.LastNew, o.fetch.At) {
		st.Silent, o.write = true, true
	}
}
