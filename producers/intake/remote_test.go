package intake

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// remote pushes to an address and notes its waits instead of waiting.
func remote(t *testing.T, address string, giveUp time.Duration) (*Remote, *[]time.Duration) {
	t.Helper()
	r, err := NewRemote(address, token, giveUp, func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	var waits []time.Duration
	clock := now
	r.now = func() time.Time { return clock }
	r.pause = func(ctx context.Context, d time.Duration) error {
		waits = append(waits, d)
		clock = clock.Add(d)
		return ctx.Err()
	}
	return r, &waits
}

func batch(lines ...string) (out []Line) {
	for i, l := range lines {
		out = append(out, Line{No: 10 * (i + 1), JSON: []byte(l)})
	}
	return out
}

// TestRemoteToReceiver: the two halves of this package understand each other.
func TestRemoteToReceiver(t *testing.T) {
	out := &safe{}
	_, srv := receiver(t, tokenFile(t, "wire "+token), out)
	r, waits := remote(t, srv.URL+"/api/v1/articles", time.Minute)
	broken, err := r.Send(t.Context(), batch(good, "broken", good, `{"title":"t"}`))
	if err != nil || len(broken) != 2 || broken[0].Line != 20 || !strings.Contains(broken[0].Error, "no JSON") || broken[1].Line != 40 || out.count() != 2 || len(*waits) != 0 {
		t.Errorf("%+v, %v, %d published", broken, err, out.count())
	}
	if broken, err = r.Send(t.Context(), batch(good)); err != nil || len(broken) != 0 || out.count() != 3 {
		t.Errorf("%+v, %v, %d published", broken, err, out.count())
	}
	r.token = "none of theirs at all"
	if _, err = r.Send(t.Context(), batch(good)); err == nil || !strings.Contains(err.Error(), "401: no token") {
		t.Error(err)
	}
	if r, _ = remote(t, srv.URL+"/articles", time.Minute); r != nil {
		if _, err = r.Send(t.Context(), batch(good)); err == nil || !strings.Contains(err.Error(), "the path is /api/v1/articles") {
			t.Error(err)
		}
	}
}

// TestRemoteTriesAgain: what may pass is tried again, what may not ends at
// once, and requests that are too large are halved.
func TestRemoteTriesAgain(t *testing.T) {
	var script []string // one answer after the other: status, then a header or a body
	var sizes []int
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		z, err := gzip.NewReader(r.Body)
		if err != nil || r.Header.Get("Authorization") != "Bearer "+token || r.Header.Get("Content-Type") != "application/x-ndjson" {
			t.Error(err, r.Header)
			return
		}
		b, _ := io.ReadAll(z)
		n := strings.Count(string(b), "\n")
		sizes = append(sizes, n)
		answer := "200"
		if len(script) > 0 {
			answer, script = script[0], script[1:]
		}
		status, more, _ := strings.Cut(answer, " ")
		if status == "die" {
			panic(http.ErrAbortHandler)
		}
		if name, value, ok := strings.Cut(more, ": "); ok && !strings.HasPrefix(more, "{") {
			w.Header().Set(name, value)
			more = ""
		}
		code := 0
		fmt.Sscan(status, &code)
		w.WriteHeader(code)
		if answer == "200" {
			more = fmt.Sprintf(`{"accepted":%d,"broken":[],"broken_count":0}`, n)
		}
		io.WriteString(w, more)
	}))
	defer srv.Close()
	f := func(answers string, requests string, waits int, brokenAndErr string) []time.Duration {
		t.Helper()
		script, sizes = strings.Split(answers, "|"), nil
		r, waited := remote(t, srv.URL, time.Minute)
		broken, err := r.Send(t.Context(), batch(good, good, good, good))
		said := fmt.Sprint(broken, err)
		if got := fmt.Sprint(sizes); got != requests || len(*waited) != waits || !strings.Contains(said, brokenAndErr) {
			t.Errorf("%s: requests of %s lines, %d waits, %s; want %s, %d, %s", answers, got, len(*waited), said, requests, waits, brokenAndErr)
		}
		return *waited
	}
	f("200", "[4]", 0, "[] <nil>")
	f("503|429|500|502|504|200", "[4 4 4 4 4 4]", 5, "[] <nil>")
	f("die|200", "[4 4]", 1, "[] <nil>")
	if w := f("429 Retry-After: 7|200", "[4 4]", 1, "[] <nil>"); w[0] < 7*time.Second {
		t.Errorf("waited %v, not as long as asked for", w)
	}
	f("413|200|200", "[4 2 2]", 0, "[] <nil>")
	f("413|413|413|200|413|413|200", "[4 2 1 1 2 1 1]", 0, "[{10 the server takes no request of this size; is there a limit in a proxy before it?} {30 ")
	f("408|503|200|200", "[4 2 2 2]", 1, "[] <nil>")
	f(`422 {"accepted":3,"broken":[{"line":3,"error":"bad"}],"broken_count":1}`, "[4]", 0, "[{30 bad}] <nil>")
	f(`422 {"accepted":3,"broken":[{"line":5,"error":"bad"}],"broken_count":1}`, "[4]", 0, "names line 5 of 4")
	f(`200 {"accepted":3,"broken":[],"broken_count":0}`, "[4]", 0, "not as dateline does")
	f(`200 <html>Log in</html>`, "[4]", 0, "not as dateline does")
	f(`403 {"error":"push is off"}`, "[4]", 0, "403: push is off")
	f(`421 reached as`, "[4]", 0, "421: reached as")
	f(`415`, "[4]", 0, "415: Unsupported Media Type")
	f(`301 Location: https://other.example/`, "[4]", 0, "redirects to https://other.example/")

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r, _ := remote(t, srv.URL, 0)
	if _, err := r.Send(ctx, batch(good)); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	tls := httptest.NewUnstartedServer(http.NotFoundHandler())
	tls.Config.ErrorLog = log.New(io.Discard, "", 0)
	tls.StartTLS()
	defer tls.Close()
	r, waits := remote(t, tls.URL, 0)
	if _, err := r.Send(t.Context(), batch(good)); err == nil || !strings.Contains(err.Error(), "certificate") || len(*waits) != 0 {
		t.Errorf("a certificate of nobody: %v after %d waits", err, len(*waits))
	}
	for _, address := range []string{"", "x", "ftp://x.example/", "https://user:secret@x.example/", "http://"} {
		if _, err := NewRemote(address, token, 0, nil); err == nil {
			t.Errorf("%q is taken for an address", address)
		}
	}
}

func TestRemoteGivesUp(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusServiceUnavailable)
		io.WriteString(w, `{"error":"away"}`)
	}))
	defer srv.Close()
	r, waits := remote(t, srv.URL, 3*time.Minute)
	_, err := r.Send(t.Context(), batch(good))
	if err == nil || !strings.Contains(err.Error(), "given up after 3m0s: "+srv.URL+": 503: away") {
		t.Error(err)
	}
	sum := time.Duration(0)
	for i, d := range *waits {
		if top := min(time.Second/2<<i, 30*time.Second); d > top || d < top/2 {
			t.Errorf("wait %d is %v, want %v to %v", i, d, top/2, top)
		}
		sum += d
	}
	if sum > 3*time.Minute || sum < 2*time.Minute {
		t.Errorf("waited for %v", sum)
	}
}

func TestReadToken(t *testing.T) {
	for content, want := range map[string]string{"abc\n": "abc", "# mine\n\n wire abc \nother def": "abc", "": "", "# none": ""} {
		if got, err := ReadToken(tokenFile(t, content)); got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v", content, got, err)
		}
	}
}
