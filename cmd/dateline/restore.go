package main

import (
	"fmt"

	"github.com/dateline/dateline/pkg/app"
	"github.com/spf13/cobra"
)

func (c *cli) restore() *cobra.Command {
	var opt app.RestoreOptions
	cmd := &cobra.Command{
		Use: "restore SRC", Short: "Put a backup into an empty instance, embedded or a cluster",
		Long: `Restore reads a backup whole and checks it, puts the tables into an empty
database and the messages into empty topics, brings an older schema forward,
starts a new numbering of offsets, and audits the rows. Stop all roles first.

From the embedded engines to a cluster: give a --config that names its brokers and
ClickHouse. Where it is cut short the same command goes on with it; until it is
done no role starts on the database.`,
		Example: example("dateline restore /backup/dateline-2026-01-31 --data ./restored", "dateline restore /backup/dateline-2026-01-31 --config cluster.yaml",
			"dateline restore /backup/dateline-2026-01-31 --database-only --force   # Kafka is as it was, ClickHouse was lost", "dateline restore --check /backup/dateline-2026-01-31"),
		Args: argCount(1, 1, "one SRC"),
		RunE: func(cmd *cobra.Command, args []string) error {
			cfg, _, err := c.config()
			if err != nil {
				return err
			}
			quiet := cfg.Log
			if quiet.Level == "info" {
				quiet.Level = "warn"
			}
			opt.Progress = c.quietly()
			res, err := app.Restore(cmd.Context(), cfg, app.NewLogger(quiet, c.err), args[0], opt)
			if err != nil {
				return fmt.Errorf("restore: %w", err)
			}
			if opt.CheckOnly {
				return c.backedUp(args[0], res.Manifest)
			}
			if err := res.Audit.Write(c.out, c.json); err != nil {
				return err
			}
			if !c.json {
				fmt.Fprintf(c.out, "Restored: the state of %s. Offsets count in epoch %d. Messages that were under way then land when the roles start.\n", res.Manifest.At.Format("2006-01-02 15:04:05"), res.Epoch)
			}
			if !res.Audit.OK() {
				return errSilent
			}
			return nil
		},
	}
	f := cmd.Flags()
	f.BoolVar(&opt.Overwrite, "force", false, "overwrite what the database holds")
	f.BoolVar(&opt.DatabaseOnly, "database-only", false, "leave the topics, which are those that the backup was made of, and land again what they hold since")
	f.BoolVar(&opt.CheckOnly, "check", false, "only see whether the backup is whole")
	return cmd
}
