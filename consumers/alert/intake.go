package alert

import (
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
	// intakeSpan is how far back the last polls of feeds are looked for: beyond
	// the longest interval between two.
	intakeSpan = 49 * time.Hour
	// crowd is how many feeds and sources may fall silent between two looks and
	// still be told of one by one.
	crowd = 20
	// fewFeeds is the number below which the failure of most feeds is not taken
	// for the network's.
	fewFeeds = 10
	// silenceP bounds the probability that a healthy feed is called silent, a
	// month; see Silent of package rhythm.
	silenceP = 1e-3
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

// intakeTroubles says what is wrong with the intake as of now. What concerns
// all feeds hides what follows from it for single ones.
func intakeTroubles(now time.Time, overdue time.Duration, all store.Intake, silent []store.SilentFeed) []trouble {
	if all.Feeds == 0 {
		return nil
	}
	if all.Overdue*2 > all.Feeds {
		return []trouble{{entity: allPolls, name: "Polls", since: all.Last, reason: fmt.Sprintf(
			"Feeds are not polled as planned: %d of %d are more than %s late, the last poll was at %s. Look whether `dateline poll` runs (its log says why it does not), and whether poll.budget is enough.",
			all.Overdue, all.Feeds, spoken(overdue), all.Last.UTC().Format("15:04 UTC on 2 January"))}}
	}
	var out []trouble
	most := all.Failing*2 > all.Feeds && all.Feeds >= fewFeeds
	if most {
		out = append(out, trouble{entity: allFetches, name: "Fetches", since: all.FailingSince, reason: fmt.Sprintf(
			"%d of %d feeds fail at once, most of them with “%s”. So many publishers are not down together: look at this machine's network, name server and proxy.",
			all.Failing, all.Feeds, all.CommonError)})
	}
	bySource := map[string][]store.SilentFeed{}
	for _, f := range silent {
		if !(most && f.Error != "") {
			bySource[f.Source] = append(bySource[f.Source], f)
		}
	}
	var quiet []trouble
	for source, feeds := range bySource {
		if n := len(feeds); n > 1 && source != "" && uint64(n) >= feeds[0].SourceFeeds {
			quiet = append(quiet, silentSource(now, source, feeds))
			continue
		}
		for i := range feeds {
			quiet = append(quiet, silentFeed(now, &feeds[i]))
		}
	}
	slices.SortFunc(quiet, func(a, b trouble) int {
		if a.entity < b.entity {
			return -1
		}
		return 1
	})
	return append(out, quiet...)
}

func silentFeed(now time.Time, f *store.SilentFeed) trouble {
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

func silentSource(now time.Time, source string, feeds []store.SilentFeed) trouble {
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
	slices.SortFunc(out, func(a, b *news.Alert) int {
		if a.EntityID < b.EntityID {
			return -1
		}
		return 1
	})
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
	since := now.Add(-intakeSpan)
	all, err := e.store.IntakeSince(ctx, since, now.Add(-e.cfg.Overdue))
	if err != nil {
		return err
	}
	silent, err := e.store.SilentFeeds(ctx, since)
	if err != nil {
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
	return e.publish(ctx, intakeStep(now, intakeTroubles(now, e.cfg.Overdue, all, silent), e.alarms, completeness))
}
