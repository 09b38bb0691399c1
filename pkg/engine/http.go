package engine

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// failure is an error as ClickHouse's HTTP interface answers it: a code of its own, a status, a name.
type failure struct {
	code   int
	name   string
	status int
	text   string
}

func (f *failure) Error() string {
	return fmt.Sprintf("Code: %d. DB::Exception: %s. (%s)", f.code, strings.TrimSuffix(f.text, "."), f.name)
}

// fail makes a failure of the endpoint itself; err may be one already.
func fail(code int, name string, status int, format string, args ...any) *failure {
	return &failure{code, name, status, fmt.Sprintf(format, args...)}
}

var serverCode = regexp.MustCompile(`^Code: (\d+)\.`)

// statusOf maps ClickHouse's error codes to HTTP's the way its own server does.
func statusOf(code int) int {
	switch code {
	case 194: // REQUIRED_PASSWORD
		return http.StatusUnauthorized
	case 192, 193, 497, 516: // UNKNOWN_USER, WRONG_PASSWORD, ACCESS_DENIED, AUTHENTICATION_FAILED
		return http.StatusForbidden
	case 6, 26, 27, 33, 38, 41, 42, 43, 44, 53, 61, 62, 72, 70, 117, 130, 131, 132, 168, 223, 225, 457, 456, 164:
		return http.StatusBadRequest
	case 16, 46, 47, 50, 56, 60, 63, 73, 78, 81, 82, 113, 115, 141, 511:
		return http.StatusNotFound
	case 48: // NOT_IMPLEMENTED
		return http.StatusNotImplemented
	case 159: // TIMEOUT_EXCEEDED
		return http.StatusRequestTimeout
	case 202, 209, 210: // TOO_MANY_SIMULTANEOUS_QUERIES, SOCKET_TIMEOUT, NETWORK_ERROR
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// codeAndStatus finds what to answer an error with.
func codeAndStatus(err error) (code, status int) {
	var f *failure
	if errors.As(err, &f) {
		return f.code, f.status
	}
	if m := serverCode.FindStringSubmatch(err.Error()); m != nil {
		code, _ = strconv.Atoi(m[1])
		return code, statusOf(code)
	}
	return 1002, http.StatusInternalServerError // UNKNOWN_EXCEPTION
}

var crossOrigin = http.NewCrossOriginProtection()

// ServeHTTP speaks ClickHouse's HTTP protocol.
func (c *ClickHouse) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("X-ClickHouse-Server-Display-Name", "dateline")
	switch r.URL.Path {
	case "/ping", "/replicas_status":
		okay(w, r)
		return
	case "/":
		if r.URL.RawQuery == "" && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
			okay(w, r)
			return
		}
	default:
		http.Error(w, "There is no handle "+r.URL.Path+"\nUse / or /ping for health checks.\nOr /?query=… to send a statement.", http.StatusNotFound)
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodPost && r.Method != http.MethodHead {
		h.Set("Allow", "GET, HEAD, POST")
		http.Error(w, "Unsupported method "+r.Method, http.StatusMethodNotAllowed)
		return
	}
	c.running.Add(1)
	defer c.running.Done()
	q := &request{c: c, r: r, out: newResponse(w)}
	// A browser that remembers a password must not lend it to other sites.
	if err := crossOrigin.Check(r); err != nil {
		q.out.fail(fail(497, "ACCESS_DENIED", http.StatusForbidden, "%v", err))
		return
	}
	if err := q.serve(r.Context()); err != nil {
		q.out.fail(err)
	}
}

func okay(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=UTF-8")
	if r.Method != http.MethodHead {
		io.WriteString(w, "Ok.\n")
	}
}

// authenticate takes credentials from the headers, Basic authentication or the URL, in this order,
// and tells whether they are the reader's.
func (c *ClickHouse) authenticate(r *http.Request, params url.Values) (reader bool, err error) {
	user, key := r.Header.Get("X-ClickHouse-User"), r.Header.Get("X-ClickHouse-Key")
	if user == "" && key == "" {
		var ok bool
		if user, key, ok = r.BasicAuth(); !ok {
			user, key = params.Get("user"), params.Get("password")
		}
	}
	if user == "" && key == "" {
		return false, fail(194, "REQUIRED_PASSWORD", http.StatusUnauthorized, "Sign in as one of the users in the data directory: dateline (may do everything) or reader (may query)")
	}
	for _, cr := range []Credentials{c.writer, c.reader} {
		if same(user, cr.User) && same(key, cr.Password) {
			return cr.User == c.reader.User, nil
		}
	}
	return false, fail(516, "AUTHENTICATION_FAILED", http.StatusForbidden, "%s: Authentication failed: password is incorrect, or there is no user with such name", user)
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
