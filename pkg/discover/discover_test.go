package discover_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dateline/dateline/pkg/discover"
	"github.com/dateline/dateline/pkg/fetch"
)

func client(t *testing.T) *fetch.Client {
	t.Helper()
	c, err := fetch.New(fetch.Config{AllowPrivate: []string{"127.0.0.1"}, HeaderTimeout: 2 * time.Second}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

var newest = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// rss is a feed of n items, one an hour, named after a section.
func rss(name, home string, n int) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<rss version="2.0"><channel><title>%s</title><link>%s</link><language>en</language>`, name, home)
	for i := range n {
		fmt.Fprintf(&b, `<item><title>%s %d</title><link>https://harbour.example/%s/%d</link><pubDate>%s</pubDate><description>Short.</description></item>`,
			name, i, name, i, newest.Add(-time.Duration(i)*time.Hour).Format(time.RFC1123Z))
	}
	return b.String() + `</channel></rss>`
}

// atom is what rss is.
func atom(name, home string, n int) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<feed xmlns="http://www.w3.org/2005/Atom"><title>%s</title><link href="%s"/>`, name, home)
	for i := range n {
		fmt.Fprintf(&b, `<entry><id>urn:%s:%d</id><title>%s %d</title><link href="https://harbour.example/%s/%d"/><updated>%s</updated><content type="html">%s</content></entry>`,
			name, i, name, i, name, i, newest.Add(-time.Duration(i)*time.Hour).Format(time.RFC3339), strings.Repeat("Long text. ", 200))
	}
	return b.String() + `</feed>`
}

func newsmap(n int) string {
	var b strings.Builder
	b.WriteString(`<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">`)
	for i := range n {
		fmt.Fprintf(&b, `<url><loc>https://harbour.example/map/%d</loc><news:news><news:publication><news:name>Harbour Post</news:name><news:language>en</news:language></news:publication><news:publication_date>%s</news:publication_date><news:title>Map %d</news:title></news:news></url>`,
			i, newest.Format(time.RFC3339), i)
	}
	return b.String() + `</urlset>`
}

const plainMap = `<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>https://harbour.example/about</loc><lastmod>2026-01-01</lastmod></url></urlset>`

func index(urls ...string) string {
	out := `<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">`
	for _, u := range urls {
		out += "<sitemap><loc>" + u + "</loc></sitemap>"
	}
	return out + `</sitemapindex>`
}

// site serves documents by path; $ stands for its own address. A document that
// begins with "-> " redirects, one that begins with a number is that status.
type site struct {
	*httptest.Server
	mu    sync.Mutex
	asked []string
}

func newSite(t *testing.T, pages map[string]string) *site {
	s := &site{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.asked = append(s.asked, r.URL.RequestURI())
		s.mu.Unlock()
		body, ok := pages[r.URL.RequestURI()]
		body = strings.ReplaceAll(body, "$", "http://"+r.Host)
		var status int
		switch to, moved := strings.CutPrefix(body, "-> "); {
		case !ok:
			http.NotFound(w, r)
		case moved:
			http.Redirect(w, r, to, http.StatusMovedPermanently)
		default:
			if _, err := fmt.Sscanf(body, "%d", &status); err == nil {
				w.WriteHeader(status)
				return
			}
			w.Header().Set("Content-Type", "text/xml")
			if strings.HasPrefix(body, "<html") || strings.HasPrefix(body, "<!doctype") {
				w.Header().Set("Content-Type", "text/html")
			}
			fmt.Fprint(w, body)
		}
	}))
	t.Cleanup(s.Close)
	return s
}

func head(links string) string {
	return "<html><head><title>Harbour Post</title>" + links + "</head><body><h1>Harbour Post</h1></body></html>"
}

func link(href, title string) string {
	return fmt.Sprintf(`<link rel="alternate" type="application/rss+xml" title="%s" href="%s">`, title, href)
}

// TestSites: what is found on sites of many shapes, best first, as
// "path kind items how".
func TestSites(t *testing.T) {
	for _, tt := range []struct {
		name  string
		path  string
		pages map[string]string
		want  []string
	}{
		{"announced", "/", map[string]string{
			"/": head(link("/main.xml", "All")), "/main.xml": rss("main", "$/", 5),
		}, []string{"/main.xml feed 5 page"}},
		{"comments last, the main one first", "/", map[string]string{
			"/":              head(link("/comments/feed", "Comments") + link("/sport.xml", "Sport") + link("/all.xml", "All")),
			"/comments/feed": rss("comments", "$/", 9), "/sport.xml": rss("sport", "$/sport", 5), "/all.xml": rss("all", "$/", 5),
		}, []string{"/all.xml feed 5 page", "/sport.xml feed 5 page", "/comments/feed feed 9 page"}},
		{"a section's page", "/sport", map[string]string{
			"/sport": head(link("/all.xml", "All") + link("/sport.xml", "Sport")), "/sport.xml": rss("sport", "$/sport", 5), "/all.xml": rss("all", "$/", 5),
		}, []string{"/sport.xml feed 5 page", "/all.xml feed 5 page"}},
		{"the same twice", "/", map[string]string{
			"/": head(link("/rss", "RSS") + link("/atom", "Atom")), "/rss": rss("main", "$/", 5), "/atom": atom("main", "$/", 5),
		}, []string{"/atom feed 5 page = /rss"}},
		{"announced but gone, guessed", "/", map[string]string{
			"/": head(link("/old.xml", "Old")), "/rss.xml": rss("main", "$/", 5),
		}, []string{"/rss.xml feed 5 guess"}},
		{"empty and alive", "/", map[string]string{
			"/": head(link("/empty.xml", "Empty") + link("/main.xml", "Main")), "/empty.xml": rss("empty", "$/", 0), "/main.xml": rss("main", "$/x", 2),
		}, []string{"/main.xml feed 2 page", "/empty.xml feed 0 page"}},
		{"linked in the text", "/", map[string]string{
			"/": `<html><body><a href="/feeds/news.rss">RSS</a></body></html>`, "/feeds/news.rss": rss("news", "$/", 3),
		}, []string{"/feeds/news.rss feed 3 page"}},
		{"itself", "/main.xml", map[string]string{"/main.xml": rss("main", "$/", 5)}, []string{"/main.xml feed 5 the address itself"}},
		{"moved", "/", map[string]string{
			"/": "-> /home", "/home": head(link("main.xml", "Main")), "/main.xml": rss("main", "$/home", 5),
		}, []string{"/main.xml feed 5 page"}},
		{"WordPress", "/", map[string]string{
			"/": head(`<meta name="generator" content="WordPress 6.8">`), "/feed/": rss("wp", "$/", 10),
		}, []string{"/feed/ feed 10 platform"}},
		{"WordPress category", "/category/sea", map[string]string{
			"/category/sea": head(`<script src="/wp-content/x.js"></script>`), "/feed/": rss("wp", "$/", 10), "/category/sea/feed/": rss("sea", "$/category/sea", 10),
		}, []string{"/category/sea/feed/ feed 10 platform", "/feed/ feed 10 platform"}},
		{"Ghost", "/", map[string]string{
			"/": head(`<meta name="generator" content="Ghost 5.9">`), "/rss/": rss("ghost", "$/", 4),
		}, []string{"/rss/ feed 4 platform"}},
		{"news sitemap by robots.txt", "/", map[string]string{
			"/": head(link("/main.xml", "Main")), "/main.xml": rss("main", "$/", 5),
			"/robots.txt": "User-agent: *\nAllow: /\nSitemap: $/sitemap.xml\n", "/sitemap.xml": index("$/pages.xml", "$/news-1.xml"), "/pages.xml": plainMap, "/news-1.xml": newsmap(7),
		}, []string{"/main.xml feed 5 page", "/news-1.xml news sitemap 7 robots.txt"}},
		{"news sitemap alone, guessed", "/", map[string]string{
			"/": head(""), "/sitemap-news.xml": newsmap(7),
		}, []string{"/sitemap-news.xml news sitemap 7 guess"}},
		{"the page refuses us, the feed does not", "/", map[string]string{
			"/": "403", "/feed": rss("main", "$/", 5),
		}, []string{"/feed feed 5 guess"}},
		{"robots.txt forbids to guess", "/", map[string]string{
			"/": head(""), "/robots.txt": "User-agent: *\nDisallow: /rss.xml\n", "/rss.xml": rss("main", "$/", 5),
		}, nil},
		{"a soft 404 everywhere", "/", map[string]string{"/": head(""), "/feed": head(""), "/rss": head("")}, nil},
		{"broken feeds", "/", map[string]string{
			"/": head(link("/a.xml", "A") + link("/b.xml", "B")), "/a.xml": "500", "/b.xml": strings.Replace(rss("main", "$/", 5), "</channel></rss>", "", 1),
		}, []string{"/b.xml feed 5 page"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newSite(t, tt.pages)
			rep, err := discover.Find(t.Context(), client(t), s.URL+tt.path, discover.Options{})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, c := range rep.Candidates {
				line := fmt.Sprintf("%s %s %d %s", strings.TrimPrefix(c.URL, s.URL), c.Kind, c.Items, c.Found)
				for _, o := range c.Same {
					line += " = " + strings.TrimPrefix(o, s.URL)
				}
				got = append(got, line)
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got  %q\nwant %q\nmissed %+v", got, tt.want, rep.Missed)
			}
			if rep.IsFeed != (tt.name == "itself") {
				t.Errorf("IsFeed %v", rep.IsFeed)
			}
			s.mu.Lock()
			defer s.mu.Unlock()
			seen := map[string]bool{}
			for _, u := range s.asked {
				if seen[u] && tt.pages[u] != "403" { // one that is refused is asked for again under another form of the name
					t.Errorf("%s was asked for twice", u)
				}
				seen[u] = true
			}
			if rep.Requests > 40 || rep.Cut != "" {
				t.Errorf("%d requests, cut: %s", rep.Requests, rep.Cut)
			}
		})
	}
}

// What is said of a candidate.
func TestCandidate(t *testing.T) {
	s := newSite(t, map[string]string{"/": head(link("/a", "A")), "/a": atom("main", "$/", 25)})
	rep, err := discover.Find(t.Context(), client(t), strings.TrimPrefix(s.URL, "http://"), discover.Options{}) // https is refused, http answers
	if err != nil || len(rep.Candidates) != 1 {
		t.Fatal(rep, err)
	}
	c := rep.Candidates[0]
	if c.Title != "main" || c.Format != "atom" || !c.Newest.Equal(newest) || c.PerDay < 23.9 || c.PerDay > 24.1 || !c.FullText || c.Comments {
		t.Errorf("%+v", c)
	}
}

func TestBounds(t *testing.T) {
	var links string
	pages := map[string]string{}
	for i := range 30 {
		links += link(fmt.Sprintf("/%d.xml", i), "x")
		pages[fmt.Sprintf("/%d.xml", i)] = rss(fmt.Sprintf("f%d", i), "$/", 3)
	}
	pages["/"] = head(links)
	s := newSite(t, pages)
	rep, err := discover.Find(t.Context(), client(t), s.URL, discover.Options{Requests: 5})
	if err != nil || rep.Requests != 5 || len(rep.Candidates) != 4 || rep.Cut == "" {
		t.Errorf("%d requests, %d candidates, cut %q, %v", rep.Requests, len(rep.Candidates), rep.Cut, err)
	}
	hang := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			<-r.Context().Done()
			return
		}
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, head(link("/a", "a")+link("/b", "b")))
	}))
	defer hang.Close()
	rep, err = discover.Find(t.Context(), client(t), hang.URL, discover.Options{Timeout: 300 * time.Millisecond})
	if err != nil || rep.Cut == "" || len(rep.Missed) == 0 {
		t.Errorf("%+v, %v", rep, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := discover.Find(ctx, client(t), s.URL, discover.Options{}); err == nil {
		t.Error("no error after the end")
	}
}

func TestAddresses(t *testing.T) {
	for _, bad := range []string{"", "two words", "ftp://example.org/", "mailto:a@example.org", "https://", "example"} {
		if _, err := discover.Find(t.Context(), client(t), bad, discover.Options{}); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
	if _, err := discover.Find(t.Context(), client(t), "http://10.1.2.3/", discover.Options{}); err == nil || !strings.Contains(err.Error(), "private") {
		t.Errorf("private: %v", err)
	}
	none := newSite(t, map[string]string{})
	if rep, err := discover.Find(t.Context(), client(t), none.URL+"/typo", discover.Options{}); err == nil || !strings.Contains(err.Error(), "404") || len(rep.Missed) < 10 {
		t.Errorf("%+v, %v", rep, err)
	}
	s := newSite(t, map[string]string{"/": head(link("http://10.1.2.3/feed", "inside"))})
	rep, err := discover.Find(t.Context(), client(t), "feed:"+s.URL, discover.Options{})
	if err != nil || len(rep.Candidates) != 0 || !strings.Contains(fmt.Sprint(rep.Missed), "private") {
		t.Errorf("%+v, %v", rep, err)
	}
}
