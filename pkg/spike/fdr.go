package spike

import (
	"cmp"
	"slices"
)

// BenjaminiHochberg turns p-values of tests made together into q-values, in the
// same order: rejecting all with q <= x keeps the expected share of false ones
// at x (Benjamini and Hochberg 1995). A p that is not in [0,1] counts as 1.
func BenjaminiHochberg(p []float64) []float64 {
	clean := func(v float64) float64 {
		if v >= 0 && v <= 1 {
			return v
		}
		return 1
	}
	order := make([]int, len(p))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(clean(p[a]), clean(p[b])) })
	q := make([]float64, len(p))
	least := 1.
	for rank := len(order); rank > 0; rank-- {
		i := order[rank-1]
		least = min(least, clean(p[i])*float64(len(p))/float64(rank))
		q[i] = least
	}
	return q
}
