package text

import "strings"

// Publisher says whose an item is. source is the publisher that an aggregator
// names (sourceURL, from <source url> or atom:source) or that a redirecting
// link leads to, else the site of the item's link, else that of the feed. via
// is the site through which the item came, where that is another one. Two
// domains of one publisher, and hosts that publish nothing of their own
// (feedburner), are no such site.
//
// itemURL and sourceURL are as published but absolute; both may be empty.
func Publisher(feedURL, itemURL, sourceURL string) (source, via string) {
	feed, named := publishing(feedURL), publishing(sourceURL)
	if target, ok := Target(itemURL); ok {
		itemURL = target
	}
	item := publishing(itemURL)
	if strings.HasPrefix(feed, item+"/") {
		item = feed // youtube.com/watch in the feed of youtube.com/channel/x
	}
	through := feed
	switch {
	case named != "" && named != feed && (item == "" || item == feed || rules().aggregator[item]):
		source = named
		if through == "" {
			through = item
		}
	case item != "":
		source = item
	case feed != "":
		source = feed
	default:
		source = Source(feedURL)
	}
	if through != source && !sameBrand(through, source) {
		via = through
	}
	return source, via
}

// publishing is Source, but empty for hosts that publish nothing of their own.
func publishing(rawURL string) string {
	u := webAddressOf(rawURL)
	if u == nil {
		return ""
	}
	s := Source(rawURL)
	if r := rules(); r.neutral[s] || r.neutral[strings.TrimPrefix(u.Hostname(), "www.")] {
		return ""
	}
	return s
}

// sameBrand tells bbci.co.uk and bbc.com: the name before the public suffix of
// one begins that of the other.
func sameBrand(a, b string) bool {
	name := func(site string) string {
		n, _, _ := strings.Cut(site, "/")
		n, _, _ = strings.Cut(n, ".")
		return n
	}
	a, b = name(a), name(b)
	return len(a) >= 3 && len(b) >= 3 && (strings.HasPrefix(a, b) || strings.HasPrefix(b, a))
}
