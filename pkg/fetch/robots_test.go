package fetch

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestRobotsRules(t *testing.T) {
	f := func(file string, allowed, refused string) {
		t.Helper()
		r := parseRobots([]byte(file), []string{"dateline", "mybot"})
		for _, p := range strings.Fields(allowed) {
			if !r.Allowed("https://harbour.example" + p) {
				t.Errorf("%q refuses %s", file, p)
			}
		}
		for _, p := range strings.Fields(refused) {
			if r.Allowed("https://harbour.example" + p) {
				t.Errorf("%q allows %s", file, p)
			}
		}
	}
	f("", "/ /a", "")
	f("<html><body>Not found</body></html>", "/ /a", "")
	f("User-agent: *\nDisallow: /", "/robots.txt", "/ /a /a?b")
	f("User-agent: *\nDisallow:", "/ /a", "")
	f("User-agent: *\nDisallow: /a", "/ /b /A", "/a /ab /a/b /a?x")
	f("User-agent: *\nDisallow: /a\nAllow: /a/b", "/a/b /a/bc", "/a /a/c")
	f("User-agent: *\nAllow: /a/b\nDisallow: /a", "/a/b", "/a/c") // order is nothing
	f("User-agent: *\nAllow: /a\nDisallow: /a", "/a", "")         // of equals the one that allows
	f("User-agent: *\nDisallow: /*.pdf$", "/x.pdf?y /x.pdfs", "/x.pdf /a/b.pdf")
	f("User-agent: *\nDisallow: /a*b*c", "/a /ab /acb", "/abc /axbxc /axbxcx")
	f("User-agent: *\nDisallow: /*?sort=", "/a /a?x", "/a?sort=1 /a/b?sort=")
	f("User-agent: *\nDisallow: *x", "/a", "/x /ax")
	f("User-agent: *\nDisallow: /a$", "/ab /a/", "/a")
	f("User-agent: *\nDisallow: /*a$", "/ab", "/a /ba /aba")
	f("User-agent: *\nDisallow: /ä", "/a", "/ä /%C3%A4 /%c3%a4x")
	f("User-agent: *\nDisallow: /%7Ejoe", "/joe", "/~joe /%7ejoe")
	f("User-agent: *\nDisallow: /a%2Fb", "/a/b", "/a%2Fb /a%2fb")
	f("User-agent: *\nDisallow: /a%24", "/a", "/a$ /a%24")
	f("User-agent: *\nDisallow: a", "/a", "") // no path
	f("\ufeffUser-Agent : *  # all\r\n  DISALLOW :  /a  # this\r\rDisallow:/b", "/", "/a /b")

	// the group of one's own takes the place of that for all
	f("User-agent: *\nDisallow: /\n\nUser-agent: DateLine/2.0\nDisallow: /a", "/ /b", "/a")
	f("User-agent: dateline\nAllow: /\n\nUser-agent: *\nDisallow: /", "/ /b", "")
	f("User-agent: dateline\n\nUser-agent: *\nDisallow: /", "", "/ /b") // no rules between: one group
	f("User-agent: dateline\nDisallow:\nUser-agent: *\nDisallow: /", "/ /b", "")
	f("User-agent: other\nUser-agent: dateline\nDisallow: /a\nUser-agent: other\nDisallow: /b", "/b", "/a")
	f("User-agent: dateline\nDisallow: /a\n\nUser-agent: *\nDisallow: /b\n\nUser-agent: dateline\nDisallow: /c", "/b", "/a /c")
	f("User-agent: mybot\nDisallow: /a\nUser-agent: dateline\nDisallow: /b", "/", "/a /b")
	f("User-agent: datelinebot\nDisallow: /", "/a", "")
	f("User-agent: date\nDisallow: /", "/a", "")
	f("Disallow: /", "/a", "") // before any agent
	f("User-agent: dateline\nSitemap: https://harbour.example/s.xml\nDisallow: /a", "/", "/a")

	r := parseRobots([]byte("Sitemap: https://a.example/1.xml\nUser-agent: *\nCrawl-delay: 2.5\nSitemap:/relative.xml\nSitemap: ftp://a.example/\nsitemap: http://a.example/2.xml#x"), []string{"dateline"})
	if r.Delay != 2500*time.Millisecond || !slices.Equal(r.Sitemaps, []string{"https://a.example/1.xml", "http://a.example/2.xml"}) {
		t.Errorf("%+v", r)
	}
	for v, want := range map[string]time.Duration{"-1": 0, "x": 0, "NaN": 0, "1e300": maxDelay, "Inf": maxDelay, "0": 0} {
		if r := parseRobots([]byte("User-agent: *\nCrawl-delay: "+v), nil); r.Delay != want {
			t.Errorf("Crawl-delay: %s: %v, want %v", v, r.Delay, want)
		}
	}
	if r := parseRobots([]byte("User-agent: *\nDisallow: /a\n"+strings.Repeat("# harbour\n", 60_000)+"Disallow: /b"), nil); r.Allowed("https://a.example/a") || !r.Allowed("https://a.example/b") {
		t.Error("what stands beyond the limit counts, or what stands before it does not")
	}
	var none *Rules
	if !none.Allowed("https://a.example/a") || (&Rules{}).Allowed("http://[::1") {
		t.Error("no rules, or no address")
	}
}

func TestRobots(t *testing.T) {
	now := noon
	var mu sync.Mutex
	clock := func() time.Time { mu.Lock(); defer mu.Unlock(); return now }
	pass := func(d time.Duration) { mu.Lock(); defer mu.Unlock(); now = now.Add(d) }
	var status, asked atomic.Int32
	var agent, path atomic.Value
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		agent.Store(r.UserAgent())
		path.Store(r.URL.Path)
		w.WriteHeader(int(status.Load()))
		if status.Load() == 200 {
			fmt.Fprint(w, "User-agent: *\nDisallow: /a\n")
		}
	})
	c, err := New(Config{AllowPrivate: []string{"127.0.0.1"}, HeaderTimeout: time.Second}, clock)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	f := func(what string, answer int32, a, b bool, wantAsked int32) *Rules {
		t.Helper()
		status.Store(answer)
		before := asked.Load()
		r, err := c.Robots(t.Context(), s.URL+"/some/page?x")
		if err != nil {
			t.Fatal(err)
		}
		if r.Allowed(s.URL+"/a") != a || r.Allowed(s.URL+"/b") != b || asked.Load()-before != wantAsked {
			t.Errorf("%s: %+v after %d requests", what, r, asked.Load()-before)
		}
		return r
	}
	f("rules", 200, false, true, 1)
	if agent.Load() != DefaultUserAgent || path.Load() != "/robots.txt" {
		t.Errorf("%v asks for %v", agent.Load(), path.Load())
	}
	f("known", 200, false, true, 0)
	pass(robotsFresh)
	f("the server fails: what was known holds", 503, false, true, 1)
	f("and it is not asked at once", 200, false, true, 0)
	pass(robotsPause)
	f("none any more", 404, true, true, 1)
	pass(robotsFresh)
	f("forbidden", 403, true, true, 1)
	if r := f("known", 503, true, true, 0); r.Refused != "" {
		t.Errorf("%+v", r)
	}

	c, err = New(Config{AllowPrivate: []string{"127.0.0.1"}, HeaderTimeout: time.Second}, clock)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if r := f("fails at first", 500, false, false, 1); !strings.Contains(r.Refused, "500") || !r.Allowed(s.URL+"/robots.txt") {
		t.Errorf("%+v", r)
	}
	pass(robotsPause)
	f("fails again", 429, false, false, 1)
	pass(robotsPause)
	f("the pause grows", 200, false, false, 0)
	pass(robotsPause)
	f("well again", 200, false, true, 1)

	if _, err := c.Robots(t.Context(), "mailto:ann@a.example"); ErrClass(err) != ClassURL {
		t.Errorf("no address: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Robots(ctx, raw(t, "", true)); ErrClass(err) != ClassCanceled {
		t.Errorf("cancelled: %v", err)
	}
	if r, err := c.Robots(t.Context(), "http://10.0.0.1/a"); err != nil || r.Allowed("http://10.0.0.1/a") || !strings.Contains(r.Refused, "allow_private") {
		t.Errorf("private: %+v %v", r, err)
	}
	huge := canned(t, fmt.Appendf(nil, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 30000000\r\n\r\nUser-agent: *\nDisallow: /a\n%s", strings.Repeat("# harbour\n", 3_000_000)))
	if r, err := c.Robots(t.Context(), huge); err != nil || r.Refused != "" || r.Allowed("http://a.example/a") || !r.Allowed("http://a.example/b") {
		t.Errorf("huge: %+v %v", r, err)
	}
}

// TestRobotsTogether asks once for many.
func TestRobotsTogether(t *testing.T) {
	var asked atomic.Int32
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		fmt.Fprint(w, "User-agent: *\nDisallow: /a\n")
	})
	c := client(t, nil)
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if r, err := c.Robots(t.Context(), s.URL); err != nil || r.Allowed("/a") {
				t.Errorf("%+v %v", r, err)
			}
		})
	}
	wg.Wait()
	if asked.Load() != 1 {
		t.Errorf("asked %d times", asked.Load())
	}
}

func TestRobotsAreBounded(t *testing.T) {
	r := newRobots("mine/1 (+https://a.example)", func() time.Time { return noon })
	if !slices.Equal(r.tokens, []string{"dateline", "mine"}) {
		t.Errorf("%v", r.tokens)
	}
	for i := range maxOrigins + 10 {
		r.store(fmt.Sprint(i), &Rules{}, 0, time.Hour)
	}
	if len(r.known) > maxOrigins {
		t.Errorf("%d origins", len(r.known))
	}
	for i := range 1000 {
		r.store(fmt.Sprint("big", i%500), &Rules{size: maxRobots}, 0, time.Hour)
	}
	sum := 0
	for _, e := range r.known {
		sum += e.rules.size + robotsCost
	}
	if sum != r.sum || sum > maxRobotsSum+maxRobots+robotsCost {
		t.Errorf("%d bytes, said to be %d", sum, r.sum)
	}
}
