package enrich

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"github.com/zeebo/xxh3"

	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/entity"
	"github.com/dateline/dateline/pkg/news"
)

// Deriver finds the mentions of a stored article as the stage would find them
// today: by the same pipeline, with all that `knowledge` said when it was last
// read. It is for one goroutine; Clone makes another.
type Deriver struct {
	pipeline *entity.Pipeline
	facts    *facts
}

// NewDeriver reads `knowledge` to its end.
func NewDeriver(ctx context.Context, b *bus.Bus, p *entity.Pipeline, log *slog.Logger) (*Deriver, error) {
	d := &Deriver{pipeline: p, facts: newFacts()}
	_, err := d.facts.load(ctx, b, log)
	return d, err
}

// Refresh reads `knowledge` again where it has grown, for all clones as well.
func (d *Deriver) Refresh(ctx context.Context, b *bus.Bus, log *slog.Logger) error {
	_, end, err := b.Bounds(ctx, news.TopicKnowledge, 0)
	if err != nil || end == d.Knowledge() {
		return err
	}
	fresh := newFacts()
	if _, err := fresh.load(ctx, b, log); err != nil {
		return err
	}
	d.facts.mu.Lock()
	defer d.facts.mu.Unlock()
	d.facts.next, d.facts.aliases = fresh.next, fresh.aliases
	return nil
}

// Clone gives one for another goroutine, which knows what d knows.
func (d *Deriver) Clone() *Deriver { return &Deriver{pipeline: d.pipeline.Clone(), facts: d.facts} }

// Model is the version of the tagger.
func (d *Deriver) Model() string { return d.pipeline.Model() }

// Knowledge is the offset of `knowledge` below which everything is applied.
func (d *Deriver) Knowledge() int64 {
	d.facts.mu.RLock()
	defer d.facts.mu.RUnlock()
	return d.facts.next
}

// Fingerprint is the same for derivers that find the same mentions in every
// article: of one model, and told the same.
func (d *Deriver) Fingerprint() string {
	d.facts.mu.RLock()
	defer d.facts.mu.RUnlock()
	said := make([]string, 0, len(d.facts.aliases))
	for learned, a := range d.facts.aliases {
		said = append(said, learned+"\x00"+a.id+"\x00"+a.kind+"\x00"+a.name+"\n")
	}
	slices.Sort(said)
	return fmt.Sprintf("%s/%016x", d.pipeline.Model(), xxh3.HashString(strings.Join(said, "")))
}

// Mentions finds the mentions in a stored text with its title, as they stand in
// a document. A panic in the core is an error of this article alone.
func (d *Deriver) Mentions(title, text string) (ms []news.Mention, err error) {
	defer func() {
		if p := recover(); p != nil {
			ms, err = nil, fmt.Errorf("finding mentions panicked: %v", p)
			d.pipeline = d.pipeline.Clone() // what it kept may be broken
		}
	}()
	ms, _ = count(d.pipeline, d.facts, title, text)
	return ms, nil
}

// count is what the stage counts in a text, and the offset of `knowledge` below
// which everything was applied to it.
func count(p *entity.Pipeline, f *facts, title, text string) ([]news.Mention, int64) {
	return f.apply(mentions(p.Count(title, text)))
}
