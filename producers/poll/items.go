package poll

import (
	"slices"
	"strings"
	"time"

	"github.com/dateline/dateline/pkg/feed"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/text"
	"github.com/zeebo/xxh3"
)

// teaserBytes is the length below which a summary without content is taken
// for a teaser rather than for the article.
const teaserBytes = 600

// entry is one item of a feed with its identity.
type entry struct {
	article *news.Article
	hash    uint64 // of title, summary and content; never of dates
	own     bool   // its link is its own
}

// listing is what a feed says at one time.
type listing struct {
	items    []entry // the oldest first, each id once
	nameless int     // items without anything to tell them by: left out
	beyond   int     // items that are too many or too old: left out
}

// list makes articles of the items of a feed. Of very many it takes the newest.
func (p *Poller) list(sub *news.Feed, f *feed.Feed, churns bool, at time.Time) (l listing) {
	items := f.Items
	if f.Format == feed.FormatSitemap {
		items, l.beyond = recent(items, at)
	}
	keysOf := feed.Keys
	if churns {
		keysOf = feed.KeysWithoutGUID
	}
	keys := keysOf(sub.URL, items, func(u string) (string, error) { return text.CanonicalURL(u, nil) })
	type place struct {
		i    int
		id   news.ID
		date time.Time
	}
	have := make(map[news.ID]bool, len(items))
	var places []place
	for i := range items {
		it, k := &items[i], keys[i]
		if k.Key == "" || it.Title == "" && it.Summary == "" && it.Content == "" {
			l.nameless++
			continue
		}
		id := news.ID(text.ID(k.Key))
		if have[id] {
			continue
		}
		have[id] = true
		places = append(places, place{i, id, published(it)})
	}
	slices.Reverse(places) // feeds list the newest first
	slices.SortStableFunc(places, func(a, b place) int { return a.date.Compare(b.date) })
	if n := len(places) - maxSeen; n > 0 {
		l.beyond += n
		places = places[n:]
	}
	l.items = make([]entry, 0, len(places))
	for _, pl := range places {
		it, k := &items[pl.i], keys[pl.i]
		l.items = append(l.items, entry{p.article(sub, it, k, pl.id, at), contentHash(it), k.Usable})
	}
	return l
}

// published is the date of an item: of its publication, else of its update.
func published(it *feed.Item) time.Time {
	if it.Published.IsZero() {
		return it.Updated
	}
	return it.Published
}

func (p *Poller) article(sub *news.Feed, it *feed.Item, k feed.Key, id news.ID, at time.Time) *news.Article {
	a := &news.Article{
		V: news.Version, ID: id, URL: it.Link(), Canonical: k.Canonical, GUID: it.GUID, FeedURL: sub.URL, Tags: sub.Tags,
		Title: it.Title, Author: it.Author, Language: it.Language, Published: published(it), SeenAt: at,
		Summary: cut(it.Summary, 128<<10), Content: cut(it.Content, 600<<10),
	}
	if len(it.Categories) > 0 {
		a.Section = it.Categories[0]
	}
	if a.Source, a.Via = text.Publisher(sub.URL, it.Link(), it.SourceURL); a.Source == "" {
		a.Source = text.Source(sub.URL)
	}
	switch {
	case it.Content != "" || len(it.Summary) >= teaserBytes:
		a.TextFrom = news.FromFeed
	case it.Summary != "":
		a.TextFrom = news.FromTeaser
	default:
		a.TextFrom = news.FromTitle
	}
	return a
}

// wantsPage tells whether the page of an article is to be fetched for its text:
// where the feed gives only a teaser, and the subscription or else the
// configuration says so. By rule only what is new is fetched, and no archive.
func (c Config) wantsPage(sub *news.Feed, a *news.Article) bool {
	if a.TextFrom != news.FromTeaser && a.TextFrom != news.FromTitle {
		return false
	}
	switch sub.FullText {
	case news.FullTextAlways:
		return true
	case news.FullTextNever:
		return false
	}
	return !a.Backlog && (c.FullText == fullTextTeasers || slices.Contains(c.FullTextSources, a.Source))
}

func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "")
}

func contentHash(it *feed.Item) uint64 {
	h := xxh3.New()
	for _, s := range []string{it.Title, it.Summary, it.Content} {
		_, _ = h.WriteString(s)
		_, _ = h.Write([]byte{0})
	}
	return h.Sum64()
}

// mainSource is the source that most articles of a listing count for, where it
// is not that of the feed's address, else "".
func mainSource(feedURL string, items []entry) string {
	votes := map[string]int{}
	for i := range items {
		votes[items[i].article.Source]++
	}
	for s, n := range votes {
		if 2*n > len(items) && s != text.Source(feedURL) {
			return s
		}
	}
	return ""
}
