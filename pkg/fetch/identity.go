package fetch

import (
	"net/http"
	"strings"
)

// Rungs is the length of the identity ladder. Some firewalls refuse any name
// they do not know; before a feed is given up it is asked under other forms of
// the same name. Each says which program asks and how to reach its owner; none
// poses as a browser.
//
//	0  dateline/1 (+https://…)
//	1  Mozilla/5.0 (compatible; dateline/1; +https://…), the form of known
//	   crawlers, with Accept-Language
//	2  the same as a plain HTTP/1.1 request, for what stumbles over HTTP/2 or
//	   over long Accept headers
const Rungs = 3

// identity is how a request presents itself.
type identity struct {
	header http.Header
	plain  bool // HTTP/1.1 alone
}

func newIdentities(agent string) [Rungs]identity {
	form, language := compatible(agent), []string{"en;q=0.8, *;q=0.5"}
	return [Rungs]identity{
		{header: http.Header{"User-Agent": {agent}, "Accept": {accept}, "Accept-Encoding": {acceptEncoding}}},
		{header: http.Header{"User-Agent": {form}, "Accept": {accept}, "Accept-Encoding": {acceptEncoding}, "Accept-Language": language}},
		{header: http.Header{"User-Agent": {form}, "Accept": {"*/*"}, "Accept-Encoding": {"gzip"}, "Accept-Language": language}, plain: true},
	}
}

// compatible gives "name/1 (+contact)" as "Mozilla/5.0 (compatible; name/1;
// +contact)".
func compatible(agent string) string {
	parts := strings.FieldsFunc(agent, func(r rune) bool { return r == '(' || r == ')' || r == ';' })
	var kept []string
	for _, p := range parts {
		if p = strings.TrimSpace(p); p != "" {
			kept = append(kept, p)
		}
	}
	return "Mozilla/5.0 (compatible; " + strings.Join(kept, "; ") + ")"
}

// Climb says under which rung of the identity ladder a feed is to be asked
// after an answer to a request made under rung. climb: the answer refuses who
// asked, and another try under next, which is higher, is worth it. Where the
// last rung is refused too, the name was not the reason: next is 0 and climb
// false. Else next is rung.
//
// Refusals are 403, 405, 406, 418, 999 and any answer that is a challenge. 401
// and 402 want credentials or money, 429 wants time, 451 is the law.
func Climb(res *Response, rung int) (next int, climb bool) {
	rung = clampRung(rung)
	if res == nil || !refusal(res) {
		return rung, false
	}
	if rung+1 >= Rungs {
		return 0, false
	}
	return rung + 1, true
}

func clampRung(rung int) int { return max(0, min(rung, Rungs-1)) }

func refusal(res *Response) bool {
	switch res.Status {
	case http.StatusForbidden, http.StatusMethodNotAllowed, http.StatusNotAcceptable, http.StatusTeapot, 999:
		return true
	case http.StatusUnauthorized, http.StatusPaymentRequired, http.StatusTooManyRequests, http.StatusUnavailableForLegalReasons:
		return false
	}
	return res.Challenge
}

// challenged tells whether the headers of an answer say that it is a firewall's
// riddle, not the document.
func challenged(h http.Header) bool {
	return h.Get("Cf-Mitigated") != "" || h.Get("X-Amzn-Waf-Action") != "" || h.Get("Sg-Captcha") != "" || h.Get("X-Sucuri-Block") != ""
}

// riddles are what the pages of firewalls that ask for a browser say.
var riddles = []string{"<title>just a moment", "/cdn-cgi/challenge-platform", "_cf_chl_opt", "<title>attention required! | cloudflare", "ddos-guard", "captcha-delivery.com",
	"_incapsula_resource", "checking your browser", "enable javascript and cookies to continue"}

// riddle tells whether the beginning of an error page is one of those.
func riddle(page []byte) bool {
	text := strings.ToLower(string(page))
	for _, r := range riddles {
		if strings.Contains(text, r) {
			return true
		}
	}
	return false
}
