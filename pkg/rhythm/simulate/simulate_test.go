package simulate

import (
	"strings"
	"testing"
)

func TestScheduleDev(t *testing.T) {
	r := Run(Options{Feeds: 40})
	var b strings.Builder
	r.Table(&b, All)
	r.Ratios(&b, ByMean)
	r.Ratios(&b, ByMedian)
	t.Log("\n" + b.String())
}
