// Package notify delivers alerts. Each state of an episode is delivered once:
// repeats, which a restart of the alerter may cause, are told by their id.
package notify

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/news"
	"github.com/prometheus/client_golang/prometheus"
)

// GroupName is the consumer group of all notifiers of an edition.
const GroupName = "notify"

// Notifier is one member of the group.
type Notifier struct {
	bus  *bus.Bus
	log  *slog.Logger
	sent *prometheus.CounterVec // result
	seen memory
}

// New prepares a notifier that writes alerts to log.
func New(b *bus.Bus, log *slog.Logger, reg prometheus.Registerer) *Notifier {
	n := &Notifier{bus: b, log: log,
		sent: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "dateline_notify_alerts_total", Help: "Alerts handled, by result."}, []string{"result"})}
	reg.MustRegister(n.sent)
	return n
}

// Run delivers until ctx ends.
func (n *Notifier) Run(ctx context.Context) error {
	return n.bus.Consume(ctx, bus.Group{Name: GroupName, Topics: []string{news.TopicAlerts}, Handle: n.partition, Grace: 5 * time.Second})
}

func (n *Notifier) partition(ctx context.Context, a *bus.Assigned) error {
	committed, _, err := a.Committed(ctx)
	if err != nil {
		return err
	}
	first, end, err := n.bus.Bounds(ctx, a.Topic, a.ID)
	if err != nil {
		return err
	}
	if committed > end {
		n.log.Warn("the log of alerts was recreated; reading it from its start", "offset", committed, "end", end)
		committed = first
	}
	// What was delivered before is told again by nobody: the ids of the alerts
	// still in the log say which those are.
	if err := n.remember(ctx, a, first, committed); err != nil {
		return err
	}
	r := n.bus.NewReader(a.Topic, a.ID, max(committed, first))
	for {
		select {
		case <-a.Stopping():
			return nil
		default:
		}
		msgs, err := r.Batch(ctx, 100)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		for _, m := range msgs {
			err := n.deliver(ctx, m)
			if errors.Is(err, news.ErrNewer) {
				// The alert is good, this process is old: one that is newer
				// goes on from here.
				n.sent.WithLabelValues("newer").Inc()
				n.log.Error("partition stopped: "+err.Error(), "offset", m.Offset)
				select {
				case <-ctx.Done():
				case <-a.Stopping():
				}
				return nil
			}
			if err != nil {
				return err
			}
			if err := a.Commit(ctx, m.Offset+1, ""); err != nil {
				return err
			}
		}
	}
}

func (n *Notifier) remember(ctx context.Context, a *bus.Assigned, first, to int64) error {
	r := n.bus.NewReader(a.Topic, a.ID, first)
	for r.Next() < to && ctx.Err() == nil {
		msgs, err := r.Batch(ctx, 1000)
		if err != nil {
			return err
		}
		for _, m := range msgs {
			if al, err := news.Decode[news.Alert](m.Value); err == nil && m.Offset < to {
				n.seen.add(key(al))
			}
		}
	}
	return ctx.Err()
}

func key(a *news.Alert) string { return a.ID.String() + a.State }

// maxSeen bounds what is remembered of past alerts: each half of the memory
// holds so many.
const maxSeen = 100_000

// memory of what was delivered forgets the oldest half when it is full.
type memory struct{ recent, older map[string]bool }

// add tells whether key is new.
func (m *memory) add(key string) bool {
	if m.recent[key] || m.older[key] {
		return false
	}
	if m.recent == nil || len(m.recent) >= maxSeen {
		m.older, m.recent = m.recent, map[string]bool{}
	}
	m.recent[key] = true
	return true
}

func (n *Notifier) deliver(ctx context.Context, m bus.Message) error {
	a, err := news.Decode[news.Alert](m.Value)
	if errors.Is(err, news.ErrNewer) {
		return fmt.Errorf("alerts, offset %d: %w", m.Offset, err)
	}
	if err != nil {
		n.sent.WithLabelValues("dead").Inc()
		return n.bus.Publish(ctx, m.Dead(GroupName, err))
	}
	if !n.seen.add(key(a)) {
		n.sent.WithLabelValues("repeat").Inc()
		return nil
	}
	n.sent.WithLabelValues("logged").Inc()
	n.log.Warn("ALERT "+a.State+": "+a.Name, "entity", a.EntityID, "rule", a.Rule, "since", a.Since, "at", a.At,
		"observed", a.Observed, "expected", a.Expected, "p", a.P, "q", a.Q,
		"originals", a.Originals, "copies", a.Copies, "sources", len(a.Sources), "alert", a.ID, "why", a.Reason)
	return nil
}
