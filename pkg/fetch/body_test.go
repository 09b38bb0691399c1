package fetch

import (
	"bytes"
	"compress/zlib"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

func TestCompression(t *testing.T) {
	text := []byte("<rss>" + strings.Repeat("harbour news ", 500) + "</rss>")
	pack := func(w func(io.Writer) io.WriteCloser, b []byte) []byte {
		var buf bytes.Buffer
		z := w(&buf)
		if _, err := z.Write(b); err != nil {
			t.Fatal(err)
		}
		z.Close()
		return buf.Bytes()
	}
	gz := func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) }
	br := func(w io.Writer) io.WriteCloser { return brotli.NewWriter(w) }
	zs := func(w io.Writer) io.WriteCloser { e, _ := zstd.NewWriter(w); return e }
	zl := func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) }
	fl := func(w io.Writer) io.WriteCloser { e, _ := flate.NewWriter(w, 5); return e }
	ask := func(encoding string, body []byte, change func(*Config)) (*Response, error) {
		s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			if encoding != "" {
				w.Header().Set("Content-Encoding", encoding)
			}
			_, _ = w.Write(body)
		})
		return client(t, change).Do(t.Context(), Request{URL: s.URL})
	}
	f := func(encoding string, body []byte) {
		t.Helper()
		res, err := ask(encoding, body, nil)
		if err != nil || !bytes.Equal(res.Body, text) || res.Truncated || res.WireBytes != int64(len(body)) {
			t.Errorf("%q: %v %+v", encoding, err, res)
		}
	}
	f("", text)
	f("identity", text)
	f("gzip", pack(gz, text))
	f("x-gzip", pack(gz, text))
	f("br", pack(br, text))
	f("zstd", pack(zs, text))
	f("deflate", pack(zl, text))
	f("deflate", pack(fl, text))
	f("gzip, gzip", pack(gz, pack(gz, text)))
	f("br, gzip", pack(gz, pack(br, text)))
	f("gzip", text)       // announced, not done
	f("zstd", text)       // the same
	f("br", text)         // the same
	f("", pack(gz, text)) // done, not announced
	f("UTF-8", text)      // no encoding at all

	zeros := make([]byte, 900<<10)
	generous := func(c *Config) { c.MaxBody = 64 << 20 }
	for enc, w := range map[string]func(io.Writer) io.WriteCloser{"gzip": gz, "br": br, "zstd": zs, "deflate": zl} {
		packed := pack(w, bytes.Repeat(zeros, 8))
		_, err := ask(enc, packed, generous)
		wantClass(t, enc+" bomb", err, ClassBomb, "inflate")
		_, err = ask(enc, packed, nil)
		if c := ErrClass(err); c != ClassBomb && c != ClassTooLarge {
			t.Errorf("%s over the limit: %v", enc, err)
		}
	}
	_, err := ask("gzip, gzip, gzip", pack(gz, text), nil)
	wantClass(t, "three times packed", err, ClassBomb)
	_, err = ask("lzma", text, nil)
	wantClass(t, "unknown encoding", err, ClassProtocol, "lzma")
	_, err = ask("gzip", append([]byte{0x1f, 0x8b, 8, 0}, text...), nil)
	wantClass(t, "broken gzip", err, ClassProtocol, "decompress")
	_, err = ask("", make([]byte, 2<<20), nil)
	wantClass(t, "large body", err, ClassTooLarge, "1048576")
	if res, err := ask("gzip", pack(gz, text)[:60], nil); err == nil && !res.Truncated {
		t.Errorf("half a gzip: %+v", res)
	}
}

func TestDripAndEndlessBody(t *testing.T) {
	piece := func(size int, every time.Duration) *httptest.Server {
		return serve(t, func(w http.ResponseWriter, r *http.Request) {
			tick := time.NewTicker(every)
			defer tick.Stop()
			for {
				select {
				case <-r.Context().Done():
					return
				case <-tick.C:
				}
				if _, err := w.Write(bytes.Repeat([]byte("a"), size)); err != nil {
					return
				}
				_ = http.NewResponseController(w).Flush()
			}
		})
	}
	c := client(t, nil)
	_, err := client(t, hasty).Do(t.Context(), Request{URL: piece(1, 20*time.Millisecond).URL})
	wantClass(t, "drip", err, ClassTimeout, "too slowly")
	_, err = c.Do(t.Context(), Request{URL: piece(64<<10, time.Millisecond).URL})
	wantClass(t, "endless", err, ClassTooLarge)
	slow := client(t, func(cfg *Config) { cfg.Timeout, cfg.MinRate = 300*time.Millisecond, 1 }) // never stalls
	_, err = slow.Do(t.Context(), Request{URL: piece(100, 20*time.Millisecond).URL})
	wantClass(t, "over the total time", err, ClassTimeout, "did not send its answer in time")

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = c.Do(ctx, Request{URL: piece(1, time.Hour).URL})
	wantClass(t, "cancelled", err, ClassCanceled)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v is not context.Canceled", err)
	}
}

// TestReadersAreClean uses readers again after every kind of failure, many at
// once.
func TestReadersAreClean(t *testing.T) {
	text := func(i int) []byte {
		return []byte(fmt.Sprintf("<rss>%d ", i) + strings.Repeat(fmt.Sprint(i, " harbour "), 3000))
	}
	writers := map[string]func(io.Writer) io.WriteCloser{
		"gzip":    func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) },
		"br":      func(w io.Writer) io.WriteCloser { return brotli.NewWriter(w) },
		"zstd":    func(w io.Writer) io.WriteCloser { e, _ := zstd.NewWriter(w); return e },
		"deflate": func(w io.Writer) io.WriteCloser { e, _ := flate.NewWriter(w, 5); return e },
	}
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		var i int
		var enc, fault string
		_, _ = fmt.Sscanf(strings.ReplaceAll(r.URL.Path, "/", " "), "%s %d %s", &enc, &i, &fault)
		var buf bytes.Buffer
		z := writers[enc](&buf)
		_, _ = z.Write(text(i))
		z.Close()
		body := buf.Bytes()
		switch fault {
		case "broken":
			for j := len(body) / 2; j < len(body); j++ {
				body[j] ^= 0x5a
			}
		case "cut":
			body = body[:len(body)*2/3]
		}
		w.Header().Set("Content-Encoding", enc)
		_, _ = w.Write(body)
	})
	c := client(t, nil)
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range 12 {
				for enc := range writers {
					n := g*100 + i
					fault := []string{"none", "broken", "cut"}[i%3]
					res, err := c.Do(t.Context(), Request{URL: fmt.Sprintf("%s/%s/%d/%s", s.URL, enc, n, fault)})
					switch want := text(n); {
					case fault == "none" && (err != nil || !bytes.Equal(res.Body, want)):
						t.Errorf("%s %d: %v", enc, n, err)
					case fault == "cut" && err == nil && (!res.Truncated || !bytes.HasPrefix(want, res.Body)):
						t.Errorf("%s %d cut: %d of %d bytes", enc, n, len(res.Body), len(want))
					case fault == "broken" && err == nil && bytes.Equal(res.Body, want):
						t.Errorf("%s %d broken, and whole", enc, n)
					}
				}
			}
		})
	}
	wg.Wait()
}

// TestBodySizes reads bodies around the sizes at which buffers change.
func TestBodySizes(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		var n int
		_, _ = fmt.Sscanf(r.URL.Path, "/%d", &n)
		body := bytes.Repeat([]byte("0123456789abcdef"), n/16+1)[:n]
		_, _ = w.Write(body)
	})
	c := client(t, func(cfg *Config) { cfg.MaxBody = 5 << 20 })
	var kept [][]byte
	for _, n := range []int{0, 1, 64<<10 - 1, 64 << 10, 64<<10 + 1, maxScratch - 1, maxScratch, maxScratch + 1, 3 << 20, 5 << 20, 10} {
		res, err := c.Do(t.Context(), Request{URL: fmt.Sprintf("%s/%d", s.URL, n)})
		if err != nil || len(res.Body) != n || res.WireBytes != int64(n) {
			t.Fatalf("%d: %v", n, err)
		}
		kept = append(kept, res.Body)
	}
	for _, body := range kept { // none shares memory with a later one
		if want := bytes.Repeat([]byte("0123456789abcdef"), len(body)/16+1)[:len(body)]; !bytes.Equal(body, want) {
			t.Errorf("the body of %d bytes was overwritten", len(body))
		}
	}
	_, err := c.Do(t.Context(), Request{URL: fmt.Sprintf("%s/%d", s.URL, 5<<20+1)})
	wantClass(t, "one byte too many", err, ClassTooLarge)
	for most, class := range map[int64]string{64 << 10: "", 64<<10 - 1: ClassTooLarge} { // of one request
		_, err := c.Do(t.Context(), Request{URL: s.URL + "/65536", MaxBody: most})
		if got := ErrClass(err); got != class {
			t.Errorf("64 KiB of at most %d bytes: %q, want %q", most, got, class)
		}
	}
}

// TestGzipWithPadding is whole, whatever follows it.
func TestGzipWithPadding(t *testing.T) {
	var buf bytes.Buffer
	z := gzip.NewWriter(&buf)
	_, _ = z.Write([]byte("<rss></rss>"))
	z.Close()
	for _, padding := range []string{"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00", "<!-- served in 3 ms -->", "\n"} {
		packed := buf.String() + padding
		res, err := client(t, nil).Do(t.Context(), Request{URL: raw(t, fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s", len(packed), packed), false)})
		if err != nil || string(res.Body) != "<rss></rss>" {
			t.Errorf("%q: %+v %v", padding, res, err)
		}
	}
}

// TestZstdWindow refuses a stream that asks for more memory than its body may
// take.
func TestZstdWindow(t *testing.T) {
	frame := "\x28\xb5\x2f\xfd\x00\xa0" + "\x01\x00\x00" // a window of 1 GiB, one empty last block
	_, err := client(t, nil).Do(t.Context(), Request{URL: raw(t, "HTTP/1.1 200 OK\r\nContent-Encoding: zstd\r\nConnection: close\r\n\r\n"+frame, false)})
	wantClass(t, "a window of 1 GiB", err, ClassBomb)
}
