package text

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func tokens(s string) string {
	var b strings.Builder
	for i, t := range AppendTokens(nil, s) {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString("[" + s[t.Start:t.End] + "]")
	}
	return b.String()
}

func TestAppendTokens(t *testing.T) {
	f := func(in, want string) {
		t.Helper()
		if got := tokens(in); got != want {
			t.Errorf("%q\n got %s\nwant %s", in, got, want)
		}
	}
	f("", "")
	f(" \n\t ", "")
	f("Mr. Putin met the U.S. envoy.", "[Mr.] [Putin] [met] [the] [U.S.] [envoy] [.]")
	f("George W. Bush, J. K. Rowling, vitamin C.", "[George] [W.] [Bush] [,] [J.] [K.] [Rowling] [,] [vitamin] [C] [.]")
	f("O'Brien and O’Neill don't know Sana'a", "[O'Brien] [and] [O’Neill] [don't] [know] [Sana'a]")
	f("Trump's, Trump’s, the Smiths' house", "[Trump] ['s] [,] [Trump] [’s] [,] [the] [Smiths] ['] [house]")
	f("U.S.'s U.S.-led", "[U.S.] ['s] [U.S.] [-] [led]")
	f("Bashar al-Assad, El-Sisi, Al-Qaeda's", "[Bashar] [al-Assad] [,] [El-Sisi] [,] [Al-Qaeda] ['s]")
	f("Jean-Claude Kim Jong-un Ban Ki-moon Moon Jae-in", "[Jean-Claude] [Kim] [Jong-un] [Ban] [Ki-moon] [Moon] [Jae-in]")
	f("Trump-era US-led Russia-Ukraine anti-Trump", "[Trump] [-] [era] [US] [-] [led] [Russia] [-] [Ukraine] [anti] [-] [Trump]")
	f("well-known co-founder state-of-the-art", "[well-known] [co-founder] [state-of-the-art]")
	f("COVID-19 F-16s 19-year-old 2026-11-22", "[COVID-19] [F-16s] [19] [-] [year-old] [2026] [-] [11] [-] [22]")
	f("AT&T S&P R&D", "[AT&T] [S&P] [R&D]")
	f("said Monday.The \"next\" day", "[said] [Monday] [.] [The] [\"] [next] [\"] [day]")
	f("“Quoted”,‘so’ (x) [y]", "[“] [Quoted] [”] [,] [‘] [so] [’] [(] [x] [)] [[] [y] []]")
	f("$1,000.50 or 3.5% at 10:30am", "[$] [1,000.50] [or] [3.5] [%] [at] [10] [:] [30am]")
	f("wait... no -- yes!!", "[wait] [...] [no] [--] [yes] [!!]")
	f("Yahoo.com https://example.org/a?b=1, joe@example.org. @joe #tag", "[Yahoo.com] [https://example.org/a?b=1] [,] [joe@example.org] [.] [@joe] [#tag]")
	f("No. 10, no. No.", "[No.] [10] [,] [no] [.] [No] [.]")
	f("a.m. e.g. Ph.D. St. Louis Inc.", "[a.m.] [e.g.] [Ph.D.] [St.] [Louis] [Inc.]")
	f("東京で会議。", "[東] [京] [で] [会] [議] [。]")
	f("Москва – это", "[Москва] [–] [это]")
	f("👨‍👩‍👧 🇫🇷x", "[👨‍👩‍👧] [🇫🇷] [x]")
	f("a\xffb", "[a] [\xff] [b]")
	f("l’Assemblée d'Estaing", "[l’Assemblée] [d'Estaing]")
	f("dealers.OFA chair:The A.F.P.", "[dealers] [.] [OFA] [chair] [:] [The] [A.F.P.]")
	f("x:y said:Hello EU:s", "[x:y] [said] [:] [Hello] [EU:s]")

	kinds := []TokenKind{Word, Number, Punct, Symbol, Address, Handle}
	in := "word 12 , $ http://x.org @me"
	for i, tok := range AppendTokens(nil, in) {
		if tok.Kind != kinds[i] {
			t.Errorf("%q has kind %d, want %d", in[tok.Start:tok.End], tok.Kind, kinds[i])
		}
	}
}

func TestAppendTokensAppends(t *testing.T) {
	dst := AppendTokens(nil, "Jean")
	dst = AppendTokens(dst, "-Claude & 's.")
	if dst[0] != (Token{0, 4, Word}) || dst[1].Start != 0 {
		t.Errorf("tokens of another text were touched: %v", dst)
	}
}

// checkTokens holds what AppendTokens and AppendSentences promise.
func checkTokens(t interface{ Errorf(string, ...any) }, s string) {
	toks := AppendTokens(nil, s)
	end := int32(0)
	valid := utf8.ValidString(s)
	for _, k := range toks {
		switch {
		case k.Start < end || k.End <= k.Start || int(k.End) > len(s):
			t.Errorf("token %v after %d in %.200q", k, end, s)
			return
		case k.Kind < Word || k.Kind > Handle:
			t.Errorf("token %v has no kind in %.200q", k, s)
		case k.End-k.Start > maxToken && k.Kind != Punct && k.Kind != Handle:
			t.Errorf("token %v is too long", k)
		}
		for i, r := range s[end:k.Start] {
			if unicode.IsLetter(r) || unicode.IsDigit(r) {
				t.Errorf("%q at %d lies in no token of %.200q", r, int(end)+i, s)
			}
		}
		if valid && !utf8.ValidString(s[k.Start:k.End]) {
			t.Errorf("token %v cuts a character of %.200q", k, s)
		}
		end = k.End
	}
	n := 0
	for _, sp := range AppendSentences(nil, s, toks) {
		if n == len(toks) || sp.Start != toks[n].Start {
			t.Errorf("sentence %v does not begin with token %d of %.200q", sp, n, s)
			return
		}
		for n < len(toks) && toks[n].End <= sp.End {
			n++
		}
		if toks[n-1].End != sp.End {
			t.Errorf("sentence %v ends within a token of %.200q", sp, s)
		}
	}
	if n != len(toks) {
		t.Errorf("%d of %d tokens lie in sentences of %.200q", n, len(toks), s)
	}
}

func TestTokensOfHostileText(t *testing.T) {
	for _, s := range []string{
		strings.Repeat("x", 2<<20), strings.Repeat(".", 2<<20), strings.Repeat("a-", 300_000), strings.Repeat("A&", 300_000), strings.Repeat("a.", 300_000), strings.Repeat("U.", 300_000),
		strings.Repeat("👨‍👩‍👧", 30_000), strings.Repeat("\u0301", 300_000), "a'" + strings.Repeat("\u0301", 300_000), strings.Repeat("\xff", 300_000), strings.Repeat("🇫", 100_000),
		strings.Repeat("http://", 100_000), strings.Repeat("a@", 200_000), strings.Repeat("#", 300_000), strings.Repeat("東", 200_000), strings.Repeat("ก", 200_000), strings.Repeat("'s", 200_000), strings.Repeat("a:", 200_000),
		strings.Repeat("a@b.", 100_000) + "é", strings.Repeat("1,", 200_000),
	} {
		checkTokens(t, s)
	}
}

func FuzzAppendTokens(f *testing.F) {
	for _, s := range []string{"Mr. U.S.-led O'Brien's AT&T http://a.b joe@x.org #é \xff", "al-Assad Jean-Claude's Monday.The 1.5-x", "“A.” B. 東。"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { checkTokens(t, s) })
}

func sentences(s string) string {
	var out []string
	for _, sp := range AppendSentences(nil, s, AppendTokens(nil, s)) {
		out = append(out, s[sp.Start:sp.End])
	}
	return strings.Join(out, " / ")
}

func TestAppendSentences(t *testing.T) {
	f := func(in, want string) {
		t.Helper()
		if got := sentences(in); got != want {
			t.Errorf("%q\n got %s\nwant %s", in, got, want)
		}
	}
	f("", "")
	f("One. Two! Three? Four", "One. / Two! / Three? / Four")
	f("Mr. Smith of Acme Inc. met George W. Bush. They talked.", "Mr. Smith of Acme Inc. met George W. Bush. / They talked.")
	f("He left the U.S. The visit ended in the U.S. Senate.", "He left the U.S. / The visit ended in the U.S. Senate.")
	f("He works for Acme Inc. It grew.", "He works for Acme Inc. / It grew.")
	f("“Go.” He went. (It rained.) Then “no”, he said.", "“Go.” / He went. / (It rained.) / Then “no”, he said.")
	f("It rose 3.5 percent at 10 a.m. on Monday.Then it fell.", "It rose 3.5 percent at 10 a.m. on Monday. / Then it fell.")
	f("Wait... what? ok", "Wait... what? ok")
	f("Head line\n\nBody text\n\nMore", "Head line / Body text / More")
	f("First item\nSecond item\nThird", "First item / Second item / Third")
	f("This is a line of prose which was wrapped by hand at some\nColumn, as agencies used to do it in the old days of the\nwire.", "This is a line of prose which was wrapped by hand at some\nColumn, as agencies used to do it in the old days of the\nwire.")
	f("首相は述べた。野党は「遅い」とした。", "首相は述べた。 / 野党は「遅い」とした。")
	f("Он ушёл. Она осталась.", "Он ушёл. / Она осталась.")
	f("\"No.\" \"Yes.\"", "\"No.\" / \"Yes.\"")
}

func BenchmarkAppendTokens(b *testing.B) {
	s := strings.Repeat(englishSample, 20)
	var dst []Token
	b.SetBytes(int64(len(s)))
	b.ReportAllocs()
	for b.Loop() {
		dst = AppendTokens(dst[:0], s)
	}
	b.ReportMetric(float64(len(dst)), "tokens/op")
}

func BenchmarkAppendSentences(b *testing.B) {
	s := strings.Repeat(englishSample, 20)
	toks := AppendTokens(nil, s)
	var dst []Span
	b.SetBytes(int64(len(s)))
	b.ReportAllocs()
	for b.Loop() {
		dst = AppendSentences(dst[:0], s, toks)
	}
}

const englishSample = `WESTHAVEN — Mayor Ada O'Brien's council voted 7-4 on Monday to close the old harbour bridge, the U.S.-built crossing that has linked both banks since 1931. “We can't wait,” she told reporters. “It isn't safe.”

Bashar al-Tamimi, who runs the ferry company Tamimi & Sons Ltd., said the decision would cost him $1.2 million a year. His lawyer, Jean-Claude Perrin, will go to court; a hearing is set for Nov. 30 at 10 a.m. The well-known engineer had warned of cracks in 2024.

`
