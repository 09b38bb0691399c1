// Package learn watches which names the stream introduces as one, and teaches
// the pairs whose evidence suffices to `knowledge`, as merges.
//
// It reads what has landed: the originals in `articles` below the offset that
// land has committed, in the order of their decisions, copies and revisions
// left out. What each of them says goes into `alias_evidence`, keyed by pair
// and article, and only then the group's offset moves: a crash repeats some
// articles and adds nothing. The owner of the partition of `documents` does the
// work, others stand by; beside the company of some persons, which it learns
// again, it holds nothing that is not in ClickHouse or in `knowledge`. Replays
// do not decide on articles, so that they teach nothing twice.
package learn

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/dateline/dateline/pkg/alias"
	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/store"
)

// GroupName is the consumer group of all learners of an edition. Its offset is
// that of `documents` below which every original is read; its metadata say the
// epoch.
const GroupName = "learn"

// Config of the learn stage.
type Config struct {
	Apply bool          `yaml:"apply"` // merge by itself what the evidence suffices for, and split what it no longer holds for
	Every time.Duration `yaml:"every"` // how often it looks for what has landed
	Batch int           `yaml:"batch"` // documents read at once
	// Persons whose company is remembered, for spellings of one name.
	Persons int `yaml:"persons"`
}

// DefaultConfig of the learn stage.
func DefaultConfig() Config {
	return Config{Apply: true, Every: 20 * time.Second, Batch: 500, Persons: 20_000}
}

// Validate tells what is wrong with the configuration.
func (c Config) Validate() error {
	var errs []error
	if c.Every < time.Second || c.Every > time.Hour {
		errs = append(errs, fmt.Errorf("learn.every is %v, want 1s to 1h", c.Every))
	}
	if c.Batch < 10 || c.Batch > 5000 {
		errs = append(errs, fmt.Errorf("learn.batch is %d, want 10 to 5000", c.Batch))
	}
	if c.Persons < 0 || c.Persons > 1_000_000 {
		errs = append(errs, fmt.Errorf("learn.persons is %d, want 0 to 1000000", c.Persons))
	}
	return errors.Join(errs...)
}

// archive is what is stored of the stream.
type archive interface {
	DecidedEpochs(ctx context.Context, from uint32) ([]store.Mark, error)
	Originals(ctx context.Context, r store.Range) ([]store.Original, error)
	Insert(ctx context.Context, token string, b store.Batch) error
	PairsOf(ctx context.Context, from []string) ([]store.AliasPair, error)
	Named(ctx context.Context, ids []string) (map[string]bool, error)
}

// Learner is one member of the group.
type Learner struct {
	cfg      Config
	bus      *bus.Bus
	archive  archive
	observer *alias.Observer
	landed   bus.Backlog // what land has still to read
	log      *slog.Logger
	now      func() time.Time
	read     prometheus.Counter
	seen     *prometheus.CounterVec // pattern
	merged   prometheus.Counter
	split    prometheus.Counter
	behind   prometheus.Gauge
}

// New prepares a learner. landGroup is the group that lands documents.
func New(cfg Config, b *bus.Bus, a archive, o *alias.Observer, landGroup string, log *slog.Logger, reg prometheus.Registerer, now func() time.Time) *Learner {
	l := &Learner{
		cfg: cfg, bus: b, archive: a, observer: o, landed: bus.Backlog{Group: landGroup, Topic: news.TopicDocuments}, log: log, now: now,
		read:   prometheus.NewCounter(prometheus.CounterOpts{Name: "dateline_learn_originals_total", Help: "Originals read for what they say of names."}),
		seen:   prometheus.NewCounterVec(prometheus.CounterOpts{Name: "dateline_learn_observations_total", Help: "Pairs of names that originals introduce as one, by pattern."}, []string{"pattern"}),
		merged: prometheus.NewCounter(prometheus.CounterOpts{Name: "dateline_learn_merges_total", Help: "Merges that the evidence sufficed for."}),
		split:  prometheus.NewCounter(prometheus.CounterOpts{Name: "dateline_learn_splits_total", Help: "Merges of its own that the evidence does not hold for any more."}),
		behind: prometheus.NewGauge(prometheus.GaugeOpts{Name: "dateline_learn_lag", Help: "Documents that have landed and are not read yet."}),
	}
	reg.MustRegister(l.read, l.seen, l.merged, l.split, l.behind)
	return l
}

// Run learns until ctx ends.
func (l *Learner) Run(ctx context.Context) error {
	return l.bus.Consume(ctx, bus.Group{Name: GroupName, Topics: []string{news.TopicDocuments}, Handle: l.hold, Grace: 3 * time.Second})
}

// metadata goes with the group's offset.
type metadata struct {
	V     int    `json:"v"`
	Epoch uint32 `json:"epoch"`
}

// hold learns as long as the partition is this process's. Whatever fails ends
// it: the next one begins at the committed offset.
func (l *Learner) hold(ctx context.Context, a *bus.Assigned) error {
	at, err := l.start(ctx, a)
	if err != nil {
		return err
	}
	err = a.Repeat(ctx, func() (time.Duration, error) {
		next, more, err := l.step(ctx, a, at)
		if err != nil {
			return 0, err
		}
		at = next
		if more {
			return 0, nil
		}
		return l.cfg.Every, nil
	})
	if err != nil {
		return fmt.Errorf("learn: %w", err)
	}
	return nil
}

// start is where the group left off; without an offset all that is stored is
// read.
func (l *Learner) start(ctx context.Context, a *bus.Assigned) (store.Mark, error) {
	off, meta, err := a.Committed(ctx)
	if err != nil {
		return store.Mark{}, err
	}
	var m metadata
	if off < 0 || json.Unmarshal([]byte(meta), &m) != nil {
		return store.Mark{}, nil
	}
	return store.Mark{Epoch: m.Epoch, Off: uint64(off)}, nil
}

// step reads one run of what has landed; more says that there may be another.
func (l *Learner) step(ctx context.Context, a *bus.Assigned, at store.Mark) (next store.Mark, more bool, err error) {
	ends, err := l.archive.DecidedEpochs(ctx, at.Epoch)
	if err != nil || len(ends) == 0 {
		return at, false, err
	}
	// Of the last epoch what land has committed is decided for good.
	committed, _, err := l.bus.Committed(ctx, l.landed.Group, l.landed.Topic, 0)
	if err != nil {
		return at, false, err
	}
	last := &ends[len(ends)-1]
	last.Off = min(last.Off, uint64(max(0, committed)))
	waiting := uint64(0)
	for i, e := range ends {
		if e.Epoch == at.Epoch {
			waiting += e.Off - min(e.Off, at.Off)
		} else {
			waiting += ends[i].Off
		}
	}
	l.behind.Set(float64(waiting))
	for _, end := range ends {
		if end.Epoch > at.Epoch {
			at = store.Mark{Epoch: end.Epoch}
		}
		if at.Off >= end.Off {
			continue
		}
		r := store.Range{Epoch: at.Epoch, From: at.Off, To: min(end.Off, at.Off+uint64(l.cfg.Batch))}
		if err := l.learn(ctx, r); err != nil {
			return at, false, err
		}
		at.Off = r.To
		meta, _ := json.Marshal(metadata{V: 1, Epoch: at.Epoch})
		if err := a.Commit(ctx, int64(at.Off), string(meta)); err != nil {
			return at, false, err
		}
		return at, true, nil
	}
	return at, false, nil
}

// learn stores what the originals of a range say, and teaches what that
// suffices for.
func (l *Learner) learn(ctx context.Context, r store.Range) error {
	originals, err := l.archive.Originals(ctx, r)
	if err != nil {
		return err
	}
	var rows []store.EvidenceRow
	touched := map[string]bool{}
	for i := range originals {
		o := &originals[i]
		list, err := l.observe(o)
		if err != nil {
			l.log.Warn("an article teaches nothing", "article", o.ID, "err", err)
			continue
		}
		for _, x := range list {
			l.seen.WithLabelValues(x.Pattern).Inc()
			touched[x.From] = true
			rows = append(rows, store.EvidenceRow{Original: o, From: x.From, Into: x.Into, Kind: x.Kind.String(), Pattern: x.Pattern, Form: x.Form, Name: x.Name, LandedAt: l.now()})
		}
	}
	l.read.Add(float64(len(originals)))
	token := fmt.Sprintf("learn %d %d %d", r.Epoch, r.From, r.To)
	if err := l.archive.Insert(ctx, token, store.EvidenceBatch(rows)); err != nil {
		return err
	}
	if !l.cfg.Apply || len(touched) == 0 {
		return nil
	}
	return l.teach(ctx, touched)
}

// observe reads one article. A panic in the cores is an error of this article
// alone.
func (l *Learner) observe(o *store.Original) (list []alias.Observation, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("observing panicked: %v", p)
			l.observer = l.observer.Clone()
		}
	}()
	return l.observer.Observe(o.Title, o.Text), nil
}
