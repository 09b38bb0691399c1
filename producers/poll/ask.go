package poll

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/dateline/dateline/pkg/fetch"
	"github.com/zeebo/xxh3"
)

// check is what an answer tells of the server's honesty, once its items are
// known.
type check int

const (
	unchecked check = iota
	denied          // the server had just answered 304 to the same request with conditions
	denied2         // and it gives this document the validators which it was sent
	honest          // it answered a request with conditions by the document
)

// Some servers answer 304 though the feed has changed. One poll in probeOne, and
// most of those of a feed that is unusually quiet, is a probe: a 304 is followed
// at once by a request without conditions. Where that brings new items under the
// same validators the server lies, since it was asked for a change of just that
// document. Under other validators the items may have come in between: then
// nothing is believed for a while, and a second time convicts. A convict is asked
// without conditions, except on one day a week, on which it is tested; the first
// new item that a request with conditions brings acquits it.
const (
	probeOne   = 100
	probeQuiet = 4
	suspicion  = 20 // polls
)

// probes tells whether a 304 is to be checked.
func (p *Poller) probes(o *outcome, e *feedEntry) bool {
	st := e.state
	switch {
	case st.ETag == "" && st.LastModified == "":
		return false
	case st.Lies, e.suspect > 0:
		return true
	}
	one := p.probeOne
	if _, chance := o.rhythm.Quiet(st.LastNew, o.fetch.At); st.Silent || chance < 0.01 {
		one = min(one, probeQuiet)
	}
	return draw(st.URL, o.fetch.At.UnixMilli())%one == 0
}

// draw is a number that depends on nothing but a feed and a time.
func draw(url string, t int64) uint64 { return xxh3.HashStringSeed(url, uint64(t)) }

// tested tells whether a convict is tested now.
func tested(url string, at time.Time) bool {
	return (uint64(at.Unix()/(24*3600))+draw(url, 0))%7 == 0
}

// ask makes the request of a visit: with the validators where they are trusted,
// under the next name where the publisher refuses the one it is asked by, and
// once more without conditions where a 304 is to be checked. Between them the
// host is asked for leave again.
func (p *Poller) ask(ctx context.Context, o *outcome, e *feedEntry, req fetch.Request) (*fetch.Response, check, error) {
	st := e.state
	req.ETag, req.LastModified = st.ETag, st.LastModified
	req.Unconditional = st.Lies && !tested(st.URL, o.fetch.At)
	res, err := p.client.Do(ctx, req)
	if next, climb := fetch.Climb(res, req.Rung); next != req.Rung {
		o.state.Identity, o.write = next, true
		if climb && p.again(ctx, req.URL, func() {
			req.Rung = next
			res, err = p.client.Do(ctx, req)
			o.state.Identity, _ = fetch.Climb(res, next)
		}) {
			o.write = true
		}
	}
	conditional := !req.Unconditional && (req.ETag != "" || req.LastModified != "")
	switch {
	case res == nil || err != nil || !conditional:
		return res, unchecked, err
	case res.Status == http.StatusOK:
		return res, honest, nil
	case !res.NotModified || !p.probes(o, e):
		return res, unchecked, nil
	}
	c := unchecked
	p.again(ctx, req.URL, func() {
		req.Unconditional = true
		second, err := p.client.Do(ctx, req)
		if err != nil || second.Status != http.StatusOK {
			return
		}
		c = denied
		if second.ETag == st.ETag && second.LastModified == st.LastModified {
			c = denied2
		}
		res = second
	})
	return res, c, nil
}

// againWait is how long a visit waits for leave to ask a host once more.
const againWait = 5 * time.Second

// again does something that asks a host once more within one visit, and tells
// whether the host could be asked.
func (p *Poller) again(ctx context.Context, url string, do func()) bool {
	for waited := time.Duration(0); ; {
		release, wait := p.client.Acquire(url)
		if release != nil {
			do()
			release()
			return true
		}
		if waited += wait; waited > againWait {
			return false
		}
		t := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			t.Stop()
			return false
		case <-t.C:
		}
	}
}

// weigh draws the conclusion from what an answer has brought.
func (o *outcome) weigh(c check) {
	st := &o.state
	switch {
	case c == honest && o.fresh > 0 && st.Lies:
		st.Lies, o.suspect, o.write = false, 0, true
	case c == denied2 && o.fresh > 0, c == denied && o.fresh > 0 && o.suspect > 0:
		o.write = o.write || !st.Lies
		st.Lies, o.suspect = true, 0
	case c == denied && o.fresh > 0:
		o.suspect = suspicion
	case o.suspect > 0:
		o.suspect--
	}
}

func statusError(status int) error {
	return fmt.Errorf("the server answers %d %s where a feed is expected; look at the address in a browser", status, http.StatusText(status))
}
