package discover

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/dateline/dateline/pkg/feed"
	"github.com/dateline/dateline/pkg/fetch"
)

// found is a candidate with what it is judged by.
type found struct {
	Candidate
	items map[string]bool // addresses, or what else tells items apart
	home  string          // page that the feed says it belongs to
	order int             // in which it was found
}

// keep takes the document at an address in as a candidate; it is false where
// it is a sitemap without news.
func (s *search) keep(res *fetch.Response, f *feed.Feed, u, how string) bool {
	u = cmp.Or(res.Permanent, u)
	if f.Format == feed.FormatSitemap && !isNews(f) {
		s.miss(u, how, "a sitemap without news")
		return false
	}
	c := found{
		Candidate: Candidate{URL: u, Title: f.Title, Kind: KindFeed, Format: f.Format, Language: f.Language, Items: len(f.Items), Found: how},
		items:     make(map[string]bool, len(f.Items)), home: f.Link, order: len(s.found),
	}
	if f.Format == feed.FormatSitemap {
		c.Kind = KindSitemap
	}
	var oldest time.Time
	dated, full := 0, 0
	for i := range f.Items {
		it := &f.Items[i]
		c.items[cmp.Or(it.URL, it.GUID, it.Title)] = true
		if len(it.Content) >= fullBytes || len(it.Summary) >= fullBytes {
			full++
		}
		at := it.Published
		if at.IsZero() {
			at = it.Updated
		}
		if at.IsZero() {
			continue
		}
		if dated++; dated == 1 || at.Before(oldest) {
			oldest = at
		}
		if at.After(c.Newest) {
			c.Newest = at
		}
	}
	if span := c.Newest.Sub(oldest); dated > 1 && span > 0 {
		c.PerDay = float64(dated-1) / max(span, time.Hour).Hours() * 24
	}
	c.FullText = full > len(f.Items)/2
	c.Comments = isComments(u) || isComments(f.Title)
	s.seen[res.FinalURL] = true
	s.found = append(s.found, c)
	return true
}

// fullBytes is the length from which an item's text is more than a teaser.
const fullBytes = 1500

// isNews tells a news sitemap from one that lists the pages of a site.
func isNews(f *feed.Feed) bool {
	for i := range f.Items {
		if f.Items[i].Title != "" && !f.Items[i].Published.IsZero() {
			return true
		}
	}
	return false
}

func isComments(s string) bool {
	s = strings.ToLower(s)
	for _, w := range []string{"comment", "kommentar", "comentario", "comentário", "commenti", "reacties"} {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}

func (s *search) has(kind string) bool {
	return slices.ContainsFunc(s.found, func(c found) bool { return c.Kind == kind && !c.Comments && c.Items > 0 })
}

// finish collapses what is the same, and orders what is left.
func (s *search) finish() Report {
	page, _ := url.Parse(s.report.Page)
	slices.SortStableFunc(s.found, func(a, b found) int { return before(page, &a, &b) })
	var kept []found
	for _, c := range s.found {
		i := slices.IndexFunc(kept, func(k found) bool { return same(&k, &c) })
		switch {
		case i < 0:
			kept = append(kept, c)
		case c.URL != kept[i].URL:
			kept[i].Same = append(kept[i].Same, c.URL)
		}
	}
	for _, c := range kept {
		s.report.Candidates = append(s.report.Candidates, c.Candidate)
	}
	return s.report
}

// same tells whether two candidates hold the same items, but for those that
// one of them has a little earlier.
func same(a, b *found) bool {
	if len(a.items) == 0 || len(b.items) == 0 || a.Comments != b.Comments || a.Kind != b.Kind {
		return a.URL == b.URL
	}
	common := 0
	for k := range a.items {
		if b.items[k] {
			common++
		}
	}
	const alike = 0.8
	return float64(common) >= alike*float64(len(a.items)+len(b.items)-common)
}

// before orders candidates: those with items, feeds before sitemaps, those of
// articles before those of comments, the living before the dead, the site's own
// main feed before those of its sections and of others; then as they were
// found.
func before(page *url.URL, a, b *found) int {
	flag := func(x, y bool) int {
		switch {
		case x == y:
			return 0
		case x:
			return -1
		}
		return 1
	}
	return cmp.Or(
		flag(a.Found == FoundItself, b.Found == FoundItself),
		flag(a.Items > 0, b.Items > 0),
		flag(!a.Comments, !b.Comments),
		flag(a.alive(b), b.alive(a)),
		flag(a.Kind == KindFeed, b.Kind == KindFeed),
		flag(a.ofSite(page), b.ofSite(page)),
		flag(a.isMain(page), b.isMain(page)),
		flag(a.Found == FoundPage, b.Found == FoundPage),
		flag(a.FullText, b.FullText),
		cmp.Compare(a.order, b.order),
	)
}

// alive tells whether a feed brings news while another has long ceased to.
func (c *found) alive(other *found) bool {
	const dead = 180 * 24 * time.Hour
	return other.Newest.IsZero() || !c.Newest.Before(other.Newest.Add(-dead))
}

// ofSite tells whether a feed is of the site that the page is of.
func (c *found) ofSite(page *url.URL) bool {
	u, err := url.Parse(c.URL)
	if err != nil || page == nil {
		return false
	}
	return sameSite(u, page) || c.atHome(page)
}

func (c *found) atHome(page *url.URL) bool {
	home, err := url.Parse(c.home)
	return err == nil && home.Host != "" && sameSite(home, page)
}

func sameSite(a, b *url.URL) bool {
	x, y := strings.TrimPrefix(a.Hostname(), "www."), strings.TrimPrefix(b.Hostname(), "www.")
	return x == y && a.Port() == b.Port() || strings.HasSuffix(x, "."+y) || strings.HasSuffix(y, "."+x)
}

// isMain tells whether a feed says that it belongs to the very page that was
// asked for.
func (c *found) isMain(page *url.URL) bool {
	home, err := url.Parse(c.home)
	return err == nil && page != nil && home.Host != "" && sameSite(home, page) && strings.Trim(home.Path, "/") == strings.Trim(page.Path, "/")
}
