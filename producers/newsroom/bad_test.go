package newsroom

import (
	"bufio"
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dateline/dateline/pkg/feed"
	"github.com/dateline/dateline/pkg/text"
)

// badRig is a newsroom with bad servers alone, on real sockets and a
// hand-driven clock.
type badRig struct {
	*testing.T
	room   *Newsroom
	client *http.Client
	ahead  atomic.Int64
	agent  string
	secret string
}

func newBadRig(t *testing.T, kinds ...string) *badRig {
	t.Helper()
	r := &badRig{T: t}
	var err error
	r.room, err = New(Config{Seed: 11, Outlets: 2, Words: 60, Window: 20, Bad: kinds, BadPeriod: time.Minute,
		Now: func() time.Time { return monday.Add(time.Duration(r.ahead.Load())) }})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- r.room.Serve(ctx, nil) }()
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(r.room.CA())
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: true, DisableCompression: true, ResponseHeaderTimeout: 10 * time.Second,
		MaxResponseHeaderBytes: 1 << 20}
	r.client = &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return r
}

func (r *badRig) advance(d time.Duration) { r.ahead.Add(int64(d)) }

// publish brings k articles to each bad server.
func (r *badRig) publish(k int) {
	left := map[string]int{}
	for _, f := range r.room.Feeds() {
		if f.Bad != "" {
			left[f.Bad] = k
		}
	}
	for len(left) > 0 {
		from := r.room.Ledger().Len()
		r.room.Publish(1)
		for _, e := range r.room.Ledger().Since(from) {
			if left[e.Bad]--; left[e.Bad] <= 0 {
				delete(left, e.Bad)
			}
		}
	}
}

func (r *badRig) feeds() []string {
	var urls []string
	for _, f := range r.room.Feeds() {
		if f.Bad != "" {
			urls = append(urls, f.URL)
		}
	}
	return urls
}

func (r *badRig) url() string { return r.feeds()[0] }

func (r *badRig) request(url string, headers ...string) (*http.Response, error) {
	r.Helper()
	req, err := http.NewRequestWithContext(r.Context(), "GET", url, nil)
	if err != nil {
		r.Fatal(err)
	}
	if r.agent != "" {
		req.Header.Set("User-Agent", r.agent)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	return r.client.Do(req)
}

// answer is a whole answer with the given status.
func (r *badRig) answer(url string, status int, headers ...string) (*http.Response, string) {
	r.Helper()
	res, err := r.request(url, headers...)
	if err != nil {
		r.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != status {
		r.Fatalf("%s: %s, %v; want %d", url, res.Status, err, status)
	}
	return res, string(body)
}

// items reads a good answer as pollers do.
func (r *badRig) items(url string, headers ...string) *feed.Feed {
	r.Helper()
	res, body := r.answer(url, 200, headers...)
	f, err := feed.Parse([]byte(body), feed.Options{BaseURL: url, ContentType: res.Header.Get("Content-Type")})
	if err != nil {
		r.Fatalf("%s: %v", url, err)
	}
	return f
}

// broken expects an answer that does not come to its end.
func (r *badRig) broken(url string) (read int) {
	r.Helper()
	res, err := r.request(url)
	if err != nil {
		return 0
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err == nil {
		r.Errorf("%s: came to its end: %s, %d bytes", url, res.Status, len(body))
	}
	return len(body)
}

func keyOf(e Entry) string {
	if BadKindOf(e.Bad).ByGUID {
		return e.GUID
	}
	return canonical(e.URL)
}

func canonical(link string) string {
	c, err := text.CanonicalURL(link, nil)
	if err != nil {
		return "bad link " + link
	}
	return c
}

// holds compares what the items of a feed are with what the ledger says was
// due so far.
func (r *badRig) holds(f *feed.Feed) {
	r.Helper()
	due := map[string]bool{}
	for _, e := range r.room.Ledger().Due(r.url()) {
		due[keyOf(e)] = true
	}
	for _, item := range f.Items {
		key := canonical(item.URL)
		if BadKindOf(r.kind()).ByGUID {
			key = item.GUID
		}
		if !due[key] {
			r.Errorf("%q is not due", key)
		}
		delete(due, key)
	}
	if len(due) > 0 {
		r.Errorf("due, but not in the feed: %d of %v", len(due), due)
	}
}

func (r *badRig) kind() string {
	for _, f := range r.room.Feeds() {
		if f.Bad != "" {
			return f.Bad
		}
	}
	return ""
}

// none says that the ledger must hold nothing as due.
func (r *badRig) none() {
	r.Helper()
	if due := r.room.Ledger().Due(""); len(due) > 0 {
		r.Errorf("%d articles are due, which nobody could read", len(due))
	}
}

// badChecks says of each kind how it is seen to do what it says.
var badChecks = map[string]func(r *badRig){
	"hang": func(r *badRig) {
		conn, err := net.Dial("tcp", r.room.Addr())
		if err != nil {
			r.Fatal(err)
		}
		defer conn.Close()
		fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", pathOf(r.url()))
		silent(r, conn)
		r.none()
	},
	"hang-header": func(r *badRig) {
		conn, err := net.Dial("tcp", r.room.Addr())
		if err != nil {
			r.Fatal(err)
		}
		defer conn.Close()
		fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", pathOf(r.url()))
		in := bufio.NewReader(conn)
		if line, err := in.ReadString('\n'); err != nil || !strings.Contains(line, "200") {
			r.Errorf("%q, %v", line, err)
		}
		in.ReadString('\n')
		in.Discard(len("X-Press: ro"))
		silent(r, conn)
		r.none()
	},
	"hang-body": func(r *badRig) {
		ctx, cancel := context.WithTimeout(r.Context(), 300*time.Millisecond)
		defer cancel()
		req, _ := http.NewRequestWithContext(ctx, "GET", r.url(), nil)
		res, err := r.client.Do(req)
		if err != nil {
			r.Fatal(err)
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		if !errors.Is(err, context.DeadlineExceeded) || len(body) == 0 || int64(len(body)) > res.ContentLength*6/10 {
			r.Errorf("%v after %d of %d bytes", err, len(body), res.ContentLength)
		}
		r.none()
		if e := r.room.Ledger().Entries(); !slices.ContainsFunc(e, func(e Entry) bool { return e.Offered }) {
			r.Error("nothing is marked as offered")
		}
	},
	"drip": func(r *badRig) {
		res, err := r.request(r.url())
		if err != nil {
			r.Fatal(err)
		}
		defer res.Body.Close()
		one := make([]byte, 10)
		if n, err := res.Body.Read(one); n != 1 || err != nil {
			r.Errorf("%d bytes at once, %v", n, err)
		}
		r.none()
	},
	"endless": func(r *badRig) {
		res, err := r.request(r.url())
		if err != nil {
			r.Fatal(err)
		}
		defer res.Body.Close()
		if n, err := io.CopyN(io.Discard, res.Body, 40<<20); err != nil {
			r.Errorf("ended after %d bytes: %v", n, err)
		}
		r.none()
	},
	"gzip-bomb": func(r *badRig) {
		res, body := r.answer(r.url(), 200)
		if res.Header.Get("Content-Encoding") != "gzip" || len(body) > 4<<20 {
			r.Errorf("%d bytes, %v", len(body), res.Header)
		}
		if n := inflated(r, body, 128<<20); n < 128<<20 {
			r.Errorf("inflates to %d bytes", n)
		}
		r.none()
	},
	"header-flood": func(r *badRig) {
		if _, err := r.request(r.url()); err == nil {
			r.Error("four megabytes of header were taken")
		}
	},
	"slow": func(r *badRig) { r.holds(r.items(r.url())) },
	"reset": func(r *badRig) {
		f := r.items(r.url())
		if n := r.broken(r.url()); n == 0 {
			r.Log("no byte came before the reset")
		}
		r.items(r.url())
		r.holds(f)
	},
	"not-http": func(r *badRig) {
		if _, err := r.request(r.url()); err == nil {
			r.Error("was taken for HTTP")
		}
		r.none()
	},
	"length-long": func(r *badRig) {
		f := r.items(r.url())
		if n := r.broken(r.url()); n == 0 {
			r.Error("nothing came")
		}
		r.holds(f)
	},
	"length-short": func(r *badRig) {
		f := r.items(r.url())
		if !f.Salvaged || len(f.Items) == 0 || len(f.Items) >= 5 {
			r.Errorf("%d items, salvaged %v", len(f.Items), f.Salvaged)
		}
		r.holds(f)
	},
	"http2-reset": func(r *badRig) {
		res, _ := r.answer(r.url(), 200)
		if res.ProtoMajor != 2 {
			r.Errorf("%s", res.Proto)
		}
		r.broken(r.url())
		f := r.items(r.url())
		r.holds(f)
		plain := &http.Client{Transport: &http.Transport{}}
		if _, err := plain.Get(r.url()); err == nil || !strings.Contains(err.Error(), "unknown authority") {
			r.Errorf("%v without the CA", err)
		}
	},
	"expired-certificate": func(r *badRig) {
		var invalid x509.CertificateInvalidError
		if _, err := r.request(r.url()); !errors.As(err, &invalid) || invalid.Reason != x509.Expired {
			r.Errorf("%v", err)
		}
	},
	"self-signed": func(r *badRig) {
		var unknown x509.UnknownAuthorityError
		if _, err := r.request(r.url()); !errors.As(err, &unknown) {
			r.Errorf("%v", err)
		}
	},
	"lying-304": func(r *badRig) {
		first, _ := r.answer(r.url(), 200)
		r.publish(2)
		r.answer(r.url(), 304, "If-None-Match", first.Header.Get("ETag"))
		r.answer(r.url(), 304, "If-None-Match", `"never heard of"`)
		if f := r.items(r.url()); len(f.Items) != 7 {
			r.Errorf("%d items without conditions, want 7", len(f.Items))
		}
	},
	"etag-churn": func(r *badRig) {
		first, a := r.answer(r.url(), 200)
		second, b := r.answer(r.url(), 200, "If-None-Match", first.Header.Get("ETag"))
		if a != b || first.Header.Get("ETag") == second.Header.Get("ETag") {
			r.Errorf("same body %v; %s, %s", a == b, first.Header.Get("ETag"), second.Header.Get("ETag"))
		}
	},
	"redirect-loop": func(r *badRig) {
		at := r.url()
		seen := map[string]bool{}
		for !seen[at] {
			seen[at] = true
			res, _ := r.answer(at, 302)
			to, err := res.Location()
			if err != nil {
				r.Fatal(err)
			}
			at = to.String()
		}
		if at != r.url() || len(seen) != 3 {
			r.Errorf("a circle of %d", len(seen))
		}
	},
	"redirect-private": func(r *badRig) {
		for range 3 {
			res, _ := r.answer(r.url(), 302)
			to, err := res.Location()
			if err != nil {
				r.Fatal(err)
			}
			if ip := net.ParseIP(to.Hostname()); ip == nil || !ip.IsPrivate() && !ip.IsLoopback() && !ip.IsLinkLocalUnicast() {
				r.Errorf("redirects to %s", to)
			}
		}
	},
	"moved-301": func(r *badRig) { moves(r, 301) },
	"moved-308": func(r *badRig) { moves(r, 308) },
	"moved-302": func(r *badRig) {
		for range 12 {
			res, _ := r.answer(r.url(), 302)
			to, _ := res.Location()
			r.holds(r.items(to.String()))
		}
	},
	"gone": func(r *badRig) {
		for range 3 {
			r.items(r.url())
		}
		r.answer(r.url(), 410)
		r.answer(r.url(), 410)
	},
	"not-found": func(r *badRig) { r.answer(r.url(), 404); r.none() },
	"errors":    func(r *badRig) { r.items(r.url()); r.answer(r.url(), 500); r.holds(r.items(r.url())) },
	"busy-seconds": func(r *badRig) {
		busyFor(r, 429, func(v string) time.Duration { n, _ := strconv.Atoi(v); return time.Duration(n) * time.Second })
	},
	"busy-date": func(r *badRig) {
		busyFor(r, 429, func(v string) time.Duration {
			at, err := http.ParseTime(v)
			if err != nil {
				r.Error(err)
			}
			return at.Sub(r.room.cfg.Now())
		})
	},
	"unavailable": func(r *badRig) {
		busyFor(r, 503, func(v string) time.Duration { n, _ := strconv.Atoi(v); return time.Duration(n) * time.Second })
	},
	"forbidden": func(r *badRig) {
		r.answer(r.url(), 403)
		r.agent = "Mozilla/5.0 (compatible; press reader)"
		r.holds(r.items(r.url()))
	},
	"basic-auth": func(r *badRig) {
		r.answer(r.url(), 401)
		req, _ := http.NewRequest("GET", r.url(), nil)
		req.SetBasicAuth("reader", "ink&paper")
		r.holds(r.items(r.url(), "Authorization", req.Header.Get("Authorization")))
	},
	"bearer-token": func(r *badRig) {
		r.answer(r.url(), 401, "Authorization", "Bearer other")
		r.none()
		r.holds(r.items(r.url(), "Authorization", "Bearer press-card-17"))
	},
	"cookie": func(r *badRig) {
		r.answer(r.url(), 401)
		r.holds(r.items(r.url(), "Cookie", "session=subscriber"))
	},
	"guid-churn": func(r *badRig) {
		a, b := r.items(r.url()), r.items(r.url())
		for i := range a.Items {
			if a.Items[i].GUID == b.Items[i].GUID || a.Items[i].URL != b.Items[i].URL {
				r.Errorf("%+v then %+v", a.Items[i], b.Items[i])
			}
		}
		r.holds(b)
	},
	"one-link": func(r *badRig) {
		f := r.items(r.url())
		for i := range f.Items {
			if f.Items[i].URL != f.Items[0].URL || i > 0 && f.Items[i].GUID == f.Items[0].GUID {
				r.Errorf("%+v", f.Items[i])
			}
		}
		r.holds(f)
	},
	"shuffled": func(r *badRig) {
		a, b, c := r.items(r.url()), r.items(r.url()), r.items(r.url())
		if order(a) == order(b) && order(b) == order(c) {
			r.Error("the same order three times")
		}
		r.holds(c)
	},
	"oldest-first": func(r *badRig) {
		f := r.items(r.url())
		if !slices.IsSortedFunc(f.Items, func(a, b feed.Item) int { return a.Published.Compare(b.Published) }) {
			r.Error("not the oldest first")
		}
		r.holds(f)
	},
	"pinned": func(r *badRig) {
		first := r.items(r.url())
		r.publish(8)
		f := r.items(r.url())
		if len(f.Items) != 7 || f.Items[0].URL != first.Items[0].URL {
			r.Errorf("%d items, the first is %s; want 7 and %s", len(f.Items), f.Items[0].URL, first.Items[0].URL)
		}
		if gaps := r.room.Ledger().Gaps(r.url()); len(gaps) != 1 || gaps[0].Missed != 2 {
			r.Errorf("gaps %+v, want one of 2", gaps)
		}
	},
	"duplicates": func(r *badRig) {
		f := r.items(r.url())
		seen := map[string]int{}
		for _, it := range f.Items {
			seen[it.GUID]++
		}
		for guid, n := range seen {
			if n != 2 {
				r.Errorf("%s: %d times", guid, n)
			}
		}
		if len(seen) != 5 || len(r.room.Ledger().Due("")) != 5 {
			r.Errorf("%d articles", len(seen))
		}
	},
	"shared": func(r *badRig) {
		if len(r.feeds()) != 3 {
			r.Fatalf("%d feeds", len(r.feeds()))
		}
		links, ids := map[string]bool{}, map[string]bool{}
		var last *feed.Feed
		for _, u := range r.feeds() {
			last = r.items(u)
			for _, it := range last.Items {
				links[it.URL], ids[canonical(it.URL)] = true, true
			}
		}
		if len(links) != 15 || len(ids) != 5 {
			r.Errorf("%d links of %d articles, want 15 of 5", len(links), len(ids))
		}
		r.holds(last)
	},
	"tiny-window": func(r *badRig) {
		r.items(r.url())
		r.publish(8)
		f := r.items(r.url())
		gaps := r.room.Ledger().Gaps(r.url())
		if len(f.Items) != 3 || len(gaps) != 2 || gaps[1].First || gaps[1].Missed != 5 {
			r.Errorf("%d items, gaps %+v; want 3 and a second gap of 5", len(f.Items), gaps)
		}
	},
	"many-items": func(r *badRig) {
		f := r.items(r.url())
		if len(f.Items) < 30_000 {
			r.Errorf("%d items", len(f.Items))
		}
		r.holds(f)
	},
	"goes-empty": func(r *badRig) {
		before := r.items(r.url())
		r.advance(70 * time.Second)
		if f := r.items(r.url()); len(f.Items) != 0 {
			r.Errorf("%d items in the dark", len(f.Items))
		}
		r.publish(1)
		r.advance(60 * time.Second)
		after := r.items(r.url())
		if len(after.Items) != len(before.Items)+1 {
			r.Errorf("%d items before, %d after", len(before.Items), len(after.Items))
		}
		r.holds(after)
	},
	"future":    func(r *badRig) { dated(r, func(at time.Time) bool { return at.Sub(monday) > 700*24*time.Hour }) },
	"epoch":     func(r *badRig) { dated(r, func(at time.Time) bool { return at.Unix() == 0 || at.IsZero() }) },
	"year-zero": func(r *badRig) { dated(r, func(at time.Time) bool { return at.Year() <= 1 }) },
	"no-dates":  func(r *badRig) { dated(r, time.Time.IsZero) },
	"zoneless": func(r *badRig) {
		dated(r, func(at time.Time) bool { return !at.Before(monday) && at.Sub(monday) < time.Hour })
	},
	"html-error": func(r *badRig) {
		f := r.items(r.url())
		_, body := r.answer(r.url(), 200)
		if _, err := feed.Parse([]byte(body), feed.Options{BaseURL: r.url()}); !errors.Is(err, feed.ErrHTML) {
			r.Errorf("%v", err)
		}
		r.holds(f)
	},
	"wrong-charset": func(r *badRig) {
		res, body := r.answer(r.url(), 200)
		if !strings.Contains(res.Header.Get("Content-Type"), "utf-8") || strings.Contains(body, "é") || !strings.Contains(body, "Expos\xe9: \x93") {
			r.Error("not windows-1252 declared as UTF-8")
		}
		titles := map[string]bool{}
		for _, e := range r.room.Ledger().Due("") {
			titles[e.Title] = strings.HasPrefix(e.Title, "Exposé")
		}
		for _, it := range r.items(r.url()).Items {
			if !titles[it.Title] {
				r.Errorf("title %q is not in the ledger", it.Title)
			}
		}
	},
	"truncated": func(r *badRig) {
		r.publish(10)
		for range 10 {
			res, err := r.request(r.url())
			if err != nil {
				r.Fatal(err)
			}
			body, err := io.ReadAll(res.Body)
			res.Body.Close()
			if err != nil {
				r.Fatal("truncated by HTTP, not by itself: ", err)
			}
			r.room.Publish(1)
			if bad := xml.Unmarshal(body, new(struct{ XMLName xml.Name })); bad == nil {
				continue
			}
			if f, err := feed.Parse(body, feed.Options{BaseURL: r.url()}); err == nil {
				due := map[string]bool{}
				for _, e := range r.room.Ledger().Due("") {
					due[e.URL] = true
				}
				for _, it := range f.Items {
					if !due[it.URL] {
						r.Errorf("%s came whole and is not due", it.URL)
					}
				}
			}
		}
	},
	"bad-byte": func(r *badRig) {
		r.items(r.url())
		_, first := r.answer(r.url(), 200)
		_, again := r.answer(r.url(), 200)
		differ := 0
		for i := range first {
			if first[i] != again[i] {
				differ++
			}
		}
		if len(first) != len(again) || differ != 1 {
			r.Errorf("%d bytes differ", differ)
		}
	},
	"entity-bomb": func(r *badRig) {
		_, body := r.answer(r.url(), 200)
		if strings.Count(body, "<!ENTITY") != 10 || !strings.Contains(body, "&ha9;") {
			r.Error("no bomb")
		}
		if f, err := feed.Parse([]byte(body), feed.Options{}); err == nil && len(f.Items) > 0 && len(f.Title) > 1<<20 {
			r.Error("it went off")
		}
		r.none()
	},
	"namespace-bomb": func(r *badRig) {
		_, body := r.answer(r.url(), 200)
		if strings.Count(body, "xmlns:n") != 10_000 {
			r.Error("no bomb")
		}
		r.none()
	},
	"teaser": func(r *badRig) {
		for _, page := range pages(r, 200) {
			if !strings.Contains(page, "<nav>") || strings.Count(page, "<p>") < 8 {
				r.Errorf("not a whole page: %d", strings.Count(page, "<p>"))
			}
		}
	},
	"title-only": func(r *badRig) {
		for _, it := range r.items(r.url()).Items {
			if it.Content != "" || it.Summary != "" {
				r.Errorf("%+v", it)
			}
		}
		pages(r, 200)
	},
	"consent-page": func(r *badRig) {
		last := r.items(r.url()).Items[0]
		for _, page := range pages(r, 200) {
			if !strings.Contains(page, "partners") || strings.Contains(page, last.Summary) {
				r.Error("not what it is to be")
			}
		}
	},
	"paywall": func(r *badRig) {
		for _, page := range pages(r, 200) {
			if !strings.Contains(page, "subscribers") || strings.Count(page, "<p>") > 8 {
				r.Errorf("more than the first paragraph: %d", strings.Count(page, "<p>"))
			}
		}
	},
	"robots-closed": func(r *badRig) {
		_, robots := r.answer("http://"+r.room.Addr()+"/robots.txt", 200)
		for _, it := range r.items(r.url()).Items {
			prefix := pathOf(it.URL)[:strings.LastIndexByte(pathOf(it.URL), '/')+1]
			if !strings.Contains(robots, "\nDisallow: "+prefix+"\n") {
				r.Errorf("%s is not closed by %q", it.URL, robots)
			}
		}
	},
	"page-missing": func(r *badRig) { pages(r, 404) },
}

func pathOf(link string) string {
	u, err := url.Parse(link)
	if err != nil {
		return ""
	}
	return u.EscapedPath()
}

// silent expects that nothing comes for a while.
func silent(r *badRig, conn net.Conn) {
	r.Helper()
	conn.SetReadDeadline(time.Now().Add(200 * time.Millisecond))
	if n, err := conn.Read(make([]byte, 1)); n != 0 || err == nil || errors.Is(err, io.EOF) {
		r.Errorf("%d bytes, %v; want silence", n, err)
	}
}

func order(f *feed.Feed) (s string) {
	for _, it := range f.Items {
		s += it.GUID + " "
	}
	return s
}

func moves(r *badRig, status int) {
	r.Helper()
	for range movedVisits {
		res, _ := r.answer(r.url(), status)
		to, err := res.Location()
		if err != nil {
			r.Fatal(err)
		}
		r.holds(r.items(to.String()))
	}
	r.answer(r.url(), 404)
}

func busyFor(r *badRig, status int, pause func(string) time.Duration) {
	r.Helper()
	r.items(r.url())
	res, _ := r.answer(r.url(), status)
	d := pause(res.Header.Get("Retry-After"))
	if d <= 0 || d > time.Minute {
		r.Errorf("a pause of %s", d)
	}
	if len(r.room.Impolite()) != 0 {
		r.Error("called impolite before it was asked for a pause")
	}
	r.advance(d - time.Second)
	r.answer(r.url(), status)
	if got := r.room.Impolite()[r.url()]; got != 1 {
		r.Errorf("%d impolite requests, want 1", got)
	}
	r.advance(time.Second)
	r.holds(r.items(r.url()))
}

func dated(r *badRig, right func(time.Time) bool) {
	r.Helper()
	f := r.items(r.url())
	for _, it := range f.Items {
		if !right(it.Published) {
			r.Errorf("dated %s", it.Published)
		}
	}
	r.holds(f)
}

// pages asks for the pages of all items.
func pages(r *badRig, status int) (all []string) {
	r.Helper()
	f := r.items(r.url())
	r.holds(f)
	for _, it := range f.Items {
		_, page := r.answer(it.URL, status)
		all = append(all, page)
	}
	return all
}

func inflated(r *badRig, body string, most int64) int64 {
	r.Helper()
	z, err := newGzip(body)
	if err != nil {
		r.Fatal(err)
	}
	n, _ := io.CopyN(io.Discard, z, most)
	return n
}

func TestBadKinds(t *testing.T) {
	for _, k := range BadKinds {
		check := badChecks[k.Name]
		if check == nil || k.Does == "" || k.Want == "" || len(k.Classes) == 0 {
			t.Errorf("%s: not checked, or not described", k.Name)
			continue
		}
		if k.Name != "many-items" { // see TestManyItems
			badKind(t, k.Name)
		}
	}
}

func badKind(t *testing.T, name string) {
	t.Run(name, func(t *testing.T) {
		r := newBadRig(t, name)
		r.publish(5)
		badChecks[name](r)
	})
}

// TestBadServersEnd leaves clients hanging on all of them and ends the room.
func TestBadServersEnd(t *testing.T) {
	before := runtime.NumGoroutine()
	t.Run("all", func(t *testing.T) {
		r := newBadRig(t, "all")
		r.publish(1)
		for _, u := range r.feeds() {
			at, err := url.Parse(u)
			if err != nil || at.Scheme != "http" {
				continue
			}
			conn, err := net.Dial("tcp", at.Host)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { conn.Close() })
			fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", at.Path)
			if at.Path != "/bad-hang/feed.rss" && at.Path != "/bad-slow/feed.rss" {
				conn.Read(make([]byte, 1)) // it is being answered
			}
		}
	})
	deadline := time.Now().Add(10 * time.Second)
	for runtime.NumGoroutine() > before+2 && time.Now().Before(deadline) {
		runtime.Gosched()
	}
	if n := runtime.NumGoroutine(); n > before+2 {
		t.Errorf("%d goroutines before, %d after", before, n)
	}
}

func newGzip(body string) (io.Reader, error) { return gzip.NewReader(strings.NewReader(body)) }

// TestBadKindsAreDocumented holds the table of the handbook against the code.
func TestBadKindsAreDocumented(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "newsroom.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range BadKinds {
		row := fmt.Sprintf("| `%s` | %s | %s | %s | %s |\n", k.Name, k.Does, k.Want, k.Have, strings.Join(k.Classes, ", "))
		if !strings.Contains(string(page), row) {
			t.Errorf("docs/newsroom.md lacks the row\n%s", row)
		}
	}
}
