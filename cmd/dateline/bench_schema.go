package main

import (
	"github.com/dateline/dateline/pkg/app/bench"
	"github.com/spf13/cobra"
)

func (c *cli) benchSchema() *cobra.Command {
	var opt bench.SchemaOptions
	cmd := &cobra.Command{
		Use: "schema", Short: "Measure the tables alone, with millions of mentions",
		Long: `Schema fills an embedded ClickHouse with an invented press, and measures what
tables, columns and projections take of disk, what inserts cost, and how long
the queries of pages and alerts take. With --compare it measures other forms of
the table of mentions, too: sort keys, codecs, projections.`,
		Example: example("dateline bench schema", "dateline bench schema --mentions 1000000 --compare --json"),
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch {
			case opt.Mentions < 100_000 || opt.Mentions > 1_000_000_000:
				return usagef("--mentions %d: want 100000 to 1000000000", opt.Mentions)
			case opt.Runs < 1 || opt.Runs > 10_000:
				return usagef("--runs %d: want 1 to 10000", opt.Runs)
			}
			cfg, _, err := c.config()
			if err != nil {
				return err
			}
			res, err := bench.Schema(cmd.Context(), cfg, opt, c.err)
			if err != nil {
				return err
			}
			return res.Write(c.out, c.json)
		},
	}
	f := cmd.Flags()
	f.IntVar(&opt.Mentions, "mentions", 10_000_000, "`NUMBER` of mentions, ten to an article")
	f.IntVar(&opt.Runs, "runs", 30, "of each query")
	f.BoolVar(&opt.Compare, "compare", false, "measure other forms of the table of mentions, too")
	return cmd
}
