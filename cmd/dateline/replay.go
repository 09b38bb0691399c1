package main

import (
	"time"

	"github.com/dateline/dateline/pkg/app"
	"github.com/spf13/cobra"
)

func (c *cli) replay() *cobra.Command {
	var from, to string
	var opt app.ReplayOptions
	cmd := &cobra.Command{
		Use: "replay", Short: "Find the mentions in stored articles anew, with the model and knowledge of today",
		Long: `Replay finds who and what is named in every stored article again, with the model
and the knowledge of today, while ingest goes on. What was decided of articles,
copies, revisions and stories, stays. The new mentions are made in a table beside
the old ones; land puts them in force at once, when they hold all that has landed.

A replay that was cut short goes on where it was: give the same command again.
It ends with an audit, and exits 1 where that finds anything.`,
		Example: example("dateline replay --dry-run", "dateline replay", "dateline replay --from 2026-03-01 --to 2026-04-01"),
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var err error
			if opt.From, err = when(from, time.Time{}); err != nil {
				return err
			}
			if opt.To, err = when(to, time.Time{}); err != nil {
				return err
			}
			if !opt.From.IsZero() && !opt.To.IsZero() && !opt.From.Before(opt.To) {
				return usagef("--from %s is not before --to %s", from, to)
			}
			if opt.Workers < 0 || opt.Workers > 256 {
				return usagef("--workers %d: want 1 to 256, or 0", opt.Workers)
			}
			opt.Progress = c.err
			return c.with(cmd.Context(), func(a *app.App) error {
				rep, err := a.Replay(cmd.Context(), opt)
				if err != nil {
					return err
				}
				return c.show(rep)
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&from, "from", "", "`TIME` at which the first articles to derive were first seen; all others keep their mentions")
	f.StringVar(&to, "to", "", "`TIME` up to which articles to derive were first seen")
	f.BoolVar(&opt.DryRun, "dry-run", false, "only tell what would change")
	f.BoolVar(&opt.KeepOld, "keep-old", false, "leave the table of the mentions that are replaced")
	f.BoolVar(&opt.Restart, "restart", false, "start over instead of going on with a replay that was cut short")
	f.IntVar(&opt.Workers, "workers", 0, "`N` articles to work on at the same time (default half of the cores)")
	return cmd
}
