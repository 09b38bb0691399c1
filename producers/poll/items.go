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
	id   uint64
	hash uint64    // of title, summary and content; never of dates
	date time.Time // zero where it has none
	item *feed.Item
	key  feed.Key
}

// listing is what a feed says at one time.
type listing struct {
	items    []entry // the oldest first, each id once
	nameless int     // items without anything to tell them by: left out
	beyond   int     // items that are too many or too old: left out
}

// list tells the items of a feed apart. Of very many it takes the newest.
func list(feedURL string, f *feed.Feed, churns bool, at time.Time) (l listing) {
	items := f.Items
	if f.Format == feed.FormatSitemap {
		items, l.beyond = recent(items, at)
	}
	keysOf := feed.Keys
	if churns {
		keysOf = feed.KeysWithoutGUID
	}
	keys := keysOf(feedURL, items, func(u string) (string, error) { return text.CanonicalURL(u, nil) })
	have := make(map[uint64]bool, len(items))
	l.items = make([]entry, 0, len(items))
	for i := range items {
		it, k := &items[i], keys[i]
		if k.Key == "" || it.Title == "" && it.Summary == "" && it.Content == "" {
			l.nameless++
			continue
		}
		id := text.ID(k.Key)
		if have[id] {
			continue
		}
		have[id] = true
		l.items = append(l.items, entry{id: id, hash: contentHash(it), date: published(it), item: it, key: k})
	}
	slices.Reverse(l.items) // feeds list the newest first
	slices.SortStableFunc(l.items, func(a, b entry) int { return a.date.Compare(b.date) })
	if n := len(l.items) - maxSeen; n > 0 {
		l.beyond += n
		l.items = l.items[n:]
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

// article is what is published of an item that was found at a time.
func (e *entry) article(sub *news.Feed, at time.Time) *news.Article {
	it := e.item
	a := &news.Article{
		V: news.Version, ID: news.ID(e.id), URL: it.Link(), Canonical: e.key.Canonical, GUID: it.GUID, FeedURL: sub.URL, Tags: sub.Tags,
		Title: it.Title, Author: it.Author, Language: it.Language, Published: e.date, SeenAt: at,
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

// votes is how many items of a feed, the newest, decide for whom it counts.
const votes = 50

// mainSource is the source that most items of a listing count for, where it is
// not that of the feed's address, else "".
func mainSource(feedURL string, items []entry) string {
	items = items[max(0, len(items)-votes):]
	count := map[string]int{}
	for _, e := range items {
		s, _ := text.Publisher(feedURL, e.item.Link(), e.item.SourceURL)
		count[s]++
	}
	for s, n := range count {
		if 2*n > len(items) && s != text.Source(feedURL) {
			return s
		}
	}
	return ""
}
