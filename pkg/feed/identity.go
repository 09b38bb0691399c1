package feed

import (
	"net/url"
	"strings"
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
// is no GUID, the feed's URL and the title. canonical gives the canonical form
// of an absolute URL.
//
// A key says nothing about items that are listed twice: those share theirs.
func Keys(feedURL string, items []Item, canonical func(string) (string, error)) []Key {
	type owner struct {
		guid   string
		shared bool
	}
	keys := make([]Key, len(items))
	owners := make(map[string]*owner, len(items))
	for i := range items {
		c, own := canonicalLink(items[i].URL, canonical)
		keys[i].Canonical = c
		if !own {
			continue
		}
		if o := owners[c]; o == nil {
			owners[c] = &owner{guid: items[i].GUID}
		} else if o.guid != items[i].GUID {
			o.shared = true
		}
	}
	for i := range keys {
		k, it := &keys[i], &items[i]
		if o := owners[k.Canonical]; o != nil && !o.shared {
			k.Key, k.Usable = k.Canonical, true
			continue
		}
		switch {
		case it.GUID != "":
			k.Key = feedURL + "\n" + it.GUID
		case it.Title != "":
			k.Key = feedURL + "\n\n" + it.Title + "\n" + it.URL
		case it.URL != "":
			k.Key = feedURL + "\n\n\n" + it.URL
		}
	}
	return keys
}

// ArticleKey gives the key of one item; Keys does it for all at once.
func ArticleKey(feedURL string, items []Item, i int, canonical func(string) (string, error)) Key {
	return Keys(feedURL, items, canonical)[i]
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
