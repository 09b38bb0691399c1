// Package land puts documents, fetches, alerts and knowledge into ClickHouse,
// each exactly once, and decides of every document whether it is new, the
// same, a revision or a copy, and which story it belongs to.
//
// The protocol, for each partition: note the pending range [from, to) in the
// metadata of the committed offset; insert the rows of each table under a
// token made of topic, epoch, partition, from and to; commit to. Whoever finds
// a pending range replays just that range: what `articles` holds already is
// adopted as decided, everything is sent under the original token first, then
// the offsets are checked, and only what is still missing goes under a second
// token. docs/delivery.md has the reasons.
package land

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/judge"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/store"
	"github.com/prometheus/client_golang/prometheus"
)

// GroupName is the consumer group of all landers of an edition.
const GroupName = "land"

// Config of the land stage.
type Config struct {
	Batch int           `yaml:"batch"` // documents an insert holds at most
	Grace time.Duration `yaml:"grace"` // for the work in hand on shutdown
	Judge judge.Config  `yaml:"judge"`
}

// DefaultConfig of the land stage.
func DefaultConfig() Config {
	return Config{Batch: 500, Grace: 8 * time.Second, Judge: judge.DefaultConfig()}
}

// Validate tells what is wrong with the configuration.
func (c Config) Validate() error {
	var errs []error
	if c.Batch < 1 || c.Batch > 10000 {
		errs = append(errs, fmt.Errorf("land.batch is %d, want 1 to 10000", c.Batch))
	}
	if c.Grace < 0 {
		errs = append(errs, fmt.Errorf("land.grace is %v, want 0 or more", c.Grace))
	}
	return errors.Join(append(errs, c.Judge.Validate())...)
}

// Lander is one member of the group.
type Lander struct {
	cfg   Config
	bus   *bus.Bus
	store *store.Store
	log   *slog.Logger
	now   func() time.Time
	m     *metrics
	index *index // of documents; kept from one generation to the next

	// betweenInserts is called after the articles of a batch have landed and
	// before its mentions do; drills crash there.
	betweenInserts func()
}

// New prepares a lander. now is the clock for landed_at alone.
func New(cfg Config, b *bus.Bus, s *store.Store, log *slog.Logger, reg prometheus.Registerer, now func() time.Time) *Lander {
	return &Lander{cfg: cfg, bus: b, store: s, log: log, now: now, m: newMetrics(reg), index: newIndex(cfg.Judge, s)}
}

// BetweenInserts sets a function that is called between the insert of a
// batch's articles and that of its mentions, the moment at which a crash hurts
// most. It is for drills.
func (l *Lander) BetweenInserts(f func()) { l.betweenInserts = f }

// Run lands until ctx ends and the work in hand is finished.
func (l *Lander) Run(ctx context.Context) error {
	return l.bus.Consume(ctx, bus.Group{
		Name:    GroupName,
		Topics:  []string{news.TopicDocuments, news.TopicFetches, news.TopicAlerts, news.TopicKnowledge},
		Handle:  l.partition,
		Standby: l.standby,
		Grace:   l.cfg.Grace,
	})
}

func (l *Lander) partition(ctx context.Context, a *bus.Assigned) error {
	p := &partition{Lander: l, a: a, log: l.log.With("topic", a.Topic, "partition", a.ID)}
	switch a.Topic {
	case news.TopicDocuments:
		p.planner, p.main = &documents{l: l, index: l.index}, store.Articles
	case news.TopicFetches:
		p.planner, p.main = plain[news.Fetch, *news.Fetch](fetchRows), store.Fetches
	case news.TopicAlerts:
		p.planner, p.main = &alerts{l: l}, store.Alerts
	case news.TopicKnowledge:
		p.planner, p.main = plain[news.Knowledge, *news.Knowledge](knowledgeRows), store.Changes
	default:
		return fmt.Errorf("no sink for topic %s", a.Topic)
	}
	return p.run(ctx)
}

// standby folds along while another process owns the partition, so that it
// can take over at once.
func (l *Lander) standby(ctx context.Context) {
	for ctx.Err() == nil {
		err := l.follow(ctx)
		if err != nil && ctx.Err() == nil {
			l.log.Warn("standby cannot follow", "err", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(2 * time.Second):
		}
	}
}

func (l *Lander) follow(ctx context.Context) error {
	committed, _, err := l.bus.Committed(ctx, GroupName, news.TopicDocuments, 0)
	if err != nil || committed < 0 {
		return err
	}
	epoch, err := l.store.Epoch(ctx)
	if err != nil {
		return err
	}
	return l.index.restore(ctx, epoch, 0, uint64(committed))
}
