package text

import (
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

func TestFromHTML(t *testing.T) {
	f := func(in, want string) {
		t.Helper()
		if got := FromHTML(in, 0); got != want {
			t.Errorf("FromHTML(%q)\n got %q\nwant %q", in, got, want)
		}
	}
	f("", "")
	f("Plain words.", "Plain words.")
	f("One.\n\nTwo.\nThree.", "One.\n\nTwo.\nThree.")
	f("  One \t line  \r\n\r\n\r\n\r\n  two ", "One line\n\ntwo")

	f("<p>One</p><p>Two</p>", "One\n\nTwo")
	f("<p>One\n  wrapped\nline<p>Two", "One wrapped line\n\nTwo")
	f("<h2>Head</h2>Text<div>More</div>", "Head\n\nText\n\nMore")
	f("a<br>b<br/><br />c", "a\nb\n\nc")
	f("<ul><li>One</li> <li>Two <b>bold</b></li></ul>after", "One\nTwo bold\n\nafter")
	f("<table><tr><th>Party</th><th>Seats</th></tr><tr><td>Greens</td><td></td><td>12</td></tr></table>", "Party | Seats\nGreens | 12")
	f("<pre>a\n b</pre>", "a\nb")
	f("He said <q>no</q>.", `He said "no".`)
	f("un<b>break</b>able", "unbreakable")
	f(`<a href="/x">Link</a>, text`, "Link, text")
	f(`<figure><img src=x alt="A man"><figcaption>The man</figcaption></figure>Then`, "The man\n\nThen")

	f("a<script>if (a<b) '</p>'</script>b", "ab")
	f("a<SCRIPT>x</SCRIPT >b<style>p{}</style>c", "abc")
	f("a<script>never closed", "a")
	f("a<!-- <p>x</p> -->b<!---->c<!-->d", "abcd")
	f("<!DOCTYPE html><?xml version='1.0'?><html><head><title>T</title></head><body>x</body></html>", "x")
	f("<![CDATA[<p>x]]></p>y", "x\n\ny")
	f("a<noscript><img></noscript><iframe src=x>no</iframe><svg><text>n</text></svg>b", "ab")
	f("a<div hidden>x<div>y</div></div>b", "a\n\nb")
	f(`a<span style="color:red; display : none !important">x</span>b`, "ab")
	f(`Read on<span class="more screen-reader-text"> about it</span>.`, "Read on.")
	f(`a<p style="visibility:hidden">x<p>b`, "a\n\nb")
	f(`<div>a<span hidden>x</div>b`, "a\n\nb")
	f("a<button>Share</button><select><option>x</select>b", "ab")
	f(`<o:p>x</o:p><amp-img src=x></amp-img>`, "x")

	f("AT&amp;T &lt;3 &copy; &#8220;x&#x201D; &hellip;", "AT&T <3 © “x” …")
	f("AT&amp;amp;amp;T", "AT&T")
	f("&lt;p&gt;One&lt;/p&gt;&lt;p&gt;Two &amp;amp; three&lt;/p&gt;", "One\n\nTwo & three")
	f("&amp;lt;b&amp;gt;x&amp;lt;/b&amp;gt;", "x")
	f("<p>One</p><p>Two &lt;i&gt;x&lt;/i&gt;</p>", "One\n\nTwo x")
	f("1 < 2 and 3 > 2, I <heart> NY, a<5, </3", "1 < 2 and 3 > 2, I <heart> NY, a<5, </3")
	f("mail <joe@example.org> or <https://example.org/x>", "mail <joe@example.org> or <https://example.org/x>")
	f(`cut off <a href="http://example.org/wh`, "cut off")

	f("e\u0301t\u00e9", "\u00e9t\u00e9")
	f("a\u200bb\u00adc\ufeff\u2060d\u202ee\x00f\x1bg", "abcdefg")
	f("a\u00a0b\u2003c\u3000d", "a b c d")
	f("x\u200dy \u0915\u094d\u200d\u0937 \U0001F468\u200D\U0001F469", "xy \u0915\u094d\u200d\u0937 \U0001F468\u200D\U0001F469")
	f("it\u0092s", "it’s")
	f("a\xff\xfe\xfdb", "a\ufffdb")
	f("z\u0301"+strings.Repeat("\u0301", 50), "\u017a"+strings.Repeat("\u0301", maxMarks-1))
}

func TestFromHTMLBounds(t *testing.T) {
	long := strings.Repeat("word ", 100)
	if got := FromHTML(long, 52); got != strings.TrimSpace(long[:50]) {
		t.Errorf("cut at a space: %q", got)
	}
	if got := FromHTML(strings.Repeat("é", 100), 51); got != strings.Repeat("é", 25) {
		t.Errorf("cut between characters: %q", got)
	}
	for name, in := range map[string]string{
		"no space":      strings.Repeat("x", 2<<20),
		"nested":        strings.Repeat("<div>", 400_000) + "x",
		"nested hidden": strings.Repeat("<div hidden>", 150_000) + "x",
		"ampersands":    "&" + strings.Repeat("amp;", 500_000) + "lt;b&gt;",
		"references":    strings.Repeat("&#38;#38;", 100_000),
		"less than":     strings.Repeat("<", 2<<20),
		"open tags":     strings.Repeat("<a href=\"", 200_000),
		"comments":      strings.Repeat("<!--", 500_000),
		"end tags":      "<script>" + strings.Repeat("</scrip", 300_000),
		"emoji":         strings.Repeat("\U0001F468\u200D\U0001F469\u200D\U0001F467", 50_000),
		"marks":         "a" + strings.Repeat("\u0344", 500_000),
		"invalid":       strings.Repeat("\xff", 2<<20),
	} {
		got := FromHTML(in, 1<<20)
		if len(got) > 1<<20 || !utf8.ValidString(got) {
			t.Errorf("%s: %d bytes, valid %v", name, len(got), utf8.ValidString(got))
		}
		if again := FromHTML(got, 1<<20); again != got {
			t.Errorf("%s: not idempotent", name)
		}
	}
}

func TestPlain(t *testing.T) {
	f := func(in, want string) {
		t.Helper()
		if got := Plain(in); got != want {
			t.Errorf("Plain(%q) = %q, want %q", in, got, want)
		}
	}
	f(" <b>Budget</b>:\n vote <i>fails</i> ", "Budget: vote fails")
	f("One<br>two", "One two")
	f("Q&amp;amp;A", "Q&A")
	f("line\n\nline", "line line")
}

// checkClean holds what FromHTML promises for any input.
func checkClean(t interface{ Errorf(string, ...any) }, in string, max int) {
	got := FromHTML(in, max)
	switch {
	case len(got) > max:
		t.Errorf("%d bytes, asked for %d", len(got), max)
	case !utf8.ValidString(got):
		t.Errorf("invalid UTF-8 from %q", in)
	case !norm.NFC.IsNormalString(got):
		t.Errorf("not NFC: %q", got)
	case strings.TrimSpace(got) != got || strings.Contains(got, "\n\n\n") || strings.Contains(got, "  ") || strings.Contains(got, " \n") || strings.Contains(got, "\n "):
		t.Errorf("white space not folded: %q from %q", got, in)
	case FromHTML(got, max) != got:
		t.Errorf("not idempotent: %q gives %q, and then %q", in, got, FromHTML(got, max))
	}
	if p := Plain(in); Plain(p) != p || strings.ContainsAny(p, "\n\t") {
		t.Errorf("Plain: %q gives %q, and then %q", in, p, Plain(p))
	}
}

// TestFromHTMLProperties mixes pieces of markup in every order.
func TestFromHTMLProperties(t *testing.T) {
	pieces := []string{
		"<", ">", "&", ";", "amp;", "lt;", "&lt;", "&gt;", "&amp;", "#38;", "&#", "p", "b", "<p>", "</p>", "<b>", "</b>", "<br>", "<div hidden>", "</div>",
		"<script>", "</script>", "<!--", "-->", "<![CDATA[", "]]>", "<q>", "<td>", "<tr>", "<li>", "<pre>", "</pre>", "\n", "\r\n", "\n\n", " ", "\t", "word", "x y",
		"é", "e\u0301", "\u0344", "\u0301", "\u200d", "\u0915\u094d", "\u2028", "\u2029", "\u0085", "\xff", "\u00a0", "|", " | ", "<heart>", "<o:", "a-b", "=\"", "'", "/", "q>", "&ngt", "&NotLess;",
	}
	rapid.Check(t, func(t *rapid.T) {
		in := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 30).Draw(t, "pieces"), "")
		checkClean(t, in, rapid.IntRange(1, 200).Draw(t, "max"))
	})
}

func FuzzFromHTML(f *testing.F) {
	f.Add("<p>One &amp;lt;b> <script>x</script><td>\r\n\u0344e\u0301")
	f.Add("a<div hidden><![CDATA[x]]></div>&#38;#x26;amp;")
	f.Fuzz(func(t *testing.T, in string) {
		if len(in) > 1<<16 {
			return
		}
		checkClean(t, in, 4096)
		checkClean(t, in, 20)
	})
}
