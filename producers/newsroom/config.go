package newsroom

import (
	"fmt"
	"net"
	"time"
)

// Config says what a newsroom publishes and where. The zero value is usable.
type Config struct {
	// Seed fixes names, events, texts and the order of publication. The same
	// seed, the same clock and the same calls give the same articles.
	Seed uint64
	// Outlets is the number of outlets, each with one feed; 24 by default.
	Outlets int
	// Rate is the number of articles a second that Run invents; with 0 only
	// Publish does. Bad servers that bring several at once come on top.
	Rate float64
	// Diurnal lets Rate follow the hour of day and the weekday (UTC), its mean
	// over a week staying as it is. History always does.
	Diurnal bool
	// Words is the mean length of an article's own text; 400 by default.
	Words int
	// CopyShare, RewriteShare and RevisionShare are the shares, in [0, 1], of
	// publications that are wire copies, light rewrites of wire stories, and
	// revisions of an article already out. All zero means .25, .08 and .05; a
	// negative share means none.
	CopyShare, RewriteShare, RevisionShare float64
	// Window is the number of items that a feed shows; 40 by default.
	Window int
	// Cache bounds the bytes of texts and documents that are kept ready; 256 MiB
	// by default. What was dropped is written anew when somebody asks.
	Cache int
	// Spread, when above 0, draws a rate for each outlet from a log-normal
	// distribution: it is the standard deviation of the rate's logarithm. With 2
	// the fastest hundredth of the feeds has a third of all articles.
	Spread float64
	// Corpus, when set, has real articles replayed, each source through a feed
	// of its own. Outlets is 0 by default then.
	Corpus *Corpus
	// Bad names bad servers (BadKind.Name, or "all"): each is one more outlet.
	Bad []string
	// BadPeriod is how long the passing moods of bad servers last: a pause that
	// is asked for, the time in which a feed is empty. A minute by default.
	BadPeriod time.Duration
	// Backlog is the number of articles that each feed of invented ones shows
	// from the start, published within the day before. They are written in New:
	// a million of them take about a minute and a gigabyte while they are.
	Backlog int
	// Listen is the loopback address to serve on, "127.0.0.1:0" by default.
	Listen string
	// Hosts spreads the feeds over the loopback addresses 127.0.0.1 to
	// 127.0.0.Hosts on one port (Linux), since pollers are polite by host.
	Hosts int
	// BaseURL, when set, is the root under which the caller mounts Handler;
	// nothing listens then.
	BaseURL string
	// Now is the clock, time.Now by default.
	Now func() time.Time
	// Start is the moment from which a planted spike counts; Now() by default.
	Start time.Time
	// Spike, when set, is a sudden rise in the coverage of one entity.
	Spike *PlantedSpike
}

// PlantedSpike is a rise in coverage that a detector is expected to find. From
// Start+After on and for Duration, Factor times as many articles as usual are
// about Entity; before, after and in History the entity has its usual share
// (about 2 % of all originals). The share is capped at one half.
type PlantedSpike struct {
	Entity string  // its name; one of the newsroom's persons when empty
	Kind   string  // KindPerson (default), KindOrganisation or KindLocation
	Factor float64 // 12 by default

	After, Duration time.Duration // Duration is 15 minutes by default
}

func (c Config) withDefaults() Config {
	if c.Outlets == 0 && c.Corpus == nil {
		c.Outlets = 24
	}
	if c.Words == 0 {
		c.Words = 400
	}
	if c.CopyShare == 0 && c.RewriteShare == 0 && c.RevisionShare == 0 {
		c.CopyShare, c.RewriteShare, c.RevisionShare = .25, .08, .05
	}
	c.CopyShare, c.RewriteShare, c.RevisionShare = max(c.CopyShare, 0), max(c.RewriteShare, 0), max(c.RevisionShare, 0)
	if c.Window == 0 {
		c.Window = 40
	}
	if c.Corpus != nil {
		corpus := *c.Corpus
		if corpus.Speed == 0 {
			corpus.Speed = 1
		}
		c.Corpus = &corpus
	}
	if c.BadPeriod == 0 {
		c.BadPeriod = time.Minute
	}
	if c.Cache == 0 {
		c.Cache = 256 << 20
	}
	if c.Listen == "" {
		c.Listen = "127.0.0.1:0"
	}
	if c.Hosts == 0 {
		c.Hosts = 1
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Start.IsZero() {
		c.Start = c.Now()
	}
	if c.Spike != nil {
		spike := *c.Spike
		if spike.Kind == "" {
			spike.Kind = KindPerson
		}
		if spike.Factor == 0 {
			spike.Factor = 12
		}
		if spike.Duration == 0 {
			spike.Duration = 15 * time.Minute
		}
		c.Spike = &spike
	}
	return c
}

// Validate says what is wrong with a configuration.
func (c Config) Validate() error {
	switch {
	case c.Outlets < 0 || c.Outlets > 1_000_000:
		return fmt.Errorf("newsroom: outlets %d: want 1 to 1,000,000", c.Outlets)
	case c.Outlets == 1 && (c.CopyShare > 0 || c.RewriteShare > 0):
		return fmt.Errorf("newsroom: copies need at least 2 outlets")
	case c.Rate < 0 || c.Rate > 1e6:
		return fmt.Errorf("newsroom: rate %g: want 0 to 1,000,000 articles a second", c.Rate)
	case c.Words < 0 || c.Words > 0 && c.Words < 20 || c.Words > 20_000:
		return fmt.Errorf("newsroom: %d words an article: want 20 to 20,000", c.Words)
	case c.CopyShare+c.RewriteShare+c.RevisionShare > 1:
		return fmt.Errorf("newsroom: shares of copies, rewrites and revisions add up to more than 1")
	case c.Window < 0 || c.Window > 100_000:
		return fmt.Errorf("newsroom: window %d: want 1 to 100,000 items", c.Window)
	case c.BadPeriod < 0 || c.BadPeriod > 0 && c.BadPeriod < time.Second:
		return fmt.Errorf("newsroom: period %s of bad servers: want a second or more", c.BadPeriod)
	case c.Backlog < 0 || c.Backlog > 10_000:
		return fmt.Errorf("newsroom: backlog %d: want 0 to 10,000", c.Backlog)
	case c.Cache < 0:
		return fmt.Errorf("newsroom: cache of %d bytes: want 0 or more", c.Cache)
	case c.Spread < 0 || c.Spread > 5:
		return fmt.Errorf("newsroom: spread %g: want 0 to 5", c.Spread)
	case c.Hosts < 0 || c.Hosts > 250:
		return fmt.Errorf("newsroom: hosts %d: want 1 to 250", c.Hosts)
	}
	if c.Corpus != nil && (c.Corpus.Speed < 0 || c.Corpus.Speed > 1e9) {
		return fmt.Errorf("newsroom: speed %g of the corpus: want more than 0", c.Corpus.Speed)
	}
	if s := c.Spike; s != nil {
		switch s.Kind {
		case "", KindPerson, KindOrganisation, KindLocation:
		default:
			return fmt.Errorf("newsroom: spike kind %q: want PER, ORG or LOC", s.Kind)
		}
		if s.Factor < 0 || s.After < 0 || s.Duration < 0 {
			return fmt.Errorf("newsroom: spike: factor, after and duration must not be negative")
		}
	}
	if c.Listen != "" {
		if _, _, err := net.SplitHostPort(c.Listen); err != nil {
			return fmt.Errorf("newsroom: listen address: %w", err)
		}
	}
	return nil
}
