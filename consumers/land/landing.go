package land

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/store"
)

// refusals are the offsets whose rows a table does not take, with the reason.
type refusals map[string]map[uint64]error

func (r refusals) add(table string, off uint64, err error) {
	if r[table] == nil {
		r[table] = map[uint64]error{}
	}
	r[table][off] = err
}

// land decides on the messages of [pos, to), inserts what they become, and
// moves on. After trouble the offsets are checked, and from the start where
// the range was left pending.
func (p *partition) land(ctx context.Context, msgs []bus.Message, to int64, left *pending) error {
	start := p.now()
	j := &job{
		Range: store.Range{Topic: p.topic, Epoch: p.epoch, Part: uint16(p.id), From: uint64(p.pos), To: uint64(to)},
		msgs:  msgs,
	}
	if left != nil {
		j.again, j.pace = true, left.Pace
	}
	refused := refusals{}
	var trouble patience
	for {
		j.refused, j.partly, j.at = refused[p.main], refused, p.now()
		err := p.attempt(ctx, j, refused)
		if err == nil {
			break
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if errors.Is(err, errLog) || errors.Is(err, errSwapped) {
			return err
		}
		j.again = true
		p.m.retries.WithLabelValues(p.topic).Inc()
		if errors.Is(err, errRefused) {
			p.log.Warn("landing the rest", "from", j.From, "to", j.To, "err", err)
			continue
		}
		// Pressure or trouble: Kafka keeps what is to come, and the same
		// range goes under the same token until it is through.
		if trouble.worth() {
			p.log.Warn("cannot land, trying again", "from", j.From, "to", j.To, "err", err, "tries", trouble.tries)
		}
		if err := p.wait(ctx, trouble.next(), nil); err != nil {
			return err
		}
	}
	if trouble.tries > 0 {
		p.log.Info("landing again", "from", j.From, "to", j.To, "tries", trouble.tries)
	}
	p.pos, p.dirty = to, true
	p.m.batch.WithLabelValues(p.topic).Observe(p.now().Sub(start).Seconds())
	return nil
}

func (p *partition) attempt(ctx context.Context, j *job, refused refusals) error {
	pl, err := p.planner.plan(ctx, j)
	if err != nil {
		return err
	}
	for i, b := range pl.batches {
		if i > 0 { // of the main table the planner knows
			b = b.Only(func(off uint64) bool { return refused[b.Table][off] == nil })
		}
		p.before(ctx, i, b.Len())
		if err := p.insert(ctx, j, b); err != nil {
			if store.IsData(err) {
				if moved, e := p.moved(ctx, b.Table); moved || e != nil {
					return errors.Join(e, fmt.Errorf("%w: %w", errSwapped, err))
				}
				err = p.isolate(ctx, j, pl.batches[i:], refused, err)
			}
			return err
		}
	}
	p.before(ctx, len(pl.batches), len(pl.dead))
	if err := p.bury(ctx, append(pl.dead, p.partly(j, refused)...)); err != nil {
		return err
	}
	if pl.landed != nil {
		pl.landed()
	}
	for result, n := range pl.counts {
		p.m.landed.WithLabelValues(p.topic, result).Add(float64(n))
	}
	return nil
}

// insert sends a batch under its original token. Where an earlier attempt may
// have got part of the way, it then checks the offsets, and sends what is
// still missing under a second token. The order matters: a fresh token first
// would double rows when a paused process wakes up.
func (p *partition) insert(ctx context.Context, j *job, b store.Batch) error {
	if b.Len() == 0 {
		return nil
	}
	token := fmt.Sprintf("%s/%d/%d/%d-%d", j.Topic, j.Epoch, j.Part, j.From, j.To)
	if err := p.rows.Insert(ctx, token, b); err != nil || !j.again {
		return err
	}
	for try := 1; try <= 3; try++ {
		have, err := p.rows.Landed(ctx, b.Table, j.Range)
		if err != nil {
			return err
		}
		rest := b.Only(func(off uint64) bool { return have[off] == 0 })
		if rest.Len() == 0 {
			if want := b.Offsets(); !maps.Equal(want, have) {
				p.log.Error("a range has landed otherwise than it was decided; run dateline audit", "table", b.Table, "from", j.From, "to", j.To, "offsets", len(have), "want", len(want))
			}
			return nil
		}
		p.log.Warn("rows are missing after their token was taken, sending them again", "table", b.Table, "rows", rest.Len(), "try", try)
		if err := p.rows.Insert(ctx, fmt.Sprintf("%s/r%d", token, try), rest); err != nil {
			return err
		}
	}
	return fmt.Errorf("rows of %s do not stay in %s", token, b.Table)
}

// errRefused says that messages have been set aside and the rest can land.
var errRefused = errors.New("ClickHouse refuses rows")

// isolate finds the messages whose rows ClickHouse refuses. One that has
// landed in the main table keeps its row there, since others may refer to it;
// any other is left out as a whole.
func (p *partition) isolate(ctx context.Context, j *job, batches []store.Batch, refused refusals, why error) error {
	found := refusals{}
	n := 0
	for _, b := range batches {
		b = b.Only(func(off uint64) bool { return refused[b.Table][off] == nil })
		all := b.Offsets()
		if len(all) == 0 {
			continue
		}
		lo, hi := ^uint64(0), uint64(0)
		for off := range all {
			lo, hi = min(lo, off), max(hi, off+1)
		}
		if err := p.halve(ctx, b, lo, hi, found); err != nil {
			return err
		}
		if bad := len(found[b.Table]); bad == len(all) && bad >= manyRefused {
			return fmt.Errorf("ClickHouse refuses every row for %s, so it is the table that is wrong: %w", b.Table, why)
		}
		n += len(found[b.Table])
	}
	if n == 0 {
		return fmt.Errorf("ClickHouse refuses a batch, but none of its rows alone: %w", why)
	}
	have, err := p.rows.Landed(ctx, p.main, j.Range)
	if err != nil {
		return err
	}
	for table, offs := range found {
		for off, e := range offs {
			if have[off] == 0 {
				refused.add(p.main, off, e)
			} else {
				refused.add(table, off, e)
			}
		}
	}
	return fmt.Errorf("%w of %d messages: %w", errRefused, n, why)
}

// manyRefused rows that are all refused, with none that is taken, speak
// against the table and not against the rows.
const manyRefused = 10

// halve notes which offsets of [lo, hi) are refused. A single one is asked
// for twice: what happens once may be trouble of the network.
func (p *partition) halve(ctx context.Context, b store.Batch, lo, hi uint64, found refusals) error {
	part := b.Only(func(off uint64) bool { return off >= lo && off < hi })
	if part.Len() == 0 {
		return nil
	}
	err := p.rows.Probe(ctx, part)
	if err == nil || !store.IsData(err) {
		return err
	}
	if hi-lo == 1 {
		if err = p.rows.Probe(ctx, part); store.IsData(err) {
			found.add(b.Table, lo, err)
			return nil
		}
		return err
	}
	mid := lo + (hi-lo)/2
	if err := p.halve(ctx, b, lo, mid, found); err != nil {
		return err
	}
	return p.halve(ctx, b, mid, hi, found)
}

// partly gives the messages of which the main table has a row, while another
// table refuses theirs.
func (p *partition) partly(j *job, refused refusals) []deadLetter {
	why := map[uint64]error{}
	for table, offs := range refused {
		if table != p.main {
			for off, err := range offs {
				why[off] = fmt.Errorf("has a row in %s, but %s refuses: %w", p.main, table, err)
			}
		}
	}
	var out []deadLetter
	for _, m := range j.msgs {
		if err := why[uint64(m.Offset)]; err != nil {
			out = append(out, deadLetter{m, err})
		}
	}
	return out
}

// bury publishes messages that cannot be used, with the reason, to the dead
// letters. After a crash one may be there twice; its key names it.
func (p *partition) bury(ctx context.Context, dead []deadLetter) error {
	if len(dead) == 0 {
		return nil
	}
	out := make([]bus.Message, len(dead))
	for i, d := range dead {
		out[i] = d.msg.Dead(GroupName, d.err)
	}
	if err := p.logs.Publish(ctx, out...); err != nil {
		return err
	}
	for _, d := range dead {
		p.log.Warn("message went to the dead letters", "offset", d.msg.Offset, "err", d.err)
	}
	p.m.dead.WithLabelValues(p.topic).Add(float64(len(dead)))
	return nil
}
