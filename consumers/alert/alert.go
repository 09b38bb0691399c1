// Package alert watches the coverage of every entity and publishes an alert
// where it rises beyond what the entity's own history explains.
//
// Counts are of distinct original articles in windows of fixed lengths, merges
// resolved, by the time they were first seen. A window is tested once, when it
// closes below the watermark: the oldest article that has not landed yet. What
// was imported or filled in is history for baselines, by its dates, and raises
// nothing; neither does what a source brings before it has been known for a
// while, nor an entity without history of its own.
//
// One process evaluates: the one that owns the single partition of `alerts`.
// The metadata of its group's offset says up to when windows have been tested;
// open episodes are read back from the topic and from ClickHouse. A window may
// be tested again after a crash, and then gives the same alert under the same
// id, which those who read alerts take for a repeat.
package alert

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/store"
	"github.com/prometheus/client_golang/prometheus"
)

// GroupName is the consumer group of all alerters of an edition. Its one
// partition is the lease to evaluate; nothing is consumed.
const GroupName = "alert"

// upstream is what articles go through before they can be counted, in this
// order: one that moves on between two looks is then seen twice, never missed.
var upstream = []bus.Backlog{{Topic: news.TopicArticles, Group: "enrich"}, {Topic: news.TopicDocuments, Group: "land"}}

// Alerter is one member of the group.
type Alerter struct {
	cfg   Config
	bus   *bus.Bus
	store *store.Store
	log   *slog.Logger
	now   func() time.Time
	m     *metrics

	subscriptions Subscriptions
}

// Subscriptions gives the feeds that are to be polled.
type Subscriptions func(context.Context) ([]*news.Feed, error)

// New prepares an alerter. now is the clock that seen_at is stamped with. Only
// feeds that are subscribed to can be amiss; with nil all that were ever polled.
func New(cfg Config, b *bus.Bus, s *store.Store, feeds Subscriptions, log *slog.Logger, reg prometheus.Registerer, now func() time.Time) *Alerter {
	return &Alerter{cfg: cfg, bus: b, store: s, subscriptions: feeds, log: log, now: now, m: newMetrics(reg)}
}

// Run evaluates whenever this process holds the lease, until ctx ends.
func (a *Alerter) Run(ctx context.Context) error {
	return a.bus.Consume(ctx, bus.Group{Name: GroupName, Topics: []string{news.TopicAlerts}, Handle: a.hold, Grace: 3 * time.Second})
}

// hold evaluates as long as the lease lasts. Whatever fails, ClickHouse or
// Kafka being away for one, ends it: all state is read afresh with the next.
func (a *Alerter) hold(ctx context.Context, as *bus.Assigned) error {
	e, err := a.restore(ctx, as)
	if err != nil {
		return err
	}
	err = as.Repeat(ctx, func() (time.Duration, error) {
		more, err := e.tick(ctx)
		if more {
			return 0, err
		}
		return a.cfg.Tick, err
	})
	if err != nil {
		a.m.ticks.WithLabelValues("failed").Inc()
		return fmt.Errorf("evaluate: %w", err)
	}
	return nil
}

// watermark is the time up to which everything has landed.
func (a *Alerter) watermark(ctx context.Context) (time.Time, error) {
	now := a.now().UTC()
	mark := now
	for _, b := range upstream {
		p, err := a.bus.Pending(ctx, b, partitions(b.Topic))
		if err != nil {
			return mark, fmt.Errorf("watermark: %w", err)
		}
		if p.Messages > 0 && p.Oldest.Before(mark) {
			mark = p.Oldest.UTC()
		}
	}
	mark = mark.Add(-a.cfg.Margin)
	a.m.lag.Set(now.Sub(mark).Seconds())
	return mark, nil
}

func partitions(topic string) int {
	for _, t := range news.Topics {
		if t.Name == topic {
			return t.Partitions
		}
	}
	panic("alert: no topic " + topic)
}
