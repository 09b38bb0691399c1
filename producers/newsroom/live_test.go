package newsroom

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

func TestServe(t *testing.T) {
	n, err := New(Config{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- n.Serve(ctx, nil) }()
	n.Publish(10)
	r, err := http.Get(n.Feeds()[0].URL)
	if err != nil {
		t.Fatal(err)
	}
	r.Body.Close()
	if !strings.Contains(n.Feeds()[0].URL, n.Addr()) || r.StatusCode != 200 {
		t.Errorf("%s on %s: %s", n.Feeds()[0].URL, n.Addr(), r.Status)
	}
	if _, err := New(Config{Listen: n.Addr()}); err == nil {
		t.Error("a port in use was taken")
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// TestLive polls over real sockets while articles come out, and holds what was
// read against the ledger.
func TestLive(t *testing.T) {
	n, err := New(Config{Seed: 3, Rate: 2000, Words: 60, Outlets: 6, Window: 100_000})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ran, served := make(chan error, 1), make(chan error, 1)
	go func() { ran <- n.Run(ctx) }()
	go func() { served <- n.Serve(ctx, nil) }()
	read := func(feed Subscription) map[string]bool {
		r, err := http.Get(feed.URL)
		if err != nil {
			t.Error(err)
			return nil
		}
		defer r.Body.Close()
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		seen := map[string]bool{}
		for _, item := range parseFeed(t, feed.Format, string(body)) {
			seen[item.guid] = true
		}
		return seen
	}
	var polls sync.WaitGroup
	for _, feed := range n.Feeds() {
		polls.Go(func() {
			for n.Ledger().Len() < 300 {
				read(feed)
				n.Ledger().Missed("")
			}
		})
	}
	polls.Wait()
	cancel()
	if err := <-ran; err != nil {
		t.Error(err)
	}
	if err := <-served; err != nil {
		t.Error(err)
	}

	// Nobody listens any more; the handler still has the last state.
	listed := map[string]int{}
	for _, feed := range n.Feeds() {
		rec := httptest.NewRecorder()
		n.Handler().ServeHTTP(rec, httptest.NewRequest("GET", feed.URL, nil))
		for _, item := range parseFeed(t, feed.Format, rec.Body.String()) {
			listed[feed.URL+item.guid]++
		}
	}
	articles := map[string]bool{}
	for _, e := range n.Ledger().Entries() {
		articles[e.FeedURL+e.GUID] = true
		if e.ServedAt.IsZero() && e.RolledOverAt.IsZero() {
			t.Errorf("%s was listed and is not marked as served", e.URL)
		}
	}
	for guid, times := range listed {
		if times != 1 || !articles[guid] {
			t.Errorf("%s: listed %d times", guid, times)
		}
	}
	if len(listed) != len(articles) {
		t.Errorf("%d articles, %d listed", len(articles), len(listed))
	}
	if gaps, missed := n.Ledger().Gaps(""), n.Ledger().Missed(""); len(gaps) != 0 || len(missed) != 0 {
		t.Errorf("%d gaps, %d missed: nothing rolled over", len(gaps), len(missed))
	}
}

func TestHosts(t *testing.T) {
	n, err := New(Config{Seed: 1, Hosts: 3, Outlets: 7})
	if err != nil {
		t.Skip("this machine has one loopback address: ", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- n.Serve(ctx, nil) }()
	hosts := map[string]bool{}
	for _, feed := range n.Feeds() {
		r, err := http.Get(feed.URL)
		if err != nil {
			t.Fatal(err)
		}
		r.Body.Close()
		if r.StatusCode != 200 {
			t.Errorf("%s: %s", feed.URL, r.Status)
		}
		hosts[r.Request.URL.Host] = true
	}
	if len(hosts) != 3 {
		t.Errorf("hosts %v, want 3", hosts)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
