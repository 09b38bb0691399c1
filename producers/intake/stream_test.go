package intake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/news"
)

// outage is a broker that answers nothing for its first calls.
type outage struct {
	safe
	calls int
}

func (o *outage) Publish(ctx context.Context, msgs ...bus.Message) error {
	if o.calls--; o.calls >= 0 {
		<-ctx.Done()
		return ctx.Err()
	}
	return o.safe.Publish(ctx, msgs...)
}

// TestStreamFollows: lines of a pipe that never ends are published within a
// second, and what was read is published when it is given up.
func TestStreamFollows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := &safe{}
		r, w := io.Pipe()
		defer w.Close()
		ctx, stop := context.WithCancel(t.Context())
		var sums []Result
		s := &Stream{To: ToBrokers(out, time.Now), Progress: func(_ string, sum Result) { sums = append(sums, sum) }}
		type end struct {
			Result
			err error
		}
		done := make(chan end)
		go func() {
			res, err := s.Publish(ctx, "pipe", r)
			done <- end{res, err}
		}()
		synctest.Wait()
		for i := range 3 {
			fmt.Fprintf(w, `{"url":"https://e.example/%d","title":"t"}`+"\n", i)
		}
		time.Sleep(linger - time.Millisecond)
		synctest.Wait()
		if n := out.count(); n != 0 {
			t.Errorf("%d published each by itself", n)
		}
		time.Sleep(2 * time.Millisecond)
		synctest.Wait()
		if n := out.count(); n != 3 {
			t.Errorf("%d published after a second", n)
		}
		time.Sleep(time.Hour)
		fmt.Fprintf(w, `{"url":"https://e.example/3","title":"t"}`+"\nbroken\nhalf a li")
		synctest.Wait()
		stop()
		e := <-done
		if !errors.Is(e.err, ErrStopped) || e.Result != (Result{Lines: 5, Published: 4, Broken: 1}) || out.count() != 4 || len(sums) != 2 || sums[1] != e.Result {
			t.Errorf("%+v, %d published, %v", e, out.count(), sums)
		}
		w.Close() // lets the reader that was left behind end
	})
}

// TestStreamOutlastsAnOutage: brokers are waited for, and what they take in the
// end is seen then: not when it was read.
func TestStreamOutlastsAnOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := &outage{calls: 3}
		began := time.Now()
		line := `{"url":"https://e.example/a","title":"t","published":"` + began.Format(time.RFC3339) + `"}`
		res, err := (&Stream{To: ToBrokers(out, time.Now)}).Publish(t.Context(), "in", strings.NewReader(line))
		if err != nil || res.Published != 1 {
			t.Fatalf("%+v, %v", res, err)
		}
		a, err := news.Decode[news.Article](out.msgs[0].Value)
		if err != nil || a.SeenAt.Sub(began) != 3*patience || !out.msgs[0].Time.Equal(a.SeenAt) {
			t.Errorf("%v after the beginning, %v", a.SeenAt.Sub(began), err)
		}

		// Given up while the brokers are away, it says so.
		out.calls = 1 << 30
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		res, err = (&Stream{To: ToBrokers(out, time.Now)}).Publish(ctx, "in", strings.NewReader(line))
		if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, ErrStopped) || res.Published != 0 {
			t.Errorf("%+v, %v", res, err)
		}
	})
}

func TestStreamErrors(t *testing.T) {
	boom := errors.New("boom")
	f := func(in io.Reader, to Publisher, want Result, says string) {
		t.Helper()
		res, err := (&Stream{To: ToBrokers(to, time.Now)}).Publish(t.Context(), "in", in)
		if res != want || (err == nil) != (says == "") || err != nil && !strings.Contains(err.Error(), says) {
			t.Errorf("%+v, %v; want %+v, %q", res, err, want, says)
		}
	}
	f(strings.NewReader(""), &safe{}, Result{}, "")
	f(strings.NewReader(good+"\n\n"+good), &safe{}, Result{Lines: 2, Published: 2}, "")
	f(strings.NewReader(string(pack(t, []byte(good)))), &safe{}, Result{Lines: 1, Published: 1}, "")
	f(strings.NewReader(string(pack(t, []byte(good+"\n"+good))[:150])), &safe{}, Result{}, "in: line 1: unexpected EOF")
	f(io.MultiReader(strings.NewReader(good+"\n"), errReader{boom}), &safe{}, Result{Lines: 1, Published: 1}, "in: line 2: boom")
	f(strings.NewReader(good), &safe{pile: pile{fail: boom}}, Result{Lines: 1}, "in: boom")
	f(io.MultiReader(strings.NewReader(good+"\n"), errReader{errors.New("gone")}), &safe{pile: pile{fail: boom}}, Result{Lines: 1}, "boom")
}

type errReader struct{ err error }

func (r errReader) Read([]byte) (int, error) { return 0, r.err }
