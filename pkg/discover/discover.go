// Package discover finds the feeds and news sitemaps of a site from the
// address of one of its pages.
//
// It looks where they are announced: at the address itself, in the page, in
// robots.txt, in sitemap indices; then where the software behind the site is
// known to have them; and only where all that gives no feed, at the addresses
// that feeds often have. Each candidate is fetched and parsed: what is reported
// works, with what it holds. The number of requests and the time are bounded,
// and every request waits until the host's rate allows it.
package discover

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/dateline/dateline/pkg/fetch"
)

// Client fetches, and says what a site allows.
type Client interface {
	Do(ctx context.Context, r fetch.Request) (*fetch.Response, error)
	Acquire(url string) (release func(), wait time.Duration)
	Robots(ctx context.Context, url string) (*fetch.Rules, error)
}

// Options bound a search. Zero values stand for the defaults.
type Options struct {
	Requests int           // robots.txt of further hosts not counted; default 40
	Timeout  time.Duration // of the whole search; default 2m
}

// Kinds of candidates.
const (
	KindFeed    = "feed"
	KindSitemap = "news sitemap"
)

// How a candidate was found.
const (
	FoundItself   = "the address itself"
	FoundPage     = "page"       // announced or linked there
	FoundRobots   = "robots.txt" // or an index that it names
	FoundPlatform = "platform"   // where the site's software has it
	FoundGuess    = "guess"      // at an address that feeds often have
)

// Candidate is a feed or a news sitemap that was fetched and parsed.
type Candidate struct {
	URL      string    `json:"url"` // after redirects that are permanent
	Title    string    `json:"title"`
	Kind     string    `json:"kind"`
	Format   string    `json:"format"` // rss, rdf, atom, json or sitemap
	Language string    `json:"language,omitempty"`
	Items    int       `json:"items"`
	Newest   time.Time `json:"newest,omitzero"` // date of the newest item
	PerDay   float64   `json:"per_day"`         // items, by the dates of those it holds; 0: too few dates
	FullText bool      `json:"full_text"`       // its items bring their text, not a teaser alone
	Comments bool      `json:"comments,omitempty"`
	Found    string    `json:"found"`
	Same     []string  `json:"same,omitempty"` // further addresses with the same items
}

// Miss is an address that was tried in vain.
type Miss struct {
	URL   string
	Found string
	Why   string
}

// Report is what a search has found, best first.
type Report struct {
	Page       string // address of the page that was read, after redirects
	IsFeed     bool   // the address given is a feed itself
	Candidates []Candidate
	Missed     []Miss
	Requests   int
	Cut        string // why the search ended early; empty: it did not
}

// Find looks for the feeds of a site. address may lack its scheme: https is
// tried before http. The error says why the address cannot be read, where no
// feed was found without it either; a site without feeds is no error.
func Find(ctx context.Context, c Client, address string, o Options) (Report, error) {
	if o.Requests <= 0 {
		o.Requests = 40
	}
	if o.Timeout <= 0 {
		o.Timeout = 2 * time.Minute
	}
	ctx, cancel := context.WithTimeout(ctx, o.Timeout)
	defer cancel()
	s := &search{ctx: ctx, client: c, left: o.Requests, seen: map[string]bool{}}
	tries, err := spell(address)
	if err != nil {
		return Report{}, err
	}
	var home *fetch.Response
	var given string
	var refused error
	for _, u := range tries {
		s.seen[u] = true
		res, e := s.fetch(u, fetch.AcceptPage)
		if res != nil {
			home, given, refused = res, u, e
			break
		}
		err = errors.Join(err, e)
	}
	if home == nil {
		return s.report, err
	}
	s.report.Page = home.FinalURL
	s.seen[home.FinalURL] = true
	if refused != nil {
		// A site that does not show its pages may yet give its feeds.
		s.miss(given, FoundItself, refused.Error())
		home.Body = nil
	} else if f, err := parse(home); err == nil && s.keep(home, f, given, FoundItself) {
		s.report.IsFeed = true
		return s.finish(), nil
	}
	s.look(home)
	if len(s.found) == 0 && refused != nil {
		return s.finish(), refused
	}
	return s.finish(), nil
}

// spell gives the addresses which an address may stand for.
func spell(address string) ([]string, error) {
	a := strings.TrimSpace(address)
	for _, p := range []string{"feed:", "rss:"} {
		if rest, ok := strings.CutPrefix(strings.ToLower(a), p); ok {
			a = strings.TrimPrefix(a[len(a)-len(rest):], "//")
		}
	}
	if !strings.Contains(a, "://") {
		if strings.ContainsAny(a, " \t\n@") || !strings.ContainsAny(a, ".:") && a != "localhost" {
			return nil, fmt.Errorf("%q is no address of a site; want one such as example.org", address)
		}
		return []string{"https://" + a, "http://" + a}, nil
	}
	u, err := url.Parse(a)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("%q is no http or https address", address)
	}
	return []string{a}, nil
}
