package feed

import (
	"net/url"
	"strings"
	"time"
)

// Key is what an article id is made from.
type Key struct {
	Key       string // to be hashed; empty where the item has nothing of its own
	Canonical string // canonical URL, empty where the link is none
	Usable    bool   // the link alone identifies the article
}

// Keys gives the identity of each item of a feed, in order. A link identifies
// its article when its path is not "/" and no other item of the feed carries
// it under another GUID; else the feed's URL and the GUID do, and where there
// is no GUID, the feed's URL, the title and the date. canonical gives the
// canonical form of an absolute URL.
//
// A key says nothing about items that are listed twice: those share theirs.
func Keys(feedURL string, items []Item, canonical func(string) (string, error)) []Key {
	return keys(feedURL, items, canonical, func(it *Item) string { return it.GUID })
}

// KeysWithoutGUID is Keys for a feed which gives the same items new GUIDs at
// each fetch: titles tell items of one link apart, and what has no link of its
// own goes by its title and date.
func KeysWithoutGUID(feedURL string, items []Item, canonical func(string) (string, error)) []Key {
	return keys(feedURL, items, canonical, func(*Item) string { return "" })
}

func keys(feedURL string, items []Item, canonical func(string) (string, error), guid func(*Item) string) []Key {
	type owner struct {
		name   string
		shared bool
	}
	keys := make([]Key, len(items))
	owners := make(map[string]*owner, len(items))
	for i := range items {
		it := &items[i]
		c, own := canonicalLink(it.Link(), canonical)
		keys[i].Canonical = c
		if !own {
			continue
		}
		name := guid(it)
		if name == "" {
			name = "\n" + it.Title
		}
		if o := owners[c]; o == nil {
			owners[c] = &owner{name: name}
		} else if o.name != name {
			o.shared = true
		}
	}
	for i := range keys {
		k, it := &keys[i], &items[i]
		if o := owners[k.Canonical]; o != nil && !o.shared {
			k.Key, k.Usable = k.Canonical, true
			continue
		}
		switch text := first(it.Title, cut(it.Summary, maxTitle), cut(it.Content, maxTitle)); {
		case guid(it) != "":
			k.Key = feedURL + "\n" + it.GUID
		case text != "":
			k.Key = feedURL + "\n\n" + text + "\n" + it.URL
			if !it.Published.IsZero() {
				k.Key += "\n" + it.Published.Format(time.RFC3339)
			}
		case it.URL != "":
			k.Key = feedURL + "\n\n\n" + it.URL
		}
	}
	return keys
}

// canonicalLink gives the canonical form of an absolute link, and whether it
// has a path of its own.
func canonicalLink(raw string, canonical func(string) (string, error)) (c string, own bool) {
	if !isWeb(raw) {
		return "", false
	}
	c, err := canonical(raw)
	if err != nil {
		return "", false
	}
	u, err := url.Parse(c)
	return c, err == nil && strings.Trim(u.Path, "/") != ""
}
