package page

import (
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/dateline/dateline/pkg/news"
)

func TestWholePath(t *testing.T) {
	s := newSite(t, map[string]http.HandlerFunc{
		"/a": page(web(title, story(4))), "/other": page(web(title, story(4))),
	})
	r := newRig(t)
	a := wanting(s.URL+"/a", title, teaser)
	plain := wanting(s.URL+"/other", title, teaser)
	plain.WantPage = false
	r.publish(plain, a)
	p := r.run(nil)
	r.until("the page is published", func() bool { return p.result("text") == 1 })
	got := r.texts()[a.ID]
	if len(got) != 1 {
		t.Fatalf("%d articles with the text of a page", len(got))
	}
	g := got[0]
	if n := strings.Count(g.Content, "<p>"); n != 4 || !strings.Contains(g.Content, "statement number 4") || strings.Contains(g.Content, "herring") || strings.Contains(g.Content, "rights") {
		t.Errorf("content %q", g.Content)
	}
	if !g.SeenAt.After(a.SeenAt) || time.Since(g.SeenAt) > time.Minute {
		t.Errorf("seen at %v, the teaser at %v", g.SeenAt, a.SeenAt)
	}
	want := *a
	want.Content, want.TextFrom, want.SeenAt, want.WantPage = g.Content, news.FromPage, g.SeenAt, false
	if !reflect.DeepEqual(*g, want) {
		t.Errorf("got  %+v\nwant %+v", *g, want)
	}
	// A newer version of another article comes after what was published: by
	// then the pager has passed over its own work.
	last := wanting(s.URL+"/other", title, teaser)
	r.publish(last)
	r.until("the next one", func() bool { return p.result("text") == 2 })
	p.stop()
	if s.count("/a") != 1 || s.count("/other") != 1 || s.count("/robots.txt") != 1 {
		t.Errorf("requests %v", s.hits)
	}
}

// TestResults: what a page gives, by the label under which it is counted.
func TestResults(t *testing.T) {
	consent := `<html><head><title>Before you go on</title></head><body><div><p>We and our partners store and access information on a device, such as cookies.</p>
<p>You may accept all cookies or manage your choices at any time, as is described at length in the notice on privacy of this publisher and of its many friends in advertising.</p></div></body></html>`
	soft := web("Page not found", `<p>We are sorry, but what you were looking for is no longer here. It may have been moved, or it may never have been there at all. Try the search, or start again from the front page, where our editors have put together the best of today for you.</p>`)
	latin := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=iso-8859-1")
		body := web(title, strings.ReplaceAll(story(3), "harbour master", "Hafenmeister Müßiggänger"))
		var b []byte
		for _, c := range strings.Replace(body, `<meta charset="utf-8">`, "", 1) {
			b = append(b, byte(c))
		}
		w.Write(b)
	}
	status := func(n int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(n) }
	}
	broken := "<html><body><div><article><h1>" + title + "<p>" + strings.ReplaceAll(story(3), "</p>", "<b><i>") + "</table></div><!-- never closed"
	s := newSite(t, map[string]http.HandlerFunc{
		"/robots.txt": func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, "User-agent: *\nDisallow: /private/\n")
		},
		"/fine": page(web(title, story(3))), "/latin": latin, "/broken": page(broken), "/private/x": page(web(title, story(3))),
		"/consent": page(consent), "/soft": page(soft), "/short": page(web(title, "<p>"+teaser+"</p>")),
		"/paywall": page(web(title, "<p>"+teaser+"</p><p>Subscribe to continue reading. Already a subscriber? Sign in to read.</p>")),
		"/teaser":  page(web(title, story(1))),
		"/gone":    status(http.StatusGone), "/nothing": status(http.StatusNotFound), "/forbidden": status(http.StatusForbidden), "/pay": status(http.StatusPaymentRequired),
		"/pdf": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/pdf")
			fmt.Fprint(w, "%PDF-1.7")
		},
		"/huge": page(web(title, story(10000))), "/many": page(web(title, strings.Repeat("<i>x</i>", 60_000))), "/deep": page(strings.Repeat("<div>", 5000) + story(3)),
		"/loop": func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/loop", http.StatusFound) },
		"/moved": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/fine", http.StatusMovedPermanently)
		},
		"/inside": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://169.254.169.254/latest", http.StatusFound)
		},
		"/empty": page(""),
	})
	closed := newSite(t, map[string]http.HandlerFunc{
		"/robots.txt": func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "User-agent: dateline\nDisallow: /\n") },
	})
	away := newSite(t, map[string]http.HandlerFunc{"/robots.txt": page("")})
	away.Close()
	want := map[string]string{
		"/fine": "text", "/latin": "text", "/broken": "text", "/moved": "text", "/private/x": "robots", "/consent": "wall", "/soft": "foreign", "/short": "no_text",
		"/paywall": "wall", "/gone": "missing", "/nothing": "missing", "/forbidden": "refused", "/pay": "refused", "/pdf": "type", "/huge": "too_large", "/many": "complex",
		"/deep": "complex", "/loop": "redirects", "/inside": "private", "/empty": "no_text", closed.URL + "/x": "robots", "gopher://old.example/x": "url",
	}
	r := newRig(t)
	counts := map[string]float64{"backlog": 1, "old": 1, "no_longer": 1}
	var list []*news.Article
	for path, result := range want {
		u := path
		if strings.HasPrefix(path, "/") {
			u = s.URL + path
		}
		list = append(list, wanting(u, title, teaser))
		counts[result]++
	}
	backlog, old := wanting(s.URL+"/fine?1", title, teaser), wanting(s.URL+"/fine?2", title, teaser)
	backlog.Backlog, old.SeenAt = true, time.Now().Add(-72*time.Hour)
	full := wanting(s.URL+"/teaser", title, teaser)
	full.Content = story(2)
	list = append(list, backlog, old, full, wanting(away.URL+"/x", title, teaser))
	r.publish(list...)
	p := r.run(nil)
	for result, n := range counts {
		r.until(fmt.Sprintf("%v of %s, there are %v", n, result, p.result(result)), func() bool { return p.result(result) >= n })
		if got := p.result(result); got != n {
			t.Errorf("%s: %v, want %v", result, got, n)
		}
	}
	texts := r.texts()
	for _, a := range list {
		path := strings.TrimPrefix(a.URL, s.URL)
		if got := len(texts[a.ID]); (got == 1) != (want[path] == "text") {
			t.Errorf("%s: %d texts", path, got)
		}
		if path == "/latin" && len(texts[a.ID]) == 1 && !strings.Contains(texts[a.ID][0].Content, "Hafenmeister Müßiggänger") {
			t.Errorf("charset: %q", texts[a.ID][0].Content)
		}
	}
	if s.count("/private/x") != 0 || closed.count("/x") != 0 {
		t.Error("a page was fetched against robots.txt")
	}
	p.stop()
}

// TestSlowSite: one that never answers, with more articles than the window
// holds, and another that says it is busy, keep no others waiting; the site is
// asked one request at a time.
func TestSlowSite(t *testing.T) {
	slow := newSite(t, map[string]http.HandlerFunc{"*": hang(t)})
	busy := newSite(t, map[string]http.HandlerFunc{"*": func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "7200")
		w.WriteHeader(http.StatusServiceUnavailable)
	}})
	good := newSite(t, map[string]http.HandlerFunc{"*": page(web(title, story(3)))})
	r := newRig(t)
	var list []*news.Article
	const each = 40
	for i := range each {
		for _, s := range []*site{slow, busy, good} {
			list = append(list, wanting(fmt.Sprintf("%s/%d", s.URL, i), title, teaser))
		}
	}
	r.publish(list...)
	p := r.run(func(c *Config) { c.Window, c.Patience, c.Grace = 15, 30*time.Second, 0 })
	r.until("the good site's pages", func() bool { return p.result("text") == each })
	if slow.most > 1 || good.most > 1 {
		t.Errorf("%d and %d requests at once", slow.most, good.most)
	}
	r.until("articles are given up where the window is full", func() bool { return p.result("crowded") > 0 })
	p.stop()
	if len(r.texts()) != each {
		t.Errorf("%d texts", len(r.texts()))
	}
}

// TestRetryAfter: a site that is busy for a moment is asked when it says so,
// and no sooner.
func TestRetryAfter(t *testing.T) {
	var asked time.Time
	var early bool
	s := newSite(t, map[string]http.HandlerFunc{"/a": func(w http.ResponseWriter, r *http.Request) {
		if asked.IsZero() {
			asked = time.Now()
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		early = time.Since(asked) < 900*time.Millisecond
		page(web(title, story(3)))(w, r)
	}})
	r := newRig(t)
	r.publish(wanting(s.URL+"/a", title, teaser))
	p := r.run(nil)
	r.until("the page", func() bool { return p.result("text") == 1 })
	if early || s.count("/a") != 2 {
		t.Errorf("early %v, %d requests", early, s.count("/a"))
	}
}

// TestGoesOn: after a stop, and after a crash, what is done is done, and what
// was in hand is done by the next one.
func TestGoesOn(t *testing.T) {
	good := newSite(t, map[string]http.HandlerFunc{"*": page(web(title, story(3)))})
	block := make(chan struct{})
	slow := newSite(t, map[string]http.HandlerFunc{"*": func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-block:
			page(web(title, story(3)))(w, r)
		case <-r.Context().Done():
		}
	}})
	r := newRig(t)
	const each = 10
	for i := range each { // the stuck ones stand before the others in their partition
		r.publish(wanting(fmt.Sprintf("%s/%d", slow.URL, i), title, teaser))
	}
	for i := range each {
		r.publish(wanting(fmt.Sprintf("%s/%d", good.URL, i), title, teaser))
	}
	for _, grace := range []time.Duration{100 * time.Millisecond, 0} {
		p := r.run(func(c *Config) { c.Grace = grace })
		if grace > 0 {
			r.until("the good site's pages", func() bool { return p.result("text") == each })
			r.until("committed", func() bool { return marksDone(t, r) >= each })
		} else {
			r.until("the slow site is asked again", func() bool { slow.mu.Lock(); defer slow.mu.Unlock(); return slow.busy == 1 })
		}
		p.stop()
	}
	close(block)
	p := r.run(nil)
	r.until("the slow site's pages", func() bool { return p.result("text") == each })
	p.stop()
	for i := range each {
		if n := good.count(fmt.Sprintf("/%d", i)); n != 1 {
			t.Errorf("page %d of the good site was fetched %d times", i, n)
		}
	}
	for id, list := range r.texts() {
		if len(list) != 1 {
			t.Errorf("%s was published %d times", id, len(list))
		}
	}
	if len(r.texts()) != 2*each {
		t.Errorf("%d texts", len(r.texts()))
	}
}

// marksDone counts the articles wanting their page that are marked as done.
func marksDone(t *testing.T, r *rig) (done int) {
	for p := range parts {
		offset, meta, err := r.bus.Committed(t.Context(), GroupName, news.TopicArticles, p)
		if err != nil {
			t.Fatal(err)
		}
		m, ok := readMark(offset, meta)
		if !ok {
			continue
		}
		for o := range m.tail {
			if o < offset || !m.pending[o] {
				done++
			}
		}
	}
	return done
}

// TestBadReader: a page that cannot be read keeps no other from being read.
func TestBadReader(t *testing.T) {
	s := newSite(t, map[string]http.HandlerFunc{"*": page(web(title, story(3)))})
	r := newRig(t)
	r.publish(wanting(s.URL+"/panics", title, teaser), wanting(s.URL+"/endless", title, teaser), wanting(s.URL+"/fine", title, teaser))
	over := make(chan struct{})
	defer close(over)
	p := r.run(func(c *Config) { c.Extractors = 2 }, func(p *Pager) {
		p.extractTime = 50 * time.Millisecond
		p.extractor = func(page []byte, contentType, address string, want claim) (string, error) {
			switch {
			case strings.HasSuffix(address, "/panics"):
				panic("bad luck")
			case strings.HasSuffix(address, "/endless"):
				<-over
			}
			return extract(page, contentType, address, want)
		}
	})
	for _, result := range []string{"panic", "slow", "text"} {
		r.until(result, func() bool { return p.result(result) == 1 })
	}
}

// TestOnce: an article that comes again, from another feed or changed, has its
// page fetched once: the newest version that waits, and none just after.
func TestOnce(t *testing.T) {
	block := make(chan struct{})
	s := newSite(t, map[string]http.HandlerFunc{"*": func(w http.ResponseWriter, r *http.Request) {
		<-block
		page(web(title, story(3)))(w, r)
	}})
	r := newRig(t)
	first, a, b := wanting(s.URL+"/first", title, teaser), wanting(s.URL+"/a", title, teaser), wanting(s.URL+"/a", title, teaser)
	b.Author = "the second version"
	first.ID, a.ID, b.ID = 1<<60, 1<<60+1, 1<<60+1
	p := r.run(nil)
	r.publish(first)
	r.until("the first is asked for", func() bool { return s.count("/first") == 1 })
	r.publish(a)
	r.until("the first version waits", func() bool { p.mu.Lock(); defer p.mu.Unlock(); n, _ := p.desk.waiting(); return n == 1 })
	r.publish(b)
	r.until("the second version is here", func() bool { return p.result("superseded") == 1 })
	close(block)
	r.until("both", func() bool { return p.result("text") == 2 })
	r.publish(a)
	r.until("not again", func() bool { return p.result("recent") == 1 })
	changed := *a
	changed.Title += ", at last"
	r.publish(&changed)
	r.until("a changed one waits", func() bool { p.mu.Lock(); defer p.mu.Unlock(); n, _ := p.desk.waiting(); return n == 1 })
	p.mu.Lock()
	if _, wait := p.desk.next(time.Now()); wait < 9*time.Minute || wait > recentFor {
		t.Errorf("a changed one waits for %v", wait)
	}
	p.mu.Unlock()
	p.stop()
	got := r.texts()[b.ID]
	if len(got) != 1 || got[0].Author != b.Author || s.count("/a") != 1 {
		t.Errorf("%d requests, %+v", s.count("/a"), got)
	}
}
