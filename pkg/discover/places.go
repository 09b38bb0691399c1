package discover

import (
	"bytes"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// guesses are the addresses that feeds have most often, where nothing says so.
var guesses = []string{"/feed", "/rss", "/rss.xml", "/feed.xml", "/atom.xml", "/index.xml", "/feeds/posts/default", "/?feed=rss2", "/feed.json", "/feeds", "/news/rss", "/rss/news.xml"}

var sitemapGuesses = []string{"/news-sitemap.xml", "/sitemap-news.xml", "/sitemap_news.xml", "/googlenews.xml"}

func resolve(base *url.URL, paths []string) []string {
	var out []string
	for _, p := range paths {
		if u, err := base.Parse(p); err == nil {
			out = append(out, u.String())
		}
	}
	return out
}

// newsWords stand in the addresses of sitemaps that are for news.
var newsWords = regexp.MustCompile(`(?i)(^|[^a-z])(google)?(news|latest|today|recent|breaking|nachrichten|aktuell|noticias|actualites|notizie|nyheter)([^a-z]|$)|googlenews|newssitemap|sitemapnews`)

func looksLikeNews(u string) bool {
	if p, err := url.Parse(u); err == nil {
		u = p.RequestURI()
	}
	return newsWords.MatchString(u)
}

// newsFirst puts the addresses that look like news before the others.
func newsFirst(list []string) []string {
	out := slices.Clone(list)
	slices.SortStableFunc(out, func(a, b string) int {
		switch x, y := looksLikeNews(a), looksLikeNews(b); {
		case x == y:
			return 0
		case x:
			return -1
		}
		return 1
	})
	return out
}

var (
	channelID = regexp.MustCompile(`"(?:channelId|externalId)":"(UC[\w-]{22})"|youtube\.com/channel/(UC[\w-]{22})`)
	generator = regexp.MustCompile(`(?i)<meta[^>]+name=["']?generator["']?[^>]+content=["']?([^"'>]{1,80})`)
)

// platform gives the addresses of feeds that follow from the address of a page
// and from the software that made it.
func platform(u *url.URL, page []byte) []string {
	host := strings.TrimPrefix(strings.ToLower(u.Hostname()), "www.")
	path := strings.Trim(u.Path, "/")
	parts := strings.Split(path, "/")
	under := func(domain string) bool { return host == domain || strings.HasSuffix(host, "."+domain) }
	at := func(refs ...string) []string { return resolve(u, refs) }
	switch {
	case under("youtube.com"):
		return youtube(u, parts, page)
	case host == "github.com" && len(parts) >= 2:
		return at("/"+parts[0]+"/"+parts[1]+"/releases.atom", "/"+parts[0]+"/"+parts[1]+"/commits.atom")
	case host == "github.com" && path != "":
		return at("/" + parts[0] + ".atom")
	case under("reddit.com") && len(parts) >= 2 && (parts[0] == "r" || parts[0] == "user"):
		return at("/" + parts[0] + "/" + parts[1] + "/.rss")
	case host == "medium.com" && path != "":
		return at("/feed/" + parts[0])
	case under("medium.com"), under("substack.com"), under("beehiiv.com"):
		return at("/feed")
	case under("tumblr.com"):
		return at("/rss")
	case under("blogspot.com"), strings.Contains(host, ".blogspot."):
		return at("/feeds/posts/default?alt=rss")
	case under("wordpress.com"):
		return at("/feed/")
	case host == "bsky.app" && len(parts) >= 2 && parts[0] == "profile":
		return at("/profile/" + parts[1] + "/rss")
	case under("vimeo.com") && path != "":
		return at("/" + parts[0] + "/videos/rss")
	}
	return software(u, path, page)
}

func youtube(u *url.URL, parts []string, page []byte) []string {
	feedOf := func(key, id string) []string {
		return []string{u.Scheme + "://" + u.Host + "/feeds/videos.xml?" + key + "=" + url.QueryEscape(id)}
	}
	if list := u.Query().Get("list"); list != "" {
		return feedOf("playlist_id", list)
	}
	if len(parts) >= 2 && parts[0] == "channel" {
		return feedOf("channel_id", parts[1])
	}
	if m := channelID.FindSubmatch(page); m != nil {
		return feedOf("channel_id", string(append(m[1], m[2]...)))
	}
	return nil
}

// software tells by its traces in the page what made it, and gives what this
// software calls its feeds; where the page is a section, the section's first.
func software(u *url.URL, path string, page []byte) []string {
	made := ""
	if m := generator.FindSubmatch(page[:min(len(page), 64<<10)]); m != nil {
		made = strings.ToLower(string(m[1]))
	}
	has := func(name, trace string) bool {
		return strings.HasPrefix(made, name) || trace != "" && bytes.Contains(page, []byte(trace))
	}
	section := func(suffix string) []string {
		if path == "" {
			return resolve(u, []string{"/" + suffix})
		}
		return resolve(u, []string{"/" + path + "/" + suffix, "/" + suffix})
	}
	switch {
	case has("wordpress", "/wp-content/"):
		return section("feed/")
	case has("ghost", ""):
		return section("rss/")
	case has("blogger", "www.blogger.com/static"):
		return resolve(u, []string{"/feeds/posts/default?alt=rss"})
	case has("squarespace", "static1.squarespace.com"):
		return resolve(u, []string{u.EscapedPath() + "?format=rss", "/blog?format=rss"})
	case has("wix.com", "static.wixstatic.com"):
		return resolve(u, []string{"/blog-feed.xml"})
	case has("hugo", ""):
		return section("index.xml")
	case has("jekyll", ""):
		return resolve(u, []string{"/feed.xml", "/atom.xml"})
	case has("drupal", "/sites/default/files/"):
		return resolve(u, []string{"/rss.xml"})
	case has("joomla", ""):
		return resolve(u, []string{u.EscapedPath() + "?format=feed&type=rss"})
	case has("discourse", ""):
		return resolve(u, []string{"/latest.rss"})
	case has("mastodon", "") || strings.HasPrefix(path, "@") && !strings.Contains(path, "/"):
		return resolve(u, []string{"/" + path + ".rss"})
	case has("typo3", ""):
		return resolve(u, []string{"/rss.xml", "/feed.xml"})
	}
	return nil
}
