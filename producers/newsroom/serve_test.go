package newsroom

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// get asks the newsroom's handler for a URL of it.
func get(t *testing.T, n *Newsroom, url string, headers ...string) *http.Response {
	t.Helper()
	req := httptest.NewRequest("GET", strings.TrimPrefix(url, "http://newsroom.test"), nil)
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	rec := httptest.NewRecorder()
	n.Handler().ServeHTTP(rec, req)
	return rec.Result()
}

func bodyOf(t *testing.T, r *http.Response) string {
	t.Helper()
	data, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestConditionalGet(t *testing.T) {
	n, c := open(t, Config{Seed: 1, Outlets: 30, Words: 60})
	n.Publish(400)
	status := func(url string, want int, headers ...string) *http.Response {
		t.Helper()
		r := get(t, n, url, headers...)
		if r.StatusCode != want {
			t.Errorf("%s with %q: %s, want %d", url, headers, r.Status, want)
		}
		return r
	}
	etags, dates := 0, 0
	for _, feed := range n.Feeds() {
		if status(feed.URL, 200).Header.Get("Last-Modified") != "" {
			t.Errorf("%s: Last-Modified within the second of a change", feed.URL)
		}
	}
	for i, feed := range n.Feeds() {
		first := status(feed.URL, 200)
		etag := first.Header.Get("ETag")
		if etag != "" {
			etags++
			r := status(feed.URL, 304, "If-None-Match", etag)
			if bodyOf(t, r) != "" || r.Header.Get("ETag") != etag {
				t.Errorf("%s: 304 with a body or without its ETag", feed.URL)
			}
			status(feed.URL, 304, "If-None-Match", `"other", W/`+etag)
			status(feed.URL, 200, "If-None-Match", `"other"`)
		}
		packed := status(feed.URL, 200, "Accept-Encoding", "br, gzip;q=0.8")
		if packed.Header.Get("Content-Encoding") != "gzip" || etag != "" && packed.Header.Get("ETag") == etag {
			t.Errorf("%s: gzip: %v", feed.URL, packed.Header)
		}
		z, err := gzip.NewReader(packed.Body)
		if err != nil {
			t.Fatal(err)
		}
		plain, err := io.ReadAll(z)
		if err != nil || string(plain) != bodyOf(t, first) {
			t.Errorf("%s: gzip gives another body (%v)", feed.URL, err)
		}
		if r := status(feed.URL, 200, "Accept-Encoding", "gzip;q=0"); r.Header.Get("Content-Encoding") != "" {
			t.Errorf("%s: gzip although refused", feed.URL)
		}

		c.advance(2 * time.Second)
		modified := status(feed.URL, 200).Header.Get("Last-Modified")
		if modified != "" {
			dates++
			status(feed.URL, 304, "If-Modified-Since", modified)
			status(feed.URL, 200, "If-Modified-Since", c.now().Add(-time.Hour).UTC().Format(http.TimeFormat))
		}
		if etag == "" && modified == "" {
			t.Errorf("%s: no validator", feed.URL)
		}
		before := n.Ledger().Len()
		for changed := false; !changed; {
			n.Publish(1)
			for _, e := range n.Ledger().Since(before) {
				changed = changed || e.FeedURL == n.feedURL(i) && e.Kind != Revision
			}
		}
		status(feed.URL, 200, "If-None-Match", etag, "If-Modified-Since", modified)
		if modified != "" {
			status(feed.URL, 200, "If-Modified-Since", modified)
		}
	}
	if etags == 0 || etags == 30 || dates == 0 || dates == 30 {
		t.Errorf("%d feeds with ETag, %d with Last-Modified: want a mixture", etags, dates)
	}
	status("/nowhere/feed.rss", 404)
	status("/wirewell/other.xml", 404)
}

func TestGaps(t *testing.T) {
	n, c := open(t, Config{Seed: 4, Outlets: 3, Window: 5, CopyShare: .2})
	feed := n.Feeds()[1]
	inFeed := func(from int) (articles int) {
		for _, e := range n.Ledger().Since(from) {
			if e.FeedURL == feed.URL && e.Kind != Revision {
				articles++
			}
		}
		return articles
	}
	n.Publish(60)
	early := inFeed(0) - 5
	get(t, n, feed.URL+"?peek=1") // does not count
	if got := len(n.Ledger().Missed(feed.URL)); got != early {
		t.Errorf("missed %d before the first response, want %d", got, early)
	}
	get(t, n, feed.URL)
	gaps := n.Ledger().Gaps(feed.URL)
	if len(gaps) != 1 || !gaps[0].First || gaps[0].Missed != early {
		t.Fatalf("gaps %+v, want one first gap of %d", gaps, early)
	}

	c.advance(time.Minute)
	mark := n.Ledger().Len()
	for inFeed(mark) < 5 { // all that was seen goes, nothing unseen does
		n.Publish(1)
	}
	etag := get(t, n, feed.URL).Header.Get("ETag")
	if got := n.Ledger().Gaps(feed.URL); len(got) != 1 {
		t.Errorf("gaps %+v: nothing was missed", got)
	}

	c.advance(time.Minute)
	mark = n.Ledger().Len()
	for inFeed(mark) < 9 { // four go unseen
		n.Publish(1)
	}
	if etag != "" {
		get(t, n, feed.URL, "If-None-Match", etag)
	} else {
		get(t, n, feed.URL)
	}
	gaps = n.Ledger().Gaps(feed.URL)
	if len(gaps) != 2 || gaps[1].First || gaps[1].Missed != 4 || !gaps[1].At.Equal(c.now()) {
		t.Errorf("gaps %+v, want a second one of 4", gaps)
	}
	missed := n.Ledger().Missed(feed.URL)
	if len(missed) != early+4 {
		t.Errorf("missed %d articles, want %d", len(missed), early+4)
	}
	served := 0
	for _, e := range n.Ledger().Entries() {
		if e.FeedURL == feed.URL && !e.ServedAt.IsZero() {
			served++
		}
	}
	if total := inFeed(0); served < total-len(missed) {
		t.Errorf("%d versions served, %d articles, %d missed", served, total, len(missed))
	}
}

func TestArticlePages(t *testing.T) {
	n, c := open(t, Config{Seed: 6, Outlets: 4, Window: 3})
	for range 50 {
		n.Publish(3)
		c.advance(time.Minute)
	}
	l := n.Ledger()
	last := map[uint64]record{}
	for _, r := range l.records {
		last[r.id] = r
	}
	for id, r := range last {
		a, o := n.article(id)
		if a == nil || a.title != r.title || a.hash() != r.bodyHash {
			t.Fatalf("article %d written anew differs from the one published", id)
		}
		page := get(t, n, "/"+o.slug+"/articles/"+jsonNumber(id))
		if body := bodyOf(t, page); page.StatusCode != 200 || !strings.Contains(body, escape(a.paragraphs[len(a.paragraphs)-1])) {
			t.Errorf("page of %d: %s", id, page.Status)
		}
	}
	for _, path := range []string{"/", "/wirewell/"} {
		if r := get(t, n, path); r.StatusCode != 200 || !strings.Contains(bodyOf(t, r), "Wirewell") {
			t.Errorf("%s: %s", path, r.Status)
		}
	}
	for _, path := range []string{"/wirewell/articles/x", "/wirewell/articles/1", "/none/"} {
		if r := get(t, n, path); r.StatusCode != 404 {
			t.Errorf("%s: %s", path, r.Status)
		}
	}
}

func jsonNumber(n uint64) string { b, _ := json.Marshal(n); return string(b) }
