package text

import (
	"encoding/base64"
	"strings"
	"testing"
)

func TestTarget(t *testing.T) {
	f := func(in, want string) {
		t.Helper()
		got, ok := Target(in)
		if got != want || ok != (want != "") {
			t.Errorf("Target(%q)\n got %q, %v\nwant %q", in, got, ok, want)
		}
	}
	story := "https://paper.example/2026/story?id=3&p=2"
	enc := "https%3A%2F%2Fpaper.example%2F2026%2Fstory%3Fid%3D3%26p%3D2"
	// search engines and aggregators
	f("https://www.google.com/url?rct=j&sa=t&url="+enc+"&ct=ga", story)
	f("https://google.co.uk/url?q="+enc+"&sa=U", story)
	f("https://www.google.com/url?q=https://paper.example/a?id=3&sa=U&usg=x", "https://paper.example/a?id=3")
	f("http://news.google.com/news/url?sa=t&fd=R&usg=x&url="+enc, story)
	f("https://www.bing.com/news/apiclick.aspx?ref=FexRss&aid=&url="+enc+"&c=7&mkt=en-us", story)
	f("http://us.rd.yahoo.com/dailynews/rss/world/*https://paper.example/a?x=1", "https://paper.example/a?x=1")
	f("http://rd.yahoo.com/x/*http%3A//paper.example/a", "http://paper.example/a")
	f("https://r.search.yahoo.com/_ylt=A0/RV=2/RU=https%3a%2f%2fpaper.example%2fa/RK=2/RS=x", "https://paper.example/a")
	f("https://duckduckgo.com/l/?kh=-1&uddg="+enc, story)
	// social networks, shorteners with the target inside, mail filters
	f("https://t.umblr.com/redirect?z="+enc+"&t=x", story)
	f("https://l.facebook.com/l.php?u="+enc+"&h=x", story)
	f("https://out.reddit.com/t3_1?url="+enc+"&token=x", story)
	f("https://vk.com/away.php?to="+enc, story)
	f("https://href.li/?https://paper.example/a", "https://paper.example/a")
	f("https://nam02.safelinks.protection.outlook.com/?url="+enc+"&data=x", story)
	// mirrors
	f("https://www.google.com/amp/s/paper.example/story/amp", "https://paper.example/story/amp")
	f("https://paper-example.cdn.ampproject.org/c/s/paper.example/amp/story?x=1", "https://paper.example/amp/story?x=1")
	// by their form
	f("https://planet.example/redirect?url="+enc, story)
	f("https://planet.example/rss/go.php?id=7&u="+enc, story)
	f("https://planet.example/out?to=https://paper.example/a?id=3&p=2", "https://paper.example/a?id=3&p=2")
	f("https://planet.example/click?link="+enc, story)
	// one within the other
	f("https://www.google.com/url?url=https%3A%2F%2Fplanet.example%2Fredirect%3Furl%3Dhttps%253A%252F%252Fpaper.example%252Fa", "https://paper.example/a")

	// no redirects
	f(story, "")
	f("https://paper.example/login?next="+enc, "")
	f("https://paper.example/login/redirect?url="+enc, "")
	f("https://paper.example/oauth/redirect?url="+enc, "")
	f("https://share.example/share?url="+enc, "")
	f("https://www.facebook.com/sharer/sharer.php?u="+enc, "")
	f("https://images.example/resize?url="+enc+"&w=300", "")
	f("https://images.example/image/redirect?url="+enc, "")
	f("https://translate.google.com/translate?sl=de&u="+enc, "")
	f("https://planet.example/redirect?url=/story", "")
	f("https://planet.example/redirect?url=https://paper.example/", "")
	f("https://planet.example/story?url="+enc, "")
	f("https://planet.example/story?ref="+enc, "")
	f("https://news.google.com/rss/articles/CBMiAAAA", "")
	f("https://news.google.com/rss/articles/CBMi", "")
	f("https://feeds.feedburner.com/~r/paper/~3/x/", "")
	f("https://www.google.com/url?url=javascript:alert(1)", "")
	f("https://href.li/?x", "")
	f("", "")
	f("http://[::1", "")

	token := func(u string) string {
		return base64.RawURLEncoding.EncodeToString([]byte("\x08\x13\x22" + string(rune(len(u))) + u + "\xd2\x01\x00"))
	}
	f("https://news.google.com/rss/articles/"+token("https://paper.example/a/b")+"?oc=5", "https://paper.example/a/b")
	f("https://news.google.com/__i/rss/rd/articles/"+token("https://paper.example/a/b"), "https://paper.example/a/b")

	got, err := CanonicalURL("https://planet.example/redirect?url="+enc+"%26utm_source%3Drss", nil)
	if err != nil || got != story {
		t.Errorf("canonical form of a redirecting link: %q %v", got, err)
	}
}

func TestPublisher(t *testing.T) {
	f := func(feed, item, named, source, via string) {
		t.Helper()
		gotSource, gotVia := Publisher(feed, item, named)
		if gotSource != source || gotVia != via {
			t.Errorf("Publisher(%q, %q, %q)\n got %q via %q\nwant %q via %q", feed, item, named, gotSource, gotVia, source, via)
		}
	}
	// the feed's own articles
	f("https://www.paper.example/rss", "https://www.paper.example/a", "", "paper.example", "")
	f("https://www.paper.example/rss", "", "", "paper.example", "")
	f("https://www.paper.example/rss", "https://www.paper.example/a", "https://www.paper.example/rss", "paper.example", "")
	f("https://feeds.feedburner.com/paper", "https://www.paper.example/a", "", "paper.example", "")
	f("https://feeds.feedburner.com/paper", "https://feeds.feedburner.com/~r/paper/~3/x/", "", "feedburner.com", "")
	f("https://feeds.bbci.co.uk/news/rss.xml", "https://www.bbc.co.uk/news/a", "", "bbc.co.uk", "")
	f("https://feeds.bbci.co.uk/news/rss.xml", "https://www.bbc.com/news/a", "https://feeds.bbci.co.uk/news/rss.xml", "bbc.com", "")
	f("https://rss.paper.example/all", "https://paper-online.example/a", "", "paper-online.example", "")
	f("https://paper.example/rss", "http://10.0.0.7:8080/a", "", "10.0.0.7:8080", "paper.example")
	// aggregators that name the publisher
	f("https://news.google.com/rss", "https://news.google.com/rss/articles/x", "https://www.paper.example", "paper.example", "google.com")
	f("https://news.yahoo.com/rss", "https://news.yahoo.com/story.html", "http://www.wire.example/", "wire.example", "yahoo.com")
	f("https://feeds.feedburner.com/x", "https://news.yahoo.com/story.html", "http://www.wire.example/", "wire.example", "yahoo.com")
	f("https://planet.example/atom.xml", "https://jane.blogspot.com/1", "https://jane.blogspot.com/feeds/posts", "jane.blogspot.com", "planet.example")
	f("https://planet.example/atom.xml", "https://jane.example/1", "https://feeds.feedburner.com/jane", "jane.example", "planet.example")
	f("https://planet.example/atom.xml", "", "https://jane.example/feed", "jane.example", "planet.example")
	f("https://planet.example/atom.xml", "https://planet.example/1", "https://feeds.feedburner.com/jane", "planet.example", "")
	// redirecting links
	f("https://www.bing.com/news/search?q=x&format=rss", "https://www.bing.com/news/apiclick.aspx?url=https%3a%2f%2fwww.paper.example%2fa", "", "paper.example", "bing.com")
	f("https://www.google.com/alerts/feeds/1/2", "https://www.google.com/url?url=https://www.paper.example/a", "", "paper.example", "google.com")
	// shared hosts
	f("https://letters.substack.com/feed", "https://letters.substack.com/p/x", "", "letters.substack.com", "")
	f("https://medium.com/feed/@jane", "https://medium.com/@jane/story-1", "", "medium.com/@jane", "")
	f("https://medium.com/feed/the-paper", "https://medium.com/the-paper/story-1", "", "medium.com/the-paper", "")
	f("https://www.youtube.com/feeds/videos.xml?channel_id=UCab", "https://www.youtube.com/watch?v=1", "", "youtube.com/ucab", "")
	f("https://jane.wordpress.com/feed", "https://joe.wordpress.com/1", "", "joe.wordpress.com", "jane.wordpress.com")
	// nothing at all
	f("", "", "", "", "")
	f("", "https://paper.example/a", "", "paper.example", "")
	f("localhost:8080/rss", "http://localhost:8080/a", "", "localhost:8080", "")
}

func FuzzTarget(f *testing.F) {
	f.Add("https://www.google.com/url?url=https%3A%2F%2Fplanet.example%2Fredirect%3Furl%3Dhttps%253A%252F%252Fpaper.example%252Fa")
	f.Add("https://r.search.yahoo.com/_ylt=A0/RV=2/RU=https%3a%2f%2fpaper.example%2fa/RK=2/RS=x")
	f.Add("https://news.google.com/rss/articles/CBMiGWh0dHBzOi8vcGFwZXIuZXhhbXBsZS9hL2LSAQA")
	f.Fuzz(func(t *testing.T, in string) {
		got, ok := Target(in)
		if ok != (got != "") || ok && (!isWeb(got) || len(got) > MaxURL) {
			t.Fatalf("%q gives %q, %v", in, got, ok)
		}
		if again, ok := Target(got); ok && strings.Count(in, "http") < maxHops {
			t.Fatalf("%q gives %q, and that %q", in, got, again)
		}
		Publisher(in, got, in)
	})
}
