package alert

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/dateline/dateline/pkg/spike"
	"github.com/dateline/dateline/pkg/store"
)

const (
	maxDepth   = 20_000   // buckets of history that a baseline looks at
	loadAtOnce = 1000     // entities whose history one query asks for
	maxReady   = 100_000  // bytes of young sources that a query names; ClickHouse takes 256 kB unless told otherwise
	activeDays = 28 * day // over which active entities are counted
	slowDays   = 7 * day  // over which the slow test looks back
	fewest     = 45       // buckets that the past is cut into at least
	guard      = 2        // buckets that are learnt from only after as many others
	slowIsOver = .01      // of its p: the rise that it told of has passed
)

// history is what is known of the past: baselines of the entities that were
// active lately, and all that they rest on. It is read from the store where it
// is needed first, and kept up to date window by window.
type history struct {
	cfg      Config
	store    *store.Store
	origins  store.Origins
	loaded   uint64 // backlog articles when baselines were begun
	looked   time.Time
	starts   map[string]time.Time // of sources
	first    time.Time            // the earliest of them
	windows  []window
	series   map[string]*series
	kept     int // baselines in series
	active   float64
	activeAt time.Time
}

// window is one length of buckets; these are counted from the Unix epoch.
type window struct {
	length   time.Duration
	from     int64     // bucket of exposure[0]
	exposure []float32 // originals ingested; nil before it is loaded
}

// series is one entity's past, for each window that it was active in.
type series struct {
	active  int64 // Unix time of the latest window that passed the floors
	tracked []*tracked
}

// tracked is a baseline and where it stands. muted: its slow test tells of a
// rise that is history or was told already.
type tracked struct {
	base  *spike.Baseline
	held  []spike.Bucket // the latest, which the baseline has not learnt from yet
	next  int64          // bucket to learn next; those left out held nothing
	muted bool
}

func newHistory(cfg Config, s *store.Store) *history {
	return &history{cfg: cfg, store: s}
}

// forget drops everything that rests on counts.
func (h *history) forget() {
	h.series, h.kept, h.activeAt = map[string]*series{}, 0, time.Time{}
	h.windows = h.windows[:0]
	for _, w := range h.cfg.Windows {
		h.windows = append(h.windows, window{length: w})
	}
}

// refresh looks at what may have changed about the past itself. A merge, a
// split, a replay or an import makes baselines start afresh.
func (h *history) refresh(ctx context.Context, mark time.Time) error {
	o, err := h.store.Origins(ctx, mark.Add(-time.Duration(h.cfg.BaselineDays)*day))
	if err != nil {
		return err
	}
	// A new feed's first fill adds some history every day; not worth it.
	grown := o.History > h.loaded+h.loaded/50
	if h.series == nil || o.Merges != h.origins.Merges || o.Replays != h.origins.Replays || !o.Live.Equal(h.origins.Live) || grown {
		h.forget()
		h.starts, h.looked, h.first, h.loaded = map[string]time.Time{}, time.Unix(0, 0), time.Time{}, o.History
	}
	h.origins = o
	if o.Live.IsZero() {
		return nil
	}
	starts, err := h.store.SourceStarts(ctx, h.looked, o.Live)
	if err != nil {
		return err
	}
	for _, s := range starts {
		if t, ok := h.starts[s.Source]; !ok || s.Since.Before(t) {
			h.starts[s.Source] = s.Since
		}
		if h.first.IsZero() || s.Since.Before(h.first) {
			h.first = s.Since
		}
	}
	h.looked = mark
	return nil
}

// span asks for [from, to), without what sources published while they were
// young. Those that the history begins with are never young.
func (h *history) span(from, to time.Time) store.AlertRange {
	q := store.AlertRange{From: from, To: to, Live: h.origins.Live, Merged: h.origins.Merges != 0}
	for name, since := range h.starts {
		ready := since.Add(h.cfg.WarmUp)
		if since.After(h.first.Add(h.cfg.WarmUp)) && ready.After(from) {
			q.Ready = append(q.Ready, store.SourceStart{Source: name, Since: ready})
		}
	}
	slices.SortFunc(q.Ready, func(a, b store.SourceStart) int {
		return cmp.Or(b.Since.Compare(a.Since), cmp.Compare(a.Source, b.Source))
	})
	for i, size := 0, 0; i < len(q.Ready); i++ {
		if size += len(q.Ready[i].Source) + 16; size > maxReady {
			q.Ready = q.Ready[:i] // those that are longest known
		}
	}
	return q
}

// depth is how long before a time the history of a window begins.
func (h *history) depth(w *window) time.Duration {
	return min(time.Duration(h.cfg.BaselineDays)*day/w.length, maxDepth) * w.length
}

// expose brings the exposure of a window up to the bucket that ends at end.
// The bucket in which the live stream starts, half history and half live, and
// those without any ingest stay at 0: there is nothing to learn from them.
func (h *history) expose(ctx context.Context, w *window, end time.Time) error {
	last := bucket(end, w.length) - 1
	from := w.from + int64(len(w.exposure))
	if w.exposure == nil {
		from = bucket(end.Add(-w.length-h.depth(w)), w.length)
		w.from = from
	}
	if from > last {
		return nil
	}
	counts, err := h.store.IngestedOriginals(ctx, h.span(start(from, w.length), end), w.length)
	if err != nil {
		return err
	}
	w.exposure = append(w.exposure, make([]float32, last-from+1)...)
	for _, c := range counts {
		if !h.mixed(c.Bucket, w) && c.Bucket >= from && c.Bucket <= last {
			w.exposure[c.Bucket-w.from] = float32(c.Originals)
		}
	}
	if over := len(w.exposure) - 2*maxDepth; over > 0 {
		w.exposure = slices.Clone(w.exposure[over:])
		w.from += int64(over)
	}
	return nil
}

// mixed tells whether the live stream starts within a bucket.
func (h *history) mixed(b int64, w *window) bool {
	s := start(b, w.length)
	return s.Before(h.origins.Live) && s.Add(w.length).After(h.origins.Live)
}

func (w *window) bucketOf(b int64, count uint64) spike.Bucket {
	out := spike.Bucket{At: start(b, w.length), Count: float64(count)}
	if i := b - w.from; i >= 0 && i < int64(len(w.exposure)) {
		out.Exposure = float64(w.exposure[i])
	}
	return out
}

// observe judges bucket b, after the empty ones since the last.
func (t *tracked) observe(w *window, b int64, count uint64) spike.Result {
	for ; t.next < b; t.next++ {
		t.learn(w.bucketOf(t.next, 0))
	}
	t.next = b + 1
	now := w.bucketOf(b, count)
	trial := *t.base
	res := trial.Observe(now)
	t.learn(now)
	if res.SlowP >= slowIsOver {
		t.muted = false
	}
	return res
}

// learn leaves a guard band between what is learnt and what is judged, as EARS
// C2 does (Hutwagner et al. 2003): a rise that begins within one bucket must
// not teach the baseline to expect it in the next.
func (t *tracked) learn(b spike.Bucket) {
	if b.Exposure == 0 {
		return
	}
	t.held = append(t.held, b)
	if len(t.held) > guard {
		t.base.Learn(t.held[0])
		t.held = append(t.held[:0], t.held[1:]...)
	}
}

// of gives the baseline of an entity in window i, nil where it is not in memory.
func (h *history) of(entity string, i int) *tracked {
	if s := h.series[entity]; s != nil {
		return s.tracked[i]
	}
	return nil
}

// load reads the past of entities in window i up to bucket b. told: when the
// latest alert of an entity was raised, zero where there was none.
func (h *history) load(ctx context.Context, i int, b int64, entities []string, told func(string) time.Time) (map[string]*tracked, error) {
	w := &h.windows[i]
	out := make(map[string]*tracked, len(entities))
	to := start(b, w.length)
	counts, err := h.store.EntityOriginals(ctx, h.span(to.Add(-h.depth(w)), to), w.length, entities)
	if err != nil {
		return nil, err
	}
	past := w.past(h)
	for len(counts) > 0 {
		entity := counts[0].Entity
		n := slices.IndexFunc(counts, func(c store.StepCount) bool { return c.Entity != entity })
		if n < 0 {
			n = len(counts)
		}
		out[entity] = h.teach(w, to, past, counts[:n], told(entity))
		counts = counts[n:]
	}
	for _, e := range entities {
		if out[e] == nil {
			out[e] = &tracked{base: spike.NewBaseline(w.length, h.cfg.detector()), next: b, muted: true}
		}
	}
	return out, nil
}

// teach gives a baseline that has learnt the counts of one entity up to a time.
// Its history begins where the entity was first named, and comes in buckets of
// length past until the live stream starts. told: when its latest alert was
// raised.
func (h *history) teach(w *window, to time.Time, past time.Duration, counts []store.StepCount, told time.Time) *tracked {
	t := &tracked{base: spike.NewBaseline(w.length, h.cfg.detector()), next: counts[0].Bucket, muted: true}
	live := bucket(h.origins.Live, w.length) // the bucket in which both meet, or the first live one
	wide := int64(past / w.length)
	for k := 0; t.next < live; {
		end := min(t.next-t.next%wide+wide, live)
		sum := spike.Bucket{At: start(t.next, w.length)}
		for ; k < len(counts) && counts[k].Bucket < end; k++ {
			sum.Count += float64(counts[k].Originals)
		}
		for ; t.next < end; t.next++ {
			sum.Exposure += w.bucketOf(t.next, 0).Exposure
		}
		t.base.Learn(sum)
	}
	for _, c := range counts {
		at := start(c.Bucket, w.length)
		switch {
		case c.Bucket < t.next || h.mixed(c.Bucket, w):
			continue
		case to.Sub(at) <= slowDays:
			t.observe(w, c.Bucket, c.Originals)
		default:
			for ; t.next < c.Bucket; t.next++ {
				t.learn(w.bucketOf(t.next, 0))
			}
			t.learn(w.bucketOf(c.Bucket, c.Originals))
			t.next++
		}
		if told.After(at) && !told.After(at.Add(w.length)) {
			t.muted = true
		}
	}
	return t
}

// past is the length of the buckets in which the history before the live
// stream is learnt. An archive of six articles an hour tells next to nothing
// about buckets of two minutes, of which the live stream fills each with a
// hundred: dispersion cannot be seen where counts are 0 or 1. So a bucket of
// the past spans as long as it takes to hold what a live one holds, as far as
// enough of them remain.
func (w *window) past(h *history) time.Duration {
	live := bucket(h.origins.Live, w.length)
	var before, after, pasts, lives float64
	for i, e := range w.exposure {
		switch b := w.from + int64(i); {
		case e == 0:
		case b < live:
			if before == 0 {
				pasts = float64(live - b)
			}
			before += float64(e)
		case !h.mixed(b, w):
			after += float64(e)
			lives++
		}
	}
	best := w.length
	for _, long := range []time.Duration{time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour} {
		n := float64(long / w.length) // buckets in one
		if long%w.length != 0 || long <= best || pasts/n < fewest || before/pasts*float64(best/w.length) >= after/max(1, lives) {
			continue
		}
		best = long
	}
	return best
}

// keep puts a baseline into memory.
func (h *history) keep(entity string, i int, t *tracked) {
	s := h.series[entity]
	if s == nil {
		s = &series{tracked: make([]*tracked, len(h.windows))}
		h.series[entity] = s
	}
	if s.tracked[i] == nil {
		h.kept++
	}
	s.tracked[i] = t
}

// evict drops the entities that were active longest ago, a tenth more than
// there is too much.
func (h *history) evict() {
	if h.kept <= h.cfg.Baselines {
		return
	}
	names := make([]string, 0, len(h.series))
	for e := range h.series {
		names = append(names, e)
	}
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(cmp.Compare(h.series[a].active, h.series[b].active), cmp.Compare(a, b))
	})
	for _, e := range names {
		if h.kept <= h.cfg.Baselines*9/10 {
			return
		}
		for _, t := range h.series[e].tracked {
			if t != nil {
				h.kept--
			}
		}
		delete(h.series, e)
	}
}

// threshold is the p below which a test in window i raises an alert, and the
// number of entities that share the budget. The budget is split evenly between
// the windows; in each, every entity with the floor's number of originals in
// four weeks counts as a test whenever a bucket closes. One with fewer would
// have to have them all within a single window.
func (h *history) threshold(ctx context.Context, i int, end time.Time) (p, active float64, err error) {
	if h.activeAt.IsZero() || end.Sub(h.activeAt) >= time.Hour {
		n, err := h.store.EntitiesWith(ctx, end.Add(-activeDays), end.Add(time.Hour), h.cfg.MinOriginals)
		if err != nil {
			return 0, 0, err
		}
		h.active, h.activeAt = max(1, float64(n)), end
	}
	share := h.cfg.detector()
	share.Budget /= float64(len(h.windows))
	return spike.Threshold(share, h.active*float64(30*day)/float64(h.windows[i].length)), h.active, nil
}

// bucket is the number of the bucket that t lies in.
func bucket(t time.Time, length time.Duration) int64 { return t.Unix() / int64(length/time.Second) }

func start(b int64, length time.Duration) time.Time {
	return time.Unix(b*int64(length/time.Second), 0).UTC()
}
