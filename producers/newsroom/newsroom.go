// Package newsroom is a simulated press: outlets which publish invented news
// and serve it as real feeds (RSS 2.0, Atom 1.0, RSS 1.0, JSON Feed 1.1) over
// loopback HTTP with conditional GET.
//
// In goes a Config, whose seed fixes all that is ever published; out come
// feeds to poll, a Ledger of everything that was published with the truth
// about it (what is a copy of what, who is mentioned, what rolled out of a
// feed unseen), and a past of any length with the same people and events
// (History). Persons, towns, companies and outlets are invented; addresses
// stand under the reserved top-level domain .example.
//
// It keeps in memory the articles that feeds show, and about 250 bytes for
// each article ever published; older texts are written anew from their seed
// when a page asks for them.
package newsroom

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"
)

// Subscription is one feed of the newsroom.
type Subscription struct {
	URL    string
	Title  string
	Format string // rss, atom, rdf or json
	Outlet string
	Source string // registrable domain of its articles
}

// Newsroom publishes and serves. Its methods are safe for concurrent use.
type Newsroom struct {
	cfg    Config
	world  *world
	ledger *Ledger

	mu      sync.Mutex // held while publishing
	desk    *desk
	author  *author
	lastAt  time.Time
	chain   []piece
	windows []window
	bySlug  map[string]int

	pageMu sync.RWMutex
	pages  map[uint64]int32 // article number -> its first record

	baseMu    sync.RWMutex
	base      []string // roots, one for each host
	listeners []net.Listener
}

// New makes a newsroom and, unless cfg.BaseURL is set, binds its address, so
// that Feeds has the right URLs at once. It publishes nothing yet.
func New(cfg Config) (*Newsroom, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	cfg = cfg.withDefaults()
	if cfg.Outlets == 1 {
		cfg.CopyShare, cfg.RewriteShare = 0, 0
	}
	w, err := newWorld(cfg.Seed, cfg.Outlets, cfg.Spike)
	if err != nil {
		return nil, fmt.Errorf("newsroom: %w", err)
	}
	n := &Newsroom{cfg: cfg, world: w, author: newAuthor(w, cfg.Words),
		windows: make([]window, cfg.Outlets), bySlug: make(map[string]int, cfg.Outlets), pages: map[uint64]int32{}}
	n.desk = newDesk(w, &n.cfg, liveStream)
	n.ledger = &Ledger{world: w, feedURL: n.feedURL}
	for i := range w.outlets {
		n.bySlug[w.outlets[i].slug] = i
		n.windows[i] = window{outlet: &w.outlets[i], changed: cfg.Start}
	}
	if cfg.BaseURL != "" {
		n.base = []string{strings.TrimRight(cfg.BaseURL, "/")}
		return n, nil
	}
	if err := n.listen(); err != nil {
		return nil, err
	}
	return n, nil
}

const (
	liveStream    = 61
	historyStream = 62
)

func (n *Newsroom) listen() error {
	first, err := net.Listen("tcp", n.cfg.Listen)
	if err != nil {
		return fmt.Errorf("newsroom: %w", err)
	}
	n.listeners = []net.Listener{first}
	n.base = []string{"http://" + first.Addr().String()}
	_, port, err := net.SplitHostPort(first.Addr().String())
	if err != nil {
		return fmt.Errorf("newsroom: %w", err)
	}
	for i := 2; i <= n.cfg.Hosts; i++ {
		more, err := net.Listen("tcp", net.JoinHostPort(fmt.Sprintf("127.0.0.%d", i), port))
		if err != nil {
			n.closeListeners()
			return fmt.Errorf("newsroom: host %d of %d: %w", i, n.cfg.Hosts, err)
		}
		n.listeners = append(n.listeners, more)
		n.base = append(n.base, "http://"+more.Addr().String())
	}
	return nil
}

func (n *Newsroom) closeListeners() {
	for _, l := range n.listeners {
		l.Close()
	}
}

// Addr is the host and port that the newsroom serves on (its first, when
// there are several hosts), or nothing when the caller mounts Handler.
func (n *Newsroom) Addr() string {
	n.baseMu.RLock()
	defer n.baseMu.RUnlock()
	if len(n.listeners) == 0 {
		return ""
	}
	return n.listeners[0].Addr().String()
}

func (n *Newsroom) root(outlet int) string {
	n.baseMu.RLock()
	defer n.baseMu.RUnlock()
	return n.base[outlet%len(n.base)]
}

func (n *Newsroom) feedURL(outlet int) string {
	return n.root(outlet) + n.world.outlets[outlet].feedPath()
}

// Feeds lists the feeds, the wire agency's first. /opml.xml serves the list.
func (n *Newsroom) Feeds() []Subscription {
	subscriptions := make([]Subscription, len(n.world.outlets))
	for i := range subscriptions {
		o := &n.world.outlets[i]
		subscriptions[i] = Subscription{n.feedURL(i), o.name, formatNames[o.format], o.name, o.domain}
	}
	return subscriptions
}

// Ledger is the record of all publications, growing as they happen.
func (n *Newsroom) Ledger() *Ledger { return n.ledger }

// FocusEntity is who or what a planted spike is about; without one, the person
// it would be about by default. It has a steady share of the coverage.
func (n *Newsroom) FocusEntity() Entity { return n.world.entities[n.world.focus] }

// Publish publishes k articles, or revisions of such, at the clock's now.
func (n *Newsroom) Publish(k int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	at := n.cfg.Now()
	for range k {
		n.publish(at)
	}
}

func (n *Newsroom) publish(at time.Time) {
	if at.Before(n.lastAt) { // a clock set back must not reorder feeds
		at = n.lastAt
	}
	n.lastAt = at
	p := n.desk.next(at)
	// Only publish appends, so reading records without the ledger's lock is
	// safe here: pieces and titles never change once they are in.
	n.chain = chainOf(n.ledger.records, p, n.chain[:0])
	m := n.author.write(n.chain)
	p.beat = uint8(m.beat)
	urlTitle := m.title
	if p.kind == kindRevision {
		urlTitle = n.ledger.records[p.base].title
	}
	a := n.world.outlets[p.outlet].dress(m, &p, urlTitle)
	index := n.ledger.append(record{piece: p, title: a.title, bodyHash: a.hash(), entities: m.entities()})
	if p.kind != kindRevision {
		n.pageMu.Lock()
		n.pages[p.id] = index
		n.pageMu.Unlock()
	}
	n.windows[p.outlet].put(a, index, p.base, at, n.cfg.Window, n.ledger)
}

// chainOf is a piece followed by what it was made of, back to an original.
func chainOf(records []record, p piece, into []piece) []piece {
	for {
		into = append(into, p)
		if p.of < 0 {
			return into
		}
		p = records[p.of].piece
	}
}

// Run publishes at cfg.Rate until ctx ends: arrivals are a Poisson process of
// the newsroom's seed. It returns nil when ctx ends, at once when Rate is 0.
func (n *Newsroom) Run(ctx context.Context) error {
	if n.cfg.Rate <= 0 {
		return nil
	}
	const beat = 10 * time.Millisecond // many arrivals share one wake-up
	r := &rng{mix(n.cfg.Seed, 71)}
	next := n.cfg.Now()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
		}
		now := n.cfg.Now()
		if now.Sub(next) > 5*time.Second {
			next = now.Add(-5 * time.Second) // after a stop of the machine, no flood
		}
		n.mu.Lock()
		for !next.After(now) && ctx.Err() == nil {
			n.publish(next)
			rate := n.cfg.Rate
			if n.cfg.Diurnal {
				rate *= profile(next)
			}
			next = next.Add(time.Duration(r.exp() / rate * float64(time.Second)))
		}
		n.mu.Unlock()
		timer.Reset(max(beat, next.Sub(now)))
	}
}
