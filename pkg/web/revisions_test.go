package web

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/dateline/dateline/pkg/store"
)

// TestArticleShowsWhatChanged: the newest change comes first, and what was
// written by others stays text.
func TestArticleShowsWhatChanged(t *testing.T) {
	var list []store.ArticleText
	for i := range 30 {
		a := store.ArticleText{Text: fmt.Sprintf("The harbour opens at %d. <b>Nobody</b> was hurt.", i), Entities: []string{fmt.Sprint("loc/place-", i/29)}}
		a.ID, a.Revision, a.Title, a.SeenAt = 7, uint16(i), "Harbour", time.Date(2026, 3, 1, i%24, 0, 0, 0, time.UTC)
		list = append(list, a)
	}
	list[29].Title = "Harbour & town"
	var b bytes.Buffer
	if err := parsePages(assets{})["article.html"].ExecuteTemplate(&b, "frame", frame{Path: "/article/x", Data: articlePage{ID: 7, Revisions: list, Changes: changes(list)}}); err != nil {
		t.Fatal(err)
	}
	page := b.String()
	for _, want := range []string{
		"Harbour <ins>&amp; town</ins>", "opens at <del>28</del> <ins>29</ins>. &lt;b&gt;Nobody&lt;/b&gt; was hurt.",
		`<a href="/entity/loc/place-1">loc/place-1</a>`, `<a href="/entity/loc/place-0">loc/place-0</a>`, "1 word inserted",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if n := strings.Count(page, `class="revision"`); n != comparedRevisions || strings.Index(page, "Revision 29,") > strings.Index(page, "Revision 28,") {
		t.Errorf("%d revisions are compared, want %d, the newest first", n, comparedRevisions)
	}
	if changes(list[:1]) != nil {
		t.Error("a single revision has changes")
	}
}
