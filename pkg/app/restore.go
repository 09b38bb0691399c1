package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/dateline/dateline/consumers/enrich"
	"github.com/dateline/dateline/consumers/land"
	"github.com/dateline/dateline/pkg/engine"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/store"
)

// RestoreOptions says how a backup is restored.
type RestoreOptions struct {
	Overwrite    bool // what the database holds
	DatabaseOnly bool // the topics are those of the backup, and stay as they are
	CheckOnly    bool // read the backup whole, and change nothing
	Progress     io.Writer
}

// Restored says what a restore has done.
type Restored struct {
	Manifest *Manifest
	Epoch    uint32
	Audit    *AuditReport // of the rows; nil where only the backup was checked
}

// restoreJob restores one backup.
type restoreJob struct {
	a   *App
	dir string
	m   *Manifest
	opt RestoreOptions
	// done are the steps that an earlier try has got through.
	done    map[string]bool
	recount func(ctx context.Context, from, to time.Time) ([]store.Recounted, error)
	before  func(step string) error
}

// ReadBackup reads a backup's manifest, and each of its files to see whether it
// is as it was written.
func ReadBackup(ctx context.Context, dir string, progress io.Writer) (*Manifest, error) {
	m := new(Manifest)
	if err := readNote(filepath.Join(dir, manifestFile), m); err != nil {
		if errors.Is(err, os.ErrNotExist) {
			if _, serr := os.Stat(dir); serr == nil && strings.HasSuffix(filepath.Clean(dir), partialEnding) {
				return nil, fmt.Errorf("%s is a backup that was cut short; run the same `dateline backup` again, it goes on", dir)
			}
			return nil, fmt.Errorf("%s is no backup: %w", dir, err)
		}
		return nil, fmt.Errorf("%s: %s: %w", dir, manifestFile, err)
	}
	if m.Version < 1 || m.Version > backupVersion {
		return nil, fmt.Errorf("%s has format %d, this build reads up to %d: upgrade dateline", dir, m.Version, backupVersion)
	}
	newest, err := store.Schema()
	if err != nil {
		return nil, err
	}
	if m.Schema > newest {
		return nil, fmt.Errorf("%s is of a newer dateline: schema %04d, this build knows up to %04d; upgrade it", dir, m.Schema, newest)
	}
	for _, t := range m.Tables {
		if err := t.Validate(); err != nil {
			return nil, fmt.Errorf("backup %s: %w", dir, err)
		}
	}
	for _, t := range m.Topics {
		if partitions(t.Name) == 0 {
			return nil, fmt.Errorf("backup %s: there is no topic %q", dir, t.Name)
		}
	}
	var bytes int64
	for _, f := range m.Files() {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err := f.check(dir); err != nil {
			return nil, fmt.Errorf("backup %s: %w", dir, err)
		}
		bytes += f.Bytes
	}
	fmt.Fprintf(progress, "The backup of %s is whole: %d files, %.1f MB.\n", m.At.Format(time.DateTime), len(m.Files()), float64(bytes)/1e6)
	return m, nil
}

// Restore puts a backup into an empty database and empty topics, embedded or
// not. No role may be running. One that was cut short is gone on with by the
// same call; until then no role starts on the database.
func Restore(ctx context.Context, cfg Config, log *slog.Logger, src string, opt RestoreOptions) (_ *Restored, err error) {
	m, err := ReadBackup(ctx, src, opt.Progress)
	if err != nil || opt.CheckOnly {
		return &Restored{Manifest: m}, err
	}
	a, err := openBare(ctx, cfg, log)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	j := &restoreJob{a: a, dir: src, m: m, opt: opt, recount: a.recount, before: func(string) error { return nil }}
	return j.run(ctx)
}

// openBare connects as Open does, and leaves tables and topics as they are.
func openBare(ctx context.Context, cfg Config, log *slog.Logger) (*App, error) {
	var ep engine.Endpoint
	var e *engines
	if cfg.Embedded() {
		var err error
		if ep, err = running(ctx, cfg.Data); errors.Is(err, engine.ErrNotRunning) {
			if e, err = startEngines(ctx, cfg, log); err == nil {
				ep = e.endpoint("")
			}
		}
		if err != nil {
			return nil, err
		}
	}
	a, err := connect(cfg, ep, log)
	if err == nil {
		a.engines = e
		err = a.waitForStore(ctx)
	}
	if err != nil {
		if e != nil {
			err = errors.Join(err, e.close())
		}
		return nil, err
	}
	return a, nil
}

func (j *restoreJob) run(ctx context.Context) (*Restored, error) {
	if err := j.a.Bus.EnsureTopics(ctx, news.Topics); err != nil {
		return nil, err
	}
	begun := j.a.Store.Restoring(ctx)
	if begun != nil && !errors.Is(begun, store.ErrRestoring) {
		return nil, begun
	}
	if !errors.Is(begun, store.ErrRestoring) {
		if err := j.target(ctx); err != nil {
			return nil, err
		}
	}
	var err error
	if j.done, err = j.a.Store.BeginRestore(ctx, j.m.ID, j.m.Schema, j.opt.Overwrite); err != nil {
		return nil, err
	}
	if err := j.rows(ctx); err != nil {
		return nil, err
	}
	epoch, err := j.numbering(ctx)
	if err != nil {
		return nil, err
	}
	if err := j.before("migrate"); err != nil {
		return nil, err
	}
	if err := j.a.Store.Migrate(ctx); err != nil {
		return nil, err
	}
	rep := &AuditReport{}
	tables, err := j.recount(ctx, time.Time{}, j.a.Now())
	if err != nil {
		return nil, err
	}
	for _, t := range tables {
		rep.Checks = append(rep.Checks, Check{Name: t.Name, What: t.What, Looked: t.Looked, Problems: t.Problems, Detail: t.Detail})
	}
	if err := j.before("end"); err != nil {
		return nil, err
	}
	return &Restored{Manifest: j.m, Epoch: epoch, Audit: rep}, j.a.Store.EndRestore(ctx)
}

// target tells whether the topics are as the restore needs them.
func (j *restoreJob) target(ctx context.Context) error {
	for _, t := range news.Topics {
		for p := range t.Partitions {
			_, end, err := j.a.Bus.Bounds(ctx, t.Name, p)
			if err != nil {
				return err
			}
			switch {
			case j.opt.DatabaseOnly:
				if offs := j.m.Cut.Offsets[t.Name]; p < len(offs) && end < offs[p] {
					return fmt.Errorf("%s/%d ends at %d, the backup was made at %d: these are other topics than those of the backup; restore without --database-only into empty ones (kafka.prefix)", t.Name, p, end, offs[p])
				}
			case end > 0:
				return fmt.Errorf("topic %s is not empty: restore with another kafka.prefix or --data; or, where Kafka has survived and the database alone is lost, with --database-only", t.Name)
			}
		}
	}
	return nil
}

// step does something once, over all tries.
func (j *restoreJob) step(ctx context.Context, name string, f func() error) error {
	if j.done[name] {
		return nil
	}
	if err := j.before(name); err != nil {
		return err
	}
	if err := f(); err != nil {
		return err
	}
	j.done[name] = true
	return j.a.Store.Restored(ctx, name)
}

// rows puts the tables in their place, partition by partition.
func (j *restoreJob) rows(ctx context.Context) error {
	for _, t := range j.m.Tables {
		if t.Name == "migrations" {
			continue // made by the schema
		}
		for _, p := range t.Partitions {
			err := j.step(ctx, "tables/"+t.Name+"/"+p.ID, func() error {
				if p.Rows == 0 {
					return nil
				}
				next := 0
				return j.a.Store.Load(ctx, t.Table, p.ID, func() (io.ReadCloser, error) {
					if next == len(p.Files) {
						return nil, io.EOF
					}
					next++
					return p.Files[next-1].text(j.dir)
				})
			})
			if err != nil {
				return err
			}
		}
		n, err := j.a.Store.Count(ctx, t.Name)
		if err != nil {
			return err
		}
		if n != t.Rows && !j.done["epoch"] {
			return fmt.Errorf("%s has %d rows after its restore, want %d: is something writing into it?", t.Name, n, t.Rows)
		}
		fmt.Fprintf(j.opt.Progress, "%-20s %d rows\n", t.Name, n)
	}
	return j.a.Store.SetMentionsGeneration(ctx, j.m.Generation)
}

// numbering makes offsets and rows fit each other again: in new topics a new
// epoch begins, in those of the backup the groups go back to where it was cut.
func (j *restoreJob) numbering(ctx context.Context) (epoch uint32, err error) {
	if j.opt.DatabaseOnly {
		for _, topic := range tailTopics {
			for p, off := range j.m.Cut.Offsets[topic] {
				if err := j.a.Bus.SetCommitted(ctx, land.GroupName, topic, p, off); err != nil {
					return 0, fmt.Errorf("%w; is a land process running? stop it first", err)
				}
			}
		}
		return j.m.Cut.Epoch, nil
	}
	err = j.step(ctx, "epoch", func() error {
		_, err := j.a.Store.NewEpoch(ctx, "restored from the backup of "+j.m.At.Format(time.RFC3339))
		return err
	})
	if err != nil {
		return 0, err
	}
	if epoch, err = j.a.Store.Epoch(ctx); err != nil {
		return 0, err
	}
	for _, t := range j.m.Topics {
		if err := j.step(ctx, "topics/"+t.Name, func() error { return j.publish(ctx, t, epoch) }); err != nil {
			return 0, err
		}
	}
	return epoch, j.groups(ctx)
}

// groups begins each group at the start of the new logs: what stands there is
// all to be worked through.
func (j *restoreJob) groups(ctx context.Context) error {
	for _, s := range sinks {
		if s.Topic == news.TopicKnowledge {
			continue // goes on after its mark
		}
		for p := range partitions(s.Topic) {
			done, _, err := j.a.Bus.Committed(ctx, s.Group, s.Topic, p)
			if err != nil {
				return err
			}
			if done == 0 {
				continue
			}
			if err := j.a.Bus.SetCommitted(ctx, s.Group, s.Topic, p, 0); err != nil {
				return fmt.Errorf("%w; is %s or %s running? stop it first", err, land.GroupName, enrich.GroupName)
			}
		}
	}
	return nil
}
