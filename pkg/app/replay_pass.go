package app

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dateline/dateline/consumers/land"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/store"
)

// Bounds of a batch. Mentions of one batch go in one insert.
const (
	replayBatch = 2000     // articles
	replayBytes = 16 << 20 // of text
	replayCopy  = 50_000   // mentions
	nearBy      = 1000     // documents that the replay may be behind for the swap to be worth waiting for
)

// catchUp goes through everything that has landed since, and tells how many
// documents have landed meanwhile.
func (j *replay) catchUp(ctx context.Context) (behind uint64, err error) {
	to, err := j.landed(ctx)
	if err != nil {
		return 0, err
	}
	if p := j.state.Pass; p != nil {
		to = p.To
	} else if j.at == to {
		return 0, nil
	} else if j.at.Epoch > to.Epoch || j.at.Epoch == to.Epoch && j.at.Off > to.Off {
		return 0, fmt.Errorf("the replay is at offset %d of epoch %d, but land at %d of %d: start over with --restart", j.at.Off, j.at.Epoch, to.Off, to.Epoch)
	} else {
		floor, err := j.store.Floor(ctx)
		if err != nil {
			return 0, err
		}
		j.state.Pass = &passed{From: j.at, To: to, Floor: floor}
		if j.at != (store.Mark{}) { // what has landed meanwhile may know more than the replay did
			if err := j.learn(ctx); err != nil {
				return 0, err
			}
			j.taught = j.taught || j.finder[0].Fingerprint() != j.state.Fingerprint
		}
		if err := j.note(ctx); err != nil {
			return 0, err
		}
	}
	if err := j.pass(ctx); err != nil {
		return 0, err
	}
	j.at, j.state.Pass = to, nil
	now, err := j.landed(ctx)
	if err != nil {
		return 0, err
	}
	if now.Epoch != to.Epoch {
		return nearBy, nil
	}
	return now.Off - min(now.Off, to.Off), nil
}

// pass goes through the pass under way: first the mentions that are copied, on
// which later revisions may build, then the articles, earlier revisions first.
func (j *replay) pass(ctx context.Context) error {
	p := j.state.Pass
	q := store.Pass{From: p.From, To: p.To, Floor: p.Floor, SeenFrom: j.opt.From, SeenTo: j.opt.To}
	if !p.Deriving {
		if !j.opt.DryRun || !q.Ranged() {
			if err := j.each(ctx, q, j.store.CopyStretches, j.copyBatch); err != nil {
				return err
			}
		}
		p.Deriving, p.Stretch = true, nil
	}
	return j.each(ctx, q, j.store.Stretches, j.deriveBatch)
}

// batcher does the next batch of a stretch, and moves the place on.
type batcher func(ctx context.Context, q store.Pass, st store.Stretch) (more bool, err error)

// each goes through the stretches, from where the pass stands.
func (j *replay) each(ctx context.Context, q store.Pass, list func(context.Context, store.Pass) ([]store.Stretch, error), batch batcher) error {
	stretches, err := list(ctx, q)
	if err != nil {
		return err
	}
	p := j.state.Pass
	for len(stretches) > 0 && p.Stretch != nil && before(stretches[0], *p.Stretch) {
		stretches = stretches[1:]
	}
	done := uint64(0)
	if p.From == (store.Mark{}) && p.Deriving { // a process before this one may have begun
		done = j.state.Articles + j.state.Kept
	}
	j.pace.begin(j.app.Now(), stretches, p.Deriving, done)
	for i, st := range stretches {
		if i > 0 || p.Stretch == nil || before(*p.Stretch, st) {
			p.Stretch, p.Place = &stretches[i], store.Place{TS: time.Unix(0, 0).UTC()}
		}
		for more := true; more; {
			if more, err = batch(ctx, q, st); err != nil {
				return err
			}
			j.progress()
			if err := j.before("note"); err != nil {
				return err
			}
			if err := j.note(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

// before is the order of stretches.
func before(a, b store.Stretch) bool {
	return a.Revision < b.Revision || a.Revision == b.Revision && a.Month < b.Month
}

func (j *replay) token(what string, st store.Stretch) string {
	p := j.state.Pass
	return fmt.Sprintf("replay/%d/%d.%d-%d.%d/%s/%d/%d/%s/%d/%016x", j.gen, p.From.Epoch, p.From.Off, p.To.Epoch, p.To.Off,
		what, st.Month, st.Revision, p.Place.Entity, p.Place.TS.UnixMilli(), p.Place.ID)
}

// copyBatch takes mentions over as they are.
func (j *replay) copyBatch(ctx context.Context, q store.Pass, st store.Stretch) (more bool, err error) {
	p := j.state.Pass
	rows, err := j.store.ToCopy(ctx, q, st, p.Place, j.copies)
	if err != nil || len(rows) == 0 {
		return false, err
	}
	last := rows[len(rows)-1].Place()
	err = j.put(ctx, j.token("copy", st), store.KeptBatch(j.table, rows, j.gen), func() (uint64, error) {
		return j.store.Copied(ctx, j.table, q, st, p.Place, last)
	})
	if err != nil {
		return false, err
	}
	j.again = false
	p.Place = last
	j.state.Copied += uint64(len(rows))
	j.pace.done += uint64(len(rows))
	return len(rows) == j.copies, nil
}

// deriveBatch finds the mentions of articles anew.
func (j *replay) deriveBatch(ctx context.Context, q store.Pass, st store.Stretch) (more bool, err error) {
	p := j.state.Pass
	rows, more, err := j.store.Texts(ctx, q, st, p.Place, j.batch, replayBytes)
	if err != nil || len(rows) == 0 {
		return false, err
	}
	keep := j.find(rows)
	var kept, derived []news.ID
	for i, r := range rows {
		if keep[i] {
			kept = append(kept, r.Doc.ID)
		} else {
			derived = append(derived, r.Doc.ID)
		}
	}
	counted := map[news.ID]map[string]bool{}
	if st.Revision > 0 {
		if counted, err = j.store.Counted(ctx, j.table, append(kept, derived...), st.Revision); err != nil {
			return false, err
		}
	}
	var mentions []store.MentionRow
	for i, r := range rows {
		if keep[i] {
			continue
		}
		have := counted[r.Doc.ID]
		if have == nil {
			have = map[string]bool{}
		}
		mentions = land.AppendUncounted(mentions, r, have, j.gen)
	}
	if err := j.entities(ctx, j.token("entities", st), mentions); err != nil {
		return false, err
	}
	if err := j.before("mentions"); err != nil {
		return false, err
	}
	b := store.MentionBatch(mentions)
	b.Table = j.table
	err = j.put(ctx, j.token("derive", st), b, func() (uint64, error) { return j.store.InShadow(ctx, j.table, derived, st.Revision) })
	if err != nil {
		return false, err
	}
	old, err := j.store.KeptMentions(ctx, kept, st.Revision)
	if err != nil {
		return false, err
	}
	old = store.Uncounted(old, counted)
	err = j.put(ctx, j.token("keep", st), store.KeptBatch(j.table, old, j.gen), func() (uint64, error) { return j.store.InShadow(ctx, j.table, kept, st.Revision) })
	if err != nil {
		return false, err
	}
	j.again = false
	end := rows[len(rows)-1].Doc
	p.Place = store.Place{TS: end.TS, ID: uint64(end.ID)}
	j.state.Articles += uint64(len(derived))
	j.state.Mentions += uint64(len(mentions))
	j.state.Kept += uint64(len(kept))
	j.pace.done += uint64(len(rows))
	return more, nil
}

// find gives rows the mentions that are found in them today. keep tells of
// which that cannot be said: the text is gone, by retention or because it was
// forgotten, or it cannot be read.
func (j *replay) find(rows []*store.ArticleRow) (keep []bool) {
	keep = make([]bool, len(rows))
	var next atomic.Int64
	var wg sync.WaitGroup
	for _, f := range j.finder {
		wg.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(rows) {
					return
				}
				d := rows[i].Doc
				if keep[i] = d.TextFrom == news.FromForgotten || d.Text == "" && d.Words > 0; keep[i] {
					continue
				}
				ms, err := f.Mentions(d.Title, d.Text, d.Language, d.Source)
				if err != nil {
					j.app.log.Warn("an article keeps its mentions", "article", d.ID, "err", err)
				}
				keep[i], d.Mentions, d.Model = err != nil, ms, f.Model()
				d.Title, d.Text = "", "" // the batch waits for the slowest
			}
		})
	}
	wg.Wait()
	return keep
}

// put inserts a batch into the table once. Where it may be there already, it
// goes under its token first all the same, and is then looked for: a crash may
// have kept the token and lost the rows.
func (j *replay) put(ctx context.Context, token string, b store.Batch, there func() (uint64, error)) error {
	for try := 0; ; try++ {
		err := j.store.Insert(ctx, token, b)
		if err == nil && !j.again {
			return nil
		}
		if err == nil {
			n, err := there()
			switch {
			case err != nil:
				return err
			case n == uint64(b.Len()):
				return nil
			case n > 0 || try > 3:
				return fmt.Errorf("%d rows of a batch are in %s where %d belong: start over with --restart", n, j.table, b.Len())
			}
			token += "/r"
			continue
		}
		if ctx.Err() != nil || store.IsData(err) || store.Code(err) == unknownTable || try >= replayTries {
			return err
		}
		// The answer may be what was lost.
		j.again = true
		j.app.log.Warn("cannot write to the table of the replay, trying again", "err", err)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(min(time.Second<<try, 15*time.Second)):
		}
	}
}

const (
	replayTries  = 8
	unknownTable = 60
)

// maxReplayNames entities are remembered to be described.
const maxReplayNames = 400_000

// entities describes those that are mentioned and have no row yet.
func (j *replay) entities(ctx context.Context, token string, mentions []store.MentionRow) error {
	if j.opt.DryRun {
		return nil
	}
	if len(j.names) > maxReplayNames {
		clear(j.names)
	}
	fresh := map[string]store.MentionRow{}
	var names []string
	for _, m := range mentions {
		if id := m.Mention.EntityID; !j.names[id] {
			j.names[id] = true
			fresh[id], names = m, append(names, id)
		}
	}
	for k := 0; len(names) > 0; k++ {
		n := min(len(names), namesAtOnce)
		if err := j.describeNew(ctx, fmt.Sprintf("%s/%d", token, k), names[:n], fresh); err != nil {
			return err
		}
		names = names[n:]
	}
	return nil
}

// namesAtOnce are looked up in one statement, which has at most 256 KiB.
const namesAtOnce = 3000

func (j *replay) describeNew(ctx context.Context, token string, names []string, mentions map[string]store.MentionRow) error {
	for try := 0; ; try++ {
		have, err := j.store.KnownNames(ctx, store.Entities, names, store.Range{})
		if err != nil {
			return err
		}
		var rows []store.EntityRow
		for _, id := range names {
			if m := mentions[id]; !have[id] {
				o := m.Origin
				o.LandedAt = j.app.Now()
				rows = append(rows, store.EntityRow{Origin: o, Topic: "replay", Mention: m.Mention, SeenAt: m.Doc.SeenAt})
			}
		}
		if len(rows) == 0 {
			return nil
		}
		if try > 3 {
			return errors.New("descriptions of entities do not stay in the database")
		}
		if err := j.before("entities"); err != nil {
			return err
		}
		if err := j.store.Insert(ctx, token, store.EntityBatch(rows)); err != nil || !j.again {
			return err
		}
		token += "/r"
	}
}
