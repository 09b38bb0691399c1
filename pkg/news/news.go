// Package news is the domain of dateline: feeds, articles, documents,
// mentions, fetches and alerts, the identifiers that tie them together, and
// the JSON forms in which they travel between stages.
//
// It knows no driver and imports the standard library alone. Every message
// carries a version v; see Decode for what a reader accepts.
package news

import "time"

// Feed is one subscription: the value of the compacted topic `feeds`, keyed by
// its URL. A message without a value (a tombstone) removes the feed.
type Feed struct {
	V     int       `json:"v"`
	URL   string    `json:"url"`
	Title string    `json:"title,omitempty"`
	Tags  []string  `json:"tags,omitempty"` // folders of the OPML it came from
	Added time.Time `json:"added"`

	FullText string `json:"full_text,omitempty"` // whether pages are fetched for their text: always, never, or empty: by rule
	Secret   string `json:"secret,omitempty"`    // names the file that holds its headers, credentials, cookies or proxy
}

// Values of Feed.FullText; empty leaves it to the rules of the configuration.
const (
	FullTextAlways = "always"
	FullTextNever  = "never"
)

// FeedState is what a poller must remember of one feed: the value of the
// compacted topic `feed-state`, keyed by the feed's URL.
type FeedState struct {
	V            int       `json:"v"`
	URL          string    `json:"url"`
	MovedTo      string    `json:"moved_to,omitempty"`   // target of permanent redirects
	MovedSeen    int       `json:"moved_seen,omitempty"` // polls that saw this target
	ETag         string    `json:"etag,omitempty"`
	LastModified string    `json:"last_modified,omitempty"`
	Seen         []byte    `json:"seen,omitempty"` // pairs of 8 byte id and 8 byte hash, newest last
	LastPoll     time.Time `json:"last_poll"`
	LastSuccess  time.Time `json:"last_success,omitzero"`
	NextPoll     time.Time `json:"next_poll"`
	Failures     int       `json:"failures,omitempty"` // in a row
	Error        string    `json:"error,omitempty"`
	Rate         float64   `json:"rate,omitempty"`    // expected new items an hour, over a week
	Rhythm       []byte    `json:"rhythm,omitempty"`  // what was learned of its arrivals, see package rhythm
	LastNew      time.Time `json:"last_new,omitzero"` // when it last brought something new
	Items        int       `json:"items,omitempty"`   // items in the feed at the last full answer
	Filled       bool      `json:"filled,omitempty"`
	Gone         bool      `json:"gone,omitempty"`     // answered 410
	Identity     int       `json:"identity,omitempty"` // rung of the identity ladder that was let in
	Lies         bool      `json:"lies,omitempty"`     // answered 304 though it had changed: asked without conditions from then on
	Churns       bool      `json:"churns,omitempty"`   // gives the same items new GUIDs: they do not tell them apart
	Silent       bool      `json:"silent,omitempty"`   // brings less than it ever did

	Wait      int    `json:"wait,omitempty"`       // seconds that its document asks to wait between polls
	SkipHours uint32 `json:"skip_hours,omitempty"` // hours of the day, UTC, without news: bit 0 is midnight
	SkipDays  uint8  `json:"skip_days,omitempty"`  // days without news: bit 0 is Sunday
	Source    string `json:"source,omitempty"`     // that most of its items count for, where it is not that of its address
}

// Where the text of an article came from, poorest first.
const (
	FromTitle  = "title"
	FromTeaser = "teaser"
	FromFeed   = "feed"
	FromPage   = "page"
	FromImport = "import"
)

// TextRank orders the values of TextFrom: a text of a lower rank never
// replaces one of a higher rank. Unknown values rank lowest.
func TextRank(from string) int {
	switch from {
	case FromTeaser:
		return 1
	case FromFeed, FromImport:
		return 2
	case FromPage:
		return 3
	}
	return 0
}

// Article is one entry as a producer published it: the value of `articles`,
// keyed by its id. Summary and Content are HTML or plain text as published.
type Article struct {
	V         int       `json:"v"`
	ID        ID        `json:"id"`
	URL       string    `json:"url"`
	Canonical string    `json:"canonical_url"`
	GUID      string    `json:"guid,omitempty"`
	FeedURL   string    `json:"feed_url,omitempty"` // empty for imports
	Source    string    `json:"source"`
	Via       string    `json:"via,omitempty"`
	Tags      []string  `json:"tags,omitempty"`
	Title     string    `json:"title"`
	Author    string    `json:"author,omitempty"`
	Language  string    `json:"language,omitempty"` // as declared, BCP 47
	Section   string    `json:"section,omitempty"`
	Published time.Time `json:"published,omitzero"`
	SeenAt    time.Time `json:"seen_at"`
	Summary   string    `json:"summary,omitempty"`
	Content   string    `json:"content,omitempty"`
	TextFrom  string    `json:"text_from"`
	Backlog   bool      `json:"backlog,omitempty"`   // first fill or import: history, never a spike
	WantPage  bool      `json:"want_page,omitempty"` // its page is to be fetched for the full text
}

// Document is an article after enrichment: the value of `documents`. Text is
// clean plain text; every mention's FirstAt is a byte offset into it.
type Document struct {
	V         int       `json:"v"`
	ID        ID        `json:"id"`
	URL       string    `json:"url"`
	Canonical string    `json:"canonical_url"`
	FeedURL   string    `json:"feed_url,omitempty"`
	Source    string    `json:"source"`
	Via       string    `json:"via,omitempty"`
	Tags      []string  `json:"tags,omitempty"`
	Title     string    `json:"title"`
	Author    string    `json:"author,omitempty"`
	Language  string    `json:"language"`          // ISO 639-1, or und
	Guessed   bool      `json:"guessed,omitempty"` // the language: the text is too short to tell, and nothing is declared
	Section   string    `json:"section,omitempty"`
	Published time.Time `json:"published,omitzero"`
	SeenAt    time.Time `json:"seen_at"`
	TS        time.Time `json:"ts"` // the analysis clock, see AnalysisTime
	Summary   string    `json:"summary,omitempty"`
	Text      string    `json:"text"`
	TextFrom  string    `json:"text_from"`
	Backlog   bool      `json:"backlog,omitempty"`
	Words     int       `json:"words"`
	BodyHash  ID        `json:"body_hash"` // of the normalised text
	Sketch    []uint32  `json:"sketch,omitempty"`
	Terms     []uint32  `json:"terms,omitempty"` // what the text is about, see package story
	Mentions  []Mention `json:"mentions,omitempty"`
	Model     string    `json:"model"`     // version of the tagger
	Knowledge int64     `json:"knowledge"` // offset of `knowledge` up to which it was applied
}

// Entity kinds.
const (
	PER   = "PER"
	ORG   = "ORG"
	LOC   = "LOC"
	TOPIC = "TOPIC"
)

// Mention is one entity in one document, with its occurrences summed up. The
// fields from Origin on describe the entity and are stored when it is new.
type Mention struct {
	EntityID string  `json:"entity_id"`
	Kind     string  `json:"kind"`
	Name     string  `json:"name"`
	N        int     `json:"n"`
	InTitle  bool    `json:"in_title,omitempty"`
	InLead   bool    `json:"in_lead,omitempty"`
	Surface  string  `json:"surface"`
	FirstAt  int     `json:"first_at"` // byte offset into text; -1 where only the title has it
	Score    float32 `json:"score"`    // 0..1

	Origin  string            `json:"origin"` // table, learned or watchlist
	Country string            `json:"country,omitempty"`
	Lat     float64           `json:"lat,omitempty"`
	Lon     float64           `json:"lon,omitempty"`
	Refs    map[string]string `json:"refs,omitempty"`
}

// Fetch is one poll of one feed: the value of `fetches`, keyed by feed URL.
type Fetch struct {
	V        int       `json:"v"`
	FeedURL  string    `json:"feed_url"`
	At       time.Time `json:"at"`
	Status   int       `json:"status"` // HTTP status; 0 where there was no answer
	Bytes    int       `json:"bytes"`
	TookMS   int       `json:"took_ms"`
	Items    int       `json:"items"`
	NewItems int       `json:"new_items"`
	Gap      bool      `json:"gap,omitempty"` // items may have been missed since the poll before
	Expected float64   `json:"expected_items"`
	Error    string    `json:"error,omitempty"` // in plain words, with what to do

	Class    string    `json:"class,omitempty"`    // of the result: ok, not_modified, salvaged, or the class of the error
	Source   string    `json:"source,omitempty"`   // that the feed counts for
	Rate     float64   `json:"rate,omitempty"`     // rhythm: expected new items an hour, over a week
	NextPoll time.Time `json:"next_poll,omitzero"` // as planned
	LastNew  time.Time `json:"last_new,omitzero"`  // when the feed last brought something new
	Failures int       `json:"failures,omitempty"` // in a row
	Missing  float64   `json:"missing,omitempty"`  // items that the time since LastNew should have brought
	Silent   bool      `json:"silent,omitempty"`   // that quiet is not its own: an alarm

	Recovered int `json:"recovered,omitempty"` // of a poll that answered: failed polls in a row right before it
}

// Alert states.
const (
	AlertFiring   = "firing"
	AlertResolved = "resolved"
)

// Alert is one state of one episode: the value of `alerts`, keyed by entity.
type Alert struct {
	V            int       `json:"v"`
	ID           ID        `json:"alert_id"` // of entity, rule and start of the episode
	Rule         string    `json:"rule"`
	EntityID     string    `json:"entity_id"`
	Name         string    `json:"name"`
	Entities     []string  `json:"entities,omitempty"`
	State        string    `json:"state"`
	Since        time.Time `json:"since"` // start of the episode
	At           time.Time `json:"at"`    // end of the window that was tested
	WindowS      int       `json:"window_s"`
	Observed     float64   `json:"observed"`
	Expected     float64   `json:"expected"`
	Low          float64   `json:"low"`
	High         float64   `json:"high"`
	P            float64   `json:"p"`
	Q            float64   `json:"q"`
	Originals    int       `json:"originals"`
	Copies       int       `json:"copies"`
	Sources      []string  `json:"sources,omitempty"`
	TopArticles  []ID      `json:"top_articles,omitempty"`
	Titles       []string  `json:"titles,omitempty"` // of the top articles, in their order
	Stories      []ID      `json:"stories,omitempty"`
	Completeness float64   `json:"completeness"` // 0..1
	BaselineDays float64   `json:"baseline_days"`
	Reason       string    `json:"reason"`
}

// Knowledge is one fact that people or the stream taught: the value of the
// compacted topic `knowledge`, keyed by type and name joined with a slash.
type Knowledge struct {
	V     int               `json:"v"`
	Type  string            `json:"type"` // source, alias, watchlist, …
	Name  string            `json:"name"`
	At    time.Time         `json:"at"`
	Value map[string]string `json:"value,omitempty"`
}
