package engine_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

// A body that breaks off inserts nothing, wherever it breaks off.
func TestBrokenBody(t *testing.T) {
	w, _, _ := newClient(t)
	w.must("CREATE TABLE t (a UInt32) ENGINE = MergeTree ORDER BY a")
	r, pipe := io.Pipe()
	req, _ := http.NewRequest(http.MethodPost, w.base+"?database="+w.db+"&query="+url.QueryEscape("INSERT INTO t FORMAT CSV"), r)
	req.SetBasicAuth(w.cred.User, w.cred.Password)
	done := make(chan error)
	go func() {
		resp, err := plainTransport.Do(req)
		if err == nil {
			resp.Body.Close()
		}
		done <- err
	}()
	for range 20000 {
		io.WriteString(pipe, "1\n2\n3\n")
	}
	pipe.CloseWithError(io.ErrUnexpectedEOF)
	if err := <-done; err == nil {
		t.Fatal("the request went through")
	}
	if got := w.must("SELECT count() FROM t"); got != "0\n" {
		t.Errorf("%s rows of a broken body", got)
	}
}

// A client that goes away takes its statement with it.
func TestClientGone(t *testing.T) {
	w, _, _ := newClient(t)
	for _, query := range []string{"SELECT 'gone', sum(sipHash64(number)) FROM numbers(1000000000000)", "SELECT 'gone', sipHash64(number) FROM numbers(1000000000000)"} {
		ctx, cancel := context.WithCancel(t.Context())
		req, _ := http.NewRequestWithContext(ctx, http.MethodPost, w.base, strings.NewReader(query))
		req.SetBasicAuth(w.cred.User, w.cred.Password)
		done := make(chan struct{})
		go func() {
			defer close(done)
			if resp, err := plainTransport.Do(req); err == nil {
				io.CopyN(io.Discard, resp.Body, 1000)
				<-ctx.Done()
				resp.Body.Close()
			}
		}()
		count := "SELECT count() FROM system.processes WHERE query LIKE '%gone%' AND query NOT LIKE '%processes%'"
		waitFor(t, func() bool { return w.must(count) == "1\n" })
		cancel()
		<-done
		waitFor(t, func() bool { return w.must(count) == "0\n" })
	}
}

func waitFor(t testing.TB, cond func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !cond(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("waited in vain")
		}
	}
}

// An error after the first bytes are out reaches the client, and the answer does not end well.
func TestErrorMidway(t *testing.T) {
	w, _, _ := newClient(t)
	req, _ := http.NewRequest(http.MethodPost, w.base, strings.NewReader("SELECT number, throwIf(number = 1000000) FROM numbers(2000000) SETTINGS max_threads = 1"))
	req.SetBasicAuth(w.cred.User, w.cred.Password)
	resp, err := plainTransport.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err == nil || !bytes.Contains(b, []byte("\r\n__exception__\r\n"+resp.Header.Get("X-ClickHouse-Exception-Tag")+"\r\nCode: 395.")) {
		t.Errorf("%v, ends %q", err, b[max(0, len(b)-300):])
	}
}

// More statements at once than there are connections wait for each other.
func TestManyAtOnce(t *testing.T) {
	w, r, _ := newClient(t)
	w.must("CREATE TABLE t (a UInt32) ENGINE = MergeTree ORDER BY a")
	var wg sync.WaitGroup
	for i := range 40 {
		wg.Go(func() {
			if a := w.do("INSERT INTO t FORMAT CSV", strings.NewReader(fmt.Sprint(i))); a.status != http.StatusOK {
				t.Error(a.body)
			}
			if a := r.do("SELECT count() > 0 FROM t", nil); a.body != "1\n" {
				t.Error(a.body)
			}
		})
	}
	wg.Wait()
	if got := w.must("SELECT count(), uniqExact(a) FROM t"); got != "40\t40\n" {
		t.Error(got)
	}
}
