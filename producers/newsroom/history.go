package newsroom

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"sort"
	"time"
)

// historyLine is an article as `dateline import` takes it.
type historyLine struct {
	URL       string    `json:"url"`
	Title     string    `json:"title"`
	Text      string    `json:"text"`
	Published time.Time `json:"published"`
	Source    string    `json:"source"`
	Author    string    `json:"author"`
	Language  string    `json:"language"`
}

// History writes n articles of the time from from to to as JSON lines, oldest
// first. Outlets, people and running events are those of the live newsroom of
// the same seed, copies included; revisions are not, since a line is an
// article. The volume follows the hour of day and the weekday.
func History(cfg Config, from, to time.Time, n int, w io.Writer) error {
	if err := cfg.Validate(); err != nil {
		return err
	}
	if !from.Before(to) || n < 0 {
		return fmt.Errorf("newsroom: history of %d articles from %s to %s: want a time that passes", n, from.Format(time.RFC3339), to.Format(time.RFC3339))
	}
	cfg = cfg.withDefaults()
	cfg.RevisionShare = 0
	if cfg.Outlets == 1 {
		cfg.CopyShare, cfg.RewriteShare = 0, 0
	}
	world, err := newWorld(cfg.Seed, cfg.Outlets, cfg.Spike)
	if err != nil {
		return fmt.Errorf("newsroom: %w", err)
	}
	cfg.Spike = nil // its entity has its usual share in the past
	desk, author := newDesk(world, &cfg, historyStream), newAuthor(world)
	buffered := bufio.NewWriter(w)
	encoder := json.NewEncoder(buffered)
	encoder.SetEscapeHTML(false)
	var records []record
	var chain []piece
	for _, at := range arrivals(cfg.Seed, from, to, n) {
		p := desk.next(at)
		records = append(records, record{piece: p})
		chain = chainOf(records, p, chain[:0])
		m := author.write(chain, cfg.Words)
		o := &world.outlets[p.outlet]
		a := o.dress(m, &p, m.title)
		if err := encoder.Encode(historyLine{a.url, a.title, a.text(), at.UTC().Truncate(time.Second), o.domain, a.author, "en"}); err != nil {
			return fmt.Errorf("write history: %w", err)
		}
	}
	if err := buffered.Flush(); err != nil {
		return fmt.Errorf("write history: %w", err)
	}
	return nil
}

// arrivals draws n moments in [from, to) with the profile as their density, in
// order.
func arrivals(seed uint64, from, to time.Time, n int) []time.Time {
	const step = 15 * time.Minute
	var cumulated []float64
	total := 0.0
	for at := from; at.Before(to); at = at.Add(step) {
		total += profile(at) * min(1, float64(to.Sub(at))/float64(step))
		cumulated = append(cumulated, total)
	}
	r := &rng{mix(seed, 81)}
	moments := make([]time.Time, n)
	for i := range moments {
		u := r.unit() * total
		slot := min(sort.SearchFloat64s(cumulated, u), len(cumulated)-1)
		start := from.Add(time.Duration(slot) * step)
		length := min(step, to.Sub(start))
		moments[i] = start.Add(time.Duration(r.unit() * float64(length)))
	}
	sort.Slice(moments, func(i, j int) bool { return moments[i].Before(moments[j]) })
	return moments
}
