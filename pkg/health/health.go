// Package health puts what is subscribed to and what the polls say of it into
// one list that a person can read: states in the order of trouble, counted,
// sorted, searched and cut into pages.
//
// It is pure: subscriptions and states in, rows out. The states themselves are
// judged by the view feed_states; a feed without a poll is Waiting.
package health

import (
	"cmp"
	"slices"
	"strings"

	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/store"
)

// Waiting is the state of a feed that has not been polled yet.
const Waiting = "waiting"

// State is one of the states that a feed can be in.
type State struct {
	Name    string
	Trouble bool   // somebody should look at it
	Meaning string // in a few words
}

// States are all of them, trouble first.
var States = []State{
	{"failing", true, "polls keep failing"},
	{"refused", true, "the publisher does not let the poller in"},
	{"silent", true, "answers, but brings less than it ever did"},
	{"overdue", true, "was due and has not been polled"},
	{"gone", true, "retired by its publisher"},
	{"moved", true, "has become another feed that is polled too"},
	{"gap", true, "rolled over between two polls within a day"},
	{"paused", false, "the publisher asks to come less often"},
	{"retrying", false, "the last poll failed, those before did not"},
	{"slow", false, "takes more than ten seconds to answer"},
	{Waiting, false, "has not been polled yet"},
	{"new", false, "polled for less than a day"},
	{"quiet", false, "nothing new for a week, as is its way"},
	{"ok", false, "answers and brings what it should"},
}

var rank = func() map[string]int {
	m := map[string]int{}
	for i, s := range States {
		m[s.Name] = i
	}
	return m
}()

// Find gives a state by its name.
func Find(name string) (State, bool) {
	i, ok := rank[name]
	if !ok {
		return State{Name: name}, false
	}
	return States[i], true
}

// Feed is one feed with its state.
type Feed struct {
	store.FeedBrief
	Title string   `json:"title,omitempty"`
	Tags  []string `json:"tags,omitempty"`
}

// Name is what people call it.
func (f *Feed) Name() string { return cmp.Or(f.Title, f.FeedURL) }

// Join gives a row for each subscription. Where they are not known (nil) it
// gives one for each feed that was ever polled.
func Join(subs []*news.Feed, briefs []store.FeedBrief) []Feed {
	if subs == nil {
		out := make([]Feed, len(briefs))
		for i, b := range briefs {
			out[i].FeedBrief = b
		}
		return out
	}
	known := make(map[string]int, len(briefs))
	for i := range briefs {
		known[briefs[i].FeedURL] = i
	}
	out := make([]Feed, len(subs))
	for i, s := range subs {
		b := store.FeedBrief{FeedURL: s.URL, State: Waiting}
		if k, ok := known[s.URL]; ok {
			b = briefs[k]
		}
		out[i] = Feed{FeedBrief: b, Title: s.Title, Tags: s.Tags}
	}
	return out
}

// Count is how many feeds are in a state.
type Count struct {
	State string `json:"state"`
	Feeds int    `json:"feeds"`
}

// Counts gives the states that occur, trouble first.
func Counts(feeds []Feed) []Count {
	n := map[string]int{}
	for i := range feeds {
		n[feeds[i].State]++
	}
	out := make([]Count, 0, len(n))
	for s, k := range n {
		out = append(out, Count{s, k})
	}
	slices.SortFunc(out, func(a, b Count) int {
		return cmp.Or(cmp.Compare(order(a.State), order(b.State)), cmp.Compare(a.State, b.State))
	})
	return out
}

func order(state string) int {
	if i, ok := rank[state]; ok {
		return i
	}
	return len(States)
}

// Sorts are the orders that Pick knows.
var Sorts = []string{"trouble", "name", "rate", "new", "success", "next"}

// Query asks for some of the feeds.
type Query struct {
	State  string // "": all; "trouble": those that somebody should look at
	Search string // words that all stand in title, address, source or tags
	Tag    string
	Sort   string // one of Sorts; "": trouble
	Offset int
	Limit  int // 0: no bound
}

// Pick gives one page of the feeds that q asks for, and how many there are.
func Pick(feeds []Feed, q Query) (page []Feed, total int) {
	words := strings.Fields(strings.ToLower(q.Search))
	var found []*Feed
	for i := range feeds {
		if f := &feeds[i]; q.wants(f, words) {
			found = append(found, f)
		}
	}
	slices.SortFunc(found, orders[cmp.Or(q.Sort, "trouble")])
	total = len(found)
	found = found[min(max(q.Offset, 0), total):]
	if q.Limit > 0 {
		found = found[:min(q.Limit, len(found))]
	}
	page = make([]Feed, len(found))
	for i, f := range found {
		page[i] = *f
	}
	return page, total
}

func (q *Query) wants(f *Feed, words []string) bool {
	switch {
	case q.State == "trouble" && !trouble(f.State), q.State != "" && q.State != "trouble" && q.State != f.State:
		return false
	case q.Tag != "" && !slices.Contains(f.Tags, q.Tag):
		return false
	case len(words) == 0:
		return true
	}
	text := strings.ToLower(f.Title + " " + f.FeedURL + " " + f.Source + " " + strings.Join(f.Tags, " "))
	for _, w := range words {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return true
}

func trouble(state string) bool {
	s, _ := Find(state)
	return s.Trouble
}

// Troubled counts the feeds that somebody should look at.
func Troubled(counts []Count) (n int) {
	for _, c := range counts {
		if trouble(c.State) {
			n += c.Feeds
		}
	}
	return n
}

func byURL(a, b *Feed) int { return cmp.Compare(a.FeedURL, b.FeedURL) }

var orders = map[string]func(a, b *Feed) int{
	"trouble": func(a, b *Feed) int {
		// Of one state those first that would bring most.
		return cmp.Or(cmp.Compare(order(a.State), order(b.State)), cmp.Compare(b.Rate, a.Rate), byURL(a, b))
	},
	"name": func(a, b *Feed) int {
		return cmp.Or(cmp.Compare(strings.ToLower(a.Name()), strings.ToLower(b.Name())), byURL(a, b))
	},
	"rate":    func(a, b *Feed) int { return cmp.Or(cmp.Compare(b.Rate, a.Rate), byURL(a, b)) },
	"new":     func(a, b *Feed) int { return cmp.Or(b.LastNew.Compare(a.LastNew), byURL(a, b)) },
	"success": func(a, b *Feed) int { return cmp.Or(a.LastSuccess.Compare(b.LastSuccess), byURL(a, b)) },
	"next":    func(a, b *Feed) int { return cmp.Or(a.NextPoll.Compare(b.NextPoll), byURL(a, b)) },
}
