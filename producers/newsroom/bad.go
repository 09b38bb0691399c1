package newsroom

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// BadKind is one way in which a server or a feed misbehaves, and what a good
// reader makes of it.
type BadKind struct {
	Name string // as in Config.Bad
	Does string // what the server does
	Want string // what a good reader does

	// Classes are those that the polls of a good reader end in, as news.Fetch
	// has them; a reader need not come across all of them.
	Classes []string
	Have    Have
	// ByGUID says that the items' links do not tell them apart: they are known
	// by the feed and their GUID. Else they are known by their link, whatever
	// the GUID.
	ByGUID bool
	// State names the field of news.FeedState that a good reader ends up with:
	// moved_to, gone, lies, churns or identity; empty: none in particular.
	State string
	// Secret is what has to stand in the feed's secret file, where it has to be
	// let in.
	Secret string

	answer  func(*call)                          // instead of the feed
	arrange func(*call, []listed) []listed       // the items before they are written
	spoil   func(*call, []byte, []listed) []byte // the document before it goes out
	page    func(*Newsroom, *article, *outlet) (status int, html string)

	window   int // items in the feed; 0: as configured
	burst    int // articles that come out at once; 0: one
	fill     int // articles from the start on
	words    int // length of its articles; 0: as configured
	feeds    int // feeds that carry its articles; 0: one
	secure   secure
	restless bool // no validators: the document differs each time
	bare     bool // items have a title and a link, nothing more
	teaser   bool // items have no text
	local    bool // links lead to the newsroom's own pages
	closed   bool // to robots
	accents  bool // titles and texts are not ASCII
}

// Have says which articles of a bad server a good reader has.
type Have uint8

const (
	// HaveAll: each article that did not roll out of the feed between two
	// complete answers.
	HaveAll Have = iota
	// HaveNone: nothing is ever given that can be read.
	HaveNone
	// HaveSome: those that Ledger.Due lists. Others that the ledger marks as
	// offered went out in a form that a reader may refuse.
	HaveSome
)

func (h Have) String() string { return [...]string{"all", "none", "some"}[h] }

// BadKindOf finds a kind by its name; nil when there is none.
func BadKindOf(name string) *BadKind {
	for i := range BadKinds {
		if BadKinds[i].Name == name {
			return &BadKinds[i]
		}
	}
	return nil
}

// badKinds resolves the names of a configuration, each once, in the order of
// the table. Without a listener those that need their own are left out of
// "all".
func badKinds(names []string, listens bool) ([]*BadKind, error) {
	var kinds []*BadKind
	for _, name := range names {
		if name != "all" && BadKindOf(name) == nil {
			return nil, fmt.Errorf("newsroom: there is no bad server %q; want all or some of %s", name, strings.Join(badNames(), ", "))
		}
		if k := BadKindOf(name); k != nil && k.secure != insecure && !listens {
			return nil, fmt.Errorf("newsroom: the bad server %s needs its own listener; leave the base URL out", name)
		}
	}
	for i := range BadKinds {
		k := &BadKinds[i]
		if slices.Contains(names, k.Name) || slices.Contains(names, "all") && (listens || k.secure == insecure) {
			kinds = append(kinds, k)
		}
	}
	return kinds, nil
}

func badNames() []string {
	names := make([]string, len(BadKinds))
	for i := range BadKinds {
		names[i] = BadKinds[i].Name
	}
	return names
}

// badOutlet is the publisher behind a bad server: an RSS feed whose habits are
// plain but for the one.
func badOutlet(number int, k *BadKind, seed uint64) outlet {
	o := outlet{number: number, kind: k, name: "Bad: " + strings.ReplaceAll(k.Name, "-", " "), slug: "bad-" + k.Name,
		format: rss, zone: time.UTC, urlStyle: 2, guidStyle: 3, bylines: true, validators: 3, window: k.window, teaserOnly: k.teaser || k.bare,
		bodySeed: mix(seed, 35, fnv(0xcbf29ce484222325, k.Name))}
	o.domain, o.language = o.slug+".example", "en"
	if k.restless {
		o.validators = 0
	}
	return o
}

// badState is what a bad server remembers.
type badState struct {
	visits   int // GETs that count
	goods    int // complete answers since the last pause
	moves    int // visits to the home that was left
	until    time.Time
	refused  bool // asked to stay away until then
	impolite int  // requests before that time
	pinned   *listed
}

// listed is an item as it is about to be written.
type listed struct {
	article
	version  int32
	date     string // of the item; empty: none
	from, to int    // where it stands in the document
}

// Impolite counts, by feed, the requests that came although the server had
// asked for a pause (Retry-After) that was not over.
func (n *Newsroom) Impolite() map[string]int {
	counts := map[string]int{}
	for i := range n.windows {
		w := &n.windows[i]
		w.mu.Lock()
		if w.bad != nil && w.bad.impolite > 0 {
			counts[n.feedURL(i)] = w.bad.impolite
		}
		w.mu.Unlock()
	}
	return counts
}
