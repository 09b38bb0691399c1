package main

import (
	"bufio"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/dateline/dateline/pkg/app"
	"github.com/spf13/cobra"
)

// Exit codes.
const (
	exitOK    = 0
	exitError = 1
	exitUsage = 2
)

// cli is what every command shares.
type cli struct {
	in         io.Reader
	out, err   io.Writer
	configFile string
	data       string
	json       bool
	patience   time.Duration // for one statement, where a command may take long
}

// usageError is a call that is wrong in itself: exit 2.
type usageError struct{ error }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// errSilent ends with exit 1 after everything has been said.
var errSilent = errors.New("")

// Run runs one command line and gives its exit code.
func Run(ctx context.Context, args []string, in io.Reader, out, errOut io.Writer) int {
	c := &cli{in: in, out: out, err: errOut}
	root := c.root()
	root.SetArgs(args)
	root.SetIn(in)
	root.SetOut(out)
	root.SetErr(errOut)
	cmd, err := root.ExecuteContextC(ctx)
	var usage usageError
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errSilent):
		return exitError
	case errors.As(err, &usage):
		fmt.Fprintf(errOut, "dateline: %v\nSee `%s --help`.\n", err, cmd.CommandPath())
		return exitUsage
	}
	fmt.Fprintf(errOut, "dateline: %v\n", err)
	return exitError
}

func (c *cli) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "dateline",
		Short: "Watch the world's news feeds: who is covered, by whom, how much, and when that changes",
		Long: `dateline watches news feeds, and tells who and what is being covered, by whom,
how much, and when that suddenly changes.`,
		Example: `  dateline demo                       # everything, on a simulated newsroom
  dateline up --feeds feeds.opml      # everything, on your feeds
  dateline top
  dateline series loc/france`,
		SilenceErrors: true, SilenceUsage: true,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usagef("there is no command %q", args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.CompletionOptions.HiddenDefaultCmd = true
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	f := root.PersistentFlags()
	f.StringVar(&c.configFile, "config", os.Getenv("DATELINE_CONFIG"), "configuration `FILE` (YAML)")
	f.StringVar(&c.data, "data", "", "data `DIR` of the embedded engines (default ./data)")
	f.BoolVar(&c.json, "json", false, "print one JSON object a line instead of a table")
	root.AddCommand(c.up(), c.demo(), c.engine())
	root.AddCommand(c.roles()...)
	root.AddCommand(c.feeds(), c.watchlist(), c.entities(), c.importFiles(), c.publish(), c.top(), c.series(), c.story(), c.query(), c.audit(), c.deadLetters(), c.revisions(), c.doctor(), c.bench(), c.newsroom(),
		c.parse(), c.extract(), c.dedupe(), c.spikes(), c.forget(), c.backup(), c.restore(), c.replay(), c.train(), c.configCommand(), c.version())
	return root
}

// config reads the configuration; the --data flag has the last word.
func (c *cli) config() (app.Config, *slog.Logger, error) {
	cfg, err := app.LoadConfig(c.configFile, os.Environ(), c.err)
	if err != nil {
		return cfg, nil, err
	}
	if c.data != "" {
		cfg.Data = c.data
	}
	return cfg, app.NewLogger(cfg.Log, c.err), nil
}

// open connects for a command that looks at things or changes them, starting
// the engines for the moment where none runs.
func (c *cli) open(ctx context.Context) (*app.App, error) {
	cfg, _, err := c.config()
	if err != nil {
		return nil, err
	}
	cfg.ClickHouse.Timeout = max(cfg.ClickHouse.Timeout, c.patience)
	quiet := cfg.Log
	if quiet.Level == "info" {
		quiet.Level = "warn"
	}
	return app.Open(ctx, cfg, app.NewLogger(quiet, c.err))
}

// with runs f on a connection.
func (c *cli) with(ctx context.Context, f func(*app.App) error) (err error) {
	a, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	return f(a)
}

// noArgs, args and file say how many arguments a command takes.
func noArgs(_ *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usagef("unexpected argument %q", args[0])
	}
	return nil
}

func argCount(lo, hi int, what string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) < lo || hi >= 0 && len(args) > hi {
			return usagef("want %s, got %d arguments", what, len(args))
		}
		return nil
	}
}

// input opens the named file; none or "-" is stdin. What is gzip comes unpacked.
func (c *cli) input(args []string) (io.ReadCloser, string, error) {
	in, name := io.NopCloser(c.in), "stdin"
	if len(args) > 0 && args[0] != "-" {
		f, err := os.Open(args[0])
		if err != nil {
			return nil, args[0], err
		}
		in, name = f, args[0]
	}
	r := bufio.NewReader(in)
	head, _ := r.Peek(3)
	if string(head) != "\x1f\x8b\x08" {
		return readCloser{r, in}, name, nil
	}
	z, err := gzip.NewReader(r)
	if err != nil {
		in.Close()
		return nil, name, fmt.Errorf("%s looks like gzip and is none: %w", name, err)
	}
	return readCloser{z, in}, name, nil
}

type readCloser struct {
	io.Reader
	io.Closer
}

// example indents the lines of an example.
func example(lines ...string) string { return "  " + strings.Join(lines, "\n  ") }
