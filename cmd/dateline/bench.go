package main

import (
	"time"

	"github.com/dateline/dateline/pkg/app/bench"
	"github.com/spf13/cobra"
)

func (c *cli) bench() *cobra.Command {
	var opt bench.Options
	cmd := &cobra.Command{
		Use: "bench", Short: "Measure the whole path on this machine",
		Long: `Bench runs the simulated newsroom, the embedded engines and all roles in one
process, on a data directory of its own, and measures articles a second end to
end, CPU time by stage, the time from fetch to visible, and memory.`,
		Example: example("dateline bench", "dateline bench --articles 20000 --json"),
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if opt.Articles < 100 || opt.Articles > 1_000_000 {
				return usagef("--articles %d: want 100 to 1000000", opt.Articles)
			}
			cfg, _, err := c.config()
			if err != nil {
				return err
			}
			res, err := bench.Run(cmd.Context(), cfg, opt, c.err)
			if err != nil {
				return err
			}
			return res.Write(c.out, c.json)
		},
	}
	f := cmd.Flags()
	f.IntVar(&opt.Articles, "articles", 10000, "`NUMBER` to publish as fast as they are taken")
	f.Float64Var(&opt.Rate, "rate", 50, "articles a second at which the time to visible is measured")
	f.DurationVar(&opt.Steady, "steady", 20*time.Second, "how long it is measured")
	f.StringVar(&opt.Profile, "cpuprofile", "", "`FILE` for a CPU profile of the fast part")
	return cmd
}
