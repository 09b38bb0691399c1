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
	"strconv"
	"time"

	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/entity"
	"github.com/dateline/dateline/pkg/neardup"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/text"
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
}

// New prepares an enricher.
func New(cfg Config, b *bus.Bus, p *entity.Pipeline, log *slog.Logger, reg prometheus.Registerer) *Enricher {
	e := &Enricher{
		cfg: cfg, bus: b, log: log, pipeline: p, languages: text.NewDetector(), facts: newFacts(),
		done:    prometheus.NewCounterVec(prometheus.CounterOpts{Name: "dateline_enrich_articles_total", Help: "Articles enriched, by result."}, []string{"result"}),
		seconds: prometheus.NewCounter(prometheus.CounterOpts{Name: "dateline_enrich_busy_seconds_total", Help: "Time spent enriching, waiting excluded."}),
		lag:     prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "dateline_enrich_lag", Help: "Articles that wait to be enriched."}, []string{"partition"}),
	}
	reg.MustRegister(e.done, e.seconds, e.lag)
	return e
}

// Run enriches until ctx ends and the work in hand is finished.
func (e *Enricher) Run(ctx context.Context) error {
	next, err := e.facts.load(ctx, e.bus, e.log)
	if err != nil {
		return err
	}
	fctx, stop := context.WithCancel(ctx)
	defer stop()
	followed := make(chan error, 1)
	go func() { followed <- e.facts.follow(fctx, e.bus, next, e.log) }()
	err = e.bus.Consume(ctx, bus.Group{Name: GroupName, Topics: []string{news.TopicArticles}, Handle: e.partition, Grace: e.cfg.Grace})
	stop()
	return errors.Join(err, <-followed)
}

func (e *Enricher) partition(ctx context.Context, a *bus.Assigned) error {
	committed, _, err := a.Committed(ctx)
	if err != nil {
		return err
	}
	first, end, err := e.bus.Bounds(ctx, a.Topic, a.ID)
	if err != nil {
		return err
	}
	if committed > end {
		// The topic was recreated. Starting over may repeat articles, which
		// land tells from new ones; skipping would lose some.
		e.log.Warn("the log ends before the group's offset: it was recreated; reading it from its start", "partition", a.ID, "offset", committed, "end", end)
		committed = first
	}
	w := &worker{Enricher: e, pipeline: e.pipeline.Clone(), sketcher: neardup.NewSketcher(text.AppendTerms)}
	r := e.bus.NewReader(a.Topic, a.ID, max(committed, first))
	r.Wait = 500 * time.Millisecond
	for {
		select {
		case <-a.Stopping():
			return nil
		default:
		}
		msgs, err := r.Batch(ctx, e.cfg.Batch)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		e.lag.WithLabelValues(strconv.Itoa(a.ID)).Set(float64(r.Lag()))
		if len(msgs) == 0 {
			continue
		}
		out, newer := w.batch(msgs)
		if len(out) > 0 {
			if err := e.bus.Publish(ctx, out...); err != nil {
				return err
			}
		}
		if newer != nil {
			e.log.Error("partition stopped: "+newer.err.Error(), "partition", a.ID, "offset", newer.offset)
			e.done.WithLabelValues("newer").Inc()
			if newer.offset > msgs[0].Offset {
				if err := a.Commit(ctx, newer.offset, ""); err != nil {
					return err
				}
			}
			select {
			case <-ctx.Done():
			case <-a.Stopping():
			}
			return nil
		}
		if err := a.Commit(ctx, msgs[len(msgs)-1].Offset+1, ""); err != nil {
			return err
		}
	}
}
