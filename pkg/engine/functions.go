package engine

import (
	_ "embed"
	"strings"
	"sync"
)

//go:embed functions.txt
var functionsText string

// allowed is functions.txt: names in lower case, those under [aggregate] apart, since they combine.
var allowed = sync.OnceValue(func() (lists struct{ plain, aggregate map[string]bool }) {
	lists.plain, lists.aggregate = map[string]bool{}, map[string]bool{}
	into := lists.plain
	for line := range strings.Lines(functionsText) {
		line = strings.TrimSpace(line)
		switch {
		case line == "", strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "["):
			into = lists.plain
			if line == "[aggregate]" {
				into = lists.aggregate
			}
		default:
			for _, name := range strings.Fields(line) {
				into[strings.ToLower(name)] = true
			}
		}
	}
	return lists
})

// combinators end the name of an aggregate function and change how it aggregates.
var combinators = []string{
	"if", "array", "map", "state", "merge", "mergestate", "simplestate", "foreach", "distinct", "ordefault", "ornull", "resample", "argmin", "argmax",
}

// callable tells whether the reader may call name. Lower case only widens the match to other
// spellings of names in the list: no two functions differ by case alone.
func callable(name string) bool {
	name = strings.ToLower(name)
	if allowed().plain[name] {
		return true
	}
	return aggregates(name, 4)
}

func aggregates(name string, depth int) bool {
	if allowed().aggregate[name] {
		return true
	}
	if depth == 0 {
		return false
	}
	for _, c := range combinators {
		if base, ok := strings.CutSuffix(name, c); ok && base != "" && aggregates(base, depth-1) {
			return true
		}
	}
	return false
}
