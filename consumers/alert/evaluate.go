package alert

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/spike"
	"github.com/dateline/dateline/pkg/store"
)

// atOnce bounds the windows that one tick tests after an outage.
const atOnce = 64

// evaluation is what one lease knows. An error leaves it in the middle of
// something; it is not used again then.
type evaluation struct {
	*Alerter
	lease    *bus.Assigned
	end      int64     // of the log of alerts
	closed   time.Time // windows that end up to here have been tested
	history  *history
	episodes map[string]*episode    // by entity
	alarms   map[string]*news.Alert // about the intake, that are open
	looked   time.Time              // at the intake
	subs     map[string]bool        // addresses of the feeds that are subscribed to
	subsAt   time.Time
}

// test is one entity in one window that has just closed.
type test struct {
	entity    string
	window    int
	from, to  time.Time
	originals int
	sources   int
	eligible  bool // passes the floors
	res       spike.Result
	p         float64 // of the tests that are not muted
	excess    float64 // orders of magnitude beyond the threshold
	warm      bool
	slow      bool // only the slow test speaks
	q         float64
}

// tick tests the windows that have closed since the last; more tells that
// there are others left.
func (e *evaluation) tick(ctx context.Context) (more bool, err error) {
	began := time.Now()
	if err := e.watchIntake(ctx); err != nil {
		return false, fmt.Errorf("look at the intake: %w", err)
	}
	mark, err := e.watermark(ctx)
	if err != nil {
		return false, err
	}
	e.skip()
	next := e.next(e.closed)
	if next.After(mark) {
		e.m.ticks.WithLabelValues("idle").Inc()
		return false, nil
	}
	if err := e.history.refresh(ctx, mark); err != nil {
		return false, err
	}
	if e.history.origins.Live.IsZero() { // only history so far
		e.m.ticks.WithLabelValues("idle").Inc()
		return false, e.commit(ctx, mark)
	}
	for n := 0; n < atOnce && !next.After(mark) && ctx.Err() == nil; n++ {
		if err := e.close(ctx, next); err != nil {
			return false, err
		}
		next = e.next(next)
	}
	e.history.evict()
	e.m.baselines.Set(float64(e.history.kept))
	e.m.seconds.Observe(time.Since(began).Seconds())
	e.m.ticks.WithLabelValues("tested").Inc()
	return !next.After(mark), ctx.Err()
}

// skip moves on where the oldest untested window closed too long ago to alert
// anybody, or lies in the future because a clock was wrong.
func (e *evaluation) skip() {
	now := e.now().UTC()
	oldest := now.Add(-e.cfg.Stale)
	switch {
	case e.closed.After(now):
		e.closed = now
	case e.next(e.closed).Before(oldest):
		if e.closed.Unix() > 0 {
			e.m.skipped.Add(oldest.Sub(e.closed).Seconds())
			e.log.Warn("windows that closed too long ago are not tested", "from", e.closed, "to", oldest)
		}
		e.closed = oldest
	default:
		return
	}
	e.history = newHistory(e.cfg, e.store)
}

// next is the first time after t at which a window closes.
func (e *evaluation) next(t time.Time) time.Time {
	var first time.Time
	for _, w := range e.cfg.Windows {
		if c := start(bucket(t, w)+1, w); first.IsZero() || c.Before(first) {
			first = c
		}
	}
	return first
}

func (e *evaluation) commit(ctx context.Context, closed time.Time) error {
	e.closed = closed
	return e.lease.Commit(ctx, e.end, progress+strconv.FormatInt(closed.Unix(), 10))
}

// progress precedes the time in the metadata of the committed offset.
const progress = "closed="

func closedAt(metadata string) time.Time {
	s, ok := strings.CutPrefix(metadata, progress)
	if n, err := strconv.ParseInt(s, 10, 64); ok && err == nil && n > 0 {
		return time.Unix(n, 0).UTC()
	}
	return time.Unix(0, 0).UTC()
}

// close tests every window that ends at end, publishes what follows, and notes
// that it is done.
func (e *evaluation) close(ctx context.Context, end time.Time) error {
	var tests []*test
	var inAll float64
	for i := range e.history.windows {
		if end.Unix()%int64(e.cfg.Windows[i]/time.Second) != 0 {
			continue
		}
		some, active, err := e.testWindow(ctx, i, end)
		if err != nil {
			return err
		}
		tests = append(tests, some...)
		inAll += active
	}
	correct(tests, inAll)
	alerts, err := e.step(ctx, end, tests)
	if err != nil {
		return err
	}
	if len(alerts) > 0 {
		// A replay may have changed what is counted between two of the queries.
		g, err := e.store.MentionsGeneration(ctx)
		if err != nil {
			return err
		}
		if g != e.history.origins.Replays {
			return errors.New("the mentions were replaced by a replay meanwhile, judging again")
		}
	}
	if err := e.publish(ctx, alerts); err != nil {
		return err
	}
	return e.commit(ctx, end)
}

// testWindow judges every entity in the bucket of window i that ends at end.
func (e *evaluation) testWindow(ctx context.Context, i int, end time.Time) (tests []*test, active float64, err error) {
	h := e.history
	w := &h.windows[i]
	from := end.Add(-w.length)
	if err := h.expose(ctx, w, end); err != nil {
		return nil, 0, err
	}
	if from.Before(h.origins.Live) {
		return nil, 0, nil
	}
	counts, err := e.store.WindowCounts(ctx, h.span(from, end))
	if err != nil {
		return nil, 0, err
	}
	limit, active, err := h.threshold(ctx, i, end)
	if err != nil {
		return nil, 0, err
	}
	b := bucket(from, w.length)
	judge := func(c *store.WindowCount, t *tracked, eligible bool) {
		res := t.observe(w, b, c.Originals)
		if !eligible && !e.open(c.Entity) {
			return // learnt from, and that is all
		}
		x := &test{entity: c.Entity, window: i, from: from, to: end, originals: int(c.Originals), sources: int(c.Sources), eligible: eligible, res: res}
		x.weigh(t.muted, limit, e.cfg.MinOriginals)
		tests = append(tests, x)
	}
	var missing []store.WindowCount
	for k := range counts {
		c := &counts[k]
		eligible := int(c.Originals) >= e.cfg.MinOriginals && int(c.Sources) >= e.cfg.MinSources
		if eligible {
			e.m.tests.WithLabelValues(w.length.String()).Inc()
		}
		t := h.of(c.Entity, i)
		switch {
		case t != nil:
			judge(c, t, eligible)
			if eligible {
				h.series[c.Entity].active = end.Unix()
			}
		case eligible || e.open(c.Entity):
			missing = append(missing, *c)
		}
	}
	// Neighbours in the table's order are read together.
	slices.SortFunc(missing, func(x, y store.WindowCount) int { return cmp.Compare(x.Entity, y.Entity) })
	for chunk := range slices.Chunk(missing, loadAtOnce) {
		names := make([]string, len(chunk))
		for k, c := range chunk {
			names[k] = c.Entity
		}
		loaded, err := h.load(ctx, i, b, names, e.since)
		if err != nil {
			return nil, 0, err
		}
		for k := range chunk {
			c := &chunk[k]
			eligible := int(c.Originals) >= e.cfg.MinOriginals && int(c.Sources) >= e.cfg.MinSources
			h.keep(c.Entity, i, loaded[c.Entity])
			h.series[c.Entity].active = end.Unix()
			judge(c, loaded[c.Entity], eligible)
		}
		h.evict()
	}
	e.m.windows.WithLabelValues(w.length.String()).Inc()
	return tests, active, nil
}

// weigh says how far beyond the threshold a test is. What the slow test has
// gathered stays for days: alone it counts only beside a count worth an alert.
func (x *test) weigh(muted bool, limit float64, floor int) {
	point := min(1, x.res.PointP/.8)
	score, pointScore := x.res.Score, -math.Log10(point)
	x.p = x.res.P
	if muted {
		score, x.p = pointScore, point
	}
	x.slow = pointScore < -math.Log10(limit)
	x.excess = score + math.Log10(limit)
	x.warm = spike.Warm(pointScore, limit) || spike.Warm(score, limit) && x.originals >= floor
}

// correct gives every test its q among all that were made together: those of
// entities whose count is below the floors count as tests that found nothing.
func correct(tests []*test, inAll float64) {
	p := make([]float64, 0, max(len(tests), int(inAll)))
	var eligible []*test
	for _, x := range tests {
		if x.eligible {
			eligible = append(eligible, x)
			p = append(p, x.p)
		}
	}
	for len(p) < int(inAll) {
		p = append(p, 1)
	}
	q := spike.BenjaminiHochberg(p)
	for i, x := range eligible {
		x.q = q[i]
	}
}

// step moves the episodes on to end and gives the alerts that follow.
func (e *evaluation) step(ctx context.Context, end time.Time, tests []*test) ([]*news.Alert, error) {
	type verdict struct {
		best      *test // the strongest that may raise an alert
		hot, warm bool
	}
	verdicts := map[string]*verdict{}
	var near []*test // strange, but not enough for an alert of their own
	for _, x := range tests {
		hot := x.eligible && x.excess >= 0 && x.q <= e.cfg.FDR
		if !hot && !e.open(x.entity) {
			if x.eligible && x.warm {
				near = append(near, x)
			}
			continue
		}
		v := verdicts[x.entity]
		if v == nil {
			v = &verdict{}
			verdicts[x.entity] = v
		}
		v.warm = v.warm || x.warm
		if hot && (v.best == nil || x.excess > v.best.excess) {
			v.hot, v.best = true, x
		}
	}
	for name, ep := range e.episodes {
		if ep.state.Open && verdicts[name] == nil {
			verdicts[name] = &verdict{}
		}
	}
	var out []*news.Alert
	var raised []*test
	names := make([]string, 0, len(verdicts))
	for name := range verdicts {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		v, ep := verdicts[name], e.episodes[name]
		if ep == nil {
			ep = &episode{}
		}
		state, change := ep.state.Step(end, v.hot, v.warm, e.cfg.detector())
		ep.state = state
		switch change {
		case spike.Raised:
			raised = append(raised, v.best)
			e.episodes[name] = &episode{state: state}
			e.history.mute(name)
		case spike.Closed:
			if ep.alert != nil {
				out = append(out, resolved(ep.alert, end))
			}
		}
	}
	e.tidy(end)
	strongest := func(a, b *test) int {
		return cmp.Or(cmp.Compare(b.excess, a.excess), cmp.Compare(a.entity, b.entity))
	}
	slices.SortFunc(raised, strongest)
	slices.SortFunc(near, strongest)
	near = slices.DeleteFunc(near, func(x *test) bool { return verdicts[x.entity] != nil })
	fired, err := e.compose(ctx, end, raised, near[:min(len(near), maxEntities)])
	return append(out, fired...), err
}

// publish returns when the alerts are stored by the broker.
func (e *evaluation) publish(ctx context.Context, alerts []*news.Alert) error {
	msgs := make([]bus.Message, len(alerts))
	for i, a := range alerts {
		e.log.Info("alert", "state", a.State, "entity", a.EntityID, "alert", a.ID, "observed", a.Observed, "expected", a.Expected, "p", a.P)
		msgs[i] = bus.Message{
			Topic: news.TopicAlerts, Key: []byte(a.EntityID), Value: news.Encode(a), Headers: map[string]string{"stage": GroupName},
		}
	}
	if len(msgs) == 0 {
		return nil
	}
	if err := e.bus.Publish(ctx, msgs...); err != nil {
		return err
	}
	e.end += int64(len(msgs))
	for _, a := range alerts {
		e.m.alerts.WithLabelValues(a.State).Inc()
	}
	return nil
}
