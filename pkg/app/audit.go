package app

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/dateline/dateline/consumers/enrich"
	"github.com/dateline/dateline/consumers/land"
	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/store"
)

// AuditOptions says what is audited.
type AuditOptions struct {
	// From and To bound what is audited by the time at which dateline first had
	// it, seen_at: messages and rows by their own, and of the views the hours
	// and days into which such rows fall, whole. Zero: no bound, and the start
	// of the audit.
	From, To time.Time
	Wait     time.Duration // for what is still under way, while nothing of it moves
}

// What an audit says of a check.
const (
	CheckOK    = "ok"
	CheckWrong = "wrong"
	CheckNote  = "note" // nothing is wrong, but not everything could be proven
)

// Check is one thing that an audit has looked at.
type Check struct {
	Name     string `json:"check"`
	What     string `json:"what"` // what is proven where there is no problem
	Looked   uint64 `json:"looked_at"`
	Problems uint64 `json:"problems"`
	Status   string `json:"status"`
	Detail   string `json:"detail,omitempty"` // the first offenders, or what could not be proven
}

// maxOffenders is how many of what is wrong a check names.
const maxOffenders = 10

// wrong notes a problem, and names it where it is among the first.
func (c *Check) wrong(format string, args ...any) {
	if c.Problems++; c.Problems <= maxOffenders {
		if c.Detail != "" {
			c.Detail += "; "
		}
		c.Detail += fmt.Sprintf(format, args...)
	}
}

// AuditReport is what an audit has found.
type AuditReport struct {
	Checks []Check
}

// OK tells whether nothing is missing, doubled or in disagreement.
func (r *AuditReport) OK() bool {
	return !slices.ContainsFunc(r.Checks, func(c Check) bool { return c.Problems > 0 })
}

// Write prints the report.
func (r *AuditReport) Write(w io.Writer, asJSON bool) error {
	if asJSON {
		enc := json.NewEncoder(w)
		for _, c := range r.Checks {
			if err := enc.Encode(c); err != nil {
				return err
			}
		}
		return nil
	}
	tw := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(tw, "CHECK\tLOOKED AT\tPROBLEMS\tSTATUS\tPROVEN")
	for _, c := range r.Checks {
		fmt.Fprintf(tw, "%s\t%d\t%d\t%s\t%s\n", c.Name, c.Looked, c.Problems, c.Status, c.What)
		if c.Detail != "" {
			fmt.Fprintf(tw, "\t\t\t\t  %s\n", c.Detail)
		}
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	verdict := "Nothing is missing, nothing is doubled, and every view agrees with a recount."
	switch {
	case !r.OK():
		verdict = "Something does not agree: see the lines with problems."
	case slices.ContainsFunc(r.Checks, func(c Check) bool { return c.Status == CheckNote }):
		verdict += "\nThe lines with notes say what could not be proven."
	}
	_, err := fmt.Fprintln(w, verdict)
	return err
}

// Audit proves that what the log holds has landed once, and that every view
// equals a recount from the rows.
func (a *App) Audit(ctx context.Context, opt AuditOptions) (*AuditReport, error) {
	rep := &AuditReport{}
	if opt.To.IsZero() {
		opt.To = a.Now() // later rows may still be half landed
	}
	upTo, under, err := a.settled(ctx, opt.Wait)
	if err != nil {
		return nil, err
	}
	settled := Check{Name: "settled", What: "all that was accepted up to now has been worked through", Looked: 1, Problems: under}
	if under > 0 {
		settled.Detail = fmt.Sprintf("%d messages are still under way; is a process running, and are its partitions not stopped?", under)
	}
	logs, err := a.auditLogs(ctx, opt, upTo)
	if err != nil {
		return nil, err
	}
	from := opt.From
	if from.IsZero() { // what has expired is not missing
		from = a.Config.ClickHouse.Retention.Whole(a.Now(), a.Config.Land.Judge.Copies.Window)
	}
	tables, err := a.recount(ctx, from, opt.To)
	if err != nil {
		return nil, err
	}
	rep.Checks = append(append(rep.Checks, settled), logs...)
	for _, t := range tables {
		rep.Checks = append(rep.Checks, Check{Name: t.Name, What: t.What, Looked: t.Looked, Problems: t.Problems, Detail: t.Detail})
	}
	for i := range rep.Checks {
		switch c := &rep.Checks[i]; {
		case c.Problems > 0:
			c.Status = CheckWrong
		case c.Status == "":
			c.Status = CheckOK
		}
	}
	return rep, nil
}

// sinks are the topics that have to be worked through, with the group that
// does.
var sinks = []bus.Backlog{
	{Topic: news.TopicArticles, Group: enrich.GroupName},
	{Topic: news.TopicDocuments, Group: land.GroupName},
	{Topic: news.TopicFetches, Group: land.GroupName},
	{Topic: news.TopicAlerts, Group: land.GroupName},
	{Topic: news.TopicKnowledge, Group: land.GroupName},
}

// marks are the ends of the logs up to which an audit looks, by topic and
// partition. What comes later is under way, and no problem.
type marks map[string][]int64

// settled waits until everything accepted up to now is worked through, and
// gives the number of messages that are not. The sinks are in the order of the
// stream: what one stage has made of its messages is part of the next one's. It
// gives up when nothing has moved for as long as wait; the ends are fixed, so
// that what moves comes to them.
func (a *App) settled(ctx context.Context, wait time.Duration) (m marks, left uint64, err error) {
	moved := a.Now()
	m = marks{}
	for _, s := range sinks {
		ends := make([]int64, partitions(s.Topic))
		for p := range ends {
			if _, ends[p], err = a.Bus.Bounds(ctx, s.Topic, p); err != nil {
				return nil, 0, err
			}
		}
		m[s.Topic] = ends
		n, err := a.settledUp(ctx, s, ends, wait, &moved)
		if err != nil {
			return nil, 0, err
		}
		left += n
	}
	return m, left, nil
}

// settledUp waits for one sink; moved is when any of them last moved.
func (a *App) settledUp(ctx context.Context, s bus.Backlog, ends []int64, wait time.Duration, moved *time.Time) (left uint64, err error) {
	for before := uint64(math.MaxUint64); ; before = left {
		left = 0
		for p, end := range ends {
			done, _, err := a.Bus.Committed(ctx, s.Group, s.Topic, p)
			if err != nil {
				return 0, err
			}
			if n := end - max(done, 0); n > 0 {
				left += uint64(n)
			}
		}
		now := a.Now()
		if before != math.MaxUint64 && left < before {
			*moved = now
		}
		if left == 0 || now.Sub(*moved) > wait {
			return left, nil
		}
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// Recounts read several tables, and land writes them one after the other: a
// problem is one that does not go away.
const (
	recounts     = 5
	recountPause = time.Second
)

// recount recounts until there is no problem, or until one has persisted.
func (a *App) recount(ctx context.Context, from, to time.Time) ([]store.Recounted, error) {
	best, err := a.Store.RecountSome(ctx, from, to, func(string) bool { return true })
	if err != nil {
		return nil, err
	}
	for range recounts - 1 {
		at := map[string]int{}
		for i, t := range best {
			if t.Problems > 0 {
				at[t.Name] = i
			}
		}
		if len(at) == 0 {
			break
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(recountPause):
		}
		again, err := a.Store.RecountSome(ctx, from, to, func(name string) bool { _, wrong := at[name]; return wrong })
		if err != nil {
			return nil, err
		}
		for _, t := range again {
			if i := at[t.Name]; t.Problems < best[i].Problems {
				best[i] = t
			}
		}
	}
	return best, nil
}
