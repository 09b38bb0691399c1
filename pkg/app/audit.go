package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
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
	From, To time.Time     // seen_at of the rows to recount; zero: no bound, and the start of the audit
	Wait     time.Duration // for what is still under way
}

// Check is one thing that an audit has looked at.
type Check struct {
	Name     string `json:"check"`
	What     string `json:"what"`
	Looked   uint64 `json:"looked_at"`
	Problems uint64 `json:"problems"`
	Detail   string `json:"detail,omitempty"`
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
	fmt.Fprintln(tw, "CHECK\tLOOKED AT\tPROBLEMS\t")
	for _, c := range r.Checks {
		fmt.Fprintf(tw, "%s\t%d\t%d\t%s\n", c.Name, c.Looked, c.Problems, c.What)
		if c.Problems > 0 {
			fmt.Fprintf(tw, "\t\t\t%s\n", c.Detail)
		}
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	verdict := "Nothing is missing, nothing is doubled, and every view agrees with a recount."
	if !r.OK() {
		verdict = "Something does not agree: see the lines with problems."
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
	rep.Checks = append(rep.Checks, Check{
		Name: "settled", What: "messages that are accepted and not worked through yet", Looked: 1, Problems: under,
		Detail: fmt.Sprintf("%d messages are still under way; is a process running, and are its partitions not stopped?", under),
	})
	dead, err := a.deadLetters(ctx)
	if err != nil {
		return nil, err
	}
	logs, err := a.auditLogs(ctx, upTo, dead)
	if err != nil {
		return nil, err
	}
	rep.Checks = append(rep.Checks, logs...)
	tables, err := a.recount(ctx, opt.From, opt.To)
	if err != nil {
		return nil, err
	}
	for _, t := range tables {
		rep.Checks = append(rep.Checks, Check{Name: t.Name, What: t.What, Looked: t.Looked, Problems: t.Problems, Detail: t.Detail})
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
// stream: what one stage has made of its messages is part of the next one's.
func (a *App) settled(ctx context.Context, wait time.Duration) (m marks, left uint64, err error) {
	deadline := a.Now().Add(wait)
	m = marks{}
	for _, s := range sinks {
		ends := make([]int64, partitions(s.Topic))
		for p := range ends {
			if _, ends[p], err = a.Bus.Bounds(ctx, s.Topic, p); err != nil {
				return nil, 0, err
			}
		}
		m[s.Topic] = ends
		n, err := a.settledUp(ctx, s, ends, deadline)
		if err != nil {
			return nil, 0, err
		}
		left += n
	}
	return m, left, nil
}

func (a *App) settledUp(ctx context.Context, s bus.Backlog, ends []int64, deadline time.Time) (left uint64, err error) {
	for {
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
		if left == 0 || a.Now().After(deadline) {
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
	var best []store.Recounted
	for try := 1; ; try++ {
		tables, err := a.Store.Recount(ctx, from, to)
		if err != nil {
			return nil, err
		}
		if best == nil {
			best = tables
		}
		problems := false
		for i, t := range tables {
			if t.Problems < best[i].Problems {
				best[i] = t
			}
			problems = problems || best[i].Problems > 0
		}
		if !problems || try == recounts {
			return best, nil
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(recountPause):
		}
	}
}

// deadLetters gives the messages that went to the dead letters, by their key.
func (a *App) deadLetters(ctx context.Context) (map[string]bool, error) {
	out := map[string]bool{}
	_, err := a.Bus.ReadAll(ctx, news.TopicDeadLetters, 0, func(m bus.Message) error {
		out[string(m.Key)] = true
		return nil
	})
	return out, err
}

// auditLogs looks whether everything that the logs hold, and that has been
// worked through, has landed.
func (a *App) auditLogs(ctx context.Context, upTo marks, dead map[string]bool) ([]Check, error) {
	articles, err := a.auditLog(ctx, news.TopicArticles, enrich.GroupName, upTo, dead)
	if err != nil {
		return nil, err
	}
	documents, err := a.auditLog(ctx, news.TopicDocuments, land.GroupName, upTo, dead)
	if err != nil {
		return nil, err
	}
	articles.What = "articles published, each of which has landed or is a dead letter"
	documents.What = "documents in the log without a hole, each of which has landed or is a dead letter"
	return []Check{articles, documents}, nil
}

// auditChunk is how many ids are looked up at once.
const auditChunk = 5000

func (a *App) auditLog(ctx context.Context, topic, group string, upTo marks, dead map[string]bool) (Check, error) {
	c := Check{Name: topic}
	note := func(format string, args ...any) {
		c.Problems++
		if c.Problems <= 5 {
			c.Detail += fmt.Sprintf(format, args...) + "; "
		}
	}
	var ids []news.ID
	flush := func() error {
		missing, err := a.Store.Missing(ctx, ids)
		for _, id := range missing {
			note("article %s has not landed", id)
		}
		ids = ids[:0]
		return err
	}
	for p := range partitions(topic) {
		done, _, err := a.Bus.Committed(ctx, group, topic, p)
		if err != nil {
			return c, err
		}
		done = min(done, upTo[topic][p])
		first, _, err := a.Bus.Bounds(ctx, topic, p)
		if err != nil {
			return c, err
		}
		r := a.Bus.NewReader(topic, p, first)
		next := first
		for r.Next() < done {
			msgs, err := r.Batch(ctx, 2000)
			if err != nil {
				return c, err
			}
			for _, m := range msgs {
				if m.Offset >= done {
					break
				}
				if m.Offset != next {
					note("offsets %d to %d of partition %d are missing from the log", next, m.Offset-1, p)
				}
				next = m.Offset + 1
				c.Looked++
				if dead[fmt.Sprintf("%s/%d/%d", topic, p, m.Offset)] {
					continue
				}
				id, err := idOf(m.Value)
				if err != nil {
					note("offset %d of partition %d is neither an article nor a dead letter", m.Offset, p)
					continue
				}
				if ids = append(ids, id); len(ids) >= auditChunk {
					if err := flush(); err != nil {
						return c, err
					}
				}
			}
			if len(msgs) == 0 && r.Lag() == 0 {
				break
			}
		}
	}
	return c, flush()
}

func idOf(value []byte) (news.ID, error) {
	var m struct {
		ID news.ID `json:"id"`
	}
	if err := json.Unmarshal(value, &m); err != nil {
		return 0, err
	}
	if m.ID == 0 {
		return 0, errors.New("no id")
	}
	return m.ID, nil
}
