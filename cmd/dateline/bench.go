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
	cmd.AddCommand(c.benchPoll(), c.benchSchema())
	return cmd
}

func (c *cli) benchPoll() *cobra.Command {
	var opt bench.PollOptions
	cmd := &cobra.Command{
		Use: "poll", Short: "Measure polling alone, with many feeds",
		Long: `Poll starts the simulated newsroom, the engines and the poller as processes of
their own, and measures fetches a second at capacity, the scheduling lag at 90 %
of it, memory, and the start after kill -9 with every feed known.`,
		Example: example("dateline bench poll", "dateline bench poll --feeds 10000 --measure 20s"),
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if opt.Feeds < 100 || opt.Feeds > 1_000_000 {
				return usagef("--feeds %d: want 100 to 1000000", opt.Feeds)
			}
			cfg, _, err := c.config()
			if err != nil {
				return err
			}
			res, err := bench.Poll(cmd.Context(), cfg, opt, c.err)
			if err != nil {
				return err
			}
			return res.Write(c.out, c.json)
		},
	}
	f := cmd.Flags()
	f.IntVar(&opt.Feeds, "feeds", 100_000, "`NUMBER` of feeds")
	f.DurationVar(&opt.Measure, "measure", time.Minute, "length of each measured part")
	return cmd
}
