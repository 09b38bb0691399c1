package simulate

import (
	"os"
	"strings"
	"testing"
)

func TestHealthDev(t *testing.T) {
	real, err := Recorded(os.Getenv("DATELINE_TESTDATA"))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	Healths(&b, Diagnose(Options{Feeds: 60, Real: real, Only: []string{Newswire, Outlets, Samples, Holiday}}, 0.4))
	var rules []Rule
	for _, r := range Rules() {
		if r.Name != "oracle" {
			rules = append(rules, r)
		}
	}
	r := Run(Options{Feeds: 60, Real: real, Only: []string{Newswire, Outlets, Samples}, Rules: rules})
	r.Table(&b, Newswire)
	r.Table(&b, Outlets)
	r.Table(&b, Samples)
	r.Ratios(&b, ByMean)
	r.Ratios(&b, ByMedian)
	t.Log("\n" + b.String())
}
