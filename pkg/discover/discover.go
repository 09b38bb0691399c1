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

	"github.com/dateline/dateline/pkg/feed"
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
// tried before http. The error says why the address itself cannot be read; a
// site without feeds is no error.
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
	for _, u := range tries {
		var e error
		if home, e = s.fetch(u, fetch.AcceptPage); e == nil {
			s.seen[u], given = true, u
			break
		}
		err = errors.Join(err, e)
	}
	if home == nil {
		return s.report, err
	}
	s.report.Page = home.FinalURL
	s.seen[home.FinalURL] = true
	if f, err := parse(home); err == nil && s.keep(home, f, given, FoundItself) {
		s.report.IsFeed = true
		return s.finish(), nil
	}
	s.look(home)
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

// search is one search under way.
type search struct {
	ctx    context.Context
	client Client
	left   int // requests
	seen   map[string]bool
	found  []found
	report Report
}

// errSpent says that the search may ask no more.
var errSpent = errors.New("the search has used up its requests")

// look tries one place after the other.
func (s *search) look(home *fetch.Response) {
	base, err := url.Parse(home.FinalURL)
	if err != nil {
		return
	}
	opt := feed.Options{BaseURL: home.FinalURL, ContentType: home.ContentType}
	var announced []string
	for _, o := range feed.Discover(home.Body, opt) {
		announced = append(announced, o.URL)
	}
	s.tryAll(announced, FoundPage, maxAnnounced, false)
	s.tryAll(platform(base, home.Body), FoundPlatform, maxPlatform, false)
	rules, err := s.client.Robots(s.ctx, home.FinalURL)
	if err == nil {
		s.sitemaps(rules.Sitemaps)
	}
	if !s.has(KindFeed) {
		s.tryAll(resolve(base, guesses), FoundGuess, len(guesses), true)
	}
	if !s.has(KindSitemap) {
		s.tryAll(resolve(base, sitemapGuesses), FoundGuess, len(sitemapGuesses), true)
	}
}

// Bounds of what one place may name.
const (
	maxAnnounced = 16
	maxPlatform  = 6
	maxSitemaps  = 6
)

// tryAll tries addresses in their order. shy: only those that robots.txt
// allows, and only until one of them is it.
func (s *search) tryAll(list []string, how string, limit int, shy bool) {
	for _, u := range list {
		if limit == 0 || s.report.Cut != "" {
			return
		}
		if s.seen[u] {
			continue
		}
		s.seen[u] = true
		if shy {
			if rules, err := s.client.Robots(s.ctx, u); err != nil || !rules.Allowed(u) {
				s.miss(u, how, "robots.txt does not allow it")
				continue
			}
		}
		limit--
		if s.try(u, how) && shy {
			return
		}
	}
}

// try fetches one address; it tells whether it is a feed or a news sitemap.
func (s *search) try(u, how string) bool {
	res, f := s.open(u, how)
	return f != nil && s.keep(res, f, u, how)
}

// open fetches and parses one address, and notes why it cannot.
func (s *search) open(u, how string) (*fetch.Response, *feed.Feed) {
	res, err := s.fetch(u, "")
	if err != nil {
		s.miss(u, how, err.Error())
		return nil, nil
	}
	f, err := parse(res)
	if err != nil {
		s.miss(u, how, err.Error())
		return nil, nil
	}
	return res, f
}

func (s *search) miss(u, how, why string) {
	s.report.Missed = append(s.report.Missed, Miss{u, how, why})
}

func parse(res *fetch.Response) (*feed.Feed, error) {
	return feed.Parse(res.Body, feed.Options{BaseURL: res.FinalURL, ContentType: res.ContentType})
}

// sitemaps follows sitemaps, and of an index those that may be for news.
func (s *search) sitemaps(list []string) {
	list = newsFirst(list)
	for i, n := 0, 0; i < len(list) && n < maxSitemaps && s.report.Cut == ""; i++ {
		u := list[i]
		if s.seen[u] {
			continue
		}
		s.seen[u] = true
		n++
		res, f := s.open(u, FoundRobots)
		switch {
		case f == nil:
		case len(f.Sitemaps) > 0:
			for _, child := range newsFirst(f.Sitemaps) {
				if looksLikeNews(child) && len(list) < 64 {
					list = append(list, child)
				}
			}
		default:
			s.keep(res, f, u, FoundRobots)
		}
	}
}

// fetch makes one request when the host allows it.
func (s *search) fetch(u, accept string) (*fetch.Response, error) {
	for {
		if s.left <= 0 {
			s.report.Cut = errSpent.Error()
			return nil, errSpent
		}
		release, wait := s.client.Acquire(u)
		if release == nil {
			if err := s.pause(wait); err != nil {
				return nil, err
			}
			continue
		}
		s.left--
		s.report.Requests++
		res, err := s.client.Do(s.ctx, fetch.Request{URL: u, Accept: accept})
		if next, climb := fetch.Climb(res, 0); climb && s.left > 0 {
			s.left--
			s.report.Requests++
			res, err = s.client.Do(s.ctx, fetch.Request{URL: u, Accept: accept, Rung: next})
		}
		release()
		if s.ctx.Err() != nil {
			s.report.Cut = "the search has taken too long"
		}
		return res, err
	}
}

// longWait is more than a person waits for one request.
const longWait = 30 * time.Second

func (s *search) pause(d time.Duration) error {
	if d > longWait {
		return fmt.Errorf("the site asks to be left alone for %v", d.Round(time.Second))
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-s.ctx.Done():
		s.report.Cut = "the search has taken too long"
		return s.ctx.Err()
	}
}
