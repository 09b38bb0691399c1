package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"

	"github.com/dateline/dateline/pkg/store"
)

// ReplayReport is what a replay has changed.
type ReplayReport struct {
	DryRun      bool   `json:"dry_run"`
	Generation  uint32 `json:"generation,omitempty"`
	ModelBefore string `json:"model_before"` // of most of the mentions
	Model       string `json:"model"`
	Knowledge   int64  `json:"knowledge,string"`
	store.MentionTotals
	Articles uint64  `json:"articles,string"`        // derived
	Copied   uint64  `json:"mentions_copied,string"` // as they were
	Kept     uint64  `json:"articles_kept,string"`   // whose text is gone, or cannot be read
	Seconds  float64 `json:"seconds"`
	Old      string  `json:"kept_table,omitempty"`
	Problems uint64  `json:"audit_problems,string"`
	Taught   bool    `json:"taught_meanwhile"`

	Top   []store.EntityChange `json:"-"`
	Audit []Check              `json:"-"`
}

// OK tells whether the audit has found nothing.
func (r *ReplayReport) OK() bool { return r.Problems == 0 }

// topChanges is how many entities a report names.
const topChanges = 20

// Write prints the report.
func (r *ReplayReport) Write(w io.Writer, asJSON bool) error {
	if asJSON {
		enc := json.NewEncoder(w)
		if err := enc.Encode(r); err != nil {
			return err
		}
		for _, c := range r.Top {
			if err := enc.Encode(c); err != nil {
				return err
			}
		}
		return nil
	}
	tw := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(tw, "\tBEFORE\tAFTER\tCHANGE\t")
	for _, l := range []struct {
		what string
		b, a uint64
	}{{"mentions", r.Before, r.After}, {"entities (about)", r.EntitiesBefore, r.EntitiesAfter}} {
		fmt.Fprintf(tw, "%s\t%d\t%d\t%+d\t\n", l.what, l.b, l.a, int64(l.a)-int64(l.b))
	}
	fmt.Fprintf(tw, "model\t%s\t%s\t\t\n", r.ModelBefore, r.Model)
	if len(r.Top) > 0 {
		fmt.Fprintln(tw, "\t\t\t\t\nENTITY\tBEFORE\tAFTER\tCHANGE\tNAME")
	}
	for _, c := range r.Top {
		fmt.Fprintf(tw, "%s\t%d\t%d\t%+d\t%s\n", c.Entity, c.Before, c.After, int64(c.After)-int64(c.Before), c.Name)
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	for _, c := range r.Audit {
		if c.Problems > 0 {
			fmt.Fprintf(w, "audit %s: %d problems: %s\n", c.Name, c.Problems, c.Detail)
		}
	}
	_, err := fmt.Fprintln(w, r.verdict())
	return err
}

func (r *ReplayReport) verdict() string {
	var sb strings.Builder
	switch {
	case r.DryRun:
		fmt.Fprintf(&sb, "%d articles were derived on trial in %s; nothing has changed.", r.Articles, seconds(r.Seconds))
		return sb.String()
	case r.OK():
		fmt.Fprintf(&sb, "%d articles were derived anew in %s; the new mentions are in force, and every view agrees with a recount.", r.Articles, seconds(r.Seconds))
	default:
		fmt.Fprintf(&sb, "%d articles were derived anew, and the new mentions are in force, but the audit has found %d problems.", r.Articles, r.Problems)
	}
	if r.Kept > 0 {
		fmt.Fprintf(&sb, "\n%d articles keep the mentions that they had: their texts are gone, or cannot be read.", r.Kept)
	}
	if r.Taught {
		sb.WriteString("\nWhat was taught while it ran holds for the articles that came after it alone; run it again for the others.")
	}
	if r.Old != "" {
		fmt.Fprintf(&sb, "\nThe mentions before are in the table %s. `dateline forget` does not look there; drop it when it has served.", r.Old)
	}
	return sb.String()
}

func seconds(s float64) string {
	return time.Duration(s * float64(time.Second)).Round(time.Second / 10).String()
}

// pace is how fast a pass goes.
type pace struct {
	began       time.Time
	total, done uint64
	before      uint64 // done by others
	what        string
}

func (p *pace) begin(now time.Time, stretches []store.Stretch, deriving bool, before uint64) {
	*p = pace{began: now, before: before, what: "mentions copied"}
	if deriving {
		p.what = "articles derived"
	}
	for _, st := range stretches {
		p.total += st.Rows
	}
	p.before = min(p.before, p.total)
}

// progress tells people how far it is, now and then.
func (j *replay) progress() {
	now := j.app.Now()
	if now.Sub(j.told) < 2*time.Second {
		return
	}
	j.told = now
	p := &j.pace
	rate := float64(p.done) / max(.001, now.Sub(p.began).Seconds())
	done := min(p.total, p.before+p.done)
	left := time.Duration(float64(p.total-done) / max(1, rate) * float64(time.Second))
	j.say("%d of %d %s, %.0f a second, about %v left", done, p.total, p.what, rate, left.Round(time.Second))
}

const (
	followEvery  = 100 * time.Millisecond
	sayNear      = 5 * time.Second // a sign of life for land
	sayWaiting   = 30 * time.Second
	lookForgets  = time.Second
	tellingsLast = 30 * time.Second // for land to write down that it has exchanged the tables
)

// handOver follows what lands until land has exchanged the tables, and has said
// so. Where this process runs the engines nobody else lands, so it does.
func (j *replay) handOver(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	if j.app.engines != nil {
		landed := make(chan struct{})
		go func() {
			defer close(landed)
			err := j.app.Run(ctx, "land")
			cancel(errors.Join(errors.New("land has ended"), err))
		}()
		defer func() {
			cancel(nil)
			<-landed
		}()
	}
	err := j.untilSwapped(ctx)
	if err == nil {
		err = j.untilTold(ctx)
	}
	if err != nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return err
}

// untilSwapped keeps up with what lands until the tables are exchanged.
func (j *replay) untilSwapped(ctx context.Context) error {
	j.phase = store.ReplayNear
	var noted, cleaned time.Time
	waiting := j.app.Now()
	for {
		g, err := j.store.MentionsGeneration(ctx)
		if err != nil {
			return err
		}
		if g == j.gen {
			return nil
		}
		if g > j.gen {
			return errTaken
		}
		now, at := j.app.Now(), j.at
		if now.Sub(cleaned) >= lookForgets {
			if err := j.clean(ctx); taken(err) {
				j.again = true
			} else if err != nil {
				return err
			}
			cleaned = now
		}
		if _, err := j.catchUp(ctx); taken(err) { // just now, by land: look again
			j.again = true
		} else if err != nil {
			return err
		} else if j.at != at || now.Sub(noted) >= sayNear {
			if err := j.note(ctx); err != nil {
				return err
			}
			noted = now
		}
		if now.Sub(waiting) >= sayWaiting {
			waiting = now
			j.say("Waiting for land to take the new mentions over at offset %d; is it running?", j.at.Off)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(followEvery):
		}
	}
}

// taken tells whether something failed because the table has another name by
// now.
func taken(err error) bool { return store.Code(err) == unknownTable }

// clean does to the table what `dateline forget` has done to the mentions, and
// names the entities whose names it has removed.
func (j *replay) clean(ctx context.Context) error {
	same, err := j.store.SameShape(ctx, j.table)
	if err != nil {
		return err
	}
	if !same {
		if tables, err := j.store.MentionTables(ctx); err != nil || tables[j.table] != j.gen {
			return err // land has it
		}
		return errors.New("the table of mentions has another structure than when the replay began: start over with --restart")
	}
	n, err := j.store.ForgottenShadow(ctx, j.table)
	if err != nil {
		return err
	}
	if n > 0 {
		if err := j.store.ForgetShadow(ctx, j.table); err != nil {
			return err
		}
	}
	if n == 0 && j.described {
		return nil
	}
	j.described = true
	return j.store.Describe(ctx, j.table, j.at.Epoch)
}

// conclude compares, audits, and clears away.
func (j *replay) conclude(ctx context.Context) (*ReplayReport, error) {
	r := j.report
	j.fill()
	tables, err := j.store.MentionTables(ctx)
	if err != nil {
		return nil, err
	}
	old := ""
	for name, g := range tables {
		if name != store.Mentions && strings.HasPrefix(name, store.KeptPrefix) && g < j.gen && (old == "" || g > tables[old]) {
			old = name
		}
	}
	if old != "" {
		if r.MentionTotals, r.Top, err = j.store.Compare(ctx, old, store.Mentions, store.Pass{To: j.at}, topChanges); err != nil {
			return nil, err
		}
	}
	found, err := j.app.recount(ctx, time.Time{}, j.app.Now())
	if err != nil {
		return nil, err
	}
	for _, t := range found {
		r.Problems += t.Problems
		r.Audit = append(r.Audit, Check{Name: t.Name, What: t.What, Looked: t.Looked, Problems: t.Problems, Detail: t.Detail})
	}
	for _, name := range slices.Sorted(maps.Keys(tables)) {
		if name == store.Mentions || !strings.HasPrefix(name, store.KeptPrefix) {
			continue
		}
		if name == old && (j.opt.KeepOld || !r.OK()) {
			r.Old = name
			continue
		}
		if err := j.store.DropMentions(ctx, name); err != nil {
			return nil, err
		}
	}
	return r, nil
}

func (j *replay) fill() {
	r, s := j.report, &j.state
	r.Generation, r.ModelBefore, r.Model, r.Knowledge = j.gen, s.Before, j.finder[0].Model(), j.finder[0].Knowledge()
	r.Articles, r.Copied, r.Kept, r.Taught = s.Articles, s.Copied, s.Kept, j.taught
	r.Seconds = j.app.Now().Sub(s.Began).Seconds()
}

// untilTold waits until land has written down that it is through.
func (j *replay) untilTold(ctx context.Context) error {
	deadline := j.app.Now().Add(tellingsLast)
	for {
		last, _, err := j.store.LastReplay(ctx)
		if err != nil {
			return err
		}
		if last.State == store.ReplaySwapped {
			j.at = last.At
			return nil
		}
		if j.app.Now().After(deadline) {
			return errors.New("the new mentions are in force, but land has not said so: is it running? The next one that starts will; look with `dateline audit` then")
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(followEvery):
		}
	}
}

// trial derives into a table that is dropped, and compares.
func (j *replay) trial(ctx context.Context) (r *ReplayReport, err error) {
	j.table = store.Trial
	if err := j.room(ctx); err != nil {
		return nil, err
	}
	g, err := j.store.MentionsGeneration(ctx)
	if err != nil {
		return nil, err
	}
	j.gen = g + 1
	now := j.app.Now()
	j.state = replayState{Began: now, From: j.opt.From, To: j.opt.To}
	if j.state.Before, err = j.store.UsualModel(ctx); err != nil {
		return nil, err
	}
	if err := j.store.MakeShadow(ctx, j.table, j.gen); err != nil {
		return nil, err
	}
	defer func() {
		err = errors.Join(err, j.store.DropMentions(context.WithoutCancel(ctx), j.table))
	}()
	if _, err := j.catchUp(ctx); err != nil {
		return nil, err
	}
	q := store.Pass{To: j.at, SeenFrom: j.opt.From, SeenTo: j.opt.To}
	if q.Ranged() { // what is not stored any more was not derived
		floor, err := j.store.Floor(ctx)
		if err != nil {
			return nil, err
		}
		if q.SeenFrom.Before(floor) {
			q.SeenFrom = floor
		}
	}
	if j.report.MentionTotals, j.report.Top, err = j.store.Compare(ctx, store.Mentions, j.table, q, topChanges); err != nil {
		return nil, err
	}
	j.fill()
	j.report.Generation = 0
	return j.report, nil
}

// alive tells whether there is a process of this number.
func alive(pid int) bool { return !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) }
