package web_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/dateline/dateline/pkg/store"
	"github.com/dateline/dateline/pkg/web"
)

// TestPushPassesTheGuard: a POST to the one path reaches the receiver, with all
// its body and beyond the time of a page; nothing else does, and no request
// with a name that is not this server's.
func TestPushPassesTheGuard(t *testing.T) {
	cfg := store.DefaultConfig()
	cfg.Addr = []string{"127.0.0.1:1"} // nothing here asks the database
	db, err := store.Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	receiver := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		_, timed := r.Context().Deadline()
		if timed && r.Method == http.MethodPost {
			w.WriteHeader(http.StatusInternalServerError)
		}
		io.WriteString(w, "received "+r.Method+" "+string(b))
	})
	server := func(push http.Handler) *httptest.Server {
		conf := web.DefaultConfig()
		conf.Timeout = time.Second
		srv := httptest.NewServer(web.New(conf, web.Deps{Store: db, Push: push}).Handler())
		t.Cleanup(srv.Close)
		return srv
	}
	with, without := server(receiver), server(nil)
	f := func(srv *httptest.Server, method, host, path string, want int, says string) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, srv.URL+path, strings.NewReader("body"))
		if err != nil {
			t.Fatal(err)
		}
		req.Host = host
		r, err := srv.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Body.Close()
		b, _ := io.ReadAll(r.Body)
		if r.StatusCode != want || !strings.Contains(string(b), says) || !strings.Contains(r.Header.Get("Content-Security-Policy"), "default-src 'none'") {
			t.Errorf("%s %s as %q: %d %.200s, want %d, %q", method, path, host, r.StatusCode, b, want, says)
		}
	}
	f(with, "POST", "", web.PushPath, 200, "received POST body")
	f(with, "GET", "localhost", web.PushPath, 200, "received GET")
	f(with, "GET", "", web.PushPath+"/schema", 200, "received GET")
	f(with, "POST", "evil.example", web.PushPath, 421, "web.hosts")
	for _, method := range []string{"PUT", "DELETE", "PATCH", "OPTIONS"} {
		f(with, method, "", web.PushPath, 405, "only GET and HEAD")
	}
	for _, path := range []string{"/", web.PushPath + "/", web.PushPath + "/schema", "/api/v1/top", "/feeds", "/healthz"} {
		f(with, "POST", "", path, 405, "only GET and HEAD")
	}
	f(without, "POST", "", web.PushPath, 405, "only GET and HEAD")
	f(without, "GET", "", web.PushPath, 404, "no such page")
}
