package main

import (
	"bufio"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/dateline/dateline/pkg/app"
	"github.com/dateline/dateline/pkg/news"
	"github.com/spf13/cobra"
)

func (c *cli) forget() *cobra.Command {
	var opt app.ForgetOptions
	var yes, dry, list bool
	cmd := &cobra.Command{
		Use: "forget URL|ID|DOMAIN…", Short: "Remove articles, or all of a site, and keep them from coming back",
		Long: `Forget erases the text of articles, everything that was derived from it, and
what quotes it, and leaves a tombstone: the same article, or anything of the
same site, does not come in again by a feed, a page, a push, an import or a
replay. An article is named by its address or its id, a site by its domain,
which covers all domains below it.

The row of an article stays, with when it came, from which source and in which
language, so that the denominators of past coverage do not move; its mentions
go. --keep-counts leaves the mentions, too, without the words that they quote.

Kafka holds the messages until their retention is over: articles and documents 7
days, alerts and dead letters 30. What was sent out by mail or chat stays there.
Backups that were made before hold the text.`,
		Example: example("dateline forget https://example.org/2026/01/a-story --reason 'request 4711'", "dateline forget example.org --dry-run",
			"dateline forget --list", "dateline forget example.org --lift"),
		Args: func(_ *cobra.Command, args []string) error {
			switch {
			case list && len(args) > 0:
				return usagef("--list takes no argument, got %q", args[0])
			case !list && len(args) == 0:
				return usagef("want at least one URL, ID or DOMAIN")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if opt.Lift && (opt.KeepCounts || opt.Copies) {
				return usagef("--lift goes with no other way of forgetting")
			}
			return c.with(cmd.Context(), func(a *app.App) error {
				if list {
					return c.forgetList(cmd, a)
				}
				plan, err := a.PlanForget(cmd.Context(), args, opt)
				if errors.Is(err, app.ErrForgetWhat) {
					return usageError{err}
				}
				if err != nil {
					return err
				}
				if err := c.showPlan(plan, opt); err != nil || dry {
					return err
				}
				if !yes && !c.confirm() {
					return errors.New("nothing was changed: the answer was not yes (--yes answers it beforehand)")
				}
				if err := a.Forget(cmd.Context(), plan, opt); err != nil {
					return err
				}
				if c.json {
					return nil
				}
				if opt.Lift {
					_, err = fmt.Fprintf(c.out, "Lifted: %d. What comes again is taken; what was erased does not come back by itself.\n", len(plan.Tombstones))
					return err
				}
				_, err = fmt.Fprintf(c.out, "Forgotten. Kafka may hold messages with the text until %s (articles, documents) and %s (alerts, dead letters).\n",
					time.Now().Add(retention(news.TopicDocuments)).UTC().Format(time.DateOnly), time.Now().Add(retention(news.TopicDeadLetters)).UTC().Format(time.DateOnly))
				return err
			})
		},
	}
	f := cmd.Flags()
	f.BoolVar(&yes, "yes", false, "do not ask")
	f.BoolVar(&dry, "dry-run", false, "show what would be forgotten, and change nothing")
	f.BoolVar(&list, "list", false, "list the tombstones")
	f.BoolVar(&opt.Lift, "lift", false, "take tombstones back: what they cover may come again")
	f.BoolVar(&opt.KeepCounts, "keep-counts", false, "leave the mentions, so that past coverage stays as it was")
	f.BoolVar(&opt.Copies, "copies", false, "and every stored article that carries the same text")
	f.StringVar(&opt.Reason, "reason", "", "`TEXT` to keep with the tombstone")
	f.DurationVar(&opt.Wait, "wait", 10*time.Minute, "for what is stored to be erased")
	return cmd
}

func retention(topic string) time.Duration {
	for _, t := range news.Topics {
		if t.Name == topic {
			return t.Retention
		}
	}
	return 0
}

// planLine is a line of --json.
type planLine struct {
	Tombstone string    `json:"tombstone,omitempty"`
	Source    string    `json:"source,omitempty"`
	Articles  string    `json:"articles,omitempty"`
	Revisions string    `json:"revisions,omitempty"`
	First     time.Time `json:"first,omitzero"`
	Last      time.Time `json:"last,omitzero"`
	Feed      string    `json:"feed,omitempty"`
}

// shownTombstones are as many as a person reads.
const shownTombstones = 20

func (c *cli) showPlan(p *app.ForgetPlan, opt app.ForgetOptions) error {
	if c.json {
		var lines []planLine
		for _, t := range p.Tombstones {
			lines = append(lines, planLine{Tombstone: t.Name()})
		}
		for _, a := range p.Affected {
			lines = append(lines, planLine{Source: a.Source, Articles: fmt.Sprint(a.Articles), Revisions: fmt.Sprint(a.Revisions), First: a.First, Last: a.Last})
		}
		for _, f := range p.Feeds {
			lines = append(lines, planLine{Feed: f})
		}
		return jsonLines(c.out, lines)
	}
	for i, t := range p.Tombstones {
		if i == shownTombstones {
			fmt.Fprintf(c.out, "… and %d more\n", len(p.Tombstones)-i)
			break
		}
		fmt.Fprintln(c.out, t.Name())
	}
	if opt.Lift {
		return nil
	}
	if len(p.Affected) == 0 {
		fmt.Fprintln(c.out, "Nothing of it is stored; it will not come in.")
	} else {
		w := tabwriter.NewWriter(c.out, 0, 4, 2, ' ', 0)
		fmt.Fprintln(w, "SOURCE\tARTICLES\tREVISIONS\tFIRST SEEN\tLAST SEEN")
		for _, a := range p.Affected {
			fmt.Fprintf(w, "%s\t%d\t%d\t%s\t%s\n", a.Source, a.Articles, a.Revisions, a.First.Format(time.DateTime), a.Last.Format(time.DateTime))
		}
		if err := w.Flush(); err != nil {
			return err
		}
	}
	for _, f := range p.Feeds {
		fmt.Fprintf(c.err, "%s goes on being polled, and what it brings is dropped; see `dateline feeds remove`\n", f)
	}
	return nil
}

// confirm asks the person.
func (c *cli) confirm() bool {
	fmt.Fprint(c.err, "Go on? This cannot be undone. Type yes: ")
	line, _ := bufio.NewReader(c.in).ReadString('\n')
	return strings.TrimSpace(line) == "yes"
}

func (c *cli) forgetList(cmd *cobra.Command, a *app.App) error {
	rows, err := a.Store.Tombstones(cmd.Context())
	if err != nil {
		return err
	}
	type line struct {
		Name       string    `json:"tombstone"`
		At         time.Time `json:"at"`
		KeepCounts bool      `json:"keep_counts"`
		Lifted     bool      `json:"lifted"`
		Reason     string    `json:"reason"`
	}
	var lines []line
	for _, r := range rows {
		lines = append(lines, line{r.Name(), r.At, r.KeepCounts, r.Lifted, r.Reason})
	}
	if c.json {
		return jsonLines(c.out, lines)
	}
	w := tabwriter.NewWriter(c.out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "TOMBSTONE\tSINCE\tCOUNTS\tREASON")
	for _, l := range lines {
		counts := "gone"
		switch {
		case l.Lifted:
			counts = "lifted"
		case l.KeepCounts:
			counts = "kept"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", l.Name, l.At.Format(time.DateTime), counts, l.Reason)
	}
	return w.Flush()
}
