package app_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/dateline/dateline/pkg/app"
	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/news"
)

// TestAuditOfLogs: whatever is missing from the tables is named, and what was
// rightly dropped, or set aside, is not.
func TestAuditOfLogs(t *testing.T) {
	a, end := start(t, config(t), "enrich", "land")
	defer end()
	began := time.Now().UTC().Truncate(time.Millisecond)
	text := func(i, version int) string {
		return strings.Repeat(fmt.Sprintf("Report %d of the harbour, version %d. ", i, version), 12)
	}
	sent := int64(0)
	send := func(i, version int, seen time.Time) {
		x := anArticle(news.ID(0xc0 + i))
		x.SeenAt, x.Content, x.Title = seen, text(i, version), fmt.Sprint("Report ", i)
		publish(t, a, bus.Message{Topic: news.TopicArticles, Key: []byte(x.ID.String()), Value: news.Encode(x)})
		// One after the other: the partitions of articles have no order.
		sent++
		until(t, "it has become a document", func() bool {
			_, end, err := a.Bus.Bounds(t.Context(), news.TopicDocuments, 0)
			return err == nil && end >= sent
		})
	}
	for i := range 4 {
		send(i, 1, began.Add(-time.Hour))
	}
	until(t, "they have landed", func() bool { return len(stored(t, a)) == 4 })
	send(1, 1, began)                     // the same
	send(1, 2, began.Add(-time.Minute))   // a revision
	send(1, 3, began.Add(-time.Second*9)) // too soon after that
	publish(t, a, bus.Message{Topic: news.TopicDocuments, Value: []byte("{}")}, bus.Message{Topic: news.TopicArticles, Value: []byte("?")})
	until(t, "the revision has landed", func() bool { return strs(t, a, "SELECT toString(count()) FROM articles")[0] == "5" })

	f := func(what string, opt app.AuditOptions, want ...string) {
		t.Helper()
		opt.Wait = time.Minute
		checks, err := a.AuditLogs(t.Context(), opt)
		if err != nil {
			t.Fatal(err)
		}
		found := ""
		for _, c := range checks {
			if c.Problems > 0 {
				found += c.Name + ": " + c.Detail + "\n"
			}
			if c.Status == app.CheckNote && len(want) == 0 {
				t.Errorf("%s: note %s", what, c.Detail)
			}
		}
		for _, w := range want {
			if !strings.Contains(found, w) {
				t.Errorf("%s: %q is not found:\n%s", what, w, found)
			}
		}
		if len(want) == 0 && found != "" {
			t.Errorf("%s:\n%s", what, found)
		}
	}
	kept := "CREATE TABLE kept ENGINE = MergeTree ORDER BY off AS SELECT * FROM articles"
	sql := func(queries ...string) {
		t.Helper()
		for _, q := range queries {
			if err := a.Store.Exec(t.Context(), q); err != nil {
				t.Fatal(err)
			}
		}
	}
	f("sound", app.AuditOptions{})
	sql(kept)
	for _, c := range []struct {
		what, where string
		want        []string
	}{
		{"an article that is gone", "article_id = 0xc2", []string{"articles: article 00000000000000c2 has not landed", "documents: article 00000000000000c2 of offset 2 has not landed"}},
		{"a revision that is gone", "revision = 1", []string{"is revision 1 of article 00000000000000c1 and has not landed"}},
		{"an article of which a later revision is left", "article_id = 0xc1 AND revision = 0", []string{"article 00000000000000c1 of offset 1 has landed from a later offset alone"}},
	} {
		sql("ALTER TABLE articles DELETE WHERE " + c.where + " SETTINGS mutations_sync = 2")
		f(c.what, app.AuditOptions{}, c.want...)
		f(c.what+", of another time", app.AuditOptions{From: began.AddDate(0, 0, -9), To: began.AddDate(0, 0, -8)})
		sql("INSERT INTO articles SELECT * FROM kept WHERE " + c.where)
		f(c.what+", put back", app.AuditOptions{})
	}
	// Rows that the log says nothing of are told apart.
	sql("INSERT INTO articles SELECT * REPLACE (0 AS epoch, off + 7 AS off, article_id + 99 AS article_id) FROM (SELECT * FROM kept ORDER BY off LIMIT 3)")
	checks, err := a.AuditLogs(t.Context(), app.AuditOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if c := checks[2]; c.Looked != 3 || c.Status != app.CheckNote || !strings.Contains(c.Detail, "epoch 0: offsets 7 to 9 have 3 rows; the other 0") {
		t.Errorf("%+v", c)
	}
}
