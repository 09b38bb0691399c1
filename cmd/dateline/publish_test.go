package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/engine/enginetest"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/producers/intake"
	"github.com/prometheus/client_golang/prometheus"
)

func write(t *testing.T, name, content string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestPublishUsage(t *testing.T) {
	token := write(t, "token", "0123456789abcdef")
	f := func(want int, says string, args ...string) {
		t.Helper()
		code, out, errOut := run(t, "", append([]string{"publish"}, args...)...)
		if code != want || !strings.Contains(out+errOut, says) {
			t.Errorf("publish %s: exit %d, want %d, saying %q:\n%s%s", strings.Join(args, " "), code, want, says, out, errOut)
		}
	}
	f(0, `"$schema"`, "--schema")
	f(2, "--schema takes no FILE", "--schema", "x")
	f(2, "--url needs --token-file", "--url", "https://x.example/")
	f(2, "--token-file is for --url", "--token-file", token)
	f(2, "is no address to push to", "--url", "x.example", "--token-file", token)
	f(2, "--give-up", "--url", "https://x.example/", "--token-file", token, "--give-up", "-1s")
	f(1, "no such file", "--url", "https://x.example/", "--token-file", "no-such-file")
	f(1, "start it with `dateline up`", "--data", t.TempDir())
	_, out, _ := run(t, "", "publish", "--schema")
	if !json.Valid([]byte(out)) {
		t.Error("the schema is no JSON")
	}
}

// TestPublishToBoth: the same lines are published through the brokers and
// through another dateline; broken ones are named, and the rest is there.
func TestPublishToBoth(t *testing.T) {
	cfg := bus.DefaultConfig()
	cfg.Brokers = enginetest.StartKafka(t)
	b, err := bus.New(cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if err := b.EnsureTopics(t.Context(), news.Topics); err != nil {
		t.Fatal(err)
	}
	tokens := write(t, "tokens", "wire 0123456789abcdef\n")
	push, err := intake.NewPush(tokens, b, slog.New(slog.DiscardHandler), prometheus.NewRegistry(), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(push)
	defer srv.Close()

	var in strings.Builder
	for i := range 1200 {
		if i == 700 {
			in.WriteString("broken\n\n")
		}
		fmt.Fprintf(&in, `{"url":"https://e.example/%d","title":"t"}`+"\n", i)
	}
	file := write(t, "in.jsonl", `{"url":"https://e.example/file","title":"t"}`)
	code, out, errOut := run(t, in.String(), "publish", "-", file, "--url", srv.URL, "--token-file", tokens)
	if code != 1 || out != fmt.Sprintf("stdin: 1201 lines, 1200 published, 1 broken\n%s: 1 lines, 1 published, 0 broken\n", file) ||
		!strings.HasPrefix(errOut, "stdin: line 701: no JSON") || strings.Count(errOut, "\n") != 1 {
		t.Errorf("exit %d\n%s%s", code, out, errOut)
	}
	ids := map[string]int{}
	for p := range 16 {
		_, err := b.ReadAll(t.Context(), news.TopicArticles, p, func(m bus.Message) error {
			a, err := news.Decode[news.Article](m.Value)
			if err == nil {
				ids[a.URL]++
				if a.Backlog || m.Headers["client"] != "wire" {
					t.Errorf("%+v, headers %v", a, m.Headers)
				}
			}
			return err
		})
		if err != nil && err != io.EOF {
			t.Fatal(err)
		}
	}
	if len(ids) != 1201 || ids["https://e.example/file"] != 1 || ids["https://e.example/700"] != 1 {
		t.Errorf("%d articles", len(ids))
	}
	code, _, errOut = run(t, "", "publish", "no-such-file", "--url", srv.URL, "--token-file", tokens)
	if code != 1 || !strings.Contains(errOut, "no such file") {
		t.Errorf("exit %d, %s", code, errOut)
	}
	code, _, errOut = run(t, in.String(), "publish", "--url", srv.URL, "--token-file", write(t, "other", "an-unknown-token-here"))
	if code != 1 || !strings.Contains(errOut, "401") || strings.Contains(errOut, "an-unknown-token-here") {
		t.Errorf("exit %d, %s", code, errOut)
	}
}

func TestInClear(t *testing.T) {
	for address, want := range map[string]bool{
		"https://x.example/": false, "http://x.example/": true, "http://10.0.0.1:80/": true,
		"http://localhost:8420/": false, "http://127.0.0.1:8420/": false, "http://[::1]:8420/": false,
	} {
		if got := inClear(address); got != want {
			t.Errorf("%s: %v", address, got)
		}
	}
}
