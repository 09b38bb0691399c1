package page

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/text"
)

// claim is what the feed said of an article: the measure of what its page
// gives. A page may be a consent form, an error in a friendly tone, or another
// article, all of them answered with 200.
type claim struct {
	name  uint64   // hash of the title
	title []uint64 // terms that tell the article from others, each once
	terms []uint64 // the same of title and teaser together
	words int      // of the text there is already
	bytes int
}

// Bounds of what counts as the text of an article.
const (
	minWords = 25
	maxClaim = 4 << 10 // bytes of the teaser that are looked at
)

func newClaim(a *news.Article) claim {
	summary := text.FromHTML(a.Summary, 64<<10)
	c := claim{words: text.Words(summary), bytes: len(summary)}
	if full := text.FromHTML(a.Content, maxText); len(full) > len(summary) {
		c.words, c.bytes = text.Words(full), len(full)
		if summary == "" {
			summary = full
		}
	}
	if len(summary) > maxClaim {
		summary = strings.ToValidUTF8(summary[:maxClaim], "")
	}
	title := text.Plain(a.Title)
	c.name = text.BodyHash(title)
	c.title, c.terms = distinct(telling(title)), distinct(telling(title+"\n"+summary))
	return c
}

// telling gives the terms of s that say something about its subject: in
// scripts which part words, those of four letters and more.
func telling(s string) []uint64 {
	var out []uint64
	for w := range strings.FieldsFuncSeq(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.Mn, r) }) {
		const dense = 0x0e00 // Thai and beyond: one sign says more than a letter
		if r, _ := utf8.DecodeRuneInString(w); r >= dense || utf8.RuneCountInString(w) >= 4 {
			out = text.AppendTerms(out, w)
		}
	}
	return out
}

// distinct sorts terms and drops repeats.
func distinct(terms []uint64) []uint64 {
	slices.Sort(terms)
	return slices.Clip(slices.Compact(terms))
}

// check tells whether a text from a page of some title can be that of the
// article, and gives it without what belongs to a wall. The error is
// errNoText, errWall, errForeign or errNoLonger.
func (c claim) check(plain, title string) (string, error) {
	open, walled := withoutWall(plain)
	n := text.Words(open)
	err := error(nil)
	switch {
	case n < minWords:
		err = errNoText
	case !c.fits(open, title, n):
		err = errForeign
	case n <= c.words || len(open) <= c.bytes:
		err = errNoLonger
	}
	if err != nil && walled {
		err = errWall
	}
	return open, err
}

// Of the terms of title and teaser, the texts of 85 of 90 real articles had
// 0.45 and more; of those of other articles 1 in 120 had so many. What is short
// of it may be a headline without a word of its story: the page's own title
// then speaks for a text that shares something with the teaser, or is long.
const (
	surely   = 0.45
	hardly   = 0.2
	sameName = 0.6 // of the shorter of two titles, in the other
	longText = 150 // words
)

func (c claim) fits(plain, title string, words int) bool {
	common := shared(c.terms, plain)
	if common >= surely {
		return true
	}
	bare := len(c.terms) == len(c.title) // there is no teaser
	return c.named(title) && (bare || common >= hardly || words >= longText)
}

// named tells whether a page bears the article's title, or one of both bears
// the other's and the name of the site besides.
func (c claim) named(title string) bool {
	page := distinct(telling(title))
	common := 0
	for _, t := range page {
		if _, has := slices.BinarySearch(c.title, t); has {
			common++
		}
	}
	return common >= min(2, len(c.title)) && float64(common) >= sameName*float64(min(len(page), len(c.title))) && common > 0
}

// shared gives the share of distinct terms which a text has, 0..1; 1 where
// there are none.
func shared(terms []uint64, s string) float64 {
	if len(terms) == 0 {
		return 1
	}
	found := make([]bool, len(terms))
	n := 0
	for _, t := range telling(s) {
		if i, ok := slices.BinarySearch(terms, t); ok && !found[i] {
			found[i] = true
			n++
		}
	}
	return float64(n) / float64(len(terms))
}

// withoutWall leaves out the short paragraphs which ask the reader for consent
// or money instead of telling the story.
func withoutWall(plain string) (open string, walled bool) {
	pars := strings.Split(plain, "\n\n")
	kept := pars[:0:0]
	for _, par := range pars {
		if len(par) <= maxAsk && asks(par) {
			walled = true
			continue
		}
		kept = append(kept, par)
	}
	if !walled {
		return plain, false
	}
	return strings.Join(kept, "\n\n"), true
}

// maxAsk is how long a paragraph may be to be taken for a request, in bytes.
const maxAsk = 400

func asks(par string) bool {
	low := strings.ToLower(par)
	for _, s := range requests {
		if strings.Contains(low, s) {
			return true
		}
	}
	return false
}

// requests are phrases of walls. Each is of words which an article does not
// use in this order unless it is about websites.
var requests = []string{
	"subscribe to continue", "subscribe to read", "subscribe now to", "already a subscriber", "sign in to continue", "log in to continue",
	"sign in to read", "log in to read", "register to continue", "register to read", "create a free account", "this article is for subscribers",
	"this content is for subscribers", "to continue reading", "articles remaining", "we use cookies", "we and our partners", "our partners store",
	"accept all cookies", "accept cookies", "cookie settings", "your privacy choices", "enable javascript", "disable your ad blocker",
	"verify you are human", "checking your browser", "unusual traffic",
	"jetzt weiterlesen", "um weiterzulesen", "bereits abonnent", "wir verwenden cookies", "wir und unsere partner", "cookies akzeptieren", "mit werbung weiterlesen",
	"réservé aux abonnés", "déjà abonné", "nous utilisons des cookies", "nos partenaires", "accepter les cookies", "pour lire la suite",
	"ya eres suscriptor", "contenido exclusivo para suscriptores", "suscríbete para", "utilizamos cookies", "nuestros socios", "aceptar las cookies",
	"contenuto riservato agli abbonati", "sei già abbonato", "utilizziamo i cookie", "accetta i cookie", "abbonati per continuare",
	"conteúdo exclusivo para assinantes", "já é assinante", "aceitar cookies", "assine para continuar",
	"wij gebruiken cookies", "cookies accepteren", "al abonnee", "używamy plików cookie", "treść dla subskrybentów",
	"vi använder cookies", "vi bruker informasjonskapsler", "мы используем файлы cookie", "только для подписчиков", "cookieを使用", "会員限定", "この記事は有料",
}
