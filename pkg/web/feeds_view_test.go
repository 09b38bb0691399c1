package web

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/dateline/dateline/pkg/health"
	"github.com/dateline/dateline/pkg/store"
)

func TestPagesOfFeeds(t *testing.T) {
	d := &feedsPage{Query: health.Query{State: "ok", Search: "a b", Sort: "name"}, All: 200, Total: 120, Page: 2, Pages: 3, Sorts: health.Sorts, Rows: []feedRow{{}}}
	f := func(got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	f(d.Link("page", 3), "/feeds?page=3&q=a+b&sort=name&state=ok")
	f(d.Link("state", ""), "/feeds?q=a+b&sort=name")
	f(d.Link("tag", "x&y"), "/feeds?q=a+b&sort=name&state=ok&tag=x%26y")
	f((&feedsPage{}).Link("state", ""), "/feeds")
	var b bytes.Buffer
	if err := parsePages(assets{})["feeds.html"].ExecuteTemplate(&b, "frame", frame{Path: "/feeds", Data: d}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"page 2 of 3", `state=ok" rel="prev"`, "page=3", `rel="next"`, "<b>120</b> of 200 feeds", `value="a b"`, `<option value="name" selected>`} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %s in\n%s", want, b.String())
		}
	}
	f(bytesOf(999), "999 B")
	f(bytesOf(24_040), "24 kB")
	f(bytesOf(1_240_000), "1.2 MB")
}

// TestFeedsWithoutADatabase: the list is not kept where it could not be made.
func TestFeedsWithoutADatabase(t *testing.T) {
	cfg := store.DefaultConfig()
	cfg.Addr = []string{"127.0.0.1:1"}
	db, err := store.Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	s := New(DefaultConfig(), Deps{Store: db, Now: func() time.Time { return time.Unix(1e9, 0) }})
	for range 2 {
		if l, err := s.allFeeds(context.Background()); err == nil {
			t.Errorf("%+v without a database", l)
		}
	}
}
