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
	"time"
)

// Request is one fetch. ETag and LastModified make it conditional, as the
// server gave them; they are sent to the origin of URL, and to another that a
// redirect leads to if they came from there.
type Request struct {
	URL           string
	Home          string // the feed's own address, where a redirect has taught another URL; empty: URL
	ETag          string
	LastModified  string
	Header        map[string]string // sent to the origin of Home only, never to where that redirects
	Access        *Access           // likewise, but for its proxy, which serves the whole fetch; nil: none
	Accept        string            // empty: what feeds come as
	Rung          int               // of the identity ladder, 0 to Rungs-1; see Climb
	MaxBody       int64             // bytes after decompression, below those of the configuration; 0: those
	Unconditional bool              // leave the validators out
}

// AcceptPage is Request.Accept for a page that people read.
const AcceptPage = "text/html, application/xhtml+xml, */*;q=0.1"

// Response is what came of a fetch.
type Response struct {
	Status       int
	Body         []byte // decompressed; empty where NotModified
	BodyHash     uint64 // xxh3 of Body; 0 where it is empty
	Truncated    bool   // the connection ended before the body did, or it is a part (206); no validators are given then
	FinalURL     string // after redirects
	Permanent    string // FinalURL where each redirect was permanent, else empty
	ETag         string
	LastModified string
	ContentType  string
	CacheMaxAge  time.Duration // how long the answer stays fresh; 0: unknown
	RetryAfter   time.Duration // how long the server asks to be left alone; at most a day
	Took         time.Duration
	WireBytes    int64 // body as transferred
	NotModified  bool
	Challenge    bool // a firewall's riddle, not the document
}

// Client fetches. It is safe for concurrent use.
type Client struct {
	cfg        Config
	now        func() time.Time
	guard      *guard
	routes     *routes
	manners    *manners
	robots     *robots
	finals     finals
	identities [Rungs]identity
}

// New gives a client. now is the clock of politeness, of caches and of relative
// dates.
func New(cfg Config, now func() time.Time) (*Client, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("fetch: %w", err)
	}
	cfg = cfg.WithDefaults()
	g, err := newGuard(cfg.AllowPrivate)
	if err != nil {
		return nil, fmt.Errorf("fetch: %w", err)
	}
	d := &dialer{
		names: newNames(net.DefaultResolver, cfg.ConnectTimeout, now), guard: g, timeout: cfg.ConnectTimeout,
		net: net.Dialer{KeepAlive: 30 * time.Second, Control: g.control},
	}
	return &Client{
		cfg: cfg, now: now, guard: g, routes: newRoutes(cfg, d), manners: newManners(cfg, g, now),
		robots: newRobots(cfg.UserAgent, now), identities: newIdentities(cfg.UserAgent),
	}, nil
}

// Close ends idle connections.
func (c *Client) Close() { c.routes.close() }

const accept = "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9, application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.5, */*;q=0.1"

const acceptEncoding = "gzip, br, zstd, deflate"

// Do makes one fetch and follows its redirects. An answer of 400 or above
// gives both a Response, for its status and Retry-After, and an Error of
// ClassStatus; every other error comes without a Response.
func (c *Client) Do(ctx context.Context, r Request) (*Response, error) { return c.do(ctx, r, 0) }
