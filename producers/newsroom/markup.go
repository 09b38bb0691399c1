package newsroom

import (
	"fmt"
	"net/http"
	"strings"
)

// page is an article's page as sites have them: what is not the article is
// more than what is. body is the article's own HTML.
func (n *Newsroom) page(a *article, o *outlet, body string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>%s | %s</title>
<link rel="canonical" href="%s">
<link rel="alternate" type="application/rss+xml" href="%s">
<meta name="author" content="%s">
<meta name="description" content="%s">
<meta property="og:type" content="article">
<meta property="og:title" content="%s">
<meta property="article:published_time" content="%s">
<style>body{font-family:serif}.promo{float:right}</style>
<script>window.press = {"section": "%s", "ads": true};</script>
</head><body>
`, escape(a.title), escape(o.name), escape(a.url), o.feedPath(), escape(a.author), escape(a.teaser), escape(a.title),
		a.published.Format("2006-01-02T15:04:05Z07:00"), escape(a.section))
	fmt.Fprintf(&b, `<div class="cookie-banner" role="dialog"><p>We use cookies to make %s better for you.</p><button>Accept all</button><button>Settings</button></div>
<header><a href="/%s/">%s</a><form role="search"><input name="q" placeholder="Search the archive"></form></header>
<nav><ul><li><a href="/">All outlets</a></li><li><a href="%s">Feed</a></li><li><a href="/%s/">World</a></li><li><a href="/%s/">Business</a></li><li><a href="/%s/">Sport</a></li><li><a href="/%s/">Weather</a></li></ul></nav>
`, escape(o.name), o.slug, escape(o.name), o.feedPath(), o.slug, o.slug, o.slug, o.slug)
	fmt.Fprintf(&b, `<main><article>
<h1>%s</h1>
<p class="meta"><time datetime="%s">%s</time> <span class="section">%s</span></p>
<ul class="share"><li><a href="#">Share</a></li><li><a href="#">Mail</a></li><li><a href="#">Print</a></li></ul>
<div class="story-body">
%s</div>
</article>
`, escape(a.title), a.published.Format("2006-01-02T15:04:05Z07:00"), a.published.Format("2 January 2006, 15:04"), escape(a.section), body)
	fmt.Fprintf(&b, "<aside class=\"related\"><h2>More from %s</h2><ul>\n", escape(o.name))
	w := &n.windows[o.number]
	w.mu.Lock()
	for i := len(w.items) - 1; i >= max(0, len(w.items)-5); i-- {
		if it := &w.items[i]; it.article != nil && it.pageID != a.pageID {
			fmt.Fprintf(&b, "<li><a href=\"/%s/articles/%d\">%s</a></li>\n", o.slug, it.pageID, escape(it.title))
		}
	}
	w.mu.Unlock()
	fmt.Fprintf(&b, `</ul></aside>
<aside class="newsletter promo"><h2>The morning letter</h2><p>Get the stories that matter in your inbox before breakfast.</p><form><input type="email"><button>Sign up</button></form></aside>
</main>
<section id="comments"><h2>Comments</h2><p>Log in to join the conversation.</p></section>
<footer><p>© %s. All rights reserved.</p><ul><li><a href="#">About us</a></li><li><a href="#">Terms of use</a></li><li><a href="#">Privacy</a></li><li><a href="#">Contact</a></li></ul></footer>
</body></html>
`, escape(o.name))
	return b.String()
}

func missingPage(*Newsroom, *article, *outlet) (int, string) {
	return http.StatusNotFound, "<!doctype html>\n<html lang=\"en\"><head><title>Not here</title></head><body><h1>This page has moved on</h1><p>Our archive may have what you are looking for.</p></body></html>\n"
}

// consentPage has nothing of the article but its title in the head.
func consentPage(_ *Newsroom, a *article, o *outlet) (int, string) {
	name := escape(o.name)
	return http.StatusOK, `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>` + escape(a.title) + ` | ` + name + `</title></head><body>
<main class="consent-wall" role="dialog"><h1>Before you continue to ` + name + `</h1>
<p>We and our 842 partners store and access information on your device, such as unique identifiers in cookies, to process personal data for advertising and content, the measurement of both, audience research and the development of services.</p>
<p>With your permission we and our partners may use precise location data and identification through device scanning. You may click to consent to the processing described above, or refuse to consent before you read on.</p>
<p>Your preferences will apply to this website only. You can change them at any time by returning to this site or by visiting our privacy policy.</p>
<form method="post" action="/consent"><button name="choice" value="all">Accept all</button><button name="choice" value="none">Reject all</button><button name="choice" value="more">More options</button></form></main>
</body></html>
`
}

// paywallPage shows the first paragraph of the story.
func paywallPage(n *Newsroom, a *article, o *outlet) (int, string) {
	first := a.teaser
	if len(a.paragraphs) > 1 {
		first = a.paragraphs[1] // after the by-line
	}
	body := "<p>" + escape(first) + `</p>
<div class="paywall"><h2>This story is for subscribers</h2><p>Read on from 2 a week. Cancel at any time.</p><button>Subscribe</button><p>Already a subscriber? <a href="#">Log in</a>.</p></div>
<script type="application/ld+json">{"@context":"https://schema.org","@type":"NewsArticle","isAccessibleForFree":false,"hasPart":{"@type":"WebPageElement","isAccessibleForFree":false,"cssSelector":".paywall"}}</script>
`
	return http.StatusOK, n.page(a, o, body)
}
