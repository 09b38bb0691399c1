package web

import (
	"context"
	"fmt"
	"strings"

	"github.com/dateline/dateline/pkg/alias"
	"github.com/dateline/dateline/pkg/store"
)

// names is what was said, or may be said, of an entity counting as one with
// others.
type names struct {
	Said     []store.MergeSaid // the newest first
	Proposed []store.AliasPair
	Origins  []origin
}

// mostNames bounds what one page shows of each.
const mostNames = 20

func (s *Server) names(ctx context.Context, ids []string) (n names, err error) {
	db := s.deps.Store
	n.Origins = []origin{source("Merges and splits", store.MergeHistoryStatement(ids)), source("Evidence of pairs of names", store.PairsStatement(ids, 1, 1))}
	said, err := db.MergeHistory(ctx, ids)
	if err != nil {
		return n, err
	}
	for i := len(said) - 1; i >= 0 && len(n.Said) < mostNames; i-- {
		n.Said = append(n.Said, said[i])
	}
	pairs, err := db.Pairs(ctx, ids, 1, 1)
	if err != nil {
		return n, err
	}
	for _, p := range pairs {
		e := alias.Evidence{From: p.From, Into: p.Into, Originals: p.Originals, Explicit: p.Explicit, Against: p.Against, Sources: p.Sources}
		if p.State == "open" && p.Named && e.Judge() != alias.Noted && len(n.Proposed) < mostNames {
			n.Proposed = append(n.Proposed, p)
		}
	}
	return n, nil
}

// because says in words why two names were merged or split.
func because(v map[string]string) string {
	if v["by"] != "stream" {
		if v["why"] != "" {
			return "said by a person: " + v["why"]
		}
		return "said by a person"
	}
	out := fmt.Sprintf("%s originals of %s sources say so (%s), %s against", v["originals"], v["sources"], strings.ReplaceAll(v["patterns"], ",", ", "), v["against"])
	if v["same_as"] == "" {
		return "the evidence fell: " + out
	}
	return "learned: " + out
}
