package web_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/dateline/dateline/pkg/store"
	"github.com/dateline/dateline/pkg/web"
)

type reply struct {
	*http.Response
	body string
}

func get(t testing.TB, srv *httptest.Server, path string) reply {
	t.Helper()
	r, err := srv.Client().Get(srv.URL + path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply{r, string(b)}
}

// first gives the page of the first story with a copy in a list of articles.
func first(t testing.TB, srv *httptest.Server, list, page string) string {
	t.Helper()
	var answer struct {
		Data []struct {
			StoryID string `json:"story_id"`
			CopyOf  string `json:"copy_of"`
		}
	}
	if err := json.Unmarshal([]byte(get(t, srv, list).body), &answer); err != nil {
		t.Fatal(err)
	}
	for _, a := range answer.Data {
		if a.CopyOf != "" {
			return page + a.StoryID
		}
	}
	t.Fatal("no copy in " + list)
	return ""
}

func TestPagesAnswer(t *testing.T) {
	srv := serve(t, fourWeeks)
	story := first(t, srv, "/api/v1/recent?limit=200", "/story/")
	f := func(path string, status int, want ...string) {
		t.Helper()
		r := get(t, srv, path)
		if r.StatusCode != status {
			t.Errorf("%s: %d\n%.600s", path, r.StatusCode, r.body)
		}
		for _, w := range want {
			if !strings.Contains(r.body, w) {
				t.Errorf("%s: no %q in\n%.3000s", path, w, r.body)
			}
		}
		for _, raw := range []string{"<b>surprise", "<script>alert", "ZgotmplZ", "style=", "onclick"} {
			if strings.Contains(r.body, raw) {
				t.Errorf("%s: holds %q", path, raw)
			}
		}
	}
	f("/", 200, `href="/entity/per/mara-lindqvist"`, "FROM coverage(entity", "Tomas Okafor", "&lt;b&gt;surprise", "the port is wrong", `<b class="bad">1</b> failing`, `rel="icon"`)
	f("/?range=24h&kind=LOC&entity=loc/kestrel-bay", 200, "Coverage of <a href=\"/entity/loc/kestrel-bay\">Kestrel Bay")
	f("/entity/per/tomas-okafor", 200, "Named together with", "64 original articles", `rel="noopener noreferrer"`, "Mara Lindqvist")
	f("/entity/per/tomas-okafor?from=2026-03-20&to=2026-03-21T12:00&step=1h&originals=1", 200, "20 Mar 2026 00:00", "21 Mar 2026 11:00")
	f("/entity/per/tomas-okafor", 200, "2 decisions", "learned: 4 originals of 3 sources say so (known_as), 0 against", "counts under <code>per/tomas-okafor</code>", "not under <code>per/tomas-okafor</code>", "said by a person: his &lt;b&gt;brother")
	f("/entity/per/jo-brandt", 200, "1 proposal", "may be <code>per/jo-brandt</code>", "6 originals of 6 sources say so, 0 against")
	f("/entity/per/li-weimin", 200, "李维民")
	f(story, 200, "As it came", "copy")
	f(strings.Replace(story, "/story/", "/article/", 1), 200, "&lt;script&gt;alert(1)&lt;/script&gt; is text here.", "What was decided", "1 copy")
	f("/alerts?range=7d", 200, "Kestrel Bay", "resolved", "3e-21", `<a href="/feed?url=https%3A%2F%2Fharbour.example%2Ffeed.xml">`, "<dt>missing</dt><dd>45")
	f("/feeds", 200, "https://vesthaven-daily.example/feed.xml", "320 polls, 6 failed, 4 with a gap", "8 feeds", `<b class="bad">3</b> in trouble`, `href="/feeds?state=silent"`, "The &lt;b&gt;aldermere-post",
		`href="/feed?url=https%3A%2F%2Fharbour.example%2Ffeed.xml"`, `href="/feeds?tag=daily&#43;%26&#43;weekly"`, "about 45 items are missing", `never`)
	f("/feeds?state=failing", 200, "<b>1</b> of 8 feeds: polls keep failing", "sundmark-tidende.example/feed.xml", `title="to be looked at"`)
	f("/feeds?q=ALDER+service&sort=name", 200, "<b>1</b> of 8 feeds", "aldermere-post.example")
	f("/feeds?tag=europe&state=waiting", 200, "<b>1</b> of 8 feeds: has not been polled yet", "https://late.example/rss?a=1&amp;b=&lt;2&gt;")
	f("/feeds?q=dockside", 200, "No feed is like that")
	f("/feeds?page=7", 200, "No feed is like that")
	f("/feeds?state=odd", 400, "want one of trouble, failing")
	f("/feeds?page=0", 400, "want a number from 1")
	f("/feed?url=https://sundmark-tidende.example/feed.xml", 200, "failing", "the port is wrong", "failing: polls keep failing.", "failed of 40 polls", `data-kind="feed"`)
	f("/feed?url=https://vesthaven-daily.example/feed.xml", 200, `<span class="tag warn">gap</span>`, "of 30 where 1.5 were expected", "4.5 an hour", "Latest articles")
	f("/feed?url=https://dockside.example/feed.xml", 200, "polls, 7 d") // removed
	f("/feed?url=https://late.example/rss%3Fa%3D1%26b%3D%3C2%3E", 200, "It has not been polled yet")
	f("/feed?url=https://nobody.example/", 404, "nothing is stored")
	f("/feed", 400, "url is missing")
	f("/search?q=de+w", 200, "Anneke de Wit")
	f("/search?q=%3Cscript%3Ealert(1)", 200, "&lt;script&gt;alert(1)")
	f("/search", 200, "Write the start")
	f("/entity/per/nobody", 404, "nothing is stored")
	f("/story/00000000000000aa", 404, "nothing is stored")
	f("/story/zz", 400, "no id")
	f("/nowhere", 404, "no such page")
	f("/?range=forever", 400, "want a time such as 5m")
	f("/?range=28d&step=1s", 400, "1m or more")
	f("/?range=90d&step=1m", 400, "at most 5000")
	f("/?kind=XXX", 400, "want one of PER, ORG, LOC, TOPIC")
	f("/?colour=red", 400, "unknown parameter")
	f("/?range=1d&range=2d", 400, "2 times")
	f("/entity/per/tomas-okafor?from=2026-03-20&range=7d", 400, "range, or from and to")
	f("/entity/per/tomas-okafor?from=2026-03-20&to=2026-03-19", 400, "is not before")
	f("/api/v1/top?limit=0", 400, `"error"`)
}

func TestAPI(t *testing.T) {
	srv := serve(t, fourWeeks)
	f := func(path, want string) {
		t.Helper()
		r := get(t, srv, path)
		if r.StatusCode != 200 || !strings.Contains(r.body, want) || !json.Valid([]byte(r.body)) {
			t.Errorf("%s: %d, no %q in\n%.2000s", path, r.StatusCode, want, r.body)
		}
	}
	f("/api/v1/top?range=28d&limit=3", `"entity_id":"per/mara-lindqvist"`)
	f("/api/v1/top?kind=LOC", `"sql":"WITH`)
	f("/api/v1/series?entity=per/tomas-okafor&range=24h", `"kind":"alert"`)
	f("/api/v1/series?entity=per/tomas-okafor&by=source", `"source":"kestrel.example"`)
	f("/api/v1/series?range=28d", `"kind":"change"`)
	f("/api/v1/recent?limit=2&live=1", `"story_id":"`)
	f("/api/v1/live", `"p95_ms"`)
	f("/api/v1/entities?prefix=vest", `"name":"FC Vesthaven"`)
	f("/api/v1/entity/loc/aldermere", `"ids":["loc/aldermere"]`)
	f(first(t, srv, "/api/v1/recent?limit=200", "/api/v1/story/"), `"copy_of":"`)
	f(first(t, srv, "/api/v1/recent?limit=200", "/api/v1/article/"), `"text_from":"feed"`)
	f("/api/v1/alerts", `"alert_id":"00000000000000a1"`)
	f("/api/v1/changes", `"detail":"2 feeds added"`)
	f("/api/v1/feeds", `"gaps":4`)
	f("/api/v1/feeds?state=silent&limit=1", `"total":1`)
	f("/api/v1/feeds?tag=europe&sort=name&offset=1", `"total":4`)
	f("/api/v1/feeds", `{"state":"failing","feeds":1}`)
	f("/api/v1/feed?url=https://vesthaven-daily.example/feed.xml", `"kind":"gap"`)
	f("/api/v1/feed?url=https://vesthaven-daily.example/feed.xml", `"step_s":3600`)
	f("/api/v1/totals", `"sources":8`)
	f("/api/v1/completeness", `"gaps":4`)
	if r := get(t, srv, "/api/v1/nothing"); r.StatusCode != 404 || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		t.Errorf("an unknown address: %d %s", r.StatusCode, r.body)
	}
}

func TestGuard(t *testing.T) {
	srv := serve(t, nil)
	f := func(method, host string, want int) {
		t.Helper()
		req, err := http.NewRequest(method, srv.URL+"/healthz", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = host
		r, err := srv.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		r.Body.Close()
		if r.StatusCode != want {
			t.Errorf("%s as %q: %d, want %d", method, host, r.StatusCode, want)
		}
		if csp := r.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
			t.Errorf("policy %q", csp)
		}
	}
	f("GET", "", 200)
	f("HEAD", "127.0.0.1", 200)
	f("GET", "localhost:8420", 200)
	f("GET", "[::1]:8420", 200)
	f("GET", "evil.example", 421)
	f("GET", "localhost.evil.example:80", 421)
	f("POST", "", 405)
	f("DELETE", "", 405)
}

func TestHealth(t *testing.T) {
	srv := serve(t, nil)
	if r := get(t, srv, "/readyz"); r.StatusCode != 200 || !strings.Contains(r.body, `"ready":true`) {
		t.Errorf("readyz: %d %s", r.StatusCode, r.body)
	}
	if r := get(t, srv, "/metrics"); r.StatusCode != 200 {
		t.Errorf("metrics: %d", r.StatusCode)
	}
	cfg := store.DefaultConfig()
	cfg.Addr = []string{"127.0.0.1:1"}
	gone, err := store.Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer gone.Close()
	down := httptest.NewServer(web.New(web.DefaultConfig(), web.Deps{Store: gone, Checks: []web.Check{
		{Name: "kafka", Ready: func(context.Context) error { return errors.New("no broker") }},
		{Name: "library", Ready: func(context.Context) error { return nil }},
	}}).Handler())
	defer down.Close()
	r := get(t, down, "/readyz")
	if r.StatusCode != 503 || !strings.Contains(r.body, `"kafka":"no broker"`) || !strings.Contains(r.body, `"clickhouse":`) || strings.Contains(r.body, "library") {
		t.Errorf("readyz: %d %s", r.StatusCode, r.body)
	}
	if r := get(t, down, "/healthz"); r.StatusCode != 200 {
		t.Errorf("healthz: %d", r.StatusCode)
	}
	if r := get(t, down, "/"); r.StatusCode != 503 || !strings.Contains(r.body, "the database does not answer") {
		t.Errorf("a page without a database: %d %s", r.StatusCode, r.body)
	}
}

func TestEmptyPagesSayWhatToDo(t *testing.T) {
	srv := serve(t, nil)
	for path, want := range map[string]string{"/": "dateline feeds add URL", "/alerts": "dateline import FILE", "/feeds": "dateline feeds import FILE"} {
		if r := get(t, srv, path); r.StatusCode != 200 || !strings.Contains(r.body, want) {
			t.Errorf("%s: %d, no %q", path, r.StatusCode, want)
		}
	}
}

func TestListen(t *testing.T) {
	ln, err := web.Listen(t.Context(), web.Config{Listen: "127.0.0.1:0"}, false)
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	taken := web.Config{Listen: ln.Addr().String()}
	for _, fallback := range []bool{false, true} { // only the default address falls back
		if _, err := web.Listen(t.Context(), taken, fallback); err == nil || !strings.Contains(err.Error(), "web.listen") || !strings.Contains(err.Error(), "in use") {
			t.Errorf("a port in use: %v", err)
		}
	}
	for _, bad := range []web.Config{{Listen: "8420", Timeout: time.Minute}, {Listen: ":8420"}} {
		if bad.Validate() == nil {
			t.Errorf("%+v is no valid configuration", bad)
		}
	}
	if err := web.DefaultConfig().Validate(); err != nil {
		t.Error(err)
	}
}

func TestServeEndsWithItsContext(t *testing.T) {
	ln, err := web.Listen(t.Context(), web.Config{Listen: "127.0.0.1:0"}, false)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- web.New(web.DefaultConfig(), web.Deps{}).Serve(ctx, ln) }()
	r, err := http.Get("http://" + ln.Addr().String() + "/healthz")
	if err != nil || r.StatusCode != 200 {
		t.Fatal(r, err)
	}
	r.Body.Close()
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
