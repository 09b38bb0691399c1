package text

import (
	"net/netip"
	"net/url"
	"strings"

	"golang.org/x/net/publicsuffix"
)

// Source names the site behind an address: its registrable domain by the
// Public Suffix List, or the finer site on a host that many publishers share
// (name.substack.com, medium.com/@name). An IP address or a host of one label
// is its own site, with its port where that is not the default one, so that
// two services of one machine stay apart. Scheme-less addresses and bare hosts
// are taken too; what has no host gives "".
func Source(rawURL string) string {
	u := webAddressOf(rawURL)
	if u == nil {
		return ""
	}
	host := u.Hostname()
	if _, err := netip.ParseAddr(host); err == nil || !strings.Contains(host, ".") {
		return u.Host
	}
	r := rules()
	bare := strings.TrimPrefix(strings.TrimPrefix(host, "www."), "m.")
	if prefixes, ok := r.sharedPath[bare]; ok {
		if channel := u.Query().Get("channel_id"); channel != "" && bare == "youtube.com" {
			return bare + "/" + strings.ToLower(escape(channel)) // /feeds/videos.xml?channel_id=
		}
		if seg := sitePath(u.EscapedPath(), prefixes); seg != "" {
			return bare + seg
		}
	}
	for h := host; ; {
		label, parent, ok := strings.Cut(h, ".")
		if !ok {
			break
		}
		if r.shared[parent] {
			if label == "www" {
				return parent
			}
			return h
		}
		h = parent
	}
	site, err := publicsuffix.EffectiveTLDPlusOne(host)
	if err != nil {
		return host // a public suffix itself
	}
	if rest, ok := strings.CutPrefix(site, "www."); ok {
		return rest // www under a public suffix is that suffix's own site
	}
	return site
}

// webAddressOf reads an address, with or without its scheme; nil where it has
// no host.
func webAddressOf(rawURL string) *url.URL {
	rawURL = strings.TrimSpace(rawURL)
	if len(rawURL) > MaxURL {
		return nil
	}
	if !strings.Contains(rawURL, "://") {
		rawURL = "http://" + strings.TrimLeft(rawURL, "/")
	}
	u, err := url.Parse(fixPercent(rawURL))
	if err != nil {
		return nil
	}
	u.Scheme = strings.ToLower(u.Scheme)
	if canonicalHost(u) != nil {
		return nil
	}
	return u
}

// sitePath gives the part of the path which names the site: "/@name".
func sitePath(path string, prefixes []string) string {
	for _, p := range prefixes {
		rest, ok := strings.CutPrefix(path, p)
		if !ok {
			continue
		}
		seg, _, _ := strings.Cut(strings.TrimLeft(rest, "/"), "/")
		if seg = escape(seg); seg == "" {
			return ""
		}
		return "/" + strings.ToLower(seg)
	}
	return ""
}
