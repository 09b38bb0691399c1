package engine

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// The start of an answer is held back, so that a statement which fails early, as nearly all that
// fail do, gets a proper status, and a short answer its length and its summary.
const (
	holdBack     = 1 << 20
	holdBackWait = 256 << 20 // with wait_end_of_query=1
)

// response is the answer under way.
type response struct {
	w       http.ResponseWriter
	hold    int
	held    []byte
	started bool
	encode  func(io.Writer) (io.WriteCloser, error) // nil: plain
	body    io.WriteCloser
	tag     string
}

func newResponse(w http.ResponseWriter) *response {
	var tag [8]byte
	rand.Read(tag[:])
	return &response{w: w, hold: holdBack, tag: hex.EncodeToString(tag[:])}
}

// Write takes a piece of the result.
func (o *response) Write(p []byte) (int, error) {
	if !o.started {
		if len(o.held)+len(p) <= o.hold {
			o.held = append(o.held, p...)
			return len(p), nil
		}
		if err := o.start(); err != nil {
			return 0, err
		}
	}
	http.NewResponseController(o.w).SetWriteDeadline(time.Now().Add(clientWait))
	return o.body.Write(p)
}

// start sends the headers and what was held back.
func (o *response) start() (err error) {
	o.started = true
	http.NewResponseController(o.w).SetWriteDeadline(time.Now().Add(clientWait))
	o.w.Header().Set("X-ClickHouse-Exception-Tag", o.tag)
	o.body = nopCloser{o.w}
	if o.encode != nil {
		if o.body, err = o.encode(o.w); err != nil {
			return err
		}
	}
	held := o.held
	o.held = nil
	if len(held) == 0 {
		return nil
	}
	_, err = o.body.Write(held)
	return err
}

// finish ends a result.
func (o *response) finish(st stats, took time.Duration) error {
	if !o.started {
		o.w.Header().Set("X-ClickHouse-Summary", summary(st, len(o.held), took))
		if o.encode == nil || len(o.held) == 0 {
			o.encode = nil
			o.w.Header().Del("Content-Encoding")
			o.w.Header().Set("Content-Length", strconv.Itoa(len(o.held)))
		}
		if err := o.start(); err != nil {
			return err
		}
	}
	return o.body.Close()
}

func summary(st stats, resultBytes int, took time.Duration) string {
	n := func(v uint64) string { return strconv.FormatUint(v, 10) }
	b, _ := json.Marshal(map[string]string{
		"read_rows": n(st.readRows), "read_bytes": n(st.readBytes),
		"written_rows": n(st.writtenRows), "written_bytes": n(st.writtenBytes),
		"total_rows_to_read": n(st.readRows), "result_bytes": strconv.Itoa(resultBytes),
		"elapsed_ns": strconv.FormatInt(took.Nanoseconds(), 10),
	})
	return string(b)
}

// fail answers with an error. Once a part of the result is out, the error follows it in the frame
// that ClickHouse uses for this, and the connection breaks off: nobody can take it for a whole result.
func (o *response) fail(err error) {
	code, status := codeAndStatus(err)
	text := strings.TrimRight(err.Error(), "\n") + "\n"
	if !o.started {
		h := o.w.Header()
		h.Del("Content-Encoding")
		h.Del("X-ClickHouse-Format")
		h.Set("Content-Type", "text/plain; charset=UTF-8")
		h.Set("X-ClickHouse-Exception-Code", strconv.Itoa(code))
		switch status {
		case http.StatusUnauthorized:
			h.Set("WWW-Authenticate", `Basic realm="dateline SQL"`)
		case http.StatusServiceUnavailable:
			h.Set("Retry-After", "1")
		}
		h.Set("Content-Length", strconv.Itoa(len(text)))
		o.w.WriteHeader(status)
		io.WriteString(o.w, text)
		return
	}
	var gone *clientGone
	if !errors.As(err, &gone) {
		if f, ok := o.body.(*frameWriter); ok {
			f.plain() // clients look for the frame before they decompress
		}
		fmt.Fprintf(o.body, "\r\n__exception__\r\n%s\r\n%s%d %s\r\n__exception__\r\n", o.tag, text, len(text), o.tag)
		o.body.Close()
		http.NewResponseController(o.w).Flush()
	}
	panic(http.ErrAbortHandler)
}

// clientGone is a client that does not read on.
type clientGone struct{ err error }

func (e *clientGone) Error() string { return "client gone: " + e.err.Error() }
func (e *clientGone) Unwrap() error { return e.err }

type nopCloser struct{ io.Writer }

func (nopCloser) Close() error { return nil }
