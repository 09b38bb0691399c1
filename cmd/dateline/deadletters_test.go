package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/dateline/dateline/pkg/app"
	"github.com/dateline/dateline/pkg/store"
)

func TestOperatingCommandsRefuse(t *testing.T) {
	f := func(says string, args ...string) {
		t.Helper()
		if code, out, errOut := run(t, "", args...); code != exitUsage || !strings.Contains(errOut, says) {
			t.Errorf("dateline %s: exit %d, want 2, saying %q:\n%s%s", strings.Join(args, " "), code, says, out, errOut)
		}
	}
	f("no command", "dead-letters", "nosuch")
	f("--state", "dead-letters", "list", "--state", "done")
	f("--limit", "dead-letters", "list", "--limit", "0")
	f("one LETTER", "dead-letters", "show")
	f("want the number", "dead-letters", "show", "documents/0/1")
	f("LETTERs or --all", "dead-letters", "retry")
	f("LETTERs or --all", "dead-letters", "retry", "1", "--all")
	f("select among --all", "dead-letters", "retry", "1", "--stage", "land")
	f("at least one LETTER", "dead-letters", "dismiss")
	f("one ARTICLE", "revisions")
	f("want 2026-01-31", "audit", "--from", "yesterday")
}

func TestWhenIsHowLongAgo(t *testing.T) {
	for _, s := range []string{"7d", "-7d", "168h", "-168h"} {
		if at, err := when(s, time.Time{}); err != nil || time.Since(at.AddDate(0, 0, 7)).Abs() > 2*time.Hour {
			t.Errorf("%s: %v, %v", s, at, err)
		}
	}
}

func TestLetterBody(t *testing.T) {
	long := `{"text":"` + strings.Repeat("ä", maxBody) + `"}`
	for _, c := range []struct {
		in, want string
		full     bool
		whole    bool
	}{
		{`{"v":1,"url":"https://me:secret@a.example/x"}`, "{\n  \"v\": 1,\n  \"url\": \"https://***@a.example/x\"\n}", false, true},
		{"\x1b[31mred\xff", `\x1b[31mred\xff`, false, true},
		{"", "", false, true},
		{long, "", false, false},
		{long, "", true, true},
	} {
		got, whole := letterBody([]byte(c.in), c.full)
		if c.want != "" && got != c.want || whole != c.whole || len(got) > maxBody && !c.full || !strings.Contains(got, c.want) {
			t.Errorf("%.60q: %.80q, whole %v", c.in, got, whole)
		}
	}
}

func TestListLetters(t *testing.T) {
	var b bytes.Buffer
	at := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	if err := listLetters(&b, []*app.DeadLetter{{Offset: 7, At: at, Stage: "land", Topic: "documents", From: 9, Key: "k", State: app.LetterReturned, Again: 12, Attempt: 1, Error: "a\nb\x1b"}}); err != nil {
		t.Fatal(err)
	}
	if got := b.String(); !strings.Contains(got, "7       2026-03-01 08:00:00  land   documents/0/9  k    1      returned 12  a b ") {
		t.Error(got)
	}
}

func TestShowRevisions(t *testing.T) {
	list := make([]store.ArticleText, 3)
	for i, body := range []string{"The harbour is closed. Ann Lee left.", "The harbour is open. Ann Lee left.", "The  harbour is open.\nAnn Lee left."} {
		a := &list[i]
		a.ID, a.Revision, a.Title, a.Text, a.Words, a.SeenAt, a.URL = 7, uint16(i), "Harbour", body, 7, time.Date(2026, 3, 1, 8, i, 0, 0, time.UTC), "https://a.example/7"
		a.Entities = []string{"per/ann-lee"}
	}
	list[1].Entities, list[2].Entities = []string{"loc/kiel"}, []string{"loc/kiel"}
	var b bytes.Buffer
	if err := showRevisions(&b, revisionsOf(list), false); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"0000000000000007  Harbour\nhttps://a.example/7, 3 revisions", "revision 1  2026-03-01 08:01:00  7 words from , 1 inserted, 1 deleted",
		"The harbour is [-closed-] {+open+}. Ann Lee left.", "came   loc/kiel", "went   per/ann-lee", "nothing but white space",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("lacks %q:\n%s", want, b.String())
		}
	}
}
