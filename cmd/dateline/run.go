package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/dateline/dateline/pkg/app"
	"github.com/dateline/dateline/pkg/engine"
	"github.com/spf13/cobra"
)

func (c *cli) up() *cobra.Command {
	var feeds string
	cmd := &cobra.Command{
		Use: "up", Short: "Run everything on this machine",
		Long: `Up starts the embedded broker and the embedded database in the data directory,
and all roles. It prints the addresses of the dashboard and of the SQL endpoint.
Ctrl-C finishes the work in hand; the next start goes on where it was.`,
		Example: example("dateline up --feeds feeds.opml", "dateline up --data /var/lib/dateline"),
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, log, err := c.config()
			if err != nil {
				return err
			}
			return app.Up(cmd.Context(), cfg, log, app.UpOptions{Feeds: feeds, Out: c.out})
		},
	}
	cmd.Flags().StringVar(&feeds, "feeds", "", "`FILE` of feeds to add: OPML, or a URL a line")
	return cmd
}

func (c *cli) demo() *cobra.Command {
	var opt app.DemoOptions
	var corpus, start string
	var speed float64
	cmd := &cobra.Command{
		Use: "demo", Short: "Run everything on a simulated newsroom, offline",
		Long: `Demo does what up does, on a newsroom that invents its articles: no network is
needed. 28 days of history are imported first; a spike that is planted in the
coverage of one person raises an alert some five minutes after the start, with
the places and bodies named in the same articles. The next start on the same
data directory goes on with the same newsroom.

With --corpus the newsroom replays real articles in place of invented ones, their
dates shifted so that --start is now; what is older is imported as history.`,
		Example: example("dateline demo", "dateline demo --rate 20 --seed 7", "dateline demo --corpus articles.jsonl.gz --start 2020-01-01 --speed 60"),
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if opt.Rate <= 0 || opt.Rate > 1000 {
				return usagef("--rate %g: want more than 0, at most 1000 articles a second", opt.Rate)
			}
			var err error
			if opt.Corpus, err = corpusOf(corpus, start, speed); err != nil {
				return err
			}
			cfg, log, err := c.config()
			if err != nil {
				return err
			}
			opt.Out = c.out
			return app.Demo(cmd.Context(), cfg, log, opt)
		},
	}
	f := cmd.Flags()
	f.Float64Var(&opt.Rate, "rate", 2, "articles a second that the newsroom publishes")
	f.Uint64Var(&opt.Seed, "seed", 1, "of names, texts and events")
	f.IntVar(&opt.History, "history", 4000, "articles of history to import; with --corpus all that there are, or 0")
	f.StringVar(&corpus, "corpus", "", "`FILE` of articles to replay, as `dateline import` takes them")
	f.StringVar(&start, "start", "", "`DATE` of the corpus that is now (default that of its first article)")
	f.Float64Var(&speed, "speed", 1, "seconds of the corpus that pass in a second; 60: an hour a minute")
	f.StringVar(&opt.Ledger, "ledger", "", "`FILE` to write the newsroom's ledger to, at the end")
	return cmd
}

func (c *cli) engine() *cobra.Command {
	cmd := &cobra.Command{
		Use: "engine", Short: "Run the embedded broker and database alone",
		Long: `Engine runs just the two servers, for roles that are started one by one with the
same --data.`,
		Example: example("dateline engine --data ./data &", "dateline land --data ./data"),
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, log, err := c.config()
			if err != nil {
				return err
			}
			return app.Engine(cmd.Context(), cfg, log, c.out)
		},
	}
	cmd.AddCommand(&cobra.Command{
		Use: "fetch", Short: "Fetch the embedded database's library once, through npm",
		Example: example("dateline engine fetch"),
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, _, err := c.config()
			if err != nil {
				return err
			}
			path, err := engine.Fetch(cmd.Context(), c.err, cfg.Engine)
			if err == nil {
				fmt.Fprintln(c.out, path)
			}
			return err
		},
	})
	return cmd
}

// roles makes a command of each row of the table.
func (c *cli) roles() []*cobra.Command {
	var out []*cobra.Command
	for _, r := range app.Roles {
		out = append(out, &cobra.Command{
			Use: r.Name, Short: "Run one role: " + r.Short,
			Long: "Run the role " + r.Name + " alone: " + r.Short + `.
It speaks to the clusters that the configuration names, or to the engines that
run on --data.`,
			Example: example("dateline "+r.Name+" --config dateline.yaml", "dateline "+r.Name+" --data ./data"),
			Args:    noArgs,
			RunE: func(cmd *cobra.Command, _ []string) error {
				return c.role(cmd.Context(), r.Name)
			},
		})
	}
	return out
}

func (c *cli) role(ctx context.Context, name string) (err error) {
	cfg, log, err := c.config()
	if err != nil {
		return err
	}
	a, err := app.Join(ctx, cfg, log)
	if errors.Is(err, engine.ErrNotRunning) {
		return fmt.Errorf("%w: start `dateline engine --data %s`, or name clusters in the configuration", err, cfg.Data)
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	return a.RunAlone(ctx, name, c.out)
}
