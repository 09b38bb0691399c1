package watch

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/dateline/dateline/pkg/news"
)

// Type is that of the pieces of knowledge which hold entries; their name is the
// id of the entry. One without a value, or with "removed", takes it back.
const Type = "watchlist"

// Knowledge is the message that makes an entry known.
func (e *Entry) Knowledge(at time.Time) *news.Knowledge {
	v := map[string]string{"kind": e.Kind, "name": e.Name}
	for key, list := range map[string][]string{"aliases": e.Aliases, "near": e.Near, "not": e.Not, "languages": e.Languages, "sources": e.Sources} {
		if len(list) > 0 {
			v[key] = strings.Join(list, "\n")
		}
	}
	if e.Case != "" && e.Case != Smart {
		v["case"] = e.Case
	}
	if e.Exact {
		v["exact"] = "yes"
	}
	if e.Within != 0 && e.Within != UsualWithin {
		v["within"] = strconv.Itoa(e.Within)
	}
	return &news.Knowledge{V: news.Version, Type: Type, Name: e.ID, At: at, Value: v}
}

// Removal is the message that takes an entry back.
func Removal(id string, at time.Time) *news.Knowledge {
	return &news.Knowledge{V: news.Version, Type: Type, Name: id, At: at, Value: map[string]string{"removed": "yes"}}
}

// Removed tells whether a message takes its entry back.
func Removed(k *news.Knowledge) bool { return len(k.Value) == 0 || k.Value["removed"] != "" }

// FromKnowledge reads an entry back.
func FromKnowledge(k *news.Knowledge) (Entry, error) {
	lines := func(key string) []string {
		if k.Value[key] == "" {
			return nil
		}
		return strings.Split(k.Value[key], "\n")
	}
	e := Entry{
		ID: k.Name, Kind: k.Value["kind"], Name: k.Value["name"], Case: k.Value["case"], Exact: k.Value["exact"] != "",
		Aliases: lines("aliases"), Near: lines("near"), Not: lines("not"), Languages: lines("languages"), Sources: lines("sources"),
	}
	if w := k.Value["within"]; w != "" {
		var err error
		if e.Within, err = strconv.Atoi(w); err != nil {
			return e, fmt.Errorf("watchlist entry %s: within is %q, want a number of words", k.Name, w)
		}
	}
	if err := e.Tidy(); err != nil {
		return e, fmt.Errorf("watchlist entry %s: %w", k.Name, err)
	}
	return e, nil
}
