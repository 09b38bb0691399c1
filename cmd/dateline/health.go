package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/dateline/dateline/pkg/app"
	"github.com/dateline/dateline/pkg/health"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/store"
	"github.com/spf13/cobra"
)

func (c *cli) feedsHealth() *cobra.Command {
	var q health.Query
	cmd := &cobra.Command{
		Use: "health [URL…]", Short: "Show how feeds fare: state, yield, rhythm, gaps, and what to do",
		Long: `Health lists the feeds with their state, trouble first: when they last answered,
what they bring, when they are polled next, and for those in trouble what is
wrong and what to do. With one URL it shows that feed at length, with its last
polls.

A state is one of:
` + statesHelp(),
		Example: example("dateline feeds health", "dateline feeds health --state trouble --json", "dateline feeds health https://example.org/feed.xml"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if _, ok := health.Find(q.State); q.State != "" && q.State != "trouble" && !ok {
				return usagef("--state %q: want trouble, or one of %s", q.State, strings.Join(stateNames(), ", "))
			}
			if !slices.Contains(health.Sorts, q.Sort) {
				return usagef("--sort %q: want one of %s", q.Sort, strings.Join(health.Sorts, ", "))
			}
			if q.Limit < 1 || q.Limit > store.MaxRows {
				return usagef("--limit %d: want 1 to %d", q.Limit, store.MaxRows)
			}
			return c.with(cmd.Context(), func(a *app.App) error { return c.health(cmd, a, q, args) })
		},
	}
	f := cmd.Flags()
	f.StringVar(&q.State, "state", "", "only feeds in this `STATE`; trouble: those that somebody should look at")
	f.StringVar(&q.Search, "find", "", "only feeds with these `WORDS` in title, address, source or tags")
	f.StringVar(&q.Tag, "tag", "", "only feeds with this `TAG`")
	f.StringVar(&q.Sort, "sort", "trouble", "`ORDER`: "+strings.Join(health.Sorts, ", "))
	f.IntVar(&q.Limit, "limit", 50, "`NUMBER` of feeds")
	return cmd
}

func stateNames() []string {
	out := make([]string, len(health.States))
	for i, s := range health.States {
		out[i] = s.Name
	}
	return out
}

func statesHelp() string {
	var sb strings.Builder
	for _, s := range health.States {
		fmt.Fprintf(&sb, "  %-9s %s\n", s.Name, s.Meaning)
	}
	return strings.TrimRight(sb.String(), "\n")
}

// healthRow is one feed of the list.
type healthRow struct {
	Title string   `json:"title,omitempty"`
	Tags  []string `json:"tags,omitempty"`
	store.FeedDetail
}

func (c *cli) health(cmd *cobra.Command, a *app.App, q health.Query, urls []string) error {
	ctx, now := cmd.Context(), time.Now().UTC()
	subs, err := a.Feeds(ctx)
	if err != nil {
		return err
	}
	if subs == nil {
		subs = []*news.Feed{}
	}
	if len(subs) == 0 {
		fmt.Fprintln(c.err, "there is no feed yet; add one with `dateline feeds add URL`")
		return nil
	}
	briefs, err := a.Reader.FeedBriefs(ctx, now)
	if err != nil {
		return err
	}
	all := health.Join(subs, briefs)
	page, total := health.Pick(all, q)
	if len(urls) > 0 {
		if page, err = c.named(all, urls); err != nil {
			return err
		}
	}
	addresses := make([]string, len(page))
	for i, f := range page {
		addresses[i] = f.FeedURL
	}
	found, err := a.Reader.FeedDetails(ctx, now, addresses)
	if err != nil {
		return err
	}
	rows := make([]healthRow, len(page))
	for i, f := range page {
		d, polled := found[f.FeedURL]
		if !polled {
			d.FeedBrief = f.FeedBrief
		}
		rows[i] = healthRow{f.Title, f.Tags, d}
	}
	switch {
	case c.json:
		return jsonLines(c.out, rows)
	case len(urls) == 1:
		polls, err := a.Reader.FeedPolls(ctx, store.FeedPollsQuery{Feed: page[0].FeedURL, From: now.AddDate(0, 0, -30), Limit: 10})
		if err != nil {
			return err
		}
		return healthOf(c.out, now, rows[0], polls)
	case len(urls) == 0:
		fmt.Fprintln(c.out, summary(all))
	}
	if err := healthTable(c.out, now, rows); err != nil {
		return err
	}
	if rest := total - len(rows); len(urls) == 0 && rest > 0 {
		fmt.Fprintf(c.out, "and %d more; --limit, --state or --find chooses others\n", rest)
	}
	return nil
}

// named finds the feeds with the given addresses.
func (c *cli) named(all []health.Feed, urls []string) ([]health.Feed, error) {
	var out []health.Feed
	for _, u := range urls {
		i := slices.IndexFunc(all, func(f health.Feed) bool { return f.FeedURL == u })
		if i < 0 {
			return nil, fmt.Errorf("%s is not among the feeds; `dateline feeds list` shows them", u)
		}
		out = append(out, all[i])
	}
	return out, nil
}

func summary(all []health.Feed) string {
	var parts []string
	for _, n := range health.Counts(all) {
		parts = append(parts, fmt.Sprintf("%d %s", n.Feeds, n.State))
	}
	word := "feeds"
	if len(all) == 1 {
		word = "feed"
	}
	return fmt.Sprintf("%d %s: %s", len(all), word, strings.Join(parts, ", "))
}

// healthTable writes a line for each feed, and below those that are not as
// they should be what to do.
func healthTable(w io.Writer, now time.Time, rows []healthRow) error {
	if len(rows) == 0 {
		_, err := fmt.Fprintln(w, "no feed is like that")
		return err
	}
	// The width of the columns is known only when all is laid out; what belongs
	// below a line goes in between afterwards.
	var sb strings.Builder
	tw := tabwriter.NewWriter(&sb, 0, 4, 2, ' ', 0)
	fmt.Fprintln(tw, "FEED\tSTATE\tLAST SUCCESS\tNEW 24H\tNEW/POLL\tRHYTHM\tNEXT POLL\tGAPS 7D")
	width := max(20, columns()-85)
	for _, r := range rows {
		name := r.Title
		if name == "" {
			name = r.FeedURL
		}
		fmt.Fprintf(tw, "%s\t%s\t%s\t%d\t%.2f\t%s\t%s\t%d\n", health.Cut(plainLine(name), width), r.State, health.Ago(now, r.LastSuccess),
			r.Day.NewItems, r.Week.Yield(), health.Rhythm(float64(r.Rate)), nextPoll(now, r), r.Week.Gaps)
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	i := -1
	for line := range strings.Lines(sb.String()) {
		if _, err := io.WriteString(w, strings.TrimRight(line, " \n")+"\n"); err != nil {
			return err
		}
		if i >= 0 && rows[i].Advice != "" && rows[i].State != "new" && rows[i].State != "quiet" {
			if !strings.HasPrefix(line, rows[i].FeedURL+" ") { // a title, or cut
				fmt.Fprintf(w, "    %s\n", plainLine(rows[i].FeedURL))
			}
			fmt.Fprintf(w, "    %s\n", plainLine(rows[i].Advice))
		}
		i++
	}
	return nil
}

func nextPoll(now time.Time, r healthRow) string {
	if r.State == "gone" {
		return "none"
	}
	return health.Next(now, r.NextPoll)
}

// healthOf shows one feed at length.
func healthOf(w io.Writer, now time.Time, r healthRow, polls []store.FeedPoll) error {
	state, _ := health.Find(r.State)
	if r.Title != "" {
		fmt.Fprintln(w, plainLine(r.Title))
	}
	fmt.Fprintln(w, plainLine(r.FeedURL))
	line := func(name, format string, args ...any) {
		fmt.Fprintf(w, "  %-13s "+format+"\n", append([]any{name}, args...)...)
	}
	line("state", "%s: %s", r.State, state.Meaning)
	if r.Advice != "" && r.State != "new" {
		line("what to do", "%s", plainLine(r.Advice))
	}
	if len(r.Tags) > 0 {
		line("tags", "%s", plainLine(strings.Join(r.Tags, ", ")))
	}
	if r.Source != "" {
		line("source", "%s", r.Source)
	}
	line("last success", "%s", moment(now, r.LastSuccess))
	line("last new", "%s", moment(now, r.LastNew))
	line("next poll", "%s", nextPoll(now, r))
	line("rhythm", "%s", health.Rhythm(float64(r.Rate)))
	for _, t := range []struct {
		name string
		store.PollSums
	}{{"24 hours", r.Day}, {"7 days", r.Week}} {
		line(t.name, "%d new of %.1f expected in %d polls (%.2f a poll), %d failed, %d not modified, %d with a gap", t.NewItems, t.Expected, t.Polls, t.Yield(), t.Failed, t.NotModified, t.Gaps)
	}
	if r.Missing >= 0.5 {
		line("missing", "%.1f items were to be expected since the last new one", r.Missing)
	}
	line("items", "%d at a time", r.Items)
	if len(polls) == 0 {
		return nil
	}
	fmt.Fprintln(w)
	tw := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(tw, "POLL\tSTATUS\tNEW\tEXPECTED\tITEMS\tBYTES\tMS\tRESULT")
	for _, p := range polls {
		result := p.Class
		switch {
		case p.Error != "":
			result = plainLine(p.Error)
		case p.Gap:
			result = "gap: articles may have been missed"
		case p.Recovered > 0:
			result += fmt.Sprintf(", after %d failures", p.Recovered)
		}
		fmt.Fprintf(tw, "%s\t%d\t%d\t%.1f\t%d\t%d\t%d\t%s\n", p.At.UTC().Format(time.DateTime), p.Status, p.NewItems, p.Expected, p.Items, p.Bytes, p.TookMS, result)
	}
	return tw.Flush()
}

func moment(now, t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return health.Ago(now, t) + " (" + t.UTC().Format(time.DateTime) + ")"
}

// plainLine is a text from outside on one line, without what could steer a
// terminal.
func plainLine(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r < ' ':
			return ' '
		case r == 0x7f || r >= 0x80 && r < 0xa0 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069:
			return '?'
		}
		return r
	}, s)
}

// columns is the width that the terminal says it has, within reason.
func columns() int {
	n, err := strconv.Atoi(os.Getenv("COLUMNS"))
	if err != nil || n < 60 || n > 400 {
		return 140
	}
	return n
}
