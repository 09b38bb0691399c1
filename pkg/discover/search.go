package discover

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/dateline/dateline/pkg/feed"
	"github.com/dateline/dateline/pkg/fetch"
)

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
