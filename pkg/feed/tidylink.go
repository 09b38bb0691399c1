package feed

import (
	"strings"

	"golang.org/x/net/html"
)

// attribute gives what an attribute becomes, where it may not stay as it is.
func (w *tidyWriter) attribute(name, value string) (text string, change bool) {
	if len(name) > 2 && name[0]|0x20 == 'o' && name[1]|0x20 == 'n' {
		return "", true
	}
	switch len(name) {
	case 3, 4, 6, 8, 10:
	default:
		return "", false
	}
	switch n := strings.ToLower(name); n {
	case "href", "src", "cite", "data", "poster", "action", "longdesc", "background", "formaction", "xlink:href":
		link := cleanURL(cut(html.UnescapeString(value), maxURL))
		if hasScheme(link) {
			scheme, rest, _ := strings.Cut(strings.ToLower(link), ":")
			switch {
			case scheme == "javascript", scheme == "vbscript", scheme == "data" && !strings.HasPrefix(rest, "image/"):
				return "", true
			}
			return "", false
		}
		if link == "" || link[0] == '#' || len(value) > maxURL {
			return "", false
		}
		if abs := w.links().resolve(link); abs != link {
			return n + `="` + html.EscapeString(abs) + `"`, true
		}
	case "srcset":
		if abs := srcset(html.UnescapeString(value), w.links()); abs != "" {
			return n + `="` + html.EscapeString(abs) + `"`, true
		}
	case "srcdoc":
		return "", true
	}
	return "", false
}

// links gives the base of relative links.
func (w *tidyWriter) links() linkBase {
	if w.grown > maxGrown {
		return linkBase{}
	}
	if w.page != "" && !w.base.explicit && isWeb(w.page) {
		if page := baseOf(w.page); page.absolute() {
			w.base = page
		}
	}
	w.page = ""
	return w.base
}

// srcset makes the addresses of a list of images absolute; empty where they
// already are.
func srcset(list string, base linkBase) string {
	changed := false
	var out []string
	for _, part := range strings.Split(list, ", ") {
		fields := strings.Fields(part)
		if len(fields) == 0 {
			continue
		}
		if abs := base.resolve(fields[0]); abs != fields[0] {
			fields[0], changed = abs, true
		}
		out = append(out, strings.Join(fields, " "))
	}
	if !changed {
		return ""
	}
	return strings.Join(out, ", ")
}
