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
}

// entries makes articles of the items of a feed, oldest first, each id once.
// Items without anything to tell them by are left out and counted.
func entries(sub *news.Feed, f *feed.Feed, at time.Time) (out []entry, nameless int) {
	keys := feed.Keys(sub.URL, f.Items, func(u string) (string, error) { return text.CanonicalURL(u, nil) })
	have := make(map[news.ID]bool, len(f.Items))
	for i := range f.Items {
		it, k := &f.Items[i], keys[i]
		if k.Key == "" || it.Title == "" && it.Summary == "" && it.Content == "" {
			nameless++
			continue
		}
		id := news.ID(text.ID(k.Key))
		if have[id] {
			continue
		}
		have[id] = true
		out = append(out, entry{article(sub, f, it, k, id, at), contentHash(it)})
	}
	slices.Reverse(out) // feeds list the newest first
	slices.SortStableFunc(out, func(a, b entry) int { return a.article.Published.Compare(b.article.Published) })
	return out, nameless
}

func article(sub *news.Feed, f *feed.Feed, it *feed.Item, k feed.Key, id news.ID, at time.Time) *news.Article {
	a := &news.Article{
		V: news.Version, ID: id, URL: it.URL, Canonical: k.Canonical, GUID: it.GUID, FeedURL: sub.URL, Tags: sub.Tags,
		Title: it.Title, Author: it.Author, Language: it.Language, Published: it.Published, SeenAt: at,
		Summary: cut(it.Summary, 128<<10), Content: cut(it.Content, 600<<10),
	}
	if a.Published.IsZero() {
		a.Published = it.Updated
	}
	if len(it.Categories) > 0 {
		a.Section = it.Categories[0]
	}
	if a.Source = text.Source(it.URL); a.Source == "" {
		a.Source = text.Source(sub.URL)
	}
	if publisher := text.Source(it.SourceURL); publisher != "" && publisher != text.Source(sub.URL) {
		a.Source, a.Via = publisher, text.Source(sub.URL)
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
