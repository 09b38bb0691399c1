// The race detector has nothing to find in one goroutine that parses 50,000
// addresses again and again, and would take half a minute for it.

//go:build !race

package poll

import (
	"strings"
	"testing"
	"time"

	"github.com/dateline/dateline/pkg/fetch"
	"github.com/dateline/dateline/pkg/news"
)

// Of a plain sitemap of a whole site only what is recent is news; the first fill
// is backlog; and what comes later comes once.
func TestSitemapHuge(t *testing.T) {
	d := newDesk(t)
	const pages = 50_000
	date := func(i int) time.Time { return monday.Add(time.Duration(i-pages) * hour) }
	upTo := pages
	d.run(monday.Add(6*hour), func(fetch.Request) (*fetch.Response, error) {
		if len(d.fetches) > 0 {
			upTo = pages + int(d.now.Sub(monday)/hour)
		}
		return answer200(mapOf(upTo-pages+1, upTo, date)), nil
	})
	recent, backlog := 0, 0
	for _, a := range d.articles {
		if d.now.Sub(a.Published) > 32*day {
			t.Fatalf("published: %+v", a)
		}
		if recent++; a.Backlog {
			backlog++
		}
		if a.TextFrom != news.FromTitle || !strings.Contains(strings.ToLower(a.Title), "storm hits coast") {
			t.Fatalf("%+v", a)
		}
	}
	if backlog < 719 || backlog > 721 || recent-backlog < 4 || d.different() != recent {
		t.Errorf("%d of the first fill, %d later, %d different ones", backlog, recent-backlog, d.different())
	}
	for _, f := range d.fetches {
		if f.Gap || f.Error != "" {
			t.Errorf("%+v", f)
		}
	}
}
