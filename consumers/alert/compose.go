package alert

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/store"
)

// Bounds of what an alert lists.
const (
	maxTop      = 8
	maxStories  = 20
	maxSources  = 50
	maxEntities = 50
	together    = .5 // of an entity's articles that are another's too: one alert for both
	lookAtOnce  = 20
)

// coverage is what stands behind one rise.
type coverage struct {
	x        *test
	articles []store.Named
}

// compose makes the alerts of rises that began in the same moment, strongest
// first. Entities that rise on the same articles share the alert of the
// strongest, or that of one raised within the cooldown. Those that are near to
// an alert of their own are named in it as well.
func (e *evaluation) compose(ctx context.Context, end time.Time, raised, near []*test) ([]*news.Alert, error) {
	if len(raised) == 0 {
		return nil, nil
	}
	behind, err := e.look(ctx, slices.Concat(raised, near))
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(raised))
	for i, x := range raised {
		ids[i] = x.entity
	}
	names, err := e.store.EntityNames(ctx, ids)
	if err != nil {
		return nil, err
	}
	var leads []*lead
	join := func(c *coverage) bool {
		i := slices.IndexFunc(leads, func(l *lead) bool {
			return c.share(func(n *store.Named) bool { return l.originals[n.Article] }) >= together
		})
		if i < 0 || slices.Contains(leads[i].alert.Entities, c.x.entity) {
			return i >= 0
		}
		if a := leads[i].alert; len(a.Entities) < maxEntities {
			a.Entities = append(a.Entities, c.x.entity)
			e.episodes[c.x.entity] = &episode{state: e.episodes[a.EntityID].state}
		}
		return true
	}
	for _, x := range raised {
		c := &coverage{x, behind[x.entity]}
		if e.told(end, c) || join(c) {
			e.m.alerts.WithLabelValues("joined").Inc()
			continue
		}
		a, err := e.alert(ctx, c, cmp.Or(names[x.entity], x.entity))
		if err != nil {
			return nil, err
		}
		l := &lead{a, map[news.ID]bool{}}
		for _, n := range c.articles {
			l.originals[n.Article] = n.Original
		}
		leads = append(leads, l)
	}
	for _, x := range near {
		join(&coverage{x, behind[x.entity]})
	}
	out := make([]*news.Alert, len(leads))
	for i, l := range leads {
		out[i] = l.alert
		e.episodes[l.alert.EntityID].alert = l.alert
	}
	return out, nil
}

// lead is an alert that others may join, and the originals that it is about.
type lead struct {
	alert     *news.Alert
	originals map[news.ID]bool
}

// look reads the articles behind each rise; all windows end together.
func (e *evaluation) look(ctx context.Context, tests []*test) (map[string][]store.Named, error) {
	byWindow := map[int][]string{}
	for _, x := range tests {
		byWindow[x.window] = append(byWindow[x.window], x.entity)
	}
	out := map[string][]store.Named{}
	for i := range e.cfg.Windows {
		for chunk := range slices.Chunk(byWindow[i], lookAtOnce) {
			to := tests[0].to
			named, err := e.store.NamedIn(ctx, e.history.span(to.Add(-e.cfg.Windows[i]), to), chunk)
			if err != nil {
				return nil, err
			}
			for _, n := range named {
				out[n.Entity] = append(out[n.Entity], n)
			}
		}
	}
	return out, nil
}

// told tells whether an alert raised within the cooldown was about the stories
// that this rise is about.
func (e *evaluation) told(end time.Time, c *coverage) bool {
	for _, ep := range e.episodes {
		a := ep.alert
		if a == nil || a.EntityID == c.x.entity || end.Sub(ep.state.Since) >= e.cfg.Cooldown {
			continue
		}
		if c.share(func(n *store.Named) bool { return n.Story != 0 && slices.Contains(a.Stories, n.Story) }) >= together {
			return true
		}
	}
	return false
}

// share is the part of the originals for which f holds.
func (c *coverage) share(f func(*store.Named) bool) float64 {
	all, some := 0, 0
	for i := range c.articles {
		if n := &c.articles[i]; n.Original {
			all++
			if f(n) {
				some++
			}
		}
	}
	return float64(some) / float64(max(1, all))
}

// alert fills in one alert.
func (e *evaluation) alert(ctx context.Context, c *coverage, name string) (*news.Alert, error) {
	x, w := c.x, e.cfg.Windows[c.x.window]
	a := &news.Alert{
		V: news.Version, ID: alertID(x.entity, rule, x.to), Rule: rule, EntityID: x.entity, Name: name, State: news.AlertFiring,
		Since: x.from, At: x.to, WindowS: int(w / time.Second),
		Observed: float64(x.originals), Expected: x.res.Expected, Low: x.res.Low, High: x.res.High, P: x.p, Q: x.q,
		Originals: x.originals, Completeness: 1, BaselineDays: x.res.BaselineDays,
	}
	c.describe(a)
	polls, err := e.store.Completeness(ctx, x.from, x.to)
	if err != nil {
		return nil, err
	}
	if polls.Expected > 0 {
		a.Completeness = polls.Share
	}
	a.Reason = reason(a, w, x.slow)
	return a, nil
}

// describe lists the articles, sources and stories behind a rise: the articles
// that were copied most, then those with the name in their title, then the
// earliest.
func (c *coverage) describe(a *news.Alert) {
	copies := map[news.ID]int{}
	stories, sources := map[news.ID]int{}, map[string]int{}
	var top []*store.Named
	for i := range c.articles {
		n := &c.articles[i]
		if n.Story != 0 {
			stories[n.Story]++
		}
		if n.Original {
			top = append(top, n)
			sources[n.Source]++
		} else {
			a.Copies++
			copies[n.CopyOf]++
		}
	}
	slices.SortStableFunc(top, func(x, y *store.Named) int {
		return cmp.Or(cmp.Compare(copies[y.Article], copies[x.Article]), -falseFirst(x.InTitle, y.InTitle))
	})
	for _, n := range top[:min(len(top), maxTop)] {
		a.TopArticles = append(a.TopArticles, n.Article)
		a.Titles = append(a.Titles, n.Title)
	}
	a.Sources, a.Stories = mostFirst(sources, maxSources), mostFirst(stories, maxStories)
}

func falseFirst(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// mostFirst lists the keys by their counts, at most limit.
func mostFirst[K cmp.Ordered](counts map[K]int, limit int) []K {
	var out []K
	for k := range counts {
		out = append(out, k)
	}
	slices.SortFunc(out, func(a, b K) int { return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b)) })
	return out[:min(len(out), limit)]
}

// resolved is the end of an episode: its alert again, with the window that
// closed it.
func resolved(firing *news.Alert, end time.Time) *news.Alert {
	a := *firing
	a.State, a.At = news.AlertResolved, end
	a.Reason = "Coverage of " + a.Name + " is back to what is usual."
	return &a
}

// reason says in one sentence what is unusual.
func reason(a *news.Alert, w time.Duration, slow bool) string {
	s := fmt.Sprintf("%s is in %d original articles from %d sources within %s, where %s are usual and up to %s no surprise",
		a.Name, a.Originals, len(a.Sources), spoken(w), amount(a.Expected), amount(a.High))
	if slow {
		s = fmt.Sprintf("%s has been covered more than usual for some time: %d original articles from %d sources within the last %s, where %s are usual",
			a.Name, a.Originals, len(a.Sources), spoken(w), amount(a.Expected))
	}
	s += fmt.Sprintf(", by %.0f days of history", a.BaselineDays)
	if len(a.Titles) > 0 {
		s += fmt.Sprintf("; foremost “%s”", a.Titles[0])
	}
	return s + "."
}

// spoken is a length of time in words.
func spoken(d time.Duration) string {
	switch {
	case d%time.Hour != 0:
		return fmt.Sprintf("%d minutes", d/time.Minute)
	case d == time.Hour:
		return "an hour"
	}
	return fmt.Sprintf("%d hours", d/time.Hour)
}

// amount is an expected number as people say it.
func amount(v float64) string {
	switch {
	case v < .1:
		return "next to none"
	case v < 10:
		return strconv.FormatFloat(v, 'f', 1, 64)
	}
	return strconv.FormatFloat(v, 'f', 0, 64)
}
