package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/dateline/dateline/pkg/app"
	"github.com/dateline/dateline/producers/intake"
	"github.com/spf13/cobra"
)

func (c *cli) importFiles() *cobra.Command {
	return &cobra.Command{
		Use: "import FILE…", Short: "Import articles from JSON lines with their own dates",
		Long: `Import reads lines {"url","title","text","published" (or "date"),"source","author",
"language"}, gzipped or not, and publishes them as backlog: history for
baselines, never an alert. A broken line is reported with its number, and the
rest is imported.

It is no faster than what it publishes lands, so that files of any size fit.
Without a running instance the first of the articles wait in the data directory
for the next start; where there are more than may wait, they are landed
meanwhile. An import that was interrupted is run again: an article that is
there already lands no second time.`,
		Example: example("dateline import archive-2025.jsonl.gz", "zcat old.gz | dateline import -"),
		Args:    argCount(1, -1, "at least one FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.with(cmd.Context(), func(a *app.App) error { return c.importInto(cmd.Context(), a, args) })
		},
	}
}

func (c *cli) importInto(ctx context.Context, a *app.App, files []string) (err error) {
	to := a.History()
	defer func() { err = errors.Join(err, to.Close()) }()
	s := &intake.Importer{Out: to, Now: time.Now, Report: c.brokenLine, Progress: c.progress()}
	return c.takeIn(files, func(file string, in io.Reader) (intake.Result, error) { return s.Import(ctx, file, in) })
}

func (c *cli) brokenLine(file string, line int, err error) {
	fmt.Fprintf(c.err, "%s: line %d: %v\n", file, line, err)
}

// progress tells once a minute how far a file is.
func (c *cli) progress() func(file string, sum intake.Result) {
	last := time.Now()
	return func(file string, sum intake.Result) {
		if now := time.Now(); now.Sub(last) >= time.Minute {
			last = now
			fmt.Fprintf(c.err, "%s: %d published up to now\n", file, sum.Published)
		}
	}
}

// takeIn takes in file after file and says what became of each. It stops at the
// first error; broken lines make it fail in the end.
func (c *cli) takeIn(files []string, take func(file string, in io.Reader) (intake.Result, error)) error {
	broken := 0
	for _, name := range files {
		in, file, err := c.input([]string{name})
		if err != nil {
			return err
		}
		res, err := take(file, in)
		in.Close()
		fmt.Fprintf(c.out, "%s: %d lines, %d published, %d broken\n", file, res.Lines, res.Published, res.Broken)
		if err != nil {
			return err
		}
		broken += res.Broken
	}
	if broken > 0 {
		return errSilent
	}
	return nil
}
