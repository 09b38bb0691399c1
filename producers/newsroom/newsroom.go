// Package newsroom is a simulated press: outlets which publish invented news
// and serve it as real feeds (RSS 2.0, Atom 1.0, RSS 1.0, JSON Feed 1.1) over
// loopback HTTP with conditional GET; servers that misbehave (BadKinds); and
// real articles of a file, replayed (Corpus).
//
// In goes a Config, whose seed fixes all that is ever published; out come
// feeds to poll, a Ledger of everything that was published with the truth
// about it (what is a copy of what, who is mentioned, what rolled out of a
// feed unseen), and a past of any length with the same people and events
// (History). Persons, towns, companies and outlets are invented; addresses
// stand under the reserved top-level domain .example.
//
// It keeps in memory some 500 bytes a feed, 24 bytes an item of a feed, and
// about 250 bytes for each article ever published (350 for those of a corpus).
// Texts and documents are kept within Config.Cache, and written anew from their
// seed, or read again from the corpus, when somebody asks for them.
package newsroom

import (
	"fmt"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Subscription is one feed of the newsroom.
type Subscription struct {
	URL    string
	Title  string
	Format string // rss, atom, rdf or json
	Outlet string
	Source string // registrable domain of its articles
	Bad    string // name of its BadKind, else empty
	Corpus bool   // its articles are those of a corpus
}

// Newsroom publishes and serves. Its methods are safe for concurrent use.
type Newsroom struct {
	cfg    Config
	world  *world
	ledger *Ledger

	mu       sync.Mutex // held while publishing
	desk     *desk
	author   *author
	lastAt   time.Time
	chain    []piece
	windows  []window
	shelf    shelf
	corpus   *corpus
	realFrom int32 // number of the first outlet of the corpus
	authors  sync.Pool
	bySlug   map[string]int

	pageMu sync.RWMutex
	pages  map[uint64]int32 // article number -> its first record

	baseMu    sync.RWMutex
	base      []string // roots, one for each host
	listeners []net.Listener
	safes     []safe
	ca        []byte

	ended   chan struct{} // closed when Serve ends
	end     func()
	holding sync.Map     // connections that bad servers have taken over
	held    atomic.Int64 // requests that they let wait
	answers sync.RWMutex // held for reading by each request that Serve has taken
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
	bad, err := badKinds(cfg.Bad, cfg.BaseURL == "")
	if err != nil {
		return nil, err
	}
	for _, k := range bad {
		w.outlets = append(w.outlets, badOutlet(len(w.outlets), k, cfg.Seed))
	}
	realFrom := int32(len(w.outlets))
	var replayed *corpus
	if cfg.Corpus != nil {
		if replayed, err = openCorpus(*cfg.Corpus, cfg.Start); err != nil {
			return nil, err
		}
		for _, s := range replayed.sources {
			w.outlets = append(w.outlets, corpusOutlet(len(w.outlets), s, cfg.Seed))
		}
	}
	n := &Newsroom{corpus: replayed, realFrom: realFrom, cfg: cfg, world: w, author: newAuthor(w),
		windows: make([]window, len(w.outlets)), bySlug: make(map[string]int, len(w.outlets)), pages: map[uint64]int32{}, ended: make(chan struct{})}
	n.end = sync.OnceFunc(func() { close(n.ended) })
	n.authors.New = func() any { return newAuthor(w) }
	n.shelf.budget = cfg.Cache
	n.desk = newDesk(w, &n.cfg, liveStream)
	n.ledger = &Ledger{world: w, feedURL: n.feedURL}
	for i := range w.outlets {
		n.bySlug[w.outlets[i].slug] = i
		n.windows[i] = window{outlet: &w.outlets[i], changed: cfg.Start, newest: -1}
	}
	if cfg.BaseURL != "" {
		n.base = []string{strings.TrimRight(cfg.BaseURL, "/")}
	} else if err := n.listen(); err != nil {
		n.Close()
		return nil, err
	} else if err := n.secureListeners(); err != nil {
		n.Close()
		return nil, err
	}
	n.fill()
	return n, nil
}

// fill gives the outlets that invent their articles what they have at the
// start.
func (n *Newsroom) fill() {
	for i := range n.world.outlets[:n.realFrom] {
		o := &n.world.outlets[i]
		count := n.cfg.Backlog
		if o.kind != nil {
			n.windows[i].bad = &badState{}
			n.desk.bad = append(n.desk.bad, int32(i))
			if o.kind.local {
				o.desk = n.root(i)
			}
			count = max(count, o.kind.fill)
		}
		for k := range count {
			at := n.cfg.Start.Add(-24 * time.Hour * time.Duration(count-k) / time.Duration(count))
			n.out(n.desk.to(int32(i), at), at)
		}
	}
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
	if root := n.world.outlets[outlet].root; root != "" {
		return root + n.world.outlets[outlet].feedPath()
	}
	return n.root(outlet) + n.world.outlets[outlet].feedPath()
}

// Feeds lists the feeds, the wire agency's first. /opml serves the list.
func (n *Newsroom) Feeds() []Subscription {
	subscriptions := make([]Subscription, 0, len(n.world.outlets))
	for i := range n.world.outlets {
		o := &n.world.outlets[i]
		s := Subscription{URL: n.feedURL(i), Title: o.name, Format: formatNames[o.format], Outlet: o.name, Source: o.source(), Corpus: o.real}
		if o.kind == nil {
			subscriptions = append(subscriptions, s)
			continue
		}
		s.Bad = o.kind.Name
		subscriptions = append(subscriptions, s)
		for side := 1; side < o.kind.feeds; side++ {
			s.URL = strings.TrimSuffix(n.feedURL(i), feedFiles[o.format]) + sideFile(side)
			subscriptions = append(subscriptions, s)
		}
	}
	return subscriptions
}

// Ledger is the record of all publications, growing as they happen.
func (n *Newsroom) Ledger() *Ledger { return n.ledger }

// FocusEntity is who or what a planted spike is about; without one, the person
// it would be about by default. It has a steady share of the coverage.
func (n *Newsroom) FocusEntity() Entity { return n.world.entities[n.world.focus] }
