package intake

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/dateline/dateline/pkg/bus"
)

const token = "0123456789abcdef-wire"

// safe is a pile that several may publish to.
type safe struct {
	sync.Mutex
	pile
}

func (s *safe) Publish(ctx context.Context, msgs ...bus.Message) error {
	s.Lock()
	defer s.Unlock()
	return s.pile.Publish(ctx, msgs...)
}

func (s *safe) count() int {
	s.Lock()
	defer s.Unlock()
	return len(s.msgs)
}

func tokenFile(t *testing.T, content string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "tokens")
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func receiver(t *testing.T, file string, out Publisher) (*Push, *httptest.Server) {
	t.Helper()
	p, err := NewPush(file, out, slog.New(slog.DiscardHandler), prometheus.NewRegistry(), func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/api/v1/articles", p)
	mux.Handle("/api/v1/articles/schema", p)
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	return p, srv
}

// post sends a body with headers given as "Name: value".
func post(t *testing.T, srv *httptest.Server, body io.Reader, headers ...string) (int, http.Header, Answer) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, srv.URL+"/api/v1/articles", body)
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Set(name, value)
	}
	resp, err := srv.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var ans Answer
	if err := json.NewDecoder(resp.Body).Decode(&ans); err != nil {
		t.Fatalf("%d: %v", resp.StatusCode, err)
	}
	if ans.Broken == nil {
		t.Errorf("%d: broken is null, want a list", resp.StatusCode)
	}
	return resp.StatusCode, resp.Header, ans
}

// value reads a counter by its one label.
func value(t *testing.T, c prometheus.Collector, label string) float64 {
	t.Helper()
	reg := prometheus.NewRegistry()
	reg.MustRegister(c)
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if m.GetLabel()[0].GetValue() == label {
				return m.GetCounter().GetValue()
			}
		}
	}
	return 0
}

const (
	auth   = "Authorization: Bearer " + token
	ndjson = "Content-Type: application/x-ndjson"
	asJSON = "Content-Type: application/json"
	zipped = "Content-Encoding: gzip"
)

func TestPushAnswers(t *testing.T) {
	out := &safe{}
	p, srv := receiver(t, tokenFile(t, "# who may push\n\nwire "+token+"\nscraper fedcba9876543210fedc\n"), out)
	f := func(status, accepted int, says, body string, headers ...string) {
		t.Helper()
		before := out.count()
		got, _, ans := post(t, srv, strings.NewReader(body), headers...)
		all := ans.Error
		for _, b := range ans.Broken {
			all += fmt.Sprintf(" %d: %s", b.Line, b.Error)
		}
		if got != status || ans.Accepted != accepted || out.count()-before != accepted || !strings.Contains(all, says) || (got == 200) != (all == "") {
			t.Errorf("%.60q %v: %d, %d accepted, %d published, %q; want %d, %d, %q", body, headers, got, ans.Accepted, out.count()-before, all, status, accepted, says)
		}
	}
	f(200, 1, "", good, auth, ndjson)
	f(200, 1, "", good, "Authorization: bearer fedcba9876543210fedc", "Content-Type: application/jsonl; charset=UTF-8")
	f(200, 2, "", "\ufeff"+good+"\r\n\n"+good+"\n", auth, ndjson)
	f(200, 2, "", string(pack(t, []byte(good+"\n"+good))), auth, ndjson, zipped)
	f(200, 1, "", good, auth, asJSON)
	f(200, 2, "", good+"\n"+good, auth, asJSON)
	f(200, 2, "", "\ufeff [ "+good+",\n"+good+" ]\n", auth, asJSON)
	f(200, 2, "", string(pack(t, []byte("["+good+","+good+"]"))), auth, asJSON, zipped)

	// What is broken loses nothing else, and is named.
	f(422, 2, "1 of 3 records are broken; the others are accepted 2: no JSON", good+"\nbroken\n"+good, auth, ndjson)
	f(422, 0, `1: no "url"`, "{}", auth, asJSON)
	f(422, 2, "2: of type number", "["+good+",5,"+good+"]", auth, asJSON)
	f(422, 1, "2: no JSON: it ends in the middle; what follows was not read", "["+good+`,{"url`, auth, asJSON)
	f(422, 1, "2: no JSON: it ends in the middle", "["+good, auth, asJSON)
	f(422, 1, "2: no JSON: it ends in the middle", "["+good+",", auth, asJSON)
	f(422, 1, "2: no JSON: invalid character", "["+good+"}"+good, auth, asJSON)
	f(422, 1, "2: no JSON: invalid character", "["+good+"] oh", auth, asJSON)
	f(422, 0, "1: no JSON: invalid character", "nonsense", auth, asJSON)
	f(422, 2, "2: line is longer than 8 MB", good+"\n"+strings.Repeat("x", MaxLine+1)+"\n"+good, auth, ndjson)
	f(422, 2, "2: record is longer than 8 MB", "["+good+`,{"title":"`+strings.Repeat("x", MaxLine)+`"},`+good+"]", auth, asJSON)
	f(422, 1, "2: record is longer than 8 MB; what follows was not read", "["+good+`,{"title":"`+strings.Repeat("x", 2*MaxLine)+`"},`+good+"]", auth, asJSON)

	f(400, 0, "holds no record", "", auth, ndjson)
	f(400, 0, "holds no record", " \n\n", auth, asJSON)
	f(400, 0, "holds no record", "[]", auth, asJSON)
	f(400, 0, "no gzip", good, auth, ndjson, zipped)
	cut := pack(t, []byte(strings.Repeat(good+"\n", 3000)))
	f(400, 0, "could not be read to its end: line 1: ", string(cut[:20]), auth, ndjson, zipped)

	for _, a := range []string{"X-None: ", "Authorization: Bearer", "Authorization: Bearer ", "Authorization: Bearer " + token + "x", "Authorization: Basic " + token, "Authorization: " + token, "Cookie: token=" + token} {
		f(401, 0, "Authorization: Bearer TOKEN", good, a, ndjson)
	}
	f(415, 0, "say what is sent", good, auth)
	f(415, 0, "say what is sent", good, auth, "Content-Type: ;;")
	for _, kind := range []string{"application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x", "application/xml"} {
		f(415, 0, "want application/x-ndjson", good, auth, "Content-Type: "+kind)
	}
	f(415, 0, "UTF-8", good, auth, ndjson+"; charset=latin1")
	f(415, 0, "want gzip or none", good, auth, ndjson, "Content-Encoding: br")

	for kind, want := range map[string]float64{"backlog": float64(out.count()), "news": 0, "broken": 12} {
		if got := value(t, p.records, kind); got != want {
			t.Errorf("%v records counted as %s, want %v", got, kind, want)
		}
	}
	if got := value(t, p.requests, "unauthorized"); got != 7 {
		t.Errorf("%v requests counted as unauthorized", got)
	}
	for _, m := range out.msgs[:1] {
		if m.Headers["client"] != "wire" || m.Headers["stage"] != "intake" {
			t.Errorf("headers %v", m.Headers)
		}
	}
}

func TestPushMethodsAndSchema(t *testing.T) {
	_, srv := receiver(t, "", &safe{})
	f := func(method, path string, want int, allow, says string) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, srv.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := srv.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		b, _ := io.ReadAll(resp.Body)
		if resp.StatusCode != want || resp.Header.Get("Allow") != allow || !strings.Contains(string(b), says) {
			t.Errorf("%s %s: %d, Allow %q, %.200s", method, path, resp.StatusCode, resp.Header.Get("Allow"), b)
		}
	}
	f("GET", "/api/v1/articles", 405, "POST", "/api/v1/articles/schema")
	f("PUT", "/api/v1/articles", 405, "POST", "")
	f("POST", "/api/v1/articles", 403, "", "web.push_tokens_file")
	f("GET", "/api/v1/articles/schema", 200, "", string(Schema))
	f("HEAD", "/api/v1/articles/schema", 200, "", "")
	f("POST", "/api/v1/articles/schema", 405, "GET, HEAD", "")
}

// TestPushIsBounded: a body that is too large is refused, packed or not, and
// what came before that is kept.
func TestPushIsBounded(t *testing.T) {
	out := &safe{}
	p, srv := receiver(t, tokenFile(t, "wire "+token), out)
	if p.limit != 64<<20 {
		t.Errorf("the limit is %d bytes", p.limit)
	}
	p.limit = 64 << 10
	body := strings.Repeat(`{"url":"https://e.example/a","title":"`+strings.Repeat("x", 1<<10)+"\"}\n", 65)
	for _, headers := range [][]string{{auth, ndjson}, {auth, ndjson, zipped}} {
		before := out.count()
		in := []byte(body)
		if len(headers) == 3 {
			in = pack(t, in)
		}
		status, _, ans := post(t, srv, bytes.NewReader(in), headers...)
		if status != 413 || !strings.Contains(ans.Error, "64 MB") || ans.Accepted != out.count()-before || ans.Accepted < 60 || ans.Accepted > 63 {
			t.Errorf("%v: %d, %+v, %d published", headers, status, ans, out.count()-before)
		}
	}
}

// stuck holds every batch until it is let go.
type stuck struct {
	safe
	begun chan struct{}
	free  chan struct{}
}

func (s *stuck) Publish(ctx context.Context, msgs ...bus.Message) error {
	s.begun <- struct{}{}
	select {
	case <-s.free:
		return s.safe.Publish(ctx, msgs...)
	case <-ctx.Done():
		return ctx.Err()
	}
}

func TestPushWaitsForTheBrokers(t *testing.T) {
	out := &stuck{begun: make(chan struct{}), free: make(chan struct{})}
	p, srv := receiver(t, tokenFile(t, "wire "+token), out)
	var wg sync.WaitGroup
	for range pushAtOnce {
		wg.Go(func() {
			if status, _, ans := post(t, srv, strings.NewReader(good), auth, ndjson); status != 200 {
				t.Errorf("%d %+v", status, ans)
			}
		})
	}
	for range pushAtOnce {
		<-out.begun
	}
	if out.count() != 0 {
		t.Error("published already")
	}
	status, h, ans := post(t, srv, strings.NewReader(good), auth, ndjson)
	if status != 429 || h.Get("Retry-After") == "" || ans.Error == "" {
		t.Errorf("one push too many: %d, %v, %+v", status, h, ans)
	}
	close(out.free) // nobody was answered before this
	wg.Wait()
	if out.count() != pushAtOnce {
		t.Errorf("%d published", out.count())
	}

	// Brokers that are away: the client is told to come back.
	away := &stuck{begun: make(chan struct{}, 1), free: nil}
	p.out, p.patience = away, time.Millisecond
	status, h, ans = post(t, srv, strings.NewReader(good+"\nbroken"), auth, ndjson)
	if status != 503 || h.Get("Retry-After") == "" || ans.Accepted != 0 || !strings.Contains(ans.Error, "none will be doubled") || ans.BrokenCount != 1 {
		t.Errorf("without brokers: %d, %v, %+v", status, h, ans)
	}
	p.out = &safe{pile: pile{fail: errors.New("boom")}}
	if status, _, ans = post(t, srv, strings.NewReader(good), auth, ndjson); status != 503 || strings.Contains(ans.Error, "boom") {
		t.Errorf("a broker that refuses: %d, %+v", status, ans)
	}
}

// TestPushBreaksOff: a client that dies in the middle of a line has the lines
// before it stored, and no half one.
func TestPushBreaksOff(t *testing.T) {
	out := &safe{}
	_, srv := receiver(t, tokenFile(t, "wire "+token), out)
	c, err := net.Dial("tcp", srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(c, "POST /api/v1/articles HTTP/1.1\r\nHost: x\r\n%s\r\n%s\r\nContent-Length: 100000\r\n\r\n%s\n%s", auth, ndjson, good, good)
	if err := c.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	b, _ := io.ReadAll(c)
	c.Close()
	if !strings.Contains(string(b), "400 Bad Request") || !strings.Contains(string(b), `"accepted":1`) || out.count() != 1 {
		t.Errorf("%d published, %s", out.count(), b)
	}
}

// TestPushTokens: the file is read for every request, and refuses all where it
// is broken.
func TestPushTokens(t *testing.T) {
	file := tokenFile(t, "wire "+token+"\nwire another-token-for-it\n")
	_, srv := receiver(t, file, &safe{})
	f := func(want int, bearer string) {
		t.Helper()
		if got, _, ans := post(t, srv, strings.NewReader(good), "Authorization: Bearer "+bearer, ndjson); got != want || strings.Contains(ans.Error, file) {
			t.Errorf("token %s: %d, want %d; %+v", bearer, got, want, ans)
		}
	}
	f(200, token)
	f(200, "another-token-for-it")
	write := func(s string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(s), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("wire another-token-for-it\n")
	f(401, token)
	f(200, "another-token-for-it")
	write("wire")
	f(503, "another-token-for-it")
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	f(503, "another-token-for-it")

	for content, says := range map[string]string{
		"":                                       "no line holds",
		"# nobody\n":                             "no line holds",
		"a\n":                                    "line 1: want a name and a token",
		"# x\n\na b c\n":                         "line 3: want a name and a token",
		"a short":                                "`openssl rand -hex 24`",
		"a/b 0123456789abcdef":                   "want a name of",
		"a 0123456789abcdef\nb 0123456789abcdef": "line 2: b has the same token as a",
		strings.Repeat("#", maxTokens+1):         "larger than 1 MB",
	} {
		_, err := NewPush(tokenFile(t, content), &safe{}, slog.New(slog.DiscardHandler), prometheus.NewRegistry(), time.Now)
		if err == nil || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), "web.push_tokens_file") || strings.Contains(err.Error(), "0123456789abcdef") {
			t.Errorf("%.40q: %v, want %q", content, err, says)
		}
	}
	if _, err := NewPush(filepath.Join(t.TempDir(), "none"), &safe{}, slog.New(slog.DiscardHandler), prometheus.NewRegistry(), time.Now); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}

// TestLiveOrHistory: what counts as news is decided by its date, unless it is
// said to be history.
func TestLiveOrHistory(t *testing.T) {
	f := func(backlog bool, more string) {
		t.Helper()
		out := &pile{}
		line := []byte(`{"url":"https://e.example/a","title":"t"` + more + `}`)
		if broken, err := (&desk{out: out, now: func() time.Time { return now }}).Send(t.Context(), []Line{{No: 1, JSON: line}}); err != nil || len(broken) > 0 {
			t.Fatal(broken, err)
		}
		if a := out.articles(t)[0]; a.Backlog != backlog || !a.SeenAt.Equal(now) || a.FeedURL != "" {
			t.Errorf("%s: %+v", more, a)
		}
	}
	at := func(d time.Duration) string { return `,"published":"` + now.Add(d).Format(time.RFC3339) + `"` }
	f(false, "")
	f(false, at(0))
	f(false, at(time.Hour))
	f(false, at(-LiveFor))
	f(true, at(-LiveFor-time.Second))
	f(true, at(-5000*time.Hour))
	f(true, at(-5000*time.Hour)+`,"backlog":false`)
	f(true, at(0)+`,"backlog":true`)
	f(true, `,"backlog":true`)
	f(false, `,"updated":"`+now.Format(time.RFC3339)+`"`)
	f(true, at(-5000*time.Hour)+`,"updated":"`+now.Format(time.RFC3339)+`"`)
	f(true, `,"updated":"2012-01-01"`)
}

// TestRecord: what becomes of the fields that an import of old files lacks.
func TestRecord(t *testing.T) {
	f := func(line string, want [7]string) {
		t.Helper()
		a, err := article([]byte(line))
		if err != nil {
			t.Errorf("%s: %v", line, err)
			return
		}
		got := [7]string{a.URL, a.Canonical, a.GUID, a.Source, a.Via, a.Content, a.TextFrom}
		if got != want {
			t.Errorf("%s\n got %q\nwant %q", line, got, want)
		}
	}
	const u, canon = "https://e.example/a#top", "https://e.example/a"
	f(`{"url":"`+u+`","title":"t"}`, [7]string{u, canon, "", "e.example", "", "", "title"})
	f(`{"url":"`+u+`","summary":"s","id":7}`, [7]string{u, canon, "7", "e.example", "", "", "teaser"})
	f(`{"url":"`+u+`","summary":"s","html":"<p>h</p>"}`, [7]string{u, canon, "", "e.example", "", "<p>h</p>", "import"})
	f(`{"url":"`+u+`","text":"x","html":"<p>h</p>"}`, [7]string{u, canon, "", "e.example", "", "x", "import"})
	f(`{"url":"`+u+`","text":" ","html":"<p>h</p>","source":"wire.example"}`, [7]string{u, canon, "", "wire.example", "e.example", "<p>h</p>", "import"})
	f(`{"url":"`+u+`","text":"x","source":"wire.example","via":"portal.example"}`, [7]string{u, canon, "", "wire.example", "portal.example", "x", "import"})
	f(`{"url":"`+u+`","text":"x","via":"e.example"}`, [7]string{u, canon, "", "e.example", "", "x", "import"})
	f(`{"id":" a/b é","source":"www.wire.example","text":"x","via":"portal.example"}`, [7]string{"", "push:wire.example/a%2Fb%20%C3%A9", "a/b é", "wire.example", "portal.example", "x", "import"})

	id := func(line string) uint64 {
		t.Helper()
		a, err := article([]byte(line))
		if err != nil {
			t.Fatal(line, err)
		}
		return uint64(a.ID)
	}
	same := func(want bool, a, b string) {
		t.Helper()
		if (id(a) == id(b)) != want {
			t.Errorf("%s and %s: one article is %v, want %v", a, b, !want, want)
		}
	}
	same(true, `{"id":"1","source":"w.example","title":"a"}`, `{"id":"1","source":"www.w.example","title":"b","published":"2026-01-01"}`)
	same(false, `{"id":"1","source":"w.example","title":"a"}`, `{"id":"1","source":"x.example","title":"a"}`)
	same(false, `{"id":"1","source":"w.example","title":"a"}`, `{"id":"2","source":"w.example","title":"a"}`)
	same(true, `{"url":"https://e.example/a","id":"1","title":"a"}`, `{"url":"https://e.example/a?utm_source=x","id":"2","title":"b"}`)
	same(true, `{"url":"https://e.example/","id":"1","title":"a"}`, `{"url":"https://e.example/index.html","id":"1","title":"b"}`)
	same(false, `{"url":"https://e.example/","id":"1","title":"a"}`, `{"url":"https://e.example/","id":"2","title":"a"}`)
	same(false, `{"url":"https://e.example/","title":"a"}`, `{"url":"https://e.example/","title":"b"}`)

	long := strings.Repeat("x", 1<<20)
	a, err := article([]byte(`{"id":"` + long + `","source":"w.example","title":"` + long + `","html":"` + long + `","author":"` + long + `","section":"` + long + `","language":"` + long + `"}`))
	if err != nil || len(a.Canonical) > 4096 || len(a.GUID) > 4096 || len(a.Title) > 8192 || len(a.Author) > 4096 || len(a.Section) > 4096 || len(a.Language) > 4096 || len(a.Content) != MaxText {
		t.Errorf("%v, or a field is not cut", err)
	}
}

func FuzzPush(f *testing.F) {
	f.Add([]byte(good+"\n"), false)
	f.Add([]byte("["+good+",{}]"), true)
	f.Add([]byte(`[{"id":"1","source":"e.example","html":"<p>"}`), true)
	f.Add([]byte(`{"url":"https://e.example/","published":9e9,"title":"t"} {`), true)
	f.Fuzz(func(t *testing.T, body []byte, array bool) {
		out := &pile{}
		p := &pump{to: &desk{out: out, now: func() time.Time { return now }}}
		next, err := reader{json: array}.open(iotest.HalfReader(bytes.NewReader(body)))
		if err != nil {
			t.Fatal(err)
		}
		if err := p.run(t.Context(), next); err != nil {
			t.Fatal("a body that can be read to its end: ", err)
		}
		if p.res.Published != len(out.articles(t)) || p.res.Lines != p.res.Published+p.res.Broken {
			t.Errorf("%+v", p.res)
		}
	})
}
