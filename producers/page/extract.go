package page

import (
	"bytes"
	"errors"
	"fmt"
	"html"
	"net/url"
	"slices"
	"strings"

	"github.com/dateline/dateline/pkg/text"
	"github.com/markusmobius/go-trafilatura"
	dom "golang.org/x/net/html"
)

// Bounds of a page. Beyond them its tree costs more than a text is worth:
// articles have some thousand elements, a dozen deep.
const (
	maxElements = 15_000
	maxText     = 256 << 10 // bytes of text kept
)

// Why a page gives no text.
var (
	errComplex  = errors.New("the page has too many elements")
	errNoText   = errors.New("the page has no article text")
	errForeign  = errors.New("the text is not about the article")
	errNoLonger = errors.New("the text is no longer than what the feed gave")
	errWall     = errors.New("the page asks for consent or a subscription")
)

// extract finds the article in a page and gives its text as clean paragraphs:
// plain text, parted by blank lines. Of the ways to find it the quick one goes
// first; the careful one, at twice its time, where the first does not give
// what belongs to the article. The error is one of those above.
func extract(page []byte, contentType, address string, want claim) (string, error) {
	page = toUTF8(page, contentType)
	if elements(page) > maxElements {
		return "", errComplex
	}
	u, err := url.Parse(address)
	if err != nil {
		u = nil
	}
	why := errNoText
	for _, careful := range []bool{false, true} {
		tree, err := dom.Parse(bytes.NewReader(page))
		if err != nil {
			return "", errComplex // nested too deeply
		}
		opt := trafilatura.Options{
			OriginalURL: u, EnableFallback: careful, ExcludeComments: true, HtmlDateMode: trafilatura.Disabled,
		}
		got, err := trafilatura.ExtractDocument(tree, opt)
		if err != nil {
			continue
		}
		plain, err := plain(got)
		if err != nil {
			return "", err
		}
		plain = withoutTitle(plain, want.name, text.BodyHash(got.Metadata.Title))
		if plain, err = want.check(plain, got.Metadata.Title); err == nil {
			return plain, nil
		}
		why = err
	}
	return "", why
}

func plain(got *trafilatura.ExtractResult) (string, error) {
	if got.ContentNode == nil {
		return text.FromHTML(html.EscapeString(got.ContentText), maxText), nil
	}
	var b bytes.Buffer
	if err := dom.Render(&b, got.ContentNode); err != nil {
		return "", fmt.Errorf("render what was extracted: %w", err)
	}
	return text.FromHTML(b.String(), maxText), nil
}

// withoutTitle leaves out a first paragraph which is the title once more.
func withoutTitle(plain string, titles ...uint64) string {
	first, rest, _ := strings.Cut(plain, "\n\n")
	if len(first) <= text.MaxTitle && slices.Contains(titles, text.BodyHash(first)) {
		return rest
	}
	return plain
}

// elements counts the tags that open an element, and comments, without building
// a tree.
func elements(page []byte) int {
	n := 0
	for i := 0; i+1 < len(page); i++ {
		j := bytes.IndexByte(page[i:], '<')
		if j < 0 {
			break
		}
		if i += j; i+1 < len(page) && (page[i+1]|0x20 >= 'a' && page[i+1]|0x20 <= 'z' || page[i+1] == '!') {
			n++
		}
	}
	return n
}

// paragraphs gives plain text as HTML in which nothing but its structure is
// markup.
func paragraphs(plain string) string {
	var b strings.Builder
	b.Grow(len(plain) + len(plain)/8)
	for par := range strings.SplitSeq(plain, "\n\n") {
		if par = strings.TrimSpace(par); par == "" {
			continue
		}
		b.WriteString("<p>")
		b.WriteString(strings.ReplaceAll(html.EscapeString(par), "\n", "<br>\n"))
		b.WriteString("</p>\n")
	}
	return b.String()
}
