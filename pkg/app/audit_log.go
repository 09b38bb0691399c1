package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/dateline/dateline/consumers/enrich"
	"github.com/dateline/dateline/consumers/land"
	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/judge"
	"github.com/dateline/dateline/pkg/neardup"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/store"
)

// logAudit compares the logs with what has landed, a run of messages at a time.
type logAudit struct {
	*App
	from, to time.Time
	upTo     marks
	epoch    uint32
	dead     *buried
	stones   news.Tombstones
	judge    *judge.Judge // that knows nothing: each message is judged by what is stored
}

// auditChunk is how many messages are looked up at once: their ids have to fit
// into a statement.
const auditChunk = 3000

// auditLogs looks whether everything that the logs hold, and that has been
// worked through, has landed, and says for which rows the logs cannot tell.
func (a *App) auditLogs(ctx context.Context, opt AuditOptions, upTo marks) ([]Check, error) {
	l := &logAudit{App: a, from: opt.From, to: opt.To, upTo: upTo, judge: judge.New(a.Config.Land.Judge)}
	var err error
	if l.epoch, err = a.Store.Epoch(ctx); err != nil {
		return nil, err
	}
	if l.dead, err = a.buried(ctx); err != nil {
		return nil, err
	}
	if l.stones, err = a.everForgotten(ctx); err != nil {
		return nil, err
	}
	articles := Check{Name: news.TopicArticles, What: "each article in the log has landed, is a dead letter, or is to be forgotten"}
	if _, err := l.log(ctx, &articles, news.TopicArticles, enrich.GroupName, l.articles); err != nil {
		return nil, err
	}
	documents := Check{Name: news.TopicDocuments, What: "no offset is missing from the log, and each has landed as itself, was rightly dropped as known, is a dead letter, or is to be forgotten"}
	first, err := l.log(ctx, &documents, news.TopicDocuments, land.GroupName, l.documents)
	if err != nil {
		return nil, err
	}
	gone, err := l.gone(ctx, first)
	return []Check{articles, documents, gone}, err
}

// logged is what an audit needs of a message of articles or documents.
type logged struct {
	ID        news.ID   `json:"id"`
	SeenAt    time.Time `json:"seen_at"`
	URL       string    `json:"url"`
	Canonical string    `json:"canonical_url"`
	Source    string    `json:"source"`
	BodyHash  news.ID   `json:"body_hash"`
	Words     int       `json:"words"`
	TextFrom  string    `json:"text_from"`

	off int64
}

// log goes through what a topic's log holds, and gives runs of messages, each
// of one partition, to look. It returns the first offset of partition 0.
func (l *logAudit) log(ctx context.Context, c *Check, topic, group string, look func(context.Context, *Check, []logged) error) (int64, error) {
	start := int64(0)
	for p := range partitions(topic) {
		done, _, err := l.Bus.Committed(ctx, group, topic, p)
		if err != nil {
			return 0, err
		}
		done = min(done, l.upTo[topic][p])
		first, _, err := l.Bus.Bounds(ctx, topic, p)
		if err != nil {
			return 0, err
		}
		if p == 0 {
			start = first
		}
		var run []logged
		next := first
		hole := func(to int64) {
			if to > next {
				c.wrong("offsets %d to %d of partition %d are missing from the log", next, to-1, p)
			}
		}
		r := l.Bus.NewReader(topic, p, first)
		for r.Next() < done {
			msgs, err := r.Batch(ctx, 2000)
			if errors.Is(err, bus.ErrOutOfRange) {
				return 0, fmt.Errorf("%w: retention is removing what is being audited; try again", err)
			}
			if err != nil {
				return 0, err
			}
			for _, m := range msgs {
				if m.Offset >= done {
					break
				}
				hole(m.Offset)
				next = m.Offset + 1
				if v, ours := l.message(c, m); ours {
					run = append(run, v)
				}
			}
			for len(run) >= auditChunk {
				if err := look(ctx, c, run[:auditChunk]); err != nil {
					return 0, err
				}
				run = append(run[:0], run[auditChunk:]...)
			}
			if len(msgs) == 0 && r.Lag() == 0 {
				break
			}
		}
		hole(done)
		if len(run) == 0 {
			continue
		}
		if err := look(ctx, c, run); err != nil {
			return 0, err
		}
	}
	return start, nil
}

// message reads one message; ours is false where it is accounted for already,
// or is not of the range.
func (l *logAudit) message(c *Check, m bus.Message) (v logged, ours bool) {
	dead := l.dead.has(m.Topic, m.Partition, m.Offset)
	err := json.Unmarshal(m.Value, &v)
	v.off = m.Offset
	if err == nil && !v.SeenAt.IsZero() && (v.SeenAt.Before(l.from) || !v.SeenAt.Before(l.to)) {
		return v, false
	}
	c.Looked++
	switch {
	case dead:
		return v, false
	case err != nil || v.ID == 0:
		c.wrong("offset %d of partition %d is neither an article nor a dead letter", m.Offset, m.Partition)
		return v, false
	}
	return v, l.stones.Len() == 0 || !covered(l.stones, v.ID, v.Source, v.URL, v.Canonical)
}

// articles looks whether the articles of a run have landed. One whose document
// went to the dead letters is accounted for by that.
func (l *logAudit) articles(ctx context.Context, c *Check, run []logged) error {
	ids := make([]news.ID, len(run))
	for i, v := range run {
		ids[i] = v.ID
	}
	missing, err := l.Store.Missing(ctx, ids)
	for _, id := range missing {
		if !l.dead.ids[id] {
			c.wrong("article %s has not landed", id)
		}
	}
	return err
}

// documents looks whether each message of a run has its row, or was dropped as
// the rules would have it: they are applied again to what was stored of the
// article at that offset.
func (l *logAudit) documents(ctx context.Context, c *Check, run []logged) error {
	from, to := uint64(run[0].off), uint64(run[len(run)-1].off)+1
	rows, err := l.Store.RowsOf(ctx, 0, from, to)
	if err != nil {
		return err
	}
	var rest []logged
	var ids []news.ID
	for _, v := range run {
		if !slices.Contains(rows[uint64(v.off)], v.ID) {
			rest, ids = append(rest, v), append(ids, v.ID)
		}
	}
	for len(rest) > 0 {
		n := min(len(rest), 1000) // an article has many revisions
		stored, err := l.Store.Decided(ctx, ids[:n])
		if err != nil {
			return err
		}
		for _, v := range rest[:n] {
			l.dropped(c, v, stored[v.ID])
		}
		rest, ids = rest[n:], ids[n:]
	}
	return nil
}

func (l *logAudit) dropped(c *Check, v logged, rows []store.Stored) {
	var latest *store.Stored
	forgotten := false
	for i := range rows {
		r := &rows[i]
		forgotten = forgotten || r.TextFrom == "forgotten"
		if (r.Epoch < l.epoch || r.Off < uint64(v.off)) && (latest == nil || r.Revision > latest.Revision) {
			latest = r
		}
	}
	switch {
	case forgotten:
		return
	case len(rows) == 0:
		c.wrong("article %s of offset %d has not landed", v.ID, v.off)
		return
	case latest == nil:
		c.wrong("article %s of offset %d has landed from a later offset alone", v.ID, v.off)
		return
	}
	seen := v.SeenAt.UTC().Truncate(time.Millisecond)
	got := l.judge.Decide(&judge.Input{
		Doc:      neardup.Doc{ID: uint64(v.ID), SeenAt: seen, BodyHash: uint64(v.BodyHash), Words: v.Words},
		TextRank: news.TextRank(v.TextFrom),
	}, &judge.Known{Revision: latest.Revision, BodyHash: latest.BodyHash, Words: latest.Words, TextRank: news.TextRank(latest.TextFrom), SeenAt: latest.SeenAt})
	if got.Kind != judge.Same {
		c.wrong("offset %d is revision %d of article %s and has not landed", v.off, got.Revision, v.ID)
	}
}

// gone says of how many rows the log holds no message any more, so that what
// was lost beside them could not be seen.
func (l *logAudit) gone(ctx context.Context, first int64) (Check, error) {
	c := Check{Name: "beyond_the_log", What: "rows whose messages the log no longer holds: the tables alone are checked"}
	spans, err := l.Store.OffsetSpans(ctx, l.from, l.to, l.epoch, uint64(max(first, 0)))
	if err != nil {
		return c, err
	}
	for _, s := range spans {
		c.Looked += s.Rows
		c.Status = CheckNote
		if c.Detail != "" {
			c.Detail += "; "
		}
		c.Detail += fmt.Sprintf("epoch %d: offsets %d to %d have %d rows; the other %d were of articles known already, dead letters, of another time, or lost", s.Epoch, s.First, s.Last, s.Rows, s.Last-s.First+1-s.Rows)
	}
	return c, nil
}

// buried is what the dead letters account for.
type buried struct {
	offsets map[string][]int64 // by topic and partition, sorted
	ids     map[news.ID]bool   // articles whose documents are among them
}

func (b *buried) has(topic string, partition int, off int64) bool {
	_, found := slices.BinarySearch(b.offsets[fmt.Sprint(topic, "/", partition)], off)
	return found
}

// buried reads the dead letters.
func (a *App) buried(ctx context.Context) (*buried, error) {
	b := &buried{offsets: map[string][]int64{}, ids: map[news.ID]bool{}}
	d := &letterDesk{}
	_, err := a.Bus.ReadAll(ctx, news.TopicDeadLetters, 0, func(m bus.Message) error {
		if isMark(m) {
			return nil
		}
		l := d.read(m)
		at := fmt.Sprint(l.Topic, "/", l.Partition)
		b.offsets[at] = append(b.offsets[at], l.From)
		if l.Topic == news.TopicDocuments {
			if id, err := idOf(m.Value); err == nil {
				b.ids[id] = true
			}
		}
		return nil
	})
	for _, list := range b.offsets {
		slices.Sort(list)
	}
	return b, err
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
