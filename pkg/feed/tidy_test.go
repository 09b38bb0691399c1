package feed

import (
	"strings"
	"testing"

	"golang.org/x/net/html"
)

func TestTidy(t *testing.T) {
	f := func(in, want string) {
		t.Helper()
		if got := tidy(in, baseOf("https://a.example/b/feed"), ""); got != want {
			t.Errorf("%s\n got %s\nwant %s", in, got, want)
		}
	}
	same := func(in string) { t.Helper(); f(in, in) }
	same("")
	same("1 < 2 & 3 > 2, a<3")
	same(`<p class="x" style='color:red'>one<br/>two</p>`)
	same(`<a href="https://c.example/x?a=1&amp;b=2">x</a> <a href="#top">up</a> <a href="mailto:x@a.example">m</a>`)
	same(`<img src="data:image/png;base64,AA==" alt="a > b">`)
	// links
	f(`<a href="x.html">x</a>`, `<a href="https://a.example/b/x.html">x</a>`)
	f(`<a title="t" HREF=/x?a=1&amp;b=2 id=q>x</a>`, `<a title="t" href="https://a.example/x?a=1&amp;b=2" id=q>x</a>`)
	f(`<img src='//c.example/i.png'>`, `<img src="https://c.example/i.png">`)
	f(`<img srcset="i.png 1x, /j.png 2x" src="https://c.example/i">`, `<img srcset="https://a.example/b/i.png 1x, https://a.example/j.png 2x" src="https://c.example/i">`)
	same(`<img srcset="https://c.example/i,w_1/x.png 1x, https://c.example/j.png 2x">`)
	same(`<a href="">x</a>`)
	// what could run
	f(`a<script>alert("<p>")</script>b<SCRIPT src=x></SCRIPT >c`, "abc")
	f(`a<style>p{}</style>b<iframe src="https://c.example"></iframe>c<noscript><p>x</p></noscript>d`, "abcd")
	f(`<p onclick="x()" id=a onload=x>t</p>`, `<p  id=a >t</p>`)
	f(`<a href="javascript:x()">t</a><a href=" JAVA&#115;cript&#58;x">t</a><a href="java&#9;script:x">t</a>`, `<a >t</a><a >t</a><a >t</a>`)
	f(`<a href="data:text/html,x">t</a><img srcdoc="x">`, `<a >t</a><img >`)
	f(`<form action=x><b>t</b></form><object data=x>u</object><svg><path/></svg>`, `<b>t</b>u<path/>`)
	f(`a<!-- <p> -->b<!doctype x>c<?php x ?>d<![CDATA[e]]>f</>g</ p>h`, "abcde]]>fgh")
	f(`<!--><img src=x onerror=y>-->z`, `<img src="https://a.example/b/x" >-->z`)
	f(`<textarea><a title="</textarea><img src=x onerror=y>">`, `<a title="</textarea><img src=x onerror=y>">`)
	f("a<script>never ends", "a")
	f("a<p title=\"never ends", "a")
	f("a<b", "a")
	f("it is <freezing & <windy outside", "it is &lt;freezing & &lt;windy outside")
	f("a</b", "a")
	f("<<style></style>script>x()</script>", "< script>x()")
	f(`</p x="><a title='">t<img onerror=x>'>`, `</p x="><a title='">t<img >'>`)
	f("a\x00b\x08c\td", "abc\td")
	// the page of the item goes before the feed, xml:base before both
	if got := tidy(`<a href=x>`, baseOf("https://a.example/feed"), "https://p.example/y/z"); got != `<a href="https://p.example/y/x">` {
		t.Error(got)
	}
	if got := tidy(`<a href=x>`, baseOf("https://a.example/feed").with("/base/"), "https://p.example/y/z"); got != `<a href="https://a.example/base/x">` {
		t.Error(got)
	}
	if got := tidy(`<a href=x>`, linkBase{}, ""); got != `<a href=x>` {
		t.Error(got)
	}
	// many short links and a long base
	long := "https://a.example/" + strings.Repeat("x", 8000) + "/"
	if got := tidy(strings.Repeat("<a href=y>", 10_000), baseOf(long), ""); len(got) > maxGrown+200_000 {
		t.Errorf("100 kB became %d bytes", len(got))
	}
}

// Fragments made to be slow stay in proportion to their size.
func TestTidyHostile(t *testing.T) {
	const n = 200_000
	for _, piece := range []string{"<!--", "<!", "<?", "</ ", "</", "<a b=\"", "<a ", "<script>", "</p", "<!-->", "<a onx>", "<zz ", "<zz b=\"", "<p href=x>", "<![CDATA[", "<"} {
		if got := tidy(strings.Repeat(piece, n), baseOf("https://a.example/"), ""); inert(got) != "" {
			t.Errorf("%q: %.100q", piece, got)
		}
	}
}

// inert reports what a browser's tokenizer finds in a fragment that could run.
func inert(s string) string {
	z := html.NewTokenizer(strings.NewReader(s))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return ""
		case html.StartTagToken, html.SelfClosingTagToken:
			tok := z.Token()
			if unsafeElement(tok.Data) != harmless {
				return tok.String()
			}
			for _, a := range tok.Attr {
				if strings.HasPrefix(a.Key, "on") && len(a.Key) > 2 || a.Key == "srcdoc" {
					return tok.String()
				}
				if v := cleanURL(a.Val); a.Key == "href" && strings.HasPrefix(strings.ToLower(v), "javascript:") {
					return tok.String()
				}
			}
		case html.CommentToken, html.DoctypeToken:
			return "comment " + z.Token().String()
		}
	}
}

func FuzzTidy(f *testing.F) {
	for _, s := range []string{
		"<p onclick=x>a</p>", "<<style></style>script>x", "<!--><img onerror=x>-->", `</p x="><a title='">t<img onerror=x>'>`, "<a/onclick='x'/href=javascript:x>",
		`<textarea><a title="</textarea><img onerror=y>">`, "<svg><style><img onerror=x></style>", "<a =onclick=x onx", "<b\x00r onx=1>", "<x<script>y</script>",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		got := tidy(in, baseOf("https://a.example/b"), "")
		if bad := inert(got); bad != "" {
			t.Fatalf("%q gives %q with %q", in, got, bad)
		}
		if again := tidy(got, baseOf("https://a.example/b"), ""); inert(again) != "" {
			t.Fatalf("%q gives %q", got, again)
		}
	})
}
