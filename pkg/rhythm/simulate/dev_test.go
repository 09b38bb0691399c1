package simulate

import (
	"strings"
	"testing"

	"github.com/dateline/dateline/pkg/rhythm"
)

func TestDev(t *testing.T) {
	var rules []Rule
	for _, r := range Rules() {
		if r.Name == "dateline" {
			r.Settings = []float64{.1, .8, 3.2, 12.8}
			rules = append(rules, r)
		}
	}
	for _, k := range [][2]float64{{0.8, 3}, {1, 3}, {1, 2}} {
		rhythm.Tune(k[0], k[1])
		r := Run(Options{Feeds: 60, Rules: rules})
		var b strings.Builder
		r.Table(&b, All)
		r.Table(&b, Batch)
		r.Table(&b, Paper)
		t.Log(k, "\n"+b.String())
	}
}
