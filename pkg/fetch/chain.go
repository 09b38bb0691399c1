package fetch

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptrace"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/zeebo/xxh3"
	"golang.org/x/net/http/httpguts"
	"golang.org/x/net/publicsuffix"
)

// chain is one fetch with its redirects.
type chain struct {
	c         *Client
	r         *Request
	id        *identity
	start     time.Time
	stop      context.CancelCauseFunc // ends it: errStalled, errTooLong
	first     *url.URL
	home      *url.URL
	left      bool // the origin of first: validators go only to where they came from
	away      bool // it is, or has been, at another origin than home: credentials go there no more
	asked     bool // whether the last request had a condition
	permanent bool
	jar       *cookiejar.Jar // of this fetch alone; nil until a redirect sets a cookie
	phase     atomic.Int32
	take      int64 // bytes of the body after which it is cut off; 0: too large a body is an error
}

// errTooLong is the cause with which a fetch is given up after Config.Timeout.
var errTooLong = errors.New("too long")

// do is Do; take cuts a longer body off.
func (c *Client) do(ctx context.Context, r Request, take int64) (*Response, error) {
	ch := &chain{c: c, r: &r, id: &c.identities[clampRung(r.Rung)], start: time.Now(), permanent: true, take: take}
	u, err := parseURL(r.URL)
	if err != nil {
		return nil, err
	}
	ch.first, ch.home = u, u
	if r.Home != "" {
		if ch.home, err = parseURL(r.Home); err != nil {
			return nil, err
		}
	}
	ctx, ch.stop = context.WithCancelCause(ctx)
	defer ch.stop(nil)
	defer time.AfterFunc(c.cfg.Timeout, func() { ch.stop(errTooLong) }).Stop()
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		TLSHandshakeStart: func() { ch.phase.Store(int32(phaseTLS)) },
		GotConn:           func(httptrace.GotConnInfo) { ch.phase.Store(int32(phaseWait)) },
	})
	return ch.follow(ctx, u)
}

// follow asks u and whatever it redirects to.
func (ch *chain) follow(ctx context.Context, u *url.URL) (*Response, error) {
	c := ch.c
	var seen []string
	for hop := 0; ; hop++ {
		ch.left = ch.left || !sameOrigin(u, ch.first)
		ch.away = ch.away || !sameOrigin(u, ch.home)
		req, err := ch.request(ctx, u)
		if err != nil {
			return nil, err
		}
		if hop > c.cfg.MaxRedirects {
			return nil, fail(ClassRedirects, nil, "%s redirects more than %d times; check the address in a browser", ch.first.Host, c.cfg.MaxRedirects)
		}
		if hop > 0 && slices.Contains(seen, visit(req)) {
			return nil, fail(ClassRedirects, nil, "%s redirects in a circle; check the address in a browser", ch.first.Host)
		}
		if err := c.guard.literal(u); err != nil {
			return nil, ch.explain(ctx, u, err)
		}
		ch.phase.Store(int32(phaseConnect))
		res, err := c.routes.transport(ch.r.Access.proxyURL(), ch.id.plain).RoundTrip(req)
		if err != nil {
			return nil, ch.explain(ctx, u, err)
		}
		if !isRedirect(res) {
			return ch.finish(ctx, res, u, hop > 0)
		}
		seen = append(seen, visit(req))
		from := u
		if u, err = ch.next(res, u); err != nil {
			return nil, err
		}
		if key := hostKey(u.Scheme, u.Host); key != hostKey(from.Scheme, from.Host) {
			if wait := c.manners.charge(key); wait > 0 {
				return nil, fail(ClassPaused, nil, "%s redirects to %s, which asks to be left alone for another %v; trying again later", from.Host, u.Host, wait.Round(time.Second))
			}
		}
	}
}

// visit tells one request of a chain from the others. A site may set a cookie
// and send back to where one came from, so cookies belong to it.
func visit(req *http.Request) string { return req.URL.String() + "\n" + req.Header.Get("Cookie") }

// next reads where a redirect leads to.
func (ch *chain) next(res *http.Response, u *url.URL) (*url.URL, error) {
	ch.permanent = ch.permanent && (res.StatusCode == http.StatusMovedPermanently || res.StatusCode == http.StatusPermanentRedirect)
	location := res.Header.Get("Location")
	drain(res)
	next, err := u.Parse(location)
	if err != nil {
		return nil, fail(ClassRedirects, nil, "%s redirects to %.100q, which is no address; tell the publisher", u.Host, redact(location))
	}
	if next.Fragment == "" {
		next.Fragment = u.Fragment
	}
	if err := checkURL(next); err != nil {
		return nil, fail(ClassRedirects, nil, "%s redirects to %.100q, which is not fetched", u.Host, redact(location))
	}
	if cookies := res.Cookies(); len(cookies) > 0 {
		if ch.jar == nil {
			if ch.jar, err = cookiejar.New(&cookiejar.Options{PublicSuffixList: publicsuffix.List}); err != nil {
				return nil, err
			}
		}
		ch.jar.SetCookies(u, cookies)
	}
	return next, nil
}

func (ch *chain) request(ctx context.Context, u *url.URL) (*http.Request, error) {
	r := ch.r
	at := *u
	at.User, at.Fragment, at.RawFragment = nil, "", ""
	h := make(http.Header, 8)
	maps.Copy(h, ch.id.header) // the values are shared: they are replaced, never changed
	if r.Accept != "" {
		h["Accept"] = []string{r.Accept}
	}
	if !ch.away {
		for k, v := range r.Header {
			h.Set(k, v)
		}
		if user := ch.home.User; user != nil {
			password, _ := user.Password()
			h["Authorization"] = []string{basic(user.Username() + ":" + password)}
		}
		r.Access.apply(h, u)
	}
	ch.asked = false
	if !r.Unconditional && (!ch.left || ch.c.finals.gave(r.URL, plainURL(u))) {
		if v := etagCondition(r.ETag); v != "" {
			h["If-None-Match"] = []string{v}
			ch.asked = true
		}
		if v := r.LastModified; v != "" && httpguts.ValidHeaderFieldValue(v) {
			h["If-Modified-Since"] = []string{v}
			ch.asked = true
		}
	}
	req := (&http.Request{Method: http.MethodGet, URL: &at, Host: at.Host, Header: h, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1}).WithContext(ctx)
	if ch.jar != nil {
		for _, cookie := range ch.jar.Cookies(u) {
			req.AddCookie(cookie)
		}
	}
	return req, nil
}

// etagCondition gives If-None-Match. What a server adds to the tag of a
// compressed answer it may not know again, so the tag without it goes along.
func etagCondition(tag string) string {
	if !httpguts.ValidHeaderFieldValue(tag) {
		return ""
	}
	for _, suffix := range []string{`-gzip"`, `-br"`, `-zstd"`} {
		if bare, ok := strings.CutSuffix(tag, suffix); ok {
			return tag + ", " + bare + `"`
		}
	}
	return tag
}

func (ch *chain) explain(ctx context.Context, u *url.URL, err error) *Error {
	return ch.c.explain(ctx, u.Host, phase(ch.phase.Load()), ch.r.Access, err)
}

// finish reads the last answer of a chain of redirects.
func (ch *chain) finish(ctx context.Context, res *http.Response, u *url.URL, moved bool) (*Response, error) {
	defer res.Body.Close()
	c, r, now := ch.c, ch.r, ch.c.now()
	out := &Response{
		Status: res.StatusCode, FinalURL: plainURL(u), ContentType: res.Header.Get("Content-Type"),
		ETag: validator(res.Header.Get("ETag")), LastModified: validator(res.Header.Get("Last-Modified")),
		CacheMaxAge: maxAge(res.Header, now), RetryAfter: retryAfter(res.Header, now), Challenge: challenged(res.Header),
	}
	if moved && ch.permanent {
		out.Permanent = out.FinalURL
	}
	c.manners.answered(hostKey(u.Scheme, u.Host), res.StatusCode, out.RetryAfter)
	switch {
	case res.StatusCode < 200:
		return nil, fail(ClassProtocol, nil, "%s answers %d to a plain request; tell the publisher", u.Host, res.StatusCode)
	case res.StatusCode == http.StatusNotModified:
		if !ch.asked {
			return nil, fail(ClassProtocol, nil, "%s answers 304 to a request without a condition; tell the publisher", u.Host)
		}
		out.NotModified = true
	case res.StatusCode >= 400:
		out.Challenge = out.Challenge || riddle(drain(res))
		out.Took = time.Since(ch.start)
		return out, statusError(u.Host, out, r.Access, ch.away)
	case res.StatusCode >= 300:
		return nil, fail(ClassRedirects, nil, "%s answers %d without saying where to; tell the publisher", u.Host, res.StatusCode)
	default:
		body, wire, cut, err := ch.readBody(ctx, res)
		if err != nil {
			ch.phase.Store(int32(phaseBody))
			return nil, ch.explain(ctx, u, err)
		}
		out.Body, out.Truncated, out.WireBytes = body, cut || res.StatusCode == http.StatusPartialContent, wire
		if out.Truncated {
			out.ETag, out.LastModified = "", ""
		} else if ch.left {
			c.finals.learn(r.URL, out.FinalURL)
		}
		if len(body) > 0 {
			out.BodyHash = xxh3.Hash(body)
		}
	}
	out.Took = time.Since(ch.start)
	return out, nil
}

// maxValidator is the longest ETag or date that is kept and sent back.
const maxValidator = 1 << 10

func validator(v string) string {
	if len(v) > maxValidator || !httpguts.ValidHeaderFieldValue(v) {
		return ""
	}
	return v
}

// phase is how far a request has come.
type phase int32

const (
	phaseConnect phase = iota
	phaseTLS
	phaseWait
	phaseBody
)

func (p phase) verb() string {
	return [...]string{"take the connection", "finish the TLS handshake", "answer", "send its answer"}[p]
}
