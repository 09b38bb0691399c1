package store

import (
	"cmp"
	"slices"
)

// covered keeps the series that hold an article of the entity, those with most
// articles first.
func covered(all []Series) []Series {
	totals := map[string]uint64{}
	out := []Series{}
	for _, s := range all {
		for _, b := range s.Buckets {
			totals[s.Source] += b.Articles
		}
		if totals[s.Source] > 0 {
			out = append(out, s)
		}
	}
	slices.SortFunc(out, func(a, b Series) int {
		return cmp.Or(cmp.Compare(totals[b.Source], totals[a.Source]), cmp.Compare(a.Source, b.Source))
	})
	return out[:min(len(out), MaxRows)]
}
