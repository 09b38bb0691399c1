package text

import (
	_ "embed"
	"fmt"
	"strings"
	"sync"
)

//go:embed data/url-rules.txt
var urlRulesFile string

// paramRules tells query parameters that only track the reader.
type paramRules struct {
	names    map[string]bool // "name" or "name=value"
	prefixes []string
}

func (r *paramRules) match(name, value string) bool {
	if r == nil {
		return false
	}
	if r.names[name] || value != "" && len(value) < 32 && r.names[name+"="+strings.ToLower(value)] {
		return true
	}
	for _, p := range r.prefixes {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	return false
}

type urlRules struct {
	tracking   paramRules
	byHost     map[string]*paramRules
	bare       map[string]bool
	shared     map[string]bool
	sharedPath map[string][]string // host to path prefixes, longest first

	redirect     map[string][]redirector // by host
	redirectWord map[string]bool
	notRedirect  map[string]bool
	neutral      map[string]bool
	aggregator   map[string]bool
}

// redirector says under which path of a host which parameters hold the target.
type redirector struct {
	path string
	keys []string
}

// rules is read once; the file is part of the build and a test reads it too.
var rules = sync.OnceValue(func() *urlRules {
	r, err := parseURLRules(urlRulesFile)
	if err != nil {
		panic("text: embedded url-rules.txt: " + err.Error())
	}
	return r
})

func parseURLRules(file string) (*urlRules, error) {
	r := &urlRules{
		tracking:   paramRules{names: map[string]bool{}},
		byHost:     map[string]*paramRules{},
		bare:       map[string]bool{},
		shared:     map[string]bool{},
		sharedPath: map[string][]string{},

		redirect:     map[string][]redirector{},
		redirectWord: map[string]bool{},
		notRedirect:  map[string]bool{},
		neutral:      map[string]bool{},
		aggregator:   map[string]bool{},
	}
	var section, last string
	n := 0
	for row := range strings.Lines(file) {
		n++
		row = strings.TrimSpace(row)
		if row == "" || row[0] == '#' {
			continue
		}
		if row[0] == '[' {
			section, last = strings.Trim(row, "[]"), ""
			continue
		}
		if row <= last || row != strings.ToLower(row) {
			return nil, fmt.Errorf("line %d: %q is not lower-case, sorted and single", n, row)
		}
		last = row
		switch {
		case section == "tracking":
			r.tracking.add(row)
		case strings.HasPrefix(section, "tracking "):
			host := section[len("tracking "):]
			if r.byHost[host] == nil {
				r.byHost[host] = &paramRules{names: map[string]bool{}}
			}
			r.byHost[host].add(row)
		case section == "bare":
			r.bare[row] = true
		case section == "shared":
			r.shared[row] = true
		case section == "shared path":
			host, prefix, _ := strings.Cut(row, " ")
			r.sharedPath[host] = append([]string{prefix}, r.sharedPath[host]...)
		case section == "redirect":
			f := strings.Fields(row)
			if len(f) < 3 {
				return nil, fmt.Errorf("line %d: %q is not host, path and parameters", n, row)
			}
			r.redirect[f[0]] = append(r.redirect[f[0]], redirector{f[1], f[2:]})
		case section == "redirect word":
			r.redirectWord[row] = true
		case section == "not redirect":
			r.notRedirect[row] = true
		case section == "neutral":
			r.neutral[row] = true
		case section == "aggregator":
			r.aggregator[row] = true
		default:
			return nil, fmt.Errorf("line %d: unknown section %q", n, section)
		}
	}
	return r, nil
}

func (r *paramRules) add(row string) {
	if p, ok := strings.CutSuffix(row, "*"); ok {
		r.prefixes = append(r.prefixes, p)
		return
	}
	r.names[row] = true
}

// tracks reports whether the parameter tells nothing about the article.
func (r *urlRules) tracks(host, name, value string) bool {
	if r.tracking.match(name, value) {
		return true
	}
	for {
		if r.byHost[host].match(name, value) {
			return true
		}
		i := strings.IndexByte(host, '.')
		if i < 0 {
			return false
		}
		host = host[i+1:]
	}
}

// redirectKeys gives the parameters that hold the target of a link, none for
// hosts and paths that are not known as redirectors.
func (r *urlRules) redirectKeys(host, path string) []string {
	for {
		for _, x := range r.redirect[host] {
			if strings.HasPrefix(path, x.path) {
				return x.keys
			}
		}
		i := strings.IndexByte(host, '.')
		if i < 0 {
			return nil
		}
		host = host[i+1:]
	}
}
