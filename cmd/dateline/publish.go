package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"net/url"
	"time"

	"github.com/dateline/dateline/pkg/app"
	"github.com/dateline/dateline/pkg/engine"
	"github.com/dateline/dateline/producers/intake"
	"github.com/spf13/cobra"
)

// publishing are the flags of `dateline publish`.
type publishing struct {
	url, tokenFile string
	giveUp         time.Duration
	schema         bool
}

func (c *cli) publish() *cobra.Command {
	var p publishing
	cmd := &cobra.Command{
		Use: "publish [FILE…]", Short: "Publish articles of scrapers and wires as they come",
		Long: `Publish reads JSON lines after the schema that --schema prints, gzipped or not,
and publishes them as news: they count from now on and may raise alerts. What
says "backlog": true, or is older than 48 hours by its date, is history.

Without FILE it reads stdin, for as long as something comes; no line waits
longer than a second. A broken line is reported with its number, and the rest
is published; the exit code is 1 then. To publish the same line again does no
harm: an article is known by its url, or by its source and id.

It speaks to the instance that runs on --data, or with --url to any other, by
its token; one that is busy or away is tried again.`,
		Example: example("scraper | dateline publish",
			"dateline publish today.jsonl.gz",
			"wire-client | dateline publish --url https://dateline.example/api/v1/articles --token-file token",
			"dateline publish --schema > article.schema.json"),
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case p.schema && len(args) > 0:
				return usagef("--schema takes no FILE")
			case p.schema:
				_, err := c.out.Write(intake.Schema)
				return err
			case p.url == "" && p.tokenFile != "":
				return usagef("--token-file is for --url")
			case p.url != "" && p.tokenFile == "":
				return usagef("--url needs --token-file, a file that holds the token")
			case p.giveUp < 0:
				return usagef("--give-up %v: want 0 (never) or more", p.giveUp)
			case p.url != "":
				return c.publishTo(cmd.Context(), p, args)
			}
			return c.publishHere(cmd.Context(), args)
		},
	}
	f := cmd.Flags()
	f.StringVar(&p.url, "url", "", "`ADDRESS` of another dateline, ending in /api/v1/articles")
	f.StringVar(&p.tokenFile, "token-file", "", "`FILE` with the token for --url")
	f.DurationVar(&p.giveUp, "give-up", 10*time.Minute, "with --url: how long a batch is tried; 0: for ever")
	f.BoolVar(&p.schema, "schema", false, "print the JSON Schema of a line")
	return cmd
}

// publishHere publishes to the brokers. Engines are not started for it: where
// nothing runs, nothing is news.
func (c *cli) publishHere(ctx context.Context, files []string) (err error) {
	cfg, _, err := c.config()
	if err != nil {
		return err
	}
	quiet := cfg.Log
	if quiet.Level == "info" {
		quiet.Level = "warn"
	}
	a, err := app.Join(ctx, cfg, app.NewLogger(quiet, c.err))
	if errors.Is(err, engine.ErrNotRunning) {
		return fmt.Errorf("%w; start it with `dateline up`, or take the articles in as history with `dateline import`", err)
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	return c.publishFiles(ctx, intake.ToBrokers(a.Bus, time.Now), files)
}

func (c *cli) publishTo(ctx context.Context, p publishing, files []string) error {
	token, err := intake.ReadToken(p.tokenFile)
	if err != nil {
		return fmt.Errorf("--token-file: %w", err)
	}
	to, err := intake.NewRemote(p.url, token, p.giveUp, func(s string) { fmt.Fprintln(c.err, s) })
	if err != nil {
		return usageError{fmt.Errorf("--url: %w", err)}
	}
	if inClear(p.url) {
		fmt.Fprintf(c.err, "%s is not https: the token and the articles can be read on the way\n", p.url)
	}
	return c.publishFiles(ctx, to, files)
}

// inClear tells of an address that is neither encrypted nor on this machine.
func inClear(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" {
		return false
	}
	host := u.Hostname()
	ip, err := netip.ParseAddr(host)
	return host != "localhost" && (err != nil || !ip.IsLoopback())
}

func (c *cli) publishFiles(ctx context.Context, to intake.Sink, files []string) error {
	if len(files) == 0 {
		files = []string{"-"}
	}
	s := &intake.Stream{To: to, Report: c.brokenLine, Progress: c.progress()}
	return c.takeIn(files, func(file string, in io.Reader) (intake.Result, error) {
		res, err := s.Publish(ctx, file, in)
		if file == "stdin" && errors.Is(err, intake.ErrStopped) {
			err = nil
		}
		return res, err
	})
}
