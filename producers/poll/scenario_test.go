package poll

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dateline/dateline/pkg/fetch"
	"github.com/dateline/dateline/pkg/news"
)

const (
	hour = time.Hour
	day  = 24 * time.Hour
)

// herald is a publisher with an article every two hours, and a window of 20.
func herald() press {
	return press{step: 2 * hour, window: 20, start: monday.Add(-60 * day)}
}

// plain serves a feed as it should be, with conditional requests.
func plain(d *desk, p press, dress func([]item) []item) func(fetch.Request) (*fetch.Response, error) {
	return func(r fetch.Request) (*fetch.Response, error) {
		items := p.items(d.now)
		if dress != nil {
			items = dress(items)
		}
		tag := fmt.Sprint(items[0].title, len(items))
		if r.ETag == tag && !r.Unconditional {
			return &fetch.Response{Status: 304, NotModified: true, FinalURL: r.URL}, nil
		}
		res := answer200(rssOf(items...))
		res.ETag = tag
		return res, nil
	}
}

// expectAll checks that every article since the first fill was published once,
// those of the first fill as backlog, and no other.
func (d *desk) expectAll(p press, until time.Time) {
	d.t.Helper()
	last := d.fetches[len(d.fetches)-1].At
	want := p.window + p.count(d.fetches[0].At, last)
	got := d.published()
	for title, n := range got {
		if n != 1 {
			d.t.Errorf("%s was published %d times", title, n)
		}
	}
	if len(got) != want {
		d.t.Errorf("%d articles, want %d", len(got), want)
	}
	for i, a := range d.articles {
		if a.Backlog != (i < p.window) {
			d.t.Errorf("%d: %s: backlog %v", i, a.Title, a.Backlog)
		}
	}
	if until.Sub(last) > day+hour {
		d.t.Errorf("last polled at %v", last)
	}
}

func TestScenarioPlain(t *testing.T) {
	d, p := newDesk(t), herald()
	until := monday.Add(20 * day)
	d.run(until, plain(d, p, nil))
	d.expectAll(p, until)
	expected, fresh := 0.0, 0
	for _, f := range d.fetches {
		if f.Gap || f.Silent || f.Error != "" {
			t.Fatalf("%+v", f)
		}
		expected += f.Expected
		if f.At.After(monday) {
			fresh += f.NewItems
		}
	}
	if expected < 0.8*float64(fresh) || expected > 1.25*float64(fresh) {
		t.Errorf("%.0f items expected, %d came", expected, fresh)
	}
	if n := len(d.fetches); n > 1000 {
		t.Errorf("%d fetches for 240 articles", n)
	}
	last := d.fetches[len(d.fetches)-1]
	if last.Rate < 0.4 || last.Rate > 0.6 || last.Source != "herald.example" || last.NextPoll.Before(last.At) || last.LastNew.IsZero() || last.Class == "" {
		t.Errorf("%+v", last)
	}
	if d.logs.Len() > 0 {
		t.Errorf("logged:\n%s", d.logs.String())
	}
}

// Each of these shows the same articles in a form that confuses pollers: none is
// published twice, none is lost, and no gap is seen.
func TestScenarioDress(t *testing.T) {
	f := func(name string, churns bool, dress func(fetches int, items []item) []item) {
		t.Helper()
		t.Run(name, func(t *testing.T) {
			d, p := newDesk(t), herald()
			until := monday.Add(5 * day)
			d.run(until, plain(d, p, func(items []item) []item { return dress(len(d.fetches), items) }))
			d.expectAll(p, until)
			if d.e.state.Churns != churns || d.said("new GUIDs") != min(1, d.said("new GUIDs")) || (d.said("new GUIDs") == 1) != churns {
				t.Errorf("churns %v\n%s", d.e.state.Churns, d.logs.String())
			}
			for _, f := range d.fetches {
				if f.Gap || f.Error != "" {
					t.Fatalf("%+v", f)
				}
			}
		})
	}
	each := func(change func(fetches, i int, it *item)) func(int, []item) []item {
		return func(fetches int, items []item) []item {
			items[0].text += fmt.Sprint(" ") // its own slice already
			items[0].text = strings.TrimSpace(items[0].text)
			for i := range items {
				change(fetches, i, &items[i])
			}
			return items
		}
	}
	churn := func(fetches, _ int, it *item) { it.guid = fmt.Sprint(it.title, "-", fetches) }
	f("GUIDs churn, links do not", true, each(churn))
	f("GUIDs churn, one link", true, each(func(n, i int, it *item) { churn(n, i, it); it.link = "https://herald.example/latest" }))
	f("GUIDs churn, home page as link", true, each(func(n, i int, it *item) { churn(n, i, it); it.link = "https://herald.example/" }))
	f("GUIDs churn, no link", true, each(func(n, i int, it *item) { churn(n, i, it); it.link = "" }))
	f("GUIDs churn, no link, no date", true, each(func(n, i int, it *item) { churn(n, i, it); it.link, it.date = "", time.Time{} }))
	f("one link for all", false, each(func(_, _ int, it *item) { it.link = "https://herald.example/latest" }))
	f("no GUID", false, each(func(_, _ int, it *item) { it.guid = "" }))
	f("no dates", false, each(func(_, _ int, it *item) { it.date = time.Time{} }))
	f("dated in the year 2090", false, each(func(_, _ int, it *item) { it.date = it.date.AddDate(64, 0, 0) }))
	f("dated in 1970", false, each(func(_, _ int, it *item) { it.date = time.Unix(0, 0) }))
	f("dated in the year 0", false, each(func(_, _ int, it *item) { it.date = time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC) }))
	f("dated now", false, each(func(n, _ int, it *item) { it.date = monday.Add(time.Duration(n) * hour) }))
	f("oldest first", false, func(_ int, items []item) []item { slices.Reverse(items); return items })
	f("the order is swapped each time", false, func(n int, items []item) []item {
		slices.SortFunc(items, func(a, b item) int { return int(draw(a.title, int64(n))%1000) - int(draw(b.title, int64(n))%1000) })
		return items
	})
}

// A gap is told though some items stay for ever; and what comes after it, once.
func TestScenarioGap(t *testing.T) {
	d, p := newDesk(t), herald()
	pinned := item{guid: "about", link: "https://herald.example/about", title: "About us", text: "The Herald since 1890.", date: monday.AddDate(-3, 0, 0)}
	dress := func(items []item) []item { return append([]item{pinned}, items...) }
	d.run(monday.Add(2*day), plain(d, p, dress))
	n := len(d.fetches)
	d.now = d.now.Add(3 * day) // nobody polls: 36 articles, of which 20 are still there
	d.run(d.now.Add(day), plain(d, p, dress))
	for i, f := range d.fetches {
		if f.Gap != (i == n) {
			t.Errorf("%d of %d: gap %v", i, n, f.Gap)
		}
	}
	f := d.fetches[n]
	if f.Expected < 25 || f.Expected > 50 || f.NewItems != 20 {
		t.Errorf("%.1f expected, %d came", f.Expected, f.NewItems)
	}
	if after := f.NextPoll.Sub(f.At); after > day+hour {
		t.Errorf("polled again after %v", after)
	}
	if d.said("items may have been missed") != 1 {
		t.Errorf("%s", d.logs.String())
	}
}

// A feed that is empty for an hour forgets nothing.
func TestScenarioEmptied(t *testing.T) {
	d, p := newDesk(t), press{step: 5 * time.Minute, window: 20, start: monday.Add(-day)}
	until := monday.Add(6 * hour)
	whole := plain(d, p, nil)
	d.run(until, func(r fetch.Request) (*fetch.Response, error) {
		if at := d.now.Sub(monday); at > 2*hour && at < 3*hour {
			return answer200(rssOf()), nil
		}
		return whole(r)
	})
	for title, n := range d.published() {
		if n != 1 {
			t.Errorf("%s was published %d times", title, n)
		}
	}
	for _, f := range d.fetches {
		if f.Error != "" || f.Gap && f.Items == 0 {
			t.Errorf("%+v", f)
		}
	}
	if d.e.state.Items != p.window || d.e.state.Silent {
		t.Errorf("%+v", d.e.state)
	}
}

// A server that answers 304 though the feed has changed is found out, loses its
// conditions, and gets them back once it is honest.
func TestScenarioLiar(t *testing.T) {
	for name, fixed := range map[string]bool{"one validator for ever": true, "a validator that is old": false} {
		t.Run(name, func(t *testing.T) {
			d, p := newDesk(t), herald()
			lying := true
			d.run(monday.Add(20*day), func(r fetch.Request) (*fetch.Response, error) {
				tag := "fixed"
				if !fixed || !lying {
					tag = p.items(d.now)[0].title
				}
				if r.ETag != "" && !r.Unconditional && (lying || r.ETag == tag) {
					return &fetch.Response{Status: 304, NotModified: true, FinalURL: r.URL}, nil
				}
				res := answer200(rssOf(p.items(d.now)...))
				res.ETag = tag
				return res, nil
			})
			if st := d.e.state; !st.Lies || st.Silent || d.said("though the feed has changed") != 1 {
				t.Fatalf("after 20 days: lies %v, silent %v\n%s", st.Lies, st.Silent, d.logs.String())
			}
			// Not more than once a week is it asked with conditions.
			from, conditional := len(d.s.asked), map[int]bool{}
			again := func(r fetch.Request) (*fetch.Response, error) {
				if r.ETag != "" && !r.Unconditional {
					conditional[int(d.now.Unix()/86400)] = true
					if lying || r.ETag == p.items(d.now)[0].title {
						return &fetch.Response{Status: 304, NotModified: true, FinalURL: r.URL}, nil
					}
				}
				res := answer200(rssOf(p.items(d.now)...))
				res.ETag = p.items(d.now)[0].title
				return res, nil
			}
			n := len(d.articles)
			d.run(d.now.Add(14*day), again)
			if len(conditional) != 2 || !d.e.state.Lies {
				t.Errorf("tested on %d days of 14, lies %v", len(conditional), d.e.state.Lies)
			}
			if got := len(d.articles) - n; got < p.count(d.now.Add(-14*day), d.now)-12 {
				t.Errorf("%d articles in 14 days", got)
			}
			if len(d.s.asked) == from {
				t.Error("never asked")
			}
			lying = false
			d.run(d.now.Add(14*day), again)
			if d.e.state.Lies {
				t.Error("honest for two weeks, and not acquitted")
			}
			for title, n := range d.published() {
				if n != 1 {
					t.Errorf("%s was published %d times", title, n)
				}
			}
		})
	}
}

// An honest server is never convicted, though it is asked twice now and then.
func TestScenarioHonest(t *testing.T) {
	d, p := newDesk(t), herald()
	d.run(monday.Add(60*day), plain(d, p, nil))
	if d.e.state.Lies || d.e.suspect > 0 {
		t.Error("convicted")
	}
	probes := len(d.s.asked) - len(d.fetches)
	if probes == 0 || probes > len(d.fetches)/10 {
		t.Errorf("%d probes in %d polls", probes, len(d.fetches))
	}
}

// An ETag that is new each time, with the same body: nothing is written for it.
func TestScenarioETags(t *testing.T) {
	d, p := newDesk(t), press{step: 12 * hour, window: 20, start: monday.Add(-60 * day)}
	writes, n := 0, 0
	last := d.e.written
	d.run(monday.Add(4*day), func(r fetch.Request) (*fetch.Response, error) {
		if d.e.written != last {
			writes++
			last = d.e.written
		}
		n++
		res := answer200(rssOf(p.items(d.now)...))
		res.ETag = fmt.Sprint(n)
		return res, nil
	})
	if articles := p.count(monday, d.now); writes > articles+4*4+2 {
		t.Errorf("%d writes in %d fetches, %d of which brought something", writes, n, articles)
	}
	d.expectAll(p, d.now)
}

// Silence of every kind is told, once, and its end; nothing else is.
func TestScenarioSilence(t *testing.T) {
	quiet := map[string]func(*desk, fetch.Request) (*fetch.Response, error){
		"304 for ever": func(d *desk, r fetch.Request) (*fetch.Response, error) {
			if r.Unconditional {
				return answer200(rssOf(herald().items(monday.Add(9 * day))...)), nil
			}
			return &fetch.Response{Status: 304, NotModified: true, FinalURL: r.URL}, nil
		},
		"the same for ever": func(d *desk, r fetch.Request) (*fetch.Response, error) {
			return answer200(rssOf(herald().items(monday.Add(9 * day))...)), nil
		},
		"valid and empty": func(d *desk, r fetch.Request) (*fetch.Response, error) { return answer200(rssOf()), nil },
		"errors": func(d *desk, r fetch.Request) (*fetch.Response, error) {
			return nil, &fetch.Error{Class: fetch.ClassTimeout, Msg: "it is slow"}
		},
		"500": func(d *desk, r fetch.Request) (*fetch.Response, error) {
			return &fetch.Response{Status: 500}, &fetch.Error{Class: fetch.ClassStatus, Status: 500, Msg: "it fails"}
		},
	}
	for name, answer := range quiet {
		t.Run(name, func(t *testing.T) {
			d, p := newDesk(t), herald()
			d.run(monday.Add(9*day), plain(d, p, nil))
			if d.e.state.Silent || d.silentFeeds() != 0 {
				t.Fatal("silent at once")
			}
			d.run(monday.Add(19*day), func(r fetch.Request) (*fetch.Response, error) { return answer(d, r) })
			st := d.e.state
			if !st.Silent || d.silentFeeds() != 1 || d.said("feed is silent") != 1 {
				t.Fatalf("after ten days without anything: silent %v, gauge %v\n%s", st.Silent, d.silentFeeds(), d.logs.String())
			}
			last := d.fetches[len(d.fetches)-1]
			if !last.Silent || last.Missing < 60 || last.Missing > 200 || last.LastNew.After(monday.Add(10*day)) {
				t.Errorf("%+v", last)
			}
			i := slices.IndexFunc(d.fetches, func(f news.Fetch) bool { return f.Silent })
			if after := d.fetches[i].At.Sub(d.fetches[i].LastNew); after > 5*day || after < 4*hour {
				t.Errorf("told after %v of silence, of a feed with an article every two hours", after)
			}
			d.run(monday.Add(22*day), plain(d, p, nil))
			if d.e.state.Silent || d.silentFeeds() != 0 || d.said("no longer silent") != 1 || d.said("feed is silent") != 1 {
				t.Errorf("it is back: silent %v, gauge %v\n%s", d.e.state.Silent, d.silentFeeds(), d.logs.String())
			}
		})
	}
	t.Run("dead before it was added", func(t *testing.T) {
		d, p := newDesk(t), herald()
		p.start = monday.AddDate(-2, 0, 0)
		body := rssOf(p.items(monday.AddDate(-1, 0, 0))...)
		d.run(monday.Add(10*day), func(fetch.Request) (*fetch.Response, error) { return answer200(body), nil })
		if d.e.state.Silent || len(d.articles) != 20 {
			t.Errorf("silent %v, %d articles", d.e.state.Silent, len(d.articles))
		}
		if got := d.fetches[len(d.fetches)-1].LastNew; got.After(monday.AddDate(-1, 0, 1)) {
			t.Errorf("last new at %v", got)
		}
	})
	t.Run("removed while silent", func(t *testing.T) {
		d, p := newDesk(t), herald()
		d.run(monday.Add(9*day), plain(d, p, nil))
		d.run(monday.Add(19*day), func(fetch.Request) (*fetch.Response, error) { return answer200(rssOf()), nil })
		d.pt.remove(feedURL)
		if d.silentFeeds() != 0 || d.p.budget.Demand() > 1e-9 || d.p.polls(feedURL) {
			t.Errorf("gauge %v, demand %v", d.silentFeeds(), d.p.budget.Demand())
		}
	})
}

// What is expected right after a restart is neither counted twice nor huge.
func TestScenarioRestart(t *testing.T) {
	d, p := newDesk(t), herald()
	d.run(monday.Add(10*day), plain(d, p, nil))
	sum := func(fetches []news.Fetch) (expected float64) {
		for _, f := range fetches {
			expected += f.Expected
		}
		return expected
	}
	// A state that was stored five days ago, and a partition polled ever since.
	stale := *d.e.state
	stale.LastPoll, stale.LastSuccess = d.now.Add(-5*day), d.now.Add(-5*day)
	stale.NextPoll = stale.LastPoll.Add(2 * hour)
	stale.Seen = d.e.seen
	restart := func(alive time.Time) *desk {
		again := newDesk(t)
		again.now = d.now
		again.pt.remove(feedURL)
		again.pt.alive = alive
		again.pt.states = map[string][]byte{feedURL: news.Encode(&stale)}
		again.subscribe(&news.Feed{})
		again.run(again.now.Add(12*hour), plain(again, p, nil))
		return again
	}
	if got := sum(restart(d.now.Add(-time.Minute)).fetches); got < 4 || got > 9 {
		t.Errorf("polled all the while: %.1f expected of half a day, want 6", got)
	}
	if got := sum(restart(d.now.Add(-day)).fetches); got < 15 || got > 22 {
		t.Errorf("polled until a day ago: %.1f expected, want 18", got)
	}
	if got := sum(restart(time.Time{}).fetches); got < 50 || got > 80 {
		t.Errorf("nobody knows: %.1f expected since the state was stored, want 66", got)
	}
}

// What a publisher refuses is asked for under the next name, which is remembered.
func TestScenarioLadder(t *testing.T) {
	d, p := newDesk(t), herald()
	honest := plain(d, p, nil)
	letsIn := 1
	serve := func(r fetch.Request) (*fetch.Response, error) {
		if r.Rung < letsIn {
			return &fetch.Response{Status: 403}, &fetch.Error{Class: fetch.ClassStatus, Status: 403, Msg: "it does not let us in"}
		}
		return honest(r)
	}
	d.run(monday.Add(day), serve)
	if st := d.e.state; st.Identity != 1 || st.Failures != 0 || d.fetches[0].Error != "" || len(d.s.asked) > len(d.fetches)+5 {
		t.Fatalf("%d requests, %+v", len(d.s.asked), st)
	}
	letsIn = fetch.Rungs // nobody
	d.run(monday.Add(3*day), serve)
	st := d.e.state
	if st.Failures < 5 || !strings.Contains(st.Error, "let us in") || d.said("feed fails") != 1 {
		t.Errorf("%+v\n%s", st, d.logs.String())
	}
	letsIn = 0
	d.run(monday.Add(6*day), serve)
	if st := d.e.state; st.Failures != 0 || d.said("answers again") != 1 {
		t.Errorf("%+v", st)
	}
	if n := len(d.published()); n != len(d.articles) {
		t.Errorf("%d articles, %d different ones", len(d.articles), n)
	}
}

type vault map[string]*fetch.Access

func (v vault) Access(name string) (*fetch.Access, error) {
	if a, ok := v[name]; ok {
		return a, nil
	}
	return nil, fmt.Errorf("there is no secret %q; put a file of this name into the folder", name)
}

func (vault) Warnings() []string { return nil }

// A secret that is missing fails its feed and no other.
func TestScenarioSecret(t *testing.T) {
	d, p := newDesk(t), herald()
	key := &fetch.Access{}
	secrets := vault{"paid": key}
	d.p.secrets = secrets
	paid := d.subscribe(&news.Feed{URL: "https://paid.example/feed", Secret: "paid"})
	locked := d.subscribe(&news.Feed{URL: "https://locked.example/feed", Secret: "lost"})
	answer := func(r fetch.Request) (*fetch.Response, error) {
		if strings.Contains(r.URL, "locked") && r.Access == nil {
			t.Error("asked without its secret")
		}
		if want := strings.Contains(r.URL, "paid"); (r.Access == key) != want {
			t.Errorf("%s: asked with %v", r.URL, r.Access)
		}
		res := answer200(rssOf(p.items(d.now)...))
		res.FinalURL = r.URL
		return res, nil
	}
	d.run(monday.Add(day), answer)
	if paid.state.Failures != 0 || d.e.state.Failures != 0 || locked.state.Failures == 0 || !strings.Contains(locked.state.Error, `no secret "lost"`) {
		t.Errorf("%+v, %+v, %+v", paid.state, d.e.state, locked.state)
	}
	secrets["lost"] = key
	d.run(monday.Add(3*day), func(r fetch.Request) (*fetch.Response, error) {
		res := answer200(rssOf(p.items(d.now)...))
		res.FinalURL = r.URL
		return res, nil
	})
	if locked.state.Failures != 0 || !locked.state.Filled {
		t.Errorf("the secret is there: %+v", locked.state)
	}
}

// A feed that has become another one which is polled publishes nothing.
func TestScenarioTwins(t *testing.T) {
	d, p := newDesk(t), herald()
	const there = "https://herald.example/new.xml"
	items := func(r fetch.Request) *fetch.Response {
		all := p.items(d.now)
		for i := range all {
			all[i].link = "" // nothing but the feed tells whose they are
		}
		res := answer200(rssOf(all...))
		res.FinalURL = r.URL
		return res
	}
	moved := true
	serve := func(r fetch.Request) (*fetch.Response, error) {
		res := items(r)
		if r.URL == feedURL && moved {
			res.FinalURL, res.Permanent = there, there
		}
		return res, nil
	}
	d.subscribe(&news.Feed{URL: there})
	d.run(monday.Add(10*day), serve)
	late := map[string]int{}
	for _, a := range d.articles {
		if a.SeenAt.After(monday.Add(2 * day)) {
			late[a.FeedURL]++
		}
	}
	last := d.e.state
	if late[feedURL] != 0 || late[there] == 0 || last.MovedTo != there || last.NextPoll.Sub(last.LastPoll) != day || last.Silent {
		t.Errorf("articles of later days %v, %+v", late, last)
	}
	i := slices.IndexFunc(d.fetches, func(f news.Fetch) bool { return f.Class == classMoved })
	if i < 0 || !strings.Contains(d.fetches[i].Error, there) || !strings.Contains(d.fetches[i].Error, "remove this one") {
		t.Errorf("no record says so")
	}
	// The other one is removed: this one goes on.
	d.pt.remove(there)
	n := len(d.articles)
	d.run(monday.Add(14*day), serve)
	if len(d.articles)-n < 20 {
		t.Errorf("%d articles once it is alone", len(d.articles)-n)
	}
	// The move is taken back.
	d.subscribe(&news.Feed{URL: there})
	moved = false
	d.run(monday.Add(18*day), serve)
	if d.e.state.MovedTo != "" {
		t.Errorf("%+v", d.e.state)
	}
}

// Failures of every class back off to a day at most, and come back.
func TestScenarioBackOff(t *testing.T) {
	d, p := newDesk(t), herald()
	d.run(monday.Add(day), plain(d, p, nil))
	n := len(d.fetches)
	d.run(monday.Add(20*day), func(fetch.Request) (*fetch.Response, error) { return nil, errors.New("it is down") })
	failed := d.fetches[n:]
	if len(failed) > 35 || d.said("feed fails") != 1 {
		t.Errorf("%d polls of a feed that is down for 19 days\n%s", len(failed), d.logs.String())
	}
	for i := range failed {
		if i > 0 && failed[i].At.Sub(failed[i-1].At) > day {
			t.Errorf("given up for %v", failed[i].At.Sub(failed[i-1].At))
		}
		if failed[i].Failures != i+1 {
			t.Errorf("%d failures in a row, want %d", failed[i].Failures, i+1)
		}
	}
	d.run(monday.Add(22*day), plain(d, p, nil))
	i := slices.IndexFunc(d.fetches[n:], func(f news.Fetch) bool { return f.Error == "" })
	if f := d.fetches[n+i]; f.Recovered != len(failed) || !f.Gap || d.e.state.Failures != 0 {
		t.Errorf("back: %+v", f)
	}
}
