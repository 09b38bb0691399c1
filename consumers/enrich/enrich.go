// Package enrich turns articles as published into documents: clean text,
// language, entities, and a sketch by which copies are found.
//
// It is at-least-once: an article may become two documents after a crash, and
// the land stage drops the second. Any number of processes may run. Before its
// first message a process reads `knowledge` to its end, and follows it from
// then on; each document says up to which offset it was applied.
package enrich

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/entity"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/text"
	"github.com/dateline/dateline/pkg/watch"
	"github.com/prometheus/client_golang/prometheus"
)

// GroupName is the consumer group of all enrichers of an edition.
const GroupName = "enrich"

// Config of the enrich stage.
type Config struct {
	Batch   int           `yaml:"batch"`    // articles taken at once from a partition
	MaxText int           `yaml:"max_text"` // bytes of clean text kept of an article
	Grace   time.Duration `yaml:"grace"`    // for the work in hand on shutdown
}

// DefaultConfig of the enrich stage.
func DefaultConfig() Config {
	return Config{Batch: 200, MaxText: 256 << 10, Grace: 8 * time.Second}
}

// Validate tells what is wrong with the configuration.
func (c Config) Validate() error {
	var errs []error
	if c.Batch < 1 || c.Batch > 10000 {
		errs = append(errs, fmt.Errorf("enrich.batch is %d, want 1 to 10000", c.Batch))
	}
	if c.MaxText < 1000 || c.MaxText > 600<<10 {
		errs = append(errs, fmt.Errorf("enrich.max_text is %d, want 1000 to %d", c.MaxText, 600<<10))
	}
	return errors.Join(errs...)
}

// Enricher is one member of the group.
type Enricher struct {
	cfg       Config
	bus       *bus.Bus
	log       *slog.Logger
	pipeline  *entity.Pipeline
	languages *text.Detector
	facts     *facts
	done      *prometheus.CounterVec // result
	seconds   prometheus.Counter
	lag       *prometheus.GaugeVec
	watched   *prometheus.GaugeVec // state
}

// New prepares an enricher; limits are those of the watchlist.
func New(cfg Config, limits watch.Config, b *bus.Bus, p *entity.Pipeline, log *slog.Logger, reg prometheus.Registerer) *Enricher {
	e := &Enricher{
		cfg: cfg, bus: b, log: log, pipeline: p, languages: text.NewDetector(), facts: newFacts(limits),
		done:    prometheus.NewCounterVec(prometheus.CounterOpts{Name: "dateline_enrich_articles_total", Help: "Articles enriched, by result."}, []string{"result"}),
		seconds: prometheus.NewCounter(prometheus.CounterOpts{Name: "dateline_enrich_busy_seconds_total", Help: "Time spent enriching, waiting excluded."}),
		lag:     prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "dateline_enrich_lag", Help: "Articles that wait to be enriched."}, []string{"partition"}),
		watched: prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "dateline_enrich_watchlist_entries", Help: "Entries of the watchlist, used or left out since there are too many."}, []string{"state"}),
	}
	reg.MustRegister(e.done, e.seconds, e.lag, e.watched)
	return e
}

// Run enriches until ctx ends and the work in hand is finished.
func (e *Enricher) Run(ctx context.Context) error {
	next, err := e.facts.load(ctx, e.bus, e.log)
	if err != nil {
		return err
	}
	// Without what `knowledge` says nothing may be enriched: where it cannot be
	// followed any more, the stage ends.
	cctx, stop := context.WithCancel(ctx)
	defer stop()
	followed := make(chan error, 1)
	go func() {
		defer stop()
		followed <- e.facts.follow(cctx, e.bus, next, e.log)
	}()
	err = e.bus.Consume(cctx, bus.Group{Name: GroupName, Topics: []string{news.TopicArticles}, Handle: e.partition, Grace: e.cfg.Grace})
	stop()
	return errors.Join(err, <-followed)
}
