package text

import (
	"net/url"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestCanonicalURL(t *testing.T) {
	base, _ := url.Parse("https://example.org/news/feed.xml")
	f := func(in, want string) {
		t.Helper()
		got, err := CanonicalURL(in, base)
		if err != nil {
			got = "error"
		}
		if got != want {
			t.Errorf("CanonicalURL(%q)\n got %q (%v)\nwant %q", in, got, err, want)
		}
	}
	// RFC 3986 and leniency
	f("HTTPS://Example.ORG:443/Story", "https://example.org/Story")
	f("http://example.org:80", "http://example.org/")
	f("http://example.org:8080/a/", "http://example.org:8080/a")
	f("http://user:pw@example.org./a", "http://example.org/a")
	f("  https://example.org/a\n b ", "https://example.org/a%20b")
	f("/a/../b/./c", "https://example.org/b/c")
	f("story?id=1", "https://example.org/news/story?id=1")
	f("//other.example.org/x", "https://other.example.org/x")
	f("https://example.org/%7euser/%c3%a9t%C3%A9/ä", "https://example.org/~user/%C3%A9t%C3%A9/%C3%A4")
	f("https://example.org/100%/x%2", "https://example.org/100%25/x%252")
	f("https://example.org/a%2Fb", "https://example.org/a%2Fb")
	f("https://bücher.example/Straße", "https://xn--bcher-kva.example/Stra%C3%9Fe")
	f("https://BÜCHER.example/", "https://xn--bcher-kva.example/")
	f("http://[2001:DB8::1]:80/x", "http://[2001:db8::1]/x")
	f("http://127.0.0.1:8080/x", "http://127.0.0.1:8080/x")
	f("https://example.org/a;jsessionid=1F2?x=1", "https://example.org/a?x=1")
	f("https://example.org/a/index.html", "https://example.org/a")
	// query and fragment
	f("https://example.org/a?", "https://example.org/a")
	f("https://example.org/a?b=2&a=1&&c", "https://example.org/a?b=2&a=1&c")
	f("https://example.org/a?utm_source=rss&id=7&fbclid=x#top", "https://example.org/a?id=7")
	f("https://example.org/a?UTM_Source=rss&amp;amp;id=7", "https://example.org/a?id=7")
	f("https://example.org/a?ref=rss", "https://example.org/a")
	f("https://example.org/a?ref=12", "https://example.org/a?ref=12")
	f("https://example.org/a?at_medium=rss&at_campaign=x&mc_cid=1&gclid=2&ito=3&CMP=share_btn_tw&id=7", "https://example.org/a?id=7")
	f("https://example.org/a?mtm_source=x&pk_campaign=y&wt_zmc=z&ns_mchannel=rss&hsa_acc=1&_ga=2.1&srsltid=q&id=7", "https://example.org/a?id=7")
	f("https://example.org/a?src=rss&from=rss&source=rss", "https://example.org/a")
	f("https://example.org/a?src=5&from=Paris&source=wire", "https://example.org/a?src=5&from=Paris&source=wire")
	f("https://www.businessinsider.com/a?r=US&IR=T", "https://www.businessinsider.com/a")
	f("https://www.youtube.com/watch?v=1&feature=youtu.be&si=x", "https://www.youtube.com/watch?v=1")
	f("https://example.org/#!/story/1", "https://example.org/#!/story/1")
	f("https://www.nytimes.com/a.html?emc=rss&partner=rss&hp=1", "https://www.nytimes.com/a.html?hp=1")
	f("https://example.org/a?emc=rss", "https://example.org/a?emc=rss")
	// AMP, mobile, redirecting links
	f("https://example.org/story/amp/", "https://example.org/story")
	f("https://example.org/story.amp", "https://example.org/story")
	f("https://example.org/story.amp.html?x=1", "https://example.org/story.html?x=1")
	f("https://example.org/amp", "https://example.org/amp")
	f("https://example.org/amp/2026/story", "https://example.org/2026/story")
	f("https://example.org/story?amp=1", "https://example.org/story")
	f("https://example.org/story?amp", "https://example.org/story")
	f("https://amp.example.org/story", "https://www.example.org/story")
	f("https://m.example.co.uk/story", "https://www.example.co.uk/story")
	f("https://m.news.example.org/story", "https://news.example.org/story")
	f("https://m.co.uk/story", "https://m.co.uk/story")
	f("https://m.blogspot.com/story", "https://m.blogspot.com/story")
	f("https://en.m.wikipedia.org/wiki/A", "https://en.wikipedia.org/wiki/A")
	f("https://m.techcrunch.com/a", "https://techcrunch.com/a")
	f("https://www.google.com/amp/s/www.example.org/story/amp", "https://www.example.org/story")
	f("https://www-example-org.cdn.ampproject.org/c/s/www.example.org/amp/story?usqp=x", "https://www.example.org/story")
	f("https://example.org/story/amp.html", "https://example.org/story")
	f("https://example.org/story?view=amp", "https://example.org/story")
	f("https://t.umblr.com/redirect?z=https%3A%2F%2Fm.example.org%2Fa%3Futm_source%3Dx&t=y", "https://www.example.org/a")
	f("https://planet.example/redirect?url=https%3A%2F%2Fplanet.example%2Fredirect%3Furl%3Dhttps%253A%252F%252Fexample.org%252Fa", "https://example.org/a")
	f("https://example.org/login?next=https%3A%2F%2Fexample.org%2Fa", "https://example.org/login?next=https%3A%2F%2Fexample.org%2Fa")
	f("https://www.google.com/url?url=ftp://example.org/a", "https://www.google.com/url?url=ftp://example.org/a")
	f("https://www.google.com/url?rct=j&sa=t&url=https://example.org/a%3Fid%3D3&ct=ga", "https://example.org/a?id=3")
	// what is no web address
	f("mailto:desk@example.org", "error")
	f("javascript:alert(1)", "error")
	f("ftp://example.org/a", "error")
	f("https:///a", "error")
	f("http://exa mple.org/", "error")
	f("http://example.org:port/", "error")
	f("http://[fe80::1%25eth0]/", "error")
	f("https://example.org/"+strings.Repeat("x", MaxURL), "error")
	f("https://www.google.com/amp/s"+strings.Repeat("/www.google.com/amp/s", 100)+"/example.org/a", "error")

	if got, err := CanonicalURL("/a", nil); err == nil {
		t.Errorf("a relative address without a base gave %q", got)
	}
}

func TestUsable(t *testing.T) {
	for in, want := range map[string]bool{
		"https://example.org/a": true, "https://example.org/": false, "https://example.org": false,
		"https://example.org/?p=1": false, "https://example.org/#!/story": false, "": false, "::": false,
	} {
		if got := Usable(in); got != want {
			t.Errorf("Usable(%q) = %v", in, got)
		}
	}
}

func TestSource(t *testing.T) {
	f := func(in, want string) {
		t.Helper()
		if got := Source(in); got != want {
			t.Errorf("Source(%q) = %q, want %q", in, got, want)
		}
	}
	f("https://www.example.org/a", "example.org")
	f("https://news.example.co.uk/a", "example.co.uk")
	f("example.org", "example.org")
	f("//example.org/x", "example.org")
	f("https://EXAMPLE.org:8443/", "example.org")
	f("https://jane.blogspot.com/2026/01", "jane.blogspot.com")
	f("https://jane.github.io/", "jane.github.io")
	f("https://letters.substack.com/p/x", "letters.substack.com")
	f("https://www.substack.com/x", "substack.com")
	f("https://jane.wordpress.com/x", "jane.wordpress.com")
	f("https://medium.com/@Jane/story-1", "medium.com/@jane")
	f("https://medium.com/the-paper/story-1", "medium.com/the-paper")
	f("https://jane.medium.com/story-1", "jane.medium.com")
	f("https://medium.com", "medium.com")
	f("https://sites.google.com/view/paper/home", "sites.google.com/paper")
	f("https://news.google.com/x", "google.com")
	f("https://t.me/s/channel/12", "t.me/channel")
	f("https://abcnews.go.com/x", "abcnews.go.com")
	f("https://www.gov.uk/news", "gov.uk")
	f("http://localhost:3000/feed", "localhost:3000")
	f("http://localhost/feed", "localhost")
	f("http://127.0.0.1:8080/paper/rss", "127.0.0.1:8080")
	f("http://127.0.0.1:80/", "127.0.0.1")
	f("http://[::1]:8080/", "[::1]:8080")
	f("https://bücher.example/", "xn--bcher-kva.example")
	f("", "")
	f("mailto:x", "")
	f("http://", "")
}

func TestURLRules(t *testing.T) {
	if _, err := parseURLRules(urlRulesFile); err != nil {
		t.Error(err)
	}
	for _, bad := range []string{"[tracking]\nb\na\n", "[tracking]\na\na\n", "[tracking]\nA\n", "[other]\na\n", "a\n"} {
		if _, err := parseURLRules(bad); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

func checkURL(t interface{ Errorf(string, ...any) }, in string) {
	Source(in)
	got, err := CanonicalURL(in, nil)
	if err != nil {
		return
	}
	if again, err := CanonicalURL(got, nil); again != got {
		t.Errorf("%q gives %q, and then %q (%v)", in, got, again, err)
	}
	u, err := url.Parse(got)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || len(got) > MaxURL {
		t.Errorf("%q gives %q: %v", in, got, err)
	}
	for i := 0; i < len(got); i++ {
		if got[i] <= ' ' || got[i] >= 0x7f {
			t.Errorf("%q gives %q, not plain ASCII", in, got)
			break
		}
	}
}

func TestCanonicalURLProperties(t *testing.T) {
	pieces := []string{
		"http", "https", "://", ":", "//", "/", "?", "#", "#!", "&", "=", "%", "%2", "%2e", "%2F", "%41", "%zz", "..", ".", "amp", ".amp", ".html", "index.html", ";jsessionid=1",
		"example.org", "www.", "m.", "amp.", "mobile.", "google.com", "www.google.com/amp/s/", "/url?url=", "x.cdn.ampproject.org/c/s/", "utm_source=x", "ref=rss", "redirect?url=", "http%3A%2F%2F", "https%253A%252F%252F", "news.google.com/rss/articles/CBMi", "rd.yahoo.com/*", "href.li/?", "&amp;", "é", "ß", "İ", "\u200d", "\xff",
		" ", "+", "@", "[::1]", ":80", ":443", ":080", "127.0.0.1", "co.uk", "xn--bcher-kva", "xn--", "。", "_", "-", "!", "a", "b",
	}
	rapid.Check(t, func(t *rapid.T) {
		in := "https://" + strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 14).Draw(t, "pieces"), "")
		checkURL(t, in)
	})
}

func FuzzCanonicalURL(f *testing.F) {
	f.Add("https://m.example.org:443/a/../%7e;jsessionid=1/amp?utm_x=1&b=%2f#!/x")
	f.Add("http://www.google.com/url?q=http://x.cdn.ampproject.org/c/s/a.b/amp")
	f.Add("https://planet.example/redirect?url=https%3A%2F%2Fplanet.example%2Fredirect%3Furl%3Dhttps%253A%252F%252Fexample.org%252Fa")
	f.Fuzz(func(t *testing.T, in string) { checkURL(t, in) })
}
