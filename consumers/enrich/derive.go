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
	"github.com/dateline/dateline/pkg/watch"
)

// Deriver finds the mentions of a stored article as the stage would find them
// today: by the same pipeline, with all that `knowledge` said when it was last
// read. It is for one goroutine; Clone makes another.
type Deriver struct {
	finder
	facts *facts
}

// finder is a pipeline with what is known.
type finder struct {
	pipeline *entity.Pipeline
	told     *told
	watcher  *watch.Watcher
}

// NewDeriver reads `knowledge` to its end.
func NewDeriver(ctx context.Context, b *bus.Bus, p *entity.Pipeline, limits watch.Config, log *slog.Logger) (*Deriver, error) {
	d := &Deriver{finder: finder{pipeline: p}, facts: newFacts(limits)}
	_, err := d.facts.load(ctx, b, log)
	return d, err
}

// Refresh reads `knowledge` again where it has grown, for all clones as well.
func (d *Deriver) Refresh(ctx context.Context, b *bus.Bus, log *slog.Logger) error {
	_, end, err := b.Bounds(ctx, news.TopicKnowledge, 0)
	if err != nil || end == d.Knowledge() {
		return err
	}
	fresh := newFacts(d.facts.limits)
	if _, err := fresh.load(ctx, b, log); err != nil {
		return err
	}
	d.facts.mu.Lock()
	defer d.facts.mu.Unlock()
	d.facts.next, d.facts.aliases, d.facts.entries = fresh.next, fresh.aliases, fresh.entries
	d.facts.renamed, d.facts.rewatched = true, true
	return nil
}

// Clone gives one for another goroutine, which knows what d knows.
func (d *Deriver) Clone() *Deriver {
	return &Deriver{finder: finder{pipeline: d.pipeline.Clone()}, facts: d.facts}
}

// Model is the version of the tagger.
func (d *Deriver) Model() string { return d.pipeline.Model() }

// Knowledge is the offset of `knowledge` below which everything is applied.
func (d *Deriver) Knowledge() int64 { return d.facts.now().next }

// Fingerprint is the same for derivers that find the same mentions in every
// article: of one model, and told the same.
func (d *Deriver) Fingerprint() string {
	t := d.facts.now()
	said := make([]string, 0, len(t.aliases)+t.list.Len())
	for learned, a := range t.aliases {
		said = append(said, learned+"\x00"+a.id+"\x00"+a.kind+"\x00"+a.name+"\n")
	}
	slices.Sort(said)
	for i := range t.list.Len() {
		said = append(said, string(news.Encode(t.list.Entry(i))))
	}
	return fmt.Sprintf("%s/%016x", d.pipeline.Model(), xxh3.HashString(strings.Join(said, "")))
}

// Mentions finds the mentions in a stored text with its title, as they stand in
// a document of that language and source. A panic in the core is an error of
// this article alone.
func (d *Deriver) Mentions(title, text, language, source string) (ms []news.Mention, err error) {
	defer func() {
		if p := recover(); p != nil {
			ms, err = nil, fmt.Errorf("finding mentions panicked: %v", p)
			d.finder = finder{pipeline: d.pipeline.Clone()} // what it kept may be broken
		}
	}()
	d.know(d.facts.now())
	return d.count(title, text, language, source), nil
}

// know takes what is known from now on.
func (f *finder) know(t *told) {
	if f.told == t {
		return
	}
	if f.watcher == nil || f.watcher.List() != t.list {
		f.watcher = watch.NewWatcher(t.list)
		f.pipeline.SetWatcher(f.watcher)
	}
	f.told = t
}

// count is what the stage counts in a text.
func (f *finder) count(title, text, language, source string) []news.Mention {
	f.watcher.Within(language, source)
	return f.told.apply(mentions(f.pipeline.Count(title, text)))
}
