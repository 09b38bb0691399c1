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
	retry("1e300", longest)
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
