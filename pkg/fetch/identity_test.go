package fetch

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

func TestIdentities(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, r.UserAgent(), "|", r.Header.Get("Accept"), "|", r.Header.Get("Accept-Language"), "|", r.Header.Get("Accept-Encoding"))
	})
	c := client(t, func(cfg *Config) { cfg.UserAgent = "mine/3 (+https://a.example/bot; ann@a.example)" })
	const form = "Mozilla/5.0 (compatible; mine/3; +https://a.example/bot; ann@a.example)"
	f := func(r Request, want string) {
		t.Helper()
		r.URL = s.URL
		if res, err := c.Do(t.Context(), r); err != nil || string(res.Body) != want {
			t.Errorf("%+v: %v %v, want %s", r, res, err, want)
		}
	}
	f(Request{}, "mine/3 (+https://a.example/bot; ann@a.example)|"+accept+"||"+acceptEncoding)
	f(Request{Rung: 1}, form+"|"+accept+"|en;q=0.8, *;q=0.5|"+acceptEncoding)
	f(Request{Rung: 2}, form+"|*/*|en;q=0.8, *;q=0.5|gzip")
	f(Request{Rung: 99}, form+"|*/*|en;q=0.8, *;q=0.5|gzip")
	f(Request{Rung: -1, Accept: AcceptPage}, "mine/3 (+https://a.example/bot; ann@a.example)|"+AcceptPage+"||"+acceptEncoding)

	for i, id := range newIdentities(DefaultUserAgent) {
		if a := id.header.Get("User-Agent"); !strings.Contains(a, "dateline/1") || !strings.Contains(a, "+https://") || strings.ContainsAny(a, "\r\n") {
			t.Errorf("rung %d does not say who asks: %s", i, a)
		}
	}
	if a := compatible("plain ann@a.example"); a != "Mozilla/5.0 (compatible; plain ann@a.example)" {
		t.Error(a)
	}
}

func TestClimb(t *testing.T) {
	f := func(res *Response, rung, next int, climb bool) {
		t.Helper()
		if n, c := Climb(res, rung); n != next || c != climb {
			t.Errorf("%+v under %d: %d %v, want %d %v", res, rung, n, c, next, climb)
		}
	}
	for _, status := range []int{403, 405, 406, 418, 999} {
		f(&Response{Status: status}, 0, 1, true)
		f(&Response{Status: status}, 1, 2, true)
		f(&Response{Status: status}, Rungs-1, 0, false)
	}
	for _, status := range []int{200, 204, 304, 301, 400, 401, 402, 404, 410, 429, 451, 500, 502, 503} {
		f(&Response{Status: status}, 0, 0, false)
		f(&Response{Status: status}, 2, 2, false)
	}
	f(&Response{Status: 503, Challenge: true}, 0, 1, true)
	f(&Response{Status: 202, Challenge: true}, 1, 2, true)
	f(&Response{Status: 429, Challenge: true}, 1, 1, false)
	f(&Response{Status: 401, Challenge: true}, 1, 1, false)
	f(nil, 1, 1, false)
	f(nil, 99, 2, false)
	f(nil, -1, 0, false)
}

func TestChallenge(t *testing.T) {
	f := func(status int, want bool, body string, kv ...string) {
		t.Helper()
		s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			for i := 0; i < len(kv); i += 2 {
				w.Header().Set(kv[i], kv[i+1])
			}
			w.WriteHeader(status)
			fmt.Fprint(w, body)
		})
		res, err := client(t, nil).Do(t.Context(), Request{URL: s.URL})
		if res == nil || res.Challenge != want {
			t.Errorf("%d %q %v: %+v", status, body, kv, res)
		}
		if status >= 400 && want {
			wantClass(t, "a riddle", err, ClassStatus, "firewall")
		}
	}
	f(503, false, "")
	f(503, false, "<title>Down for maintenance</title>")
	f(503, true, "<html><head><title>Just a moment...</title>")
	f(403, true, strings.Repeat(" ", 9000)+`<script src="/cdn-cgi/challenge-platform/x.js">`)
	f(403, true, "", "Cf-Mitigated", "challenge")
	f(202, true, "", "X-Amzn-Waf-Action", "challenge")
	f(200, false, "<rss>just a moment</rss>")
}
