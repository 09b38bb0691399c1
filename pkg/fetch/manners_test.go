package fetch

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestAcquire(t *testing.T) {
	now := noon
	c, err := New(Config{AllowPrivate: []string{"127.0.0.1"}, HostRate: 1, HostBurst: 2, HostSlots: 3, DomainRate: 2, DomainBurst: 3}, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	take := func(url string, want time.Duration) func() {
		t.Helper()
		release, wait := c.Acquire(url)
		if wait != want || (release == nil) == (wait == 0) {
			t.Fatalf("%s: wait %v, want %v", url, wait, want)
		}
		return release
	}
	const a, b, other = "https://a.harbour.example/1", "https://b.harbour.example/2", "https://quay.example/"
	take(a, 0)()
	take(a, 0)()
	take(a, time.Second) // the host's burst is spent
	take(b, 0)()
	take(b, 500*time.Millisecond) // the domain's too
	take(other, 0)()
	now = now.Add(time.Second)
	take(a, 0)()
	take(a, time.Second)

	// a pause that a server asks for holds for its host alone
	c.Block(b, now.Add(time.Minute))
	take(b, time.Minute)
	now = now.Add(time.Minute)
	r1, r2 := take(b, 0), take(b, 0)
	now = now.Add(time.Second)
	take(b, 0)
	now = now.Add(time.Second)
	take(b, slotWait) // three are in flight
	r1()
	r1() // twice does no harm
	take(b, 0)
	take(b, slotWait)
	r2()

	// one's own hosts are not throttled
	for range 50 {
		take("http://127.0.0.1:8080/", 0)
	}
	c.Block("http://127.0.0.1:8080/", now.Add(time.Second))
	take("http://127.0.0.1:8080/", time.Second)
}

func TestHostsAreForgotten(t *testing.T) {
	now := noon
	c, err := New(Config{}, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	for i := range 1000 {
		release, _ := c.Acquire(fmt.Sprintf("https://h%d.example/", i))
		release()
	}
	now = now.Add(time.Hour)
	c.Acquire("https://one.example/")
	if n, d := len(c.manners.hosts), len(c.manners.domains); n != 1 || d != 1 {
		t.Errorf("%d hosts and %d domains are remembered", n, d)
	}
}

func TestRegistrable(t *testing.T) {
	for in, want := range map[string]string{
		"www.harbour.example": "harbour.example", "a.b.harbour.co.uk": "harbour.co.uk", "quay.blogspot.com": "quay.blogspot.com",
		"127.0.0.1": "127.0.0.1", "::1": "::1", "localhost": "localhost", "co.uk": "co.uk",
	} {
		if got := registrable(in); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}

func TestHeaders(t *testing.T) {
	age := func(want time.Duration, kv ...string) {
		t.Helper()
		h := http.Header{}
		for i := 0; i < len(kv); i += 2 {
			h.Add(kv[i], kv[i+1])
		}
		if got := maxAge(h, noon); got != want {
			t.Errorf("%v: fresh for %v, want %v", kv, got, want)
		}
	}
	age(0)
	age(time.Minute, "Cache-Control", "max-age=60")
	age(time.Minute, "Cache-Control", `public, Max-Age="90"`, "Age", "30")
	age(0, "Cache-Control", "max-age=60, no-cache")
	age(0, "Cache-Control", "max-age=-1")
	age(longest, "Cache-Control", "max-age=999999999999")
	age(time.Hour, "Expires", noon.Add(time.Hour).Format(http.TimeFormat))
	age(time.Hour, "Expires", noon.Format(http.TimeFormat), "Date", noon.Add(-time.Hour).Format(http.TimeFormat))
	age(0, "Expires", "0")
	retry := func(v string, want time.Duration) {
		t.Helper()
		if got := retryAfter(http.Header{"Retry-After": {v}}, noon); got != want {
			t.Errorf("%q: %v, want %v", v, got, want)
		}
	}
	retry("", 0)
	retry("120", 2*time.Minute)
	retry("1.5", time.Second)
	retry("-5", 0)
	retry("soon", 0)
	retry("1e300", longestPause)
	retry(noon.Add(time.Hour).Format(http.TimeFormat), time.Hour)
	retry(noon.Add(-time.Hour).Format(http.TimeFormat), 0)
}

func TestConfig(t *testing.T) {
	if err := (Config{}).Validate(); err != nil {
		t.Errorf("the defaults: %v", err)
	}
	f := func(c Config, words ...string) {
		t.Helper()
		err := c.Validate()
		if err == nil {
			t.Errorf("%+v: no error", c)
			return
		}
		for _, w := range words {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%q does not say %q", err, w)
			}
		}
	}
	f(Config{UserAgent: "Mozilla/5.0 (+https://a.example)"}, "user_agent", "browser")
	f(Config{UserAgent: "mine"}, "user_agent", "reach you")
	f(Config{Timeout: -1, MaxBody: -1}, "timeout", "max_body")
	f(Config{AllowPrivate: []string{"10.0.0.0/99"}}, "allow_private", "10.0.0.0/99")
	f(Config{AllowPrivate: []string{"newsroom.local"}}, "allow_private")
	if _, err := New(Config{UserAgent: "x"}, time.Now); err == nil {
		t.Error("New takes a bad configuration")
	}
}

// TestDomainOfManyHosts asks 50 hosts of one domain as often as it may for ten
// minutes.
func TestDomainOfManyHosts(t *testing.T) {
	now := noon
	c, err := New(Config{}, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	const minutes = 10
	granted := map[int]int{}
	total := 0
	for now.Before(noon.Add(minutes * time.Minute)) {
		for i := range 50 {
			if release, wait := c.Acquire(fmt.Sprintf("https://city%d.harbour.example/feed", i)); wait == 0 {
				release()
				granted[i]++
				total++
			}
		}
		now = now.Add(250 * time.Millisecond)
	}
	cfg := Config{}.WithDefaults()
	most := int(cfg.DomainRate*minutes*60) + cfg.DomainBurst
	if total > most || total < most-cfg.DomainBurst {
		t.Errorf("%d requests to the domain in %d minutes, want about %d", total, minutes, most)
	}
	for i, n := range granted {
		if float64(n) > cfg.HostRate*minutes*60+float64(cfg.HostBurst) {
			t.Errorf("%d requests to host %d", n, i)
		}
	}
}

// TestRefusedForNow grows the pause of a host that says 429 and no more.
func TestRefusedForNow(t *testing.T) {
	now := noon
	var status int
	var after string
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		if after != "" {
			w.Header().Set("Retry-After", after)
		}
		w.WriteHeader(status)
	})
	c, err := New(Config{AllowPrivate: []string{"127.0.0.1"}}, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.routes.dial.names.resolver = &hosts{of: map[string][]answerOf{"quay.example": {at("127.0.0.1")}}}
	own := s.URL
	theirs := strings.Replace(own, "127.0.0.1", "quay.example", 1)
	f := func(code int, retryAfter string, want time.Duration) {
		t.Helper()
		status, after = code, retryAfter
		_, _ = c.Do(t.Context(), Request{URL: theirs})
		release, wait := c.Acquire(theirs)
		if wait != want {
			t.Errorf("%d %s: wait %v, want %v", code, retryAfter, wait, want)
		}
		if release != nil {
			release()
		}
	}
	past := func(d time.Duration) {
		t.Helper()
		now = now.Add(d)
		release, wait := c.Acquire("https://a.example/") // sweeps, too
		if wait > 0 {
			t.Fatal(wait)
		}
		release()
	}
	f(429, "", time.Minute)
	f(429, "", time.Minute) // was under way at the same time
	past(time.Minute)
	f(429, "", 2*time.Minute)
	past(2 * time.Minute)
	f(429, "", 4*time.Minute)
	past(4 * time.Minute)
	f(503, "", 0)
	f(429, "", 8*time.Minute)
	past(8 * time.Minute)
	f(200, "", 0)
	f(429, "", time.Minute)
	past(time.Minute)
	for range 20 {
		status = 429
		_, _ = c.Do(t.Context(), Request{URL: theirs})
		past(refusalLongest)
	}
	f(429, "", refusalLongest)
	f(429, "31536000", longestPause)
	past(longestPause)
	f(503, "7", 7*time.Second)
	past(7 * time.Second)
	f(503, "Fri, 31 Dec 9999 23:59:59 GMT", longestPause)
	past(longestPause)
	f(200, "60", 0) // no refusal
	c.Block(theirs, now.Add(time.Hour))
	past(30 * time.Minute)
	if _, wait := c.Acquire(theirs + "/other"); wait != 30*time.Minute {
		t.Errorf("a pause was forgotten: %v", wait)
	}

	// one's own hosts are asked again, unless they say when
	status, after = 429, ""
	_, _ = c.Do(t.Context(), Request{URL: own})
	if release, wait := c.Acquire(own); wait != 0 {
		t.Errorf("one's own host may be asked after %v", wait)
	} else {
		release()
	}
}

func TestSiteOf(t *testing.T) {
	for in, want := range map[string]string{
		"https://harbour.example/feed?x#y": "harbour.example", " http://harbour.example ": "harbour.example", "https://Harbour.Example:443": "harbour.example",
		"http://harbour.example:80/": "harbour.example", "http://harbour.example:8080?x": "harbour.example:8080", "https://ann:pw@harbour.example/": "harbour.example",
		"HTTPS://harbour.example/": "harbour.example", "http://[::1]:80/": "[::1]", "harbour.example": "", "": "", "https://": "", "mailto:ann@a.example": "", "http://a b/": "",
	} {
		if got := siteOf(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
