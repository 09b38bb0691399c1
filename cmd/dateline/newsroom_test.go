package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dateline/dateline/pkg/feed"
	"github.com/dateline/dateline/producers/newsroom"
)

func TestNewsroom(t *testing.T) {
	dir := t.TempDir()
	corpus := filepath.Join(dir, "corpus.jsonl")
	lines := `{"url":"https://courier.example/old","title":"Old","text":"Before.","date":"2019-02-01"}
{"url":"https://courier.example/new","title":"New","text":"Now.","date":"2019-03-01T00:00:01Z"}
`
	if err := os.WriteFile(corpus, []byte(lines), 0o600); err != nil {
		t.Fatal(err)
	}
	at := func(name string) string { return filepath.Join(dir, name) }
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	said, out := io.Pipe()
	code := make(chan int, 1)
	go func() {
		var errOut strings.Builder
		c := Run(ctx, []string{"newsroom", "--feeds", "3", "--rate", "50", "--words", "30", "--backlog", "2", "--bad", "gone,http2-reset", "--corpus", corpus, "--start", "2019-03-01",
			"--speed", "1000", "--opml", at("feeds.opml"), "--ledger", at("ledger.jsonl"), "--ca", at("ca.pem"), "--history", at("old.jsonl")}, strings.NewReader(""), out, &errOut)
		if errOut.Len() > 0 {
			t.Error(errOut.String())
		}
		out.Close()
		code <- c
	}()
	in := bufio.NewReader(said)
	var text strings.Builder
	for !strings.Contains(text.String(), "refuses private addresses unless DATELINE_FETCH_ALLOW_PRIVATE names them") {
		line, err := in.ReadString('\n')
		if err != nil {
			t.Fatalf("%v after %s", err, text.String())
		}
		text.WriteString(line)
	}
	go io.Copy(io.Discard, in) // what it says from now on must not hold it up
	if !strings.Contains(text.String(), "6 feeds, 2 of them of bad servers") || !strings.Contains(text.String(), "2 articles of 1 sources") {
		t.Errorf("it says:\n%s", text.String())
	}
	list, err := os.Open(at("feeds.opml"))
	if err != nil {
		t.Fatal(err)
	}
	defer list.Close()
	feeds, err := feed.ReadSubscriptions(list)
	if err != nil || len(feeds) != 6 {
		t.Fatalf("%d feeds in the list, %v", len(feeds), err)
	}
	r, err := http.Get(feeds[0].URL)
	if err != nil {
		t.Fatal(err)
	}
	r.Body.Close()
	cancel()
	if got := <-code; got != exitOK {
		t.Errorf("exit %d", got)
	}
	f, err := os.Open(at("ledger.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	ledger, err := newsroom.ReadLedger(f)
	if err != nil || len(ledger.Due(feeds[0].URL)) < 2 {
		t.Errorf("%v, %d articles due of %s", err, len(ledger.Due(feeds[0].URL)), feeds[0].URL)
	}
	for name, want := range map[string]string{"ca.pem": "BEGIN CERTIFICATE", "old.jsonl": "https://courier.example/old"} {
		if b, err := os.ReadFile(at(name)); err != nil || !strings.Contains(string(b), want) {
			t.Errorf("%s: %v, %q", name, err, b)
		}
	}
}

func TestNewsroomRefuses(t *testing.T) {
	f := func(want int, says string, args ...string) {
		t.Helper()
		code, out, errOut := run(t, "", append([]string{"newsroom"}, args...)...)
		if code != want || !strings.Contains(out+errOut, says) {
			t.Errorf("%q: exit %d, want %d, saying %q:\n%s%s", args, code, want, says, out, errOut)
		}
	}
	f(0, "billion laughs", "--list-bad")
	f(0, `"name":"guid-churn"`, "--list-bad", "--json")
	f(2, "--feeds 0", "--feeds", "0")
	f(2, "--start needs --corpus", "--start", "2020-01-01")
	f(2, "--history needs --corpus", "--history", "x")
	f(2, "--speed", "--corpus", "x", "--speed", "0")
	f(2, "want 2026-01-31", "--corpus", "x", "--start", "soon")
	f(2, "rate", "--rate", "-1")
	f(1, "no such file", "--corpus", filepath.Join(t.TempDir(), "none"))
	f(1, "hang-header", "--bad", "nice")
}
