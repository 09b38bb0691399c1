package newsroom

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"sync"
	"time"
)

// What became of a publication.
const (
	Original = "original" // a text of the outlet's own
	Copy     = "copy"     // a wire story, whole or cut, in the outlet's dress
	Rewrite  = "rewrite"  // most sentences of a wire story, reordered, with synonyms
	Revision = "revision" // the same URL and GUID with a changed text
)

// Entity kinds.
const (
	KindPerson       = "PER"
	KindOrganisation = "ORG"
	KindLocation     = "LOC"
)

// Entity is a name that the prose of an article mentions. By-lines, credits,
// the place of a dateline and boilerplate do not count.
type Entity struct {
	Name string `json:"name"`
	Kind string `json:"kind"`
}

// Entry records one publication: an article, or a revision of one.
type Entry struct {
	Outlet      string    `json:"outlet"`
	Source      string    `json:"source"` // registrable domain of URL
	FeedURL     string    `json:"feed_url"`
	GUID        string    `json:"guid"`
	URL         string    `json:"url"`  // canonical
	Link        string    `json:"link"` // as the feed has it, tracking parameters included
	PublishedAt time.Time `json:"published_at"`
	Kind        string    `json:"kind"`
	Of          string    `json:"of,omitempty"` // URL of the original; of a revision, its own URL
	Revision    int       `json:"revision,omitempty"`
	Title       string    `json:"title"`
	BodyHash    string    `json:"body_hash"` // 16 hex digits over the whole text with the outlet's trimmings
	// TeaserOnly says that the feed gives the first sentence alone; a revision
	// may then leave the feed's item as it was. The whole text is on the page.
	TeaserOnly bool     `json:"teaser_only,omitempty"`
	Event      string   `json:"event,omitempty"` // articles about one event share it; none in a corpus
	Beat       string   `json:"beat,omitempty"`
	Entities   []Entity `json:"entities"`
	// ServedAt is when this version first went out in a 200 response to a GET;
	// a client that dies while it reads has been served. RolledOverAt is when
	// it left the feed's window or gave way to a revision.
	ServedAt     time.Time `json:"served_at,omitzero"`
	RolledOverAt time.Time `json:"rolled_over_at,omitzero"`

	// Bad names the BadKind of the outlet. Offered says that this version went
	// out in an answer which a reader need not be able to read; such an answer
	// does not make it served.
	Bad     string `json:"bad,omitempty"`
	Offered bool   `json:"offered,omitempty"`
}

// Gap is a hole that a poller can know of: articles which left a feed's window
// unseen between two 200 responses.
type Gap struct {
	FeedURL string    `json:"feed_url"`
	At      time.Time `json:"at"`     // of the later response
	Missed  int       `json:"missed"` // articles never served in any version
	// First says that there was no earlier response, so that no poller could
	// have known.
	First bool `json:"first"`
}

// Ledger is the append-only record of all that a newsroom published. It is
// safe for concurrent use. Texts are not kept.
type Ledger struct {
	mu      sync.RWMutex
	records []record
	gaps    []gapRecord
	world   *world
	feedURL func(outlet int) string
	loaded  []Entry // by ReadLedger, instead of records
	loadGap []Gap
}

// record is an Entry in about 200 bytes: all else derives from it.
type record struct {
	piece
	title    string
	bodyHash uint64
	entities []uint16
	served   int64 // Unix nanoseconds; 0: never
	rolled   int64
	latest   int32 // on an article's first record: index of its newest version
	offered  bool
	url      string // canonical, and link as its feed has it, of an article of a corpus
	link     string
}

type gapRecord struct {
	outlet int32
	missed int32
	at     int64
	first  bool
}

// Len is the number of publications so far.
func (l *Ledger) Len() int {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return len(l.records) + len(l.loaded)
}

// Entries returns all publications in order.
func (l *Ledger) Entries() []Entry { return l.Since(0) }

// Since returns the publications from the n-th on, in order.
func (l *Ledger) Since(n int) []Entry {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if l.world == nil {
		return append([]Entry(nil), l.loaded[min(n, len(l.loaded)):]...)
	}
	n = min(n, len(l.records))
	entries := make([]Entry, 0, len(l.records)-n)
	for i := n; i < len(l.records); i++ {
		entries = append(entries, l.entry(i))
	}
	return entries
}

func (l *Ledger) entry(i int) Entry {
	r := &l.records[i]
	o := &l.world.outlets[r.outlet]
	url := r.url
	if !o.real {
		url = o.url(r.id, r.firstAt(), l.records[r.base].title)
	}
	e := Entry{
		Outlet: o.name, Source: o.source(), FeedURL: l.feedURL(int(r.outlet)),
		GUID: o.guid(url, r.id, r.firstAt()), URL: url, Link: o.link(url),
		PublishedAt: time.Unix(0, r.at).UTC(), Kind: r.kind.String(), Revision: int(r.revision),
		Title: r.title, TeaserOnly: o.teaserOnly, BodyHash: fmt.Sprintf("%016x", r.bodyHash),
		Event: fmt.Sprintf("%016x", r.event), Beat: beats[r.beat],
		Entities: l.world.named(r.entities),
		ServedAt: moment(r.served), RolledOverAt: moment(r.rolled), Offered: r.offered,
	}
	if o.kind != nil {
		e.Bad = o.kind.Name
	}
	if o.real {
		e.Link, e.Beat, e.Event = r.link, "", ""
	}
	switch r.kind {
	case kindRevision:
		e.Of = url
	case kindCopy, kindRewrite:
		of := &l.records[r.of]
		e.Of = l.world.outlets[of.outlet].url(of.id, of.firstAt(), of.title)
	}
	return e
}

func moment(nanoseconds int64) time.Time {
	if nanoseconds == 0 {
		return time.Time{}
	}
	return time.Unix(0, nanoseconds).UTC()
}

// Due returns the articles of a feed (of all feeds when feedURL is empty) that
// went out in an answer which a good reader can read, in any version: it has
// published each of them once. Others it cannot have, save for those that were
// offered, which it may.
func (l *Ledger) Due(feedURL string) []Entry {
	served, order := map[string]bool{}, []Entry{}
	for _, e := range l.Entries() {
		if feedURL != "" && e.FeedURL != feedURL {
			continue
		}
		if e.Kind != Revision {
			order = append(order, e)
		}
		if !e.ServedAt.IsZero() {
			served[e.URL] = true
		}
	}
	return slices.DeleteFunc(order, func(e Entry) bool { return !served[e.URL] })
}

// Missed returns the articles of a feed (of all feeds when feedURL is empty)
// that left its window before any version of them was served, in order.
func (l *Ledger) Missed(feedURL string) []Entry {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if l.world == nil {
		return missedOf(l.loaded, feedURL)
	}
	wanted := make([]bool, len(l.world.outlets))
	for i := range wanted {
		wanted[i] = feedURL == "" || l.feedURL(i) == feedURL
	}
	var missed []Entry
	for i := range l.records {
		r := &l.records[i]
		if r.kind == kindRevision || r.served != 0 || !wanted[r.outlet] {
			continue
		}
		if last := &l.records[r.latest]; last.served == 0 && last.rolled != 0 && !l.servedSince(i, r.latest) {
			missed = append(missed, l.entry(i))
		}
	}
	return missed
}

// servedSince says whether a version between the first and the latest was
// served. Revisions are rare, so a walk back by their base is cheap enough.
func (l *Ledger) servedSince(first int, latest int32) bool {
	for i := latest; int(i) > first; i = l.records[i].of {
		if l.records[i].served != 0 {
			return true
		}
	}
	return false
}

func missedOf(entries []Entry, feedURL string) []Entry {
	type state struct {
		first, last int
		served      bool
	}
	states := map[string]*state{}
	var order []string
	for i, e := range entries {
		if feedURL != "" && e.FeedURL != feedURL {
			continue
		}
		s := states[e.URL]
		if s == nil {
			s = &state{first: i}
			states[e.URL] = s
			order = append(order, e.URL)
		}
		s.last, s.served = i, s.served || !e.ServedAt.IsZero()
	}
	var missed []Entry
	for _, url := range order {
		if s := states[url]; !s.served && !entries[s.last].RolledOverAt.IsZero() {
			missed = append(missed, entries[s.first])
		}
	}
	return missed
}

// Gaps returns, for a feed or for all when feedURL is empty, every complete
// response before which articles had gone unseen, in order of time.
func (l *Ledger) Gaps(feedURL string) []Gap {
	l.mu.RLock()
	defer l.mu.RUnlock()
	var gaps []Gap
	for _, g := range l.gaps {
		if url := l.feedURL(int(g.outlet)); feedURL == "" || url == feedURL {
			gaps = append(gaps, Gap{FeedURL: url, At: moment(g.at), Missed: int(g.missed), First: g.first})
		}
	}
	for _, g := range l.loadGap {
		if feedURL == "" || g.FeedURL == feedURL {
			gaps = append(gaps, g)
		}
	}
	return gaps
}

type ledgerLine struct {
	*Entry
	Gap *Gap `json:"gap,omitempty"`
}

// WriteJSONLines writes one entry a line, then one {"gap": …} line for each
// gap. ReadLedger reads it back.
func (l *Ledger) WriteJSONLines(w io.Writer) error {
	buffered := bufio.NewWriter(w)
	encoder := json.NewEncoder(buffered)
	encoder.SetEscapeHTML(false)
	for i, n := 0, l.Len(); i < n; i++ {
		var e Entry
		l.mu.RLock()
		if l.world == nil {
			e = l.loaded[i]
		} else {
			e = l.entry(i)
		}
		l.mu.RUnlock()
		if err := encoder.Encode(ledgerLine{Entry: &e}); err != nil {
			return fmt.Errorf("write ledger: %w", err)
		}
	}
	for _, gap := range l.Gaps("") {
		if err := encoder.Encode(struct {
			Gap Gap `json:"gap"`
		}{gap}); err != nil {
			return fmt.Errorf("write ledger: %w", err)
		}
	}
	if err := buffered.Flush(); err != nil {
		return fmt.Errorf("write ledger: %w", err)
	}
	return nil
}

// ReadLedger reads what WriteJSONLines wrote.
func ReadLedger(r io.Reader) (*Ledger, error) {
	l := &Ledger{}
	scanner := bufio.NewScanner(r)
	scanner.Buffer(make([]byte, 0, 1<<16), 1<<20)
	for n := 1; scanner.Scan(); n++ {
		line := ledgerLine{Entry: &Entry{}}
		if err := json.Unmarshal(scanner.Bytes(), &line); err != nil {
			return nil, fmt.Errorf("read ledger: line %s: %w", strconv.Itoa(n), err)
		}
		if line.Gap != nil {
			l.loadGap = append(l.loadGap, *line.Gap)
		} else {
			l.loaded = append(l.loaded, *line.Entry)
		}
	}
	if err := scanner.Err(); err != nil {
		return nil, fmt.Errorf("read ledger: %w", err)
	}
	return l, nil
}

func (l *Ledger) append(r record) int32 {
	l.mu.Lock()
	defer l.mu.Unlock()
	index := int32(len(l.records))
	r.latest = index
	if r.kind == kindRevision {
		l.records[r.base].latest = index
	}
	l.records = append(l.records, r)
	return index
}

// served notes that items left in a response before which `missed` articles
// had gone unseen.
func (l *Ledger) served(outlet int, items []item, missed int, first bool, at time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range items {
		if r := &l.records[items[i].version]; r.served == 0 {
			r.served = at.UnixNano()
		}
	}
	if missed > 0 {
		l.gaps = append(l.gaps, gapRecord{outlet: int32(outlet), missed: int32(missed), at: at.UnixNano(), first: first})
	}
}

// offered notes that versions went out in an answer that need not be readable.
func (l *Ledger) offered(versions []int32) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, v := range versions {
		l.records[v].offered = true
	}
}

func (l *Ledger) rolled(version int32, at time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.records[version].rolled = at.UnixNano()
}
