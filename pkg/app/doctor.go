package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"syscall"

	"github.com/dateline/dateline/pkg/engine"
	"github.com/dateline/dateline/pkg/entity"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/store"
)

// examination prints what was looked at, one line each.
type examination struct {
	out io.Writer
	ok  bool
}

func (x *examination) look(name string, err error, fine string, args ...any) bool {
	if err != nil {
		x.ok = false
		fmt.Fprintf(x.out, "✗ %-12s %v\n", name, err)
		return false
	}
	fmt.Fprintf(x.out, "✓ %-12s %s\n", name, fmt.Sprintf(fine, args...))
	return true
}

// Doctor looks at everything dateline stands on, and prints what it finds and
// what to do. With newEpoch it starts a new numbering of offsets; no lander may
// be running then.
func Doctor(ctx context.Context, cfg Config, log *slog.Logger, out io.Writer, newEpoch bool) (ok bool, err error) {
	x := &examination{out: out, ok: true}
	x.look("config", nil, "valid")
	if cfg.Embedded() {
		lib, err := engine.Locate(cfg.Engine)
		x.look("library", err, "%s", lib)
		x.look("data", writable(cfg.Data), "%s can be written%s", cfg.Data, free(cfg.Data))
	}
	t, err := entity.Load()
	if x.look("tables", err, "loaded") {
		entities, aliases := t.Len()
		fmt.Fprintf(out, "  %-12s %d entities, %d aliases, version %s\n", "", entities, aliases, t.Version())
	}
	a, err := Open(ctx, cfg, log)
	if !x.look("engines", err, "broker and database answer, topics and tables have the right shape") {
		return false, nil
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if a.engines == nil && cfg.Embedded() {
		fmt.Fprintf(out, "  %-12s process %d is running on %s\n", "", a.running.PID, cfg.Data)
	}
	x.look("token", a.Store.SelfTest(ctx), "an insert that is repeated under its token lands once")
	epoch, err := a.Store.Epoch(ctx)
	x.look("epoch", err, "%d", epoch)
	if newEpoch {
		return x.ok, a.newEpoch(ctx, out)
	}
	a.examineOffsets(ctx, x, epoch)
	if list, err := a.Feeds(ctx); x.look("feeds", err, "%d", len(list)) && len(list) == 0 {
		fmt.Fprintf(out, "  %-12s nothing is polled: `dateline feeds add URL` or `feeds import FILE`\n", "")
	}
	dead := 0
	err = a.DeadLetters(ctx, LetterQuery{State: LetterOpen}, func(*DeadLetter) error { dead++; return nil })
	if x.look("dead letters", err, "%d open", dead) && dead > 0 {
		fmt.Fprintf(out, "  %-12s look at them with `dateline dead-letters list --state open`\n", "")
	}
	return x.ok, nil
}

// landed names the table whose offsets tell what of a topic has landed.
var landed = map[string]string{
	news.TopicDocuments: store.Articles, news.TopicFetches: store.Fetches,
	news.TopicAlerts: store.Alerts, news.TopicKnowledge: store.Changes,
}

// examineOffsets looks whether the logs are those that the offsets belong to.
func (a *App) examineOffsets(ctx context.Context, x *examination, epoch uint32) {
	for _, s := range sinks {
		waiting := int64(0)
		var bad error
		for p := range partitions(s.Topic) {
			done, _, err := a.Bus.Committed(ctx, s.Group, s.Topic, p)
			bad = errors.Join(bad, err)
			first, end, err := a.Bus.Bounds(ctx, s.Topic, p)
			bad = errors.Join(bad, err)
			if table := landed[s.Topic]; table != "" {
				high, any, err := a.Store.HighestOffset(ctx, table, s.Topic, epoch, uint16(p))
				bad = errors.Join(bad, err)
				if any {
					done = max(done, int64(high)+1)
				}
			}
			if done > end {
				bad = errors.Join(bad, fmt.Errorf("partition %d ends at %d, but offsets up to %d have been worked on: the topic was recreated; stop all roles and run `dateline doctor --new-epoch`", p, end, done))
			}
			if done >= 0 && done < first {
				bad = errors.Join(bad, fmt.Errorf("partition %d begins at %d, but %d is where to go on: retention has removed %d messages that were not worked through", p, first, done, first-done))
			}
			waiting += max(0, end-max(done, first))
		}
		x.look(s.Topic, bad, "%d messages wait for %s", waiting, s.Group)
	}
}

// newEpoch starts the next epoch, and sets offsets back that lie beyond the
// end of their log.
func (a *App) newEpoch(ctx context.Context, out io.Writer) error {
	e, err := a.Store.NewEpoch(ctx, "dateline doctor --new-epoch")
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "Epoch %d begins.\n", e)
	for _, s := range sinks {
		for p := range partitions(s.Topic) {
			done, _, err := a.Bus.Committed(ctx, s.Group, s.Topic, p)
			if err != nil {
				return err
			}
			first, end, err := a.Bus.Bounds(ctx, s.Topic, p)
			if err != nil {
				return err
			}
			if done <= end {
				continue
			}
			if err := a.Bus.SetCommitted(ctx, s.Group, s.Topic, p, first); err != nil {
				return fmt.Errorf("%w; is a %s running? stop it first", err, s.Group)
			}
			fmt.Fprintf(out, "%s/%d: set from %d to %d\n", s.Topic, p, done, first)
		}
	}
	return nil
}

// writable tries a file in the data directory, or in where it would be made.
func writable(dir string) error {
	for {
		if _, err := os.Stat(dir); err == nil {
			break
		} else if parent := filepath.Dir(dir); parent != dir {
			dir = parent
		} else {
			return err
		}
	}
	f, err := os.CreateTemp(dir, ".doctor-*")
	if err != nil {
		return fmt.Errorf("%w: choose another --data, or free some space", err)
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

func free(dir string) string {
	var st syscall.Statfs_t
	if err := syscall.Statfs(dir, &st); err != nil {
		return ""
	}
	return fmt.Sprintf(", %.1f GB free", float64(st.Bavail)*float64(st.Bsize)/1e9)
}
