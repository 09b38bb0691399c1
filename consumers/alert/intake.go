package alert

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/store"
)

// ruleIntake is the name under which alarms go that are about the pipeline's
// own intake: feeds and sources that have fallen silent, polls that fail or
// stop. Their entity is feed/URL, source/NAME or one of the pipeline/… names;
// they are never about coverage.
const ruleIntake = "intake"

// What the whole intake can suffer from.
const (
	allPolls   = "pipeline/polls"
	allFetches = "pipeline/fetches"
	allSilence = "pipeline/silence"
)

const (
	// crowd is how many feeds and sources may fall silent between two looks and
	// still be told of one by one.
	crowd = 20
	// fewFeeds is the number below which the failure of most feeds is not taken
	// for the network's.
	fewFeeds = 10
	// silenceP bounds the probability that a healthy feed is called silent, a
	// month; see Silent of package rhythm.
	silenceP = 1e-3
	// subscribedFor is how long a list of the subscriptions is good.
	subscribedFor = 10 * time.Minute
)

// trouble is one thing that is wrong with the intake.
type trouble struct {
	entity, name string
	since        time.Time
	expected     float64 // items that should have come since then
	p            float64 // that it is chance; 0 for a plain fact
	sources      []string
	reason       string
}

// intakeTroubles says what is wrong with the intake as of now, by the last polls
// of all feeds. What concerns most of them hides what follows from it for single
// ones.
func intakeTroubles(now time.Time, overdue time.Duration, feeds []store.FeedIntake) []trouble {
	var late, failing []*store.FeedIntake
	silent, bySource := map[string][]*store.FeedIntake{}, map[string]int{}
	polled := 0
	var last time.Time
	for i := range feeds {
		f := &feeds[i]
		if f.Class == "gone" || f.Class == "moved" {
			continue // polled no more, by right
		}
		polled++
		bySource[f.Source]++
		if f.LastPoll.After(last) {
			last = f.LastPoll
		}
		if !f.NextPoll.IsZero() && f.NextPoll.Before(now.Add(-overdue)) {
			late = append(late, f)
		}
		if f.Error != "" {
			failing = append(failing, f)
		}
		if f.Silent {
			silent[f.Source] = append(silent[f.Source], f)
		}
	}
	if 2*len(late) > polled {
		return []trouble{{entity: allPolls, name: "Polls", since: last, reason: fmt.Sprintf(
			"Feeds are not polled as planned: %d of %d are more than %s late, the last poll was at %s. Look whether `dateline poll` runs (its log says why it does not), and whether poll.budget is enough.",
			len(late), polled, spoken(overdue), last.UTC().Format("15:04 UTC on 2 January"))}}
	}
	var out []trouble
	most := 2*len(failing) > polled && polled >= fewFeeds
	if most {
		out = append(out, failingFeeds(failing, polled))
	}
	for source, feeds := range silent {
		whole := source != "" && len(feeds) > 1 && len(feeds) == bySource[source]
		if most { // they are silent because they fail
			feeds = slices.DeleteFunc(feeds, func(f *store.FeedIntake) bool { return f.Error != "" })
		}
		switch {
		case len(feeds) == 0:
		case whole:
			out = append(out, silentSource(now, source, feeds))
		default:
			for _, f := range feeds {
				out = append(out, silentFeed(now, f))
			}
		}
	}
	slices.SortFunc(out, func(a, b trouble) int { return cmp.Compare(a.entity, b.entity) })
	return out
}

// failingFeeds is the failure of most feeds at once.
func failingFeeds(failing []*store.FeedIntake, polled int) trouble {
	classes := map[string]int{}
	t := trouble{entity: allFetches, name: "Fetches"}
	for _, f := range failing {
		classes[f.Class]++
		if f.LastSuccess.After(t.since) {
			t.since = f.LastSuccess
		}
	}
	t.reason = fmt.Sprintf("%d of %d feeds fail at once, most of them with “%s”. So many publishers are not down together: look at this machine's network, name server and proxy.",
		len(failing), polled, mostFirst(classes, 1)[0])
	return t
}

func silentFeed(now time.Time, f *store.FeedIntake) trouble {
	t := trouble{entity: "feed/" + f.FeedURL, name: f.FeedURL, since: f.LastNew, expected: f.Missing, p: silenceP}
	if f.Source != "" {
		t.sources = []string{f.Source}
	}
	t.reason = fmt.Sprintf("Nothing new from %s for %s, where %s articles are usual; it %s.",
		f.FeedURL, age(now.Sub(f.LastNew)), amount(f.Missing), lastAnswer(f.Class, f.Error))
	return t
}

// lastAnswer says in words how a silent feed answers.
func lastAnswer(class, err string) string {
	switch {
	case err != "":
		return "fails: " + err
	case class == "not_modified":
		return "answers that nothing has changed (304): look at the publisher's site, the feed may be frozen"
	}
	return "answers well, but with nothing new: look at the publisher's site, the feed may have moved"
}

func silentSource(now time.Time, source string, feeds []*store.FeedIntake) trouble {
	t := trouble{entity: "source/" + source, name: source, p: silenceP, sources: []string{source}}
	for i := range feeds {
		t.expected += feeds[i].Missing
		if feeds[i].LastNew.After(t.since) {
			t.since = feeds[i].LastNew
		}
	}
	t.reason = fmt.Sprintf("Nothing new from %s for %s, in none of its %d feeds, where %s articles are usual; the first of them %s.",
		source, age(now.Sub(t.since)), len(feeds), amount(t.expected), lastAnswer(feeds[0].Class, feeds[0].Error))
	return t
}

// age is a length of time as people say it.
func age(d time.Duration) string {
	switch {
	case d < 2*time.Hour:
		return fmt.Sprintf("%d minutes", max(1, d/time.Minute))
	case d < 2*day:
		return fmt.Sprintf("%d hours", d/time.Hour)
	}
	return fmt.Sprintf("%d days", d/day)
}

// intakeStep compares what is wrong with what was told of it, and gives the
// alarms that are raised and resolved; open changes along. Where too many fall
// silent at once, one alarm stands for all of them, until it is over.
func intakeStep(now time.Time, troubles []trouble, open map[string]*news.Alert, completeness float64) []*news.Alert {
	wrong := map[string]bool{}
	var fresh []trouble
	quiet := 0
	for _, t := range troubles {
		wrong[t.entity] = true
		if t.p > 0 {
			quiet++
		}
		if open[t.entity] == nil {
			fresh = append(fresh, t)
		}
	}
	many := slices.DeleteFunc(slices.Clone(fresh), func(t trouble) bool { return t.p == 0 })
	if len(many) > crowd || open[allSilence] != nil && quiet > crowd/2 {
		wrong[allSilence] = true
		fresh = slices.DeleteFunc(fresh, func(t trouble) bool { return t.p > 0 })
		if open[allSilence] == nil {
			fresh = append(fresh, silentCrowd(now, many))
		}
	}
	var out []*news.Alert
	for name, a := range open {
		if !wrong[name] {
			r := *a
			r.State, r.At, r.Reason = news.AlertResolved, now, a.Name+": "+"back to what is usual."
			out = append(out, &r)
			delete(open, name)
		}
	}
	for _, t := range fresh {
		a := t.alarm(now, completeness)
		open[t.entity] = a
		out = append(out, a)
	}
	slices.SortFunc(out, func(a, b *news.Alert) int { return cmp.Compare(a.EntityID, b.EntityID) })
	return out
}

func silentCrowd(now time.Time, many []trouble) trouble {
	t := trouble{entity: allSilence, name: "Silent feeds", since: now, p: silenceP}
	for _, m := range many {
		t.expected += m.expected
	}
	t.reason = fmt.Sprintf("%d feeds and sources have fallen silent at once, %s and %s among them; %s articles are missing. `dateline feeds health --state silent` lists them.",
		len(many), many[0].name, many[1].name, amount(t.expected))
	return t
}

func (t *trouble) alarm(now time.Time, completeness float64) *news.Alert {
	since := t.since.UTC()
	if since.IsZero() || since.After(now) {
		since = now
	}
	return &news.Alert{
		V: news.Version, ID: alertID(t.entity, ruleIntake, since), Rule: ruleIntake, EntityID: t.entity, Name: t.name,
		State: news.AlertFiring, Since: since, At: now, WindowS: int(now.Sub(since) / time.Second),
		Expected: t.expected, P: t.p, Q: t.p, Sources: t.sources, Completeness: completeness, Reason: t.reason,
	}
}

// landed is what polls go through before they can be looked at.
var landed = bus.Backlog{Topic: news.TopicFetches, Group: "land"}

// watchIntake looks whether the pipeline itself is well. While records of polls
// have not landed for long, nothing can be said of them.
func (e *evaluation) watchIntake(ctx context.Context) error {
	now := e.now().UTC()
	if e.cfg.Intake <= 0 || now.Sub(e.looked) < e.cfg.Intake {
		return nil
	}
	e.looked = now
	p, err := e.bus.Pending(ctx, landed, partitions(landed.Topic))
	if err != nil {
		return fmt.Errorf("polls that have not landed: %w", err)
	}
	if p.Messages > 0 && now.Sub(p.Oldest) > e.cfg.Overdue/2 {
		return nil
	}
	feeds, err := e.store.Intake(ctx, now)
	if err != nil {
		return err
	}
	if feeds, err = e.subscribed(ctx, now, feeds); err != nil {
		return err
	}
	polls, err := e.store.Completeness(ctx, now.Add(-time.Hour), now)
	if err != nil {
		return err
	}
	completeness := 1.
	if polls.Expected > 0 {
		completeness = polls.Share
	}
	return e.publish(ctx, intakeStep(now, intakeTroubles(now, e.cfg.Overdue, feeds), e.alarms, completeness))
}

// subscribed leaves out the feeds that are not among the subscriptions any more:
// their last poll stays as it was.
func (e *evaluation) subscribed(ctx context.Context, now time.Time, feeds []store.FeedIntake) ([]store.FeedIntake, error) {
	if e.subscriptions == nil {
		return feeds, nil
	}
	if now.Sub(e.subsAt) >= subscribedFor {
		list, err := e.subscriptions(ctx)
		if err != nil {
			return nil, fmt.Errorf("read the subscriptions: %w", err)
		}
		e.subs, e.subsAt = make(map[string]bool, len(list)), now
		for _, f := range list {
			e.subs[f.URL] = true
		}
	}
	return slices.DeleteFunc(feeds, func(f store.FeedIntake) bool { return !e.subs[f.FeedURL] }), nil
}
