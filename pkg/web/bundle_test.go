package web

import (
	"bytes"
	"strings"
	"testing"
)

// A clean clone has no bundle: pages come without a script, say why, and show
// the tables that a chart would hide.
func TestPagesWithoutTheBundle(t *testing.T) {
	own := assets{"style.css": {tag: "1"}, "icon.svg": {tag: "2"}}
	f := func(files assets, charts bool) string {
		t.Helper()
		var b bytes.Buffer
		if err := parsePages(files)["home.html"].ExecuteTemplate(&b, "frame", frame{Path: "/", Charts: charts, Data: homePage{Graph: graph{Entity: "per/x", Name: "X"}}}); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	without := f(own, false)
	if strings.Contains(without, "<script") || !strings.Contains(without, "built without the charts") || !strings.Contains(without, `<details class="numbers" open>`) {
		t.Errorf("without the bundle:\n%s", without)
	}
	with := f(assets{"style.css": {}, "icon.svg": {}, "app.js": {tag: "3"}}, true)
	if !strings.Contains(with, `<script src="/assets/app.js?3" defer></script>`) || strings.Contains(with, "built without") {
		t.Errorf("with the bundle:\n%s", with)
	}
}

func TestWriting(t *testing.T) {
	f := func(got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	f(num(uint64(0)), "0")
	f(num(999), "999")
	f(num(1234567), "1,234,567")
	f(pct(0), "0 %")
	f(pct(0.4321), "43.2 %")
	f(pct(0.00004), "0.004 %")
	f(pct(1), "100 %")
	f(lag(950), "950 ms")
	f(lag(61_000), "1 min")
	f(brief(day), "24h")
	f(brief(7*day), "7d")
	f(entityPath("per/a b?c#d"), "/entity/per/a%20b%3Fc%23d")
	f(safeLink("https://a.org/x"), "https://a.org/x")
	f(safeLink("javascript:alert(1)"), "")
	f(safeLink("//a.org"), "")
	f(count(1, "copy", "copies"), "1 copy")
}
