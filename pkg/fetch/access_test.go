package fetch

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestParseSecret(t *testing.T) {
	f := func(file string, want http.Header) {
		t.Helper()
		a, err := parseSecret("wire", []byte(file))
		if err != nil {
			t.Errorf("%q: %v", file, err)
			return
		}
		h := http.Header{}
		u, _ := parseURL("https://Feeds.Harbour.example:8443/x")
		a.apply(h, u)
		if fmt.Sprint(h) != fmt.Sprint(want) {
			t.Errorf("%q: %v, want %v", file, h, want)
		}
	}
	f("header: x-api-key: abc:def \n", http.Header{"X-Api-Key": {"abc:def"}})
	f("# ours\r\n\r\nbasic: ann:pass: word\r\n", http.Header{"Authorization": {"Basic YW5uOnBhc3M6IHdvcmQ="}})
	f("\ufeffBearer:  t.o-k_e/n==", http.Header{"Authorization": {"Bearer t.o-k_e/n=="}})
	f("header: Authorization: Token x", http.Header{"Authorization": {"Token x"}})
	f("cookie: a=1; b=2;\ncookie: c=3", http.Header{"Cookie": {"a=1; b=2; c=3"}})
	f("proxy: socks5://ann:p%40ss@proxy.example:1080", http.Header{})
	f("host: feeds.harbour.example\nbearer: x", http.Header{"Authorization": {"Bearer x"}})
	f("host: *.harbour.example\nbearer: x", http.Header{"Authorization": {"Bearer x"}})
	f("host: harbour.example\nhost: quay.example\nbearer: x", http.Header{})
	f("host: *.arbour.example\nbearer: x", http.Header{})

	bad := func(file string, words ...string) {
		t.Helper()
		a, err := parseSecret("wire", []byte(file))
		if err == nil {
			t.Errorf("%q: no error, %v", file, a)
			return
		}
		if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: the secret is in %q", file, err)
		}
		for _, w := range words {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%q: %q does not say %q", file, err, w)
			}
		}
	}
	bad("", "nothing")
	bad("# only a remark\nhost: a.example", "nothing")
	bad("hunter2", "line 1", "bearer: token")
	bad("\n\nhunter2: x", "line 3")
	bad("password: hunter2", "line 1")
	bad("bearer: hunter2 hunter2", "line 1", "bearer")
	bad("bearer:", "line 1")
	bad("basic: hunter2", "user:password")
	bad("basic: a:b\nbearer: hunter2", "line 2", "already")
	bad("header: hunter2", "header: Name: value")
	bad("header: X Y: hunter2", "header: Name: value")
	bad("header: X: hunter2\x01", "header: Name: value")
	bad("header: User-Agent: hunter2", "fetch.user_agent")
	bad("header: cookie: a=hunter2", "cookie: name=value")
	bad("header: host: hunter2", "dateline itself")
	bad("header: if-none-match: hunter2", "dateline itself")
	bad("cookie: hunter2", "name=value")
	bad("proxy: hunter2:hunter2@proxy.example", "line 1", "proxy")
	bad("proxy: ftp://u:hunter2@proxy.example", "socks5")
	bad("proxy: http://u:hunter2@proxy.example/path", "proxy")
	bad("proxy: http://u:hunt%zzer2@proxy.example", "%40")
	bad("proxy: http://a.example\nproxy: http://u:hunter2@b.example", "line 2", "already")
	bad("host: https://a.example/hunter2\nbearer: x", "without scheme")
	bad(strings.Repeat("header: X: hunter2\n", 1000), "lines")
}

// TestAccessNeverPrints tries every way in which values get written out.
func TestAccessNeverPrints(t *testing.T) {
	a, err := parseSecret("wire", []byte("header: X-Key: hunter2\ncookie: a=hunter2\nbasic: hunter2:hunter2\nproxy: http://hunter2:hunter2@proxy.example"))
	if err != nil {
		t.Fatal(err)
	}
	v := NewVault(t.TempDir())
	v.known["wire"] = &vaultFile{access: a}
	r := Request{URL: "https://harbour.example/", Access: a}
	var out bytes.Buffer
	for _, x := range []any{a, *a, r, &r, v, []*Access{a}, map[string]Access{"x": *a}, struct{ A any }{a}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			fmt.Fprintf(&out, verb+"\n", x)
		}
		j, err := json.Marshal(x)
		if err != nil {
			t.Errorf("%T: %v", x, err)
		}
		out.Write(j)
		slog.New(slog.NewTextHandler(&out, nil)).Info("m", "x", x)
		slog.New(slog.NewJSONHandler(&out, nil)).Info("m", "x", x)
	}
	for _, s := range []string{"hunter2", fmt.Sprintf("%x", "hunter2"), "aHVudGVyMjpodW50ZXIy"} {
		if strings.Contains(out.String(), s) {
			t.Errorf("%s is in\n%s", s, out.String())
		}
	}
	if !strings.Contains(out.String(), "secret wire") {
		t.Error("the name is not to be seen")
	}
}

func TestVault(t *testing.T) {
	dir := t.TempDir()
	v := NewVault(dir)
	put := func(name, text string, mode os.FileMode) {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	get := func(name string, words ...string) *Access {
		t.Helper()
		a, err := v.Access(name)
		if (err == nil) != (len(words) == 0) || err != nil && a != nil {
			t.Fatalf("%q: %v %v", name, a, err)
		}
		for _, w := range words {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%q: %q does not say %q", name, err, w)
			}
		}
		return a
	}
	if a := get(""); a != nil {
		t.Errorf("no name gives %v", a)
	}
	for _, name := range []string{".", "..", "../wire", "a/b", `a\b`, ".hidden", "a b", "a\x00b", strings.Repeat("a", 200)} {
		get(name, "bare name")
	}
	get("wire", "no secret", "wire", "fetch.secrets")
	put("wire", "bearer: one", 0o600)
	one := get("wire")
	if one.Name() != "wire" || get("wire") != one {
		t.Error("an unchanged file is read again")
	}
	if w := v.Warnings(); len(w) > 0 {
		t.Errorf("warnings: %v", w)
	}
	put("wire", "bearer: three", 0o600)
	if get("wire").s.auth != "Bearer three" {
		t.Error("a changed file is not read again")
	}
	put("wire", "nonsense!", 0o600)
	get("wire", "wire", "line 1")
	put("wire", "bearer: fives", 0o600)
	if err := os.Chtimes(filepath.Join(dir, "wire"), time.Time{}, noon); err != nil {
		t.Fatal(err)
	}
	get("wire")
	put("open", "bearer: x", 0o644)
	get("open")
	get("open")
	if w := v.Warnings(); len(w) != 1 || !strings.Contains(w[0], "chmod 600") || !strings.Contains(w[0], "open") {
		t.Errorf("warnings: %v", w)
	}
	if w := v.Warnings(); len(w) != 0 {
		t.Errorf("warned twice: %v", w)
	}
	put("huge", "bearer: "+strings.Repeat("x", maxSecret), 0o600)
	get("huge", "larger")
	if err := os.Mkdir(filepath.Join(dir, "folder"), 0o700); err != nil {
		t.Fatal(err)
	}
	get("folder", "no file")
	if err := os.Remove(filepath.Join(dir, "wire")); err != nil {
		t.Fatal(err)
	}
	get("wire", "no secret")
	if _, err := NewVault("").Access("wire"); err == nil || !strings.Contains(err.Error(), "set fetch.secrets") {
		t.Errorf("no folder: %v", err)
	}
}

// TestAccessStaysHome sends credentials to the feed's own origin alone.
func TestAccessStaysHome(t *testing.T) {
	a, err := parseSecret("wire", []byte("header: X-Key: k\ncookie: a=1\nbearer: t"))
	if err != nil {
		t.Fatal(err)
	}
	show := func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, r.Header.Get("Authorization"), "|", r.Header.Get("X-Key"), "|", r.Header.Get("Cookie"), "|", r.Header.Get("If-None-Match"))
	}
	var homeURL string
	away := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/back" {
			http.Redirect(w, r, homeURL+"/show", http.StatusFound)
			return
		}
		show(w, r)
	})
	home := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/within":
			http.Redirect(w, r, "/show", http.StatusFound)
		case "/away":
			http.Redirect(w, r, away.URL+"/show", http.StatusFound)
		case "/there-and-back":
			http.Redirect(w, r, away.URL+"/back", http.StatusFound)
		default:
			show(w, r)
		}
	})
	homeURL = home.URL
	c := client(t, nil)
	f := func(r Request, want string) {
		t.Helper()
		r.Access, r.ETag = a, `"e"`
		res, err := c.Do(t.Context(), r)
		if err != nil || string(res.Body) != want {
			t.Errorf("%s: %+v %v, want %s", r.URL, res, err, want)
		}
	}
	const all, none = `Bearer t|k|a=1|"e"`, "|||"
	f(Request{URL: home.URL + "/show"}, all)
	f(Request{URL: home.URL + "/within"}, all)
	f(Request{URL: home.URL + "/away"}, none)
	f(Request{URL: home.URL + "/there-and-back"}, none)
	f(Request{URL: away.URL + "/show", Home: home.URL + "/feed"}, `|||"e"`) // learned by a redirect
	f(Request{URL: home.URL + "/show", Home: home.URL + "/feed"}, all)
	f(Request{URL: strings.Replace(home.URL, "127.0.0.1", "localhost", 1) + "/show", Home: home.URL + "/feed"}, `|||"e"`)

	refusing := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(401)
		_, _ = io.WriteString(w, "no")
	})
	_, err = c.Do(t.Context(), Request{URL: refusing.URL, Access: a})
	wantClass(t, "wrong credentials", err, ClassStatus, "secret wire", "check the file")
	_, err = c.Do(t.Context(), Request{URL: refusing.URL, Access: a, Home: home.URL})
	wantClass(t, "credentials that are not sent", err, ClassStatus, "secret wire", "new address")
	_, err = c.Do(t.Context(), Request{URL: refusing.URL})
	wantClass(t, "no credentials", err, ClassStatus, "wants credentials", "secret")
}

func TestSameOrigin(t *testing.T) {
	f := func(a, b string, want bool) {
		t.Helper()
		ua, _ := parseURL(a)
		ub, _ := parseURL(b)
		if got := sameOrigin(ua, ub); got != want {
			t.Errorf("%s after %s: %v", a, b, got)
		}
	}
	f("https://a.example/x", "https://a.example/y", true)
	f("https://A.example:443/x", "https://a.example/y", true)
	f("https://a.example/x", "http://a.example:80/y", true) // made secure
	f("http://a.example/x", "https://a.example/y", false)   // made insecure
	f("https://b.a.example/", "https://a.example/", false)
	f("https://a.example:8443/", "https://a.example/", false)
	f("http://a.example:443/", "http://a.example/", false)
}
