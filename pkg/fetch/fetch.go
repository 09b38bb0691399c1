// Package fetch gets documents over HTTP: politely towards publishers, safely
// for the machine it runs on.
//
// A Client holds one transport for everything. Each fetch is bounded in time
// by phase, in bytes before and after decompression, and in redirects; private
// addresses are refused once names are resolved, on every connection. What
// went wrong comes back as an Error with a class for metrics and a sentence
// for people. Acquire tells a scheduler, without blocking, when a host may be
// asked; Do does not wait.
package fetch

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
)

// Request is one fetch. ETag and LastModified make it conditional, as the
// server gave them.
type Request struct {
	URL           string
	ETag          string
	LastModified  string
	Header        map[string]string // sent to the host of URL only, never to where it redirects
	Unconditional bool              // leave the validators out
}

// Response is what came of a fetch.
type Response struct {
	Status       int
	Body         []byte // decompressed; empty where NotModified
	Truncated    bool   // the connection ended before the body did; no validators are given then
	FinalURL     string // after redirects
	Permanent    string // FinalURL where each redirect was permanent, else empty
	ETag         string
	LastModified string
	ContentType  string
	CacheMaxAge  time.Duration // how long the answer stays fresh; 0: unknown
	RetryAfter   time.Duration // how long the server asks to be left alone
	Took         time.Duration
	WireBytes    int64 // body as transferred
	NotModified  bool
}

// Client fetches. It is safe for concurrent use.
type Client struct {
	cfg       Config
	now       func() time.Time
	guard     *guard
	transport *http.Transport
	manners   *manners
}

// New gives a client. now is the clock of politeness and of relative dates.
func New(cfg Config, now func() time.Time) (*Client, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("fetch: %w", err)
	}
	cfg = cfg.WithDefaults()
	g, err := newGuard(cfg.AllowPrivate)
	if err != nil {
		return nil, fmt.Errorf("fetch: %w", err)
	}
	dialer := &net.Dialer{Timeout: cfg.ConnectTimeout, KeepAlive: 30 * time.Second, Control: g.control}
	c := &Client{cfg: cfg, now: now, guard: g}
	c.transport = &http.Transport{
		DialContext:            dialer.DialContext,
		TLSHandshakeTimeout:    cfg.TLSTimeout,
		ResponseHeaderTimeout:  cfg.HeaderTimeout,
		MaxResponseHeaderBytes: cfg.MaxHeader,
		ForceAttemptHTTP2:      true,
		DisableCompression:     true,
		MaxIdleConns:           cfg.IdleConns,
		MaxIdleConnsPerHost:    8,
		IdleConnTimeout:        90 * time.Second,
	}
	c.manners = newManners(cfg, g, now)
	return c, nil
}

// Close ends idle connections.
func (c *Client) Close() { c.transport.CloseIdleConnections() }

const accept = "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9, application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.5, */*;q=0.1"

// Do makes one fetch and follows its redirects. An answer of 400 or above
// gives both a Response, for its status and Retry-After, and an Error of
// ClassStatus; every other error comes without a Response.
func (c *Client) Do(ctx context.Context, r Request) (*Response, error) {
	start := time.Now()
	u, err := parseURL(r.URL)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
	defer cancel()
	ctx, stall := context.WithCancelCause(ctx)
	defer stall(nil)

	home, permanent := u, true
	seen := map[string]bool{}
	for hop := 0; ; hop++ {
		if seen[u.String()] {
			return nil, fail(ClassRedirects, nil, "%s redirects in a circle; check the address in a browser", home.Host)
		}
		seen[u.String()] = true
		if hop > c.cfg.MaxRedirects {
			return nil, fail(ClassRedirects, nil, "%s redirects more than %d times", home.Host, c.cfg.MaxRedirects)
		}
		res, ph, err := c.roundTrip(ctx, u, r, sameOrigin(u, home))
		if err != nil {
			return nil, c.explain(ctx, u.Host, ph, err)
		}
		if !isRedirect(res) {
			return c.finish(ctx, stall, res, r, u, hop > 0 && permanent, start)
		}
		permanent = permanent && (res.StatusCode == http.StatusMovedPermanently || res.StatusCode == http.StatusPermanentRedirect)
		location := res.Header.Get("Location")
		res.Body.Close()
		next, err := u.Parse(location)
		if err != nil {
			return nil, fail(ClassRedirects, err, "%s redirects to %.100q, which is no address", u.Host, location)
		}
		if next.Fragment == "" {
			next.Fragment = u.Fragment
		}
		if err := checkURL(next); err != nil {
			return nil, fail(ClassRedirects, err, "%s redirects to %.100q, which is not fetched", u.Host, location)
		}
		u = next
	}
}

func parseURL(raw string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSpace(raw))
	if err != nil {
		return nil, fail(ClassURL, nil, "%.100q is no address; check its spelling", redact(raw))
	}
	return u, checkURL(u)
}

func checkURL(u *url.URL) error {
	if u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return fail(ClassURL, nil, "%.100q is no http or https address", u.Redacted())
	}
	return nil
}

// redact keeps what may be a password out of messages.
func redact(raw string) string {
	if i := strings.LastIndexByte(raw, '@'); i >= 0 {
		return "…" + raw[i:]
	}
	return raw
}

func sameOrigin(a, b *url.URL) bool {
	return a.Host == b.Host && (a.Scheme == b.Scheme || a.Scheme == "https")
}

func isRedirect(res *http.Response) bool {
	switch res.StatusCode {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return res.Header.Get("Location") != ""
	}
	return false
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

func (c *Client) roundTrip(ctx context.Context, u *url.URL, r Request, home bool) (*http.Response, phase, error) {
	var ph atomic.Int32
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		TLSHandshakeStart: func() { ph.Store(int32(phaseTLS)) },
		GotConn:           func(httptrace.GotConnInfo) { ph.Store(int32(phaseWait)) },
	})
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, phaseConnect, fail(ClassURL, err, "%.100q is no address that can be fetched", u.Redacted())
	}
	req.Header.Set("User-Agent", c.cfg.UserAgent)
	req.Header.Set("Accept", accept)
	req.Header.Set("Accept-Encoding", acceptEncoding)
	if home {
		for k, v := range r.Header {
			req.Header.Set(k, v)
		}
		if !r.Unconditional {
			if r.ETag != "" {
				req.Header.Set("If-None-Match", r.ETag)
			}
			if r.LastModified != "" {
				req.Header.Set("If-Modified-Since", r.LastModified)
			}
		}
	} else {
		req.URL.User = nil
	}
	res, err := c.transport.RoundTrip(req)
	return res, phase(ph.Load()), err
}

// finish reads the last answer of a chain of redirects.
func (c *Client) finish(ctx context.Context, stall context.CancelCauseFunc, res *http.Response, r Request, u *url.URL, permanent bool, start time.Time) (*Response, error) {
	defer res.Body.Close()
	out := &Response{
		Status: res.StatusCode, FinalURL: plainURL(u), ContentType: res.Header.Get("Content-Type"),
		ETag: res.Header.Get("ETag"), LastModified: res.Header.Get("Last-Modified"),
		CacheMaxAge: maxAge(res.Header, c.now()), RetryAfter: retryAfter(res.Header, c.now()),
	}
	if len(out.ETag) > maxValidator {
		out.ETag = ""
	}
	if len(out.LastModified) > maxValidator {
		out.LastModified = ""
	}
	if permanent {
		out.Permanent = out.FinalURL
	}
	if out.RetryAfter > 0 && (res.StatusCode == http.StatusTooManyRequests || res.StatusCode == http.StatusServiceUnavailable) {
		c.manners.block(u, c.now().Add(out.RetryAfter))
	}
	switch {
	case res.StatusCode == http.StatusNotModified:
		if r.Unconditional || r.ETag == "" && r.LastModified == "" {
			return nil, fail(ClassProtocol, nil, "%s answers 304 to a request without a condition", u.Host)
		}
		out.NotModified = true
	case res.StatusCode >= 400:
		out.Took = time.Since(start)
		return out, statusError(u.Host, res.StatusCode)
	case res.StatusCode >= 300:
		return nil, fail(ClassRedirects, nil, "%s answers %d without saying where to", u.Host, res.StatusCode)
	default:
		body, wire, cut, err := c.readBody(ctx, stall, res)
		if err != nil {
			return nil, c.explain(ctx, u.Host, phaseBody, err)
		}
		out.Body, out.Truncated, out.WireBytes = body, cut, wire
		if cut {
			out.ETag, out.LastModified = "", ""
		}
	}
	out.Took = time.Since(start)
	return out, nil
}

// maxValidator is the longest ETag or date that is kept and sent back.
const maxValidator = 1 << 10

// plainURL leaves credentials out.
func plainURL(u *url.URL) string {
	p := *u
	p.User = nil
	return p.String()
}
