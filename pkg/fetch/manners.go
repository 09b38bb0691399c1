package fetch

import (
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/publicsuffix"
)

// manners says when a host may be asked again: token buckets by host and by
// registrable domain, a number of requests in flight, and the pauses that
// servers ask for, which hold for a host and not for its domain.
type manners struct {
	cfg       Config
	guard     *guard
	now       func() time.Time
	perHost   time.Duration // between two requests, bursts aside
	perDomain time.Duration

	mu      sync.Mutex
	hosts   map[string]*host
	domains map[string]*bucket
	sweep   time.Time
}

type host struct {
	bucket
	inFlight int
	blocked  time.Time
	refusals int    // answers of 429 in a row that do not say for how long
	own      bool   // opened by allow_private: not throttled
	domain   string // registrable
}

// bucket is a token bucket kept as the time at which it is full (generic cell
// rate algorithm).
type bucket struct{ full time.Time }

// wait gives how long until a token is there.
func (b *bucket) wait(now time.Time, every time.Duration, burst int) time.Duration {
	return b.full.Add(-time.Duration(burst-1) * every).Sub(now)
}

func (b *bucket) take(now time.Time, every time.Duration) {
	if b.full.Before(now) {
		b.full = now
	}
	b.full = b.full.Add(every)
}

func newManners(cfg Config, g *guard, now func() time.Time) *manners {
	return &manners{
		cfg: cfg, guard: g, now: now, perHost: interval(cfg.HostRate), perDomain: interval(cfg.DomainRate),
		hosts: map[string]*host{}, domains: map[string]*bucket{},
	}
}

// slotWait is after how long a host whose slots are all taken is looked at
// again.
const slotWait = 200 * time.Millisecond

// sweepEvery is how often hosts that are idle are forgotten.
const sweepEvery = time.Minute

// ownSlots is how many requests may be in flight to a host of the user's own.
const ownSlots = 64

// Acquire asks for leave to fetch from the host of an address. It never
// blocks: either release is given, to be called once the fetch is over, or
// wait says after how long to ask again.
func (c *Client) Acquire(rawURL string) (release func(), wait time.Duration) {
	key := siteOf(rawURL)
	if key == "" {
		return func() {}, 0 // Do says what is wrong with it
	}
	return c.manners.acquire(key)
}

// Block keeps the host of an address from being asked before until.
func (c *Client) Block(rawURL string, until time.Time) {
	if key := siteOf(rawURL); key != "" {
		c.manners.block(key, until)
	}
}

// acquire and the others take hosts by their hostKey.
func (m *manners) acquire(key string) (func(), time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.now()
	m.forget(now)
	h := m.host(key)
	if w := h.blocked.Sub(now); w > 0 {
		return nil, w
	}
	slots := m.cfg.HostSlots
	if h.own {
		slots = ownSlots
	}
	if h.inFlight >= slots {
		return nil, slotWait
	}
	if !h.own {
		d := m.domain(h.domain)
		if w := max(h.wait(now, m.perHost, m.cfg.HostBurst), d.wait(now, m.perDomain, m.cfg.DomainBurst)); w > 0 {
			return nil, w
		}
		h.take(now, m.perHost)
		d.take(now, m.perDomain)
	}
	h.inFlight++
	released := false
	return func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		if !released {
			released = true
			h.inFlight--
		}
	}, 0
}

func interval(rate float64) time.Duration { return time.Duration(float64(time.Second) / rate) }

func (m *manners) block(key string, until time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.host(key).block(until)
}

// Pauses after a 429 that does not say for how long.
const (
	refusalPause   = time.Minute // doubled by each further one
	refusalLongest = 4 * time.Hour
)

// answered learns from the status of an answer when the host may be asked
// again.
func (m *manners) answered(key string, status int, retryAfter time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.now()
	switch h := m.host(key); {
	case status != http.StatusTooManyRequests && status != http.StatusServiceUnavailable:
		h.refusals = 0
	case retryAfter > 0:
		h.block(now.Add(retryAfter))
	case status == http.StatusTooManyRequests && !h.own:
		if h.blocked.After(now) {
			return // one of several that were under way at once
		}
		h.block(now.Add(min(refusalPause<<min(h.refusals, 10), refusalLongest)))
		h.refusals++
	}
}

// charge takes a token without asking for it, as for where a redirect leads.
// wait is how long the host still asks to be left alone.
func (m *manners) charge(key string) (wait time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.now()
	h := m.host(key)
	if w := h.blocked.Sub(now); w > 0 {
		return w
	}
	if !h.own {
		h.take(now, m.perHost)
		m.domain(h.domain).take(now, m.perDomain)
	}
	return 0
}

func (m *manners) domain(name string) *bucket {
	d := m.domains[name]
	if d == nil {
		d = &bucket{}
		m.domains[name] = d
	}
	return d
}

func (h *host) block(until time.Time) {
	if until.After(h.blocked) {
		h.blocked = until
	}
}

// host gives what is known of a host.
func (m *manners) host(key string) *host {
	h := m.hosts[key]
	if h == nil {
		key = strings.Clone(key) // it may be a piece of a long address
		name, port := key, ""
		if i := strings.LastIndexByte(key, ':'); i > strings.LastIndexByte(key, ']') {
			name, port = key[:i], key[i+1:]
		}
		name = strings.Trim(name, "[]")
		h = &host{own: m.isOwn(name, port), domain: registrable(name)}
		m.hosts[key] = h
	}
	return h
}

// isOwn tells whether allow_private names the host, by address or as
// localhost. No port stands for that of http or https.
func (m *manners) isOwn(name, port string) bool {
	if name == "localhost" {
		name = "127.0.0.1"
	}
	if name == "" || name[0] > '9' && !strings.Contains(name, ":") {
		return false // no address; ParseAddr would make an error of it
	}
	addr, err := netip.ParseAddr(name)
	if err != nil {
		return false
	}
	if port == "" {
		return m.guard.named(netip.AddrPortFrom(addr, 80)) || m.guard.named(netip.AddrPortFrom(addr, 443))
	}
	n, _ := strconv.ParseUint(port, 10, 16)
	return m.guard.named(netip.AddrPortFrom(addr, uint16(n)))
}

// registrable gives the domain under which a host was registered, by the
// public suffix list; an address or a single label is its own.
func registrable(name string) string {
	if last := name[max(0, len(name)-1):]; last >= "0" && last <= "9" || strings.Contains(name, ":") {
		if _, err := netip.ParseAddr(name); err == nil {
			return name
		}
	}
	if d, err := publicsuffix.EffectiveTLDPlusOne(strings.TrimSuffix(name, ".")); err == nil {
		return d
	}
	return name
}

// forget drops hosts and domains that have nothing to remember, so that memory
// follows the hosts in use.
func (m *manners) forget(now time.Time) {
	if now.Sub(m.sweep) < sweepEvery {
		return
	}
	m.sweep = now
	for name, h := range m.hosts {
		// A host that said 429 is remembered beyond its pause: the next one grows.
		memory := h.blocked
		if h.refusals > 0 {
			memory = memory.Add(refusalLongest)
		}
		if h.inFlight == 0 && !h.full.After(now) && !memory.After(now) {
			delete(m.hosts, name)
		}
	}
	for name, d := range m.domains {
		if !d.full.After(now) {
			delete(m.domains, name)
		}
	}
}
