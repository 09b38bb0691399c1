package fetch

import (
	"net"
	"net/netip"
	"net/url"
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
	cfg   Config
	guard *guard
	now   func() time.Time

	mu      sync.Mutex
	hosts   map[string]*host
	domains map[string]*bucket
	sweep   time.Time
}

type host struct {
	bucket
	inFlight int
	blocked  time.Time
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
	return &manners{cfg: cfg, guard: g, now: now, hosts: map[string]*host{}, domains: map[string]*bucket{}}
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
	u, err := url.Parse(strings.TrimSpace(rawURL))
	if err != nil {
		return func() {}, 0 // Do says what is wrong with it
	}
	return c.manners.acquire(u)
}

// Block keeps the host of an address from being asked before until.
func (c *Client) Block(rawURL string, until time.Time) {
	if u, err := url.Parse(strings.TrimSpace(rawURL)); err == nil {
		c.manners.block(u, until)
	}
}

func (m *manners) acquire(u *url.URL) (func(), time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.now()
	m.forget(now)
	h := m.host(u)
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
		d := m.domains[h.domain]
		if d == nil {
			d = &bucket{}
			m.domains[h.domain] = d
		}
		perHost, perDomain := interval(m.cfg.HostRate), interval(m.cfg.DomainRate)
		if w := max(h.wait(now, perHost, m.cfg.HostBurst), d.wait(now, perDomain, m.cfg.DomainBurst)); w > 0 {
			return nil, w
		}
		h.take(now, perHost)
		d.take(now, perDomain)
	}
	h.inFlight++
	var once sync.Once
	return func() {
		once.Do(func() {
			m.mu.Lock()
			h.inFlight--
			m.mu.Unlock()
		})
	}, 0
}

func interval(rate float64) time.Duration { return time.Duration(float64(time.Second) / rate) }

func (m *manners) block(u *url.URL, until time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if h := m.host(u); until.After(h.blocked) {
		h.blocked = until
	}
}

// host gives what is known of the host of u.
func (m *manners) host(u *url.URL) *host {
	name := strings.ToLower(u.Host)
	h := m.hosts[name]
	if h == nil {
		h = &host{own: m.isOwn(u), domain: registrable(strings.ToLower(u.Hostname()))}
		m.hosts[name] = h
	}
	return h
}

// isOwn tells whether allow_private names the host, by address or as
// localhost.
func (m *manners) isOwn(u *url.URL) bool {
	name := u.Hostname()
	if strings.EqualFold(name, "localhost") {
		name = "127.0.0.1"
	}
	addr, err := netip.ParseAddr(name)
	if err != nil {
		return false
	}
	port := uint64(80)
	if p := u.Port(); p != "" {
		port, _ = strconv.ParseUint(p, 10, 16)
	} else if u.Scheme == "https" {
		port = 443
	}
	return m.guard.named(netip.AddrPortFrom(addr, uint16(port)))
}

// registrable gives the domain under which a host was registered, by the
// public suffix list; an address or a single label is its own.
func registrable(name string) string {
	if net.ParseIP(name) != nil {
		return name
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
		if h.inFlight == 0 && !h.full.After(now) && !h.blocked.After(now) {
			delete(m.hosts, name)
		}
	}
	for name, d := range m.domains {
		if !d.full.After(now) {
			delete(m.domains, name)
		}
	}
}
