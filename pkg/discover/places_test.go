package discover

import (
	"net/url"
	"strings"
	"testing"
)

func TestPlatform(t *testing.T) {
	f := func(address, page, want string) {
		t.Helper()
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(platform(u, []byte(page)), " "); got != want {
			t.Errorf("%s: got %q, want %q", address, got, want)
		}
	}
	f("https://www.youtube.com/channel/UC0123456789012345678901/videos", "", "https://www.youtube.com/feeds/videos.xml?channel_id=UC0123456789012345678901")
	f("https://www.youtube.com/@harbour", `{"externalId":"UC0123456789012345678901"}`, "https://www.youtube.com/feeds/videos.xml?channel_id=UC0123456789012345678901")
	f("https://www.youtube.com/playlist?list=PLabc", "", "https://www.youtube.com/feeds/videos.xml?playlist_id=PLabc")
	f("https://www.youtube.com/@harbour", "", "")
	f("https://github.com/dateline/dateline/issues", "", "https://github.com/dateline/dateline/releases.atom https://github.com/dateline/dateline/commits.atom")
	f("https://github.com/dateline", "", "https://github.com/dateline.atom")
	f("https://old.reddit.com/r/news/top", "", "https://old.reddit.com/r/news/.rss")
	f("https://medium.com/@ida/a-story-123", "", "https://medium.com/feed/@ida")
	f("https://harbour.medium.com/", "", "https://harbour.medium.com/feed")
	f("https://harbour.substack.com/p/x", "", "https://harbour.substack.com/feed")
	f("https://harbour.tumblr.com/", "", "https://harbour.tumblr.com/rss")
	f("https://harbour.blogspot.co.uk/2026/11/", "", "https://harbour.blogspot.co.uk/feeds/posts/default?alt=rss")
	f("https://harbour.example/", `<meta name="generator" content="Hugo 0.150">`, "https://harbour.example/index.xml")
	f("https://harbour.example/news", `<meta content="x" name=y><META name=generator content='Drupal 11'>`, "https://harbour.example/rss.xml")
	f("https://social.example/@ida", "", "https://social.example/@ida.rss")
	f("https://harbour.example/", "<p>nothing</p>", "")
	f("https://notyoutube.com/channel/UC1", "", "")
}

func TestLooksLikeNews(t *testing.T) {
	for u, want := range map[string]bool{
		"https://x.example/news-sitemap.xml": true, "https://x.example/sitemaps/googlenews.xml": true, "https://x.example/sitemap_latest.xml?p=1": true, "https://x.example/sitemap-news-1.xml": true,
		"https://news.example/pages.xml": false, "https://x.example/newsletters.xml": false, "https://x.example/sitemap-2019.xml": false,
	} {
		if looksLikeNews(u) != want {
			t.Errorf("%s: want %v", u, want)
		}
	}
}
