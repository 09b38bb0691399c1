package poll

import (
	"cmp"
	"context"
	"errors"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/dateline/dateline/pkg/feed"
	"github.com/dateline/dateline/pkg/fetch"
	"github.com/dateline/dateline/pkg/text"
)

// Bounds of sitemaps, which list the whole of a site: an archive is imported,
// not polled.
const (
	mapsAtOnce = 3                   // of an index, the newest
	mapRecent  = 30 * 24 * time.Hour // age of what is taken for news
	mapItems   = 5000                // of them, the newest
	mapSmall   = 1000                // pages that are taken whether they are dated or not
)

// recent gives the pages of a sitemap that are news, and how many are not.
func recent(items []feed.Item, at time.Time) (out []feed.Item, beyond int) {
	if len(items) <= mapSmall {
		return items, 0
	}
	for i := range items {
		if at.Sub(published(&items[i])) <= mapRecent {
			out = append(out, items[i])
		}
	}
	slices.SortStableFunc(out, func(a, b feed.Item) int { return published(&b).Compare(published(&a)) })
	out = out[:min(len(out), mapItems)]
	return out, len(items) - len(out)
}

// children follows an index to its newest sitemaps, within the same visit: those
// of the same site alone, a few at most. Their pages become those of f. It is an
// error where none of them can be read.
func (p *Poller) children(ctx context.Context, req fetch.Request, f *feed.Feed) (bytes int, err error) {
	err = errors.New("none of the sitemaps in this index can be read; subscribe to the one with the news itself")
	site, read := text.Source(req.URL), false
	for _, u := range newest(f.Sitemaps) {
		if text.Source(u) != site {
			continue
		}
		p.again(ctx, u, func() {
			child := req
			child.URL, child.Home, child.Unconditional = u, cmp.Or(req.Home, req.URL), true
			res, ferr := p.client.Do(ctx, child)
			if ferr != nil {
				err = ferr
				return
			}
			bytes += len(res.Body)
			sub, perr := feed.Parse(res.Body, feed.Options{BaseURL: res.FinalURL, ContentType: res.ContentType})
			if perr != nil {
				err = perr
				return
			}
			read = true
			f.Items = append(f.Items, sub.Items...)
			f.Salvaged = f.Salvaged || sub.Salvaged
		})
	}
	if read {
		err = nil
	}
	return bytes, err
}

// newest guesses by their names which sitemaps of an index hold the news: those
// that say so first, then those with the highest numbers, which are dates or
// pages.
func newest(maps []string) []string {
	maps = slices.Clone(maps)
	slices.SortStableFunc(maps, func(a, b string) int {
		if x, y := mapNews(a), mapNews(b); x != y {
			return cmp.Compare(y, x)
		}
		return slices.Compare(numbers(b), numbers(a))
	})
	return maps[:min(len(maps), mapsAtOnce)]
}

func mapNews(u string) int {
	name := strings.ToLower(mapPath(u))
	switch {
	case strings.Contains(name, "news"), strings.Contains(name, "latest"), strings.Contains(name, "recent"):
		return 1
	case strings.Contains(name, "image"), strings.Contains(name, "video"), strings.Contains(name, "categor"), strings.Contains(name, "tag"), strings.Contains(name, "author"):
		return -1
	}
	return 0
}

func mapPath(u string) string {
	x, err := url.Parse(u)
	if err != nil {
		return u
	}
	return path.Clean(x.Path) + "?" + x.RawQuery
}

// numbers are those in a name, in their order.
func numbers(u string) (out []uint64) {
	for _, word := range strings.FieldsFunc(mapPath(u), func(r rune) bool { return !unicode.IsDigit(r) }) {
		n := uint64(0)
		for _, r := range word[:min(len(word), 18)] {
			if r >= '0' && r <= '9' {
				n = 10*n + uint64(r-'0')
			}
		}
		out = append(out, n)
	}
	return out
}
