package main

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"time"

	"github.com/dateline/dateline/pkg/app"
	"github.com/spf13/cobra"
)

func (c *cli) audit() *cobra.Command {
	var from, to string
	var wait time.Duration
	cmd := &cobra.Command{
		Use: "audit", Short: "Prove that what was accepted landed once, and that every view agrees",
		Long: `Audit compares the logs with what has landed, recounts every view from the rows,
and says what that has proven. It exits 1 where anything is missing, doubled or
in disagreement, and names the first ten offenders. What has not been worked
through yet is waited for first.

--from and --to bound what is audited by the time at which dateline first had
it; of the views, hours and days into which such articles fall are recounted
whole. A TIME is 2026-01-31, 2026-01-31T12:00:00Z, or how long ago: 24h, 7d.`,
		Example: example("dateline audit", "dateline audit --from 7d", "dateline audit --from 2026-01-01 --to 2026-02-01 --json"),
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			opt := app.AuditOptions{Wait: wait}
			var err error
			if opt.From, err = when(from, time.Time{}); err != nil {
				return err
			}
			if opt.To, err = when(to, time.Time{}); err != nil {
				return err
			}
			c.patience = time.Hour // a recount of everything is one statement
			return c.with(cmd.Context(), func(a *app.App) error {
				rep, err := a.Audit(cmd.Context(), opt)
				if err != nil {
					return err
				}
				return c.show(rep)
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&from, "from", "", "first `TIME`, by seen_at, of what is audited")
	f.StringVar(&to, "to", "", "`TIME` up to which it is audited (default now)")
	f.DurationVar(&wait, "wait", 30*time.Second, "for what is still under way: give up when nothing of it has moved for so long")
	return cmd
}

func (c *cli) doctor() *cobra.Command {
	var newEpoch bool
	cmd := &cobra.Command{
		Use: "doctor", Short: "Look at everything dateline stands on, and say what to do",
		Example: example("dateline doctor", "dateline doctor --new-epoch   # after a topic was recreated, with all roles stopped"),
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, _, err := c.config()
			if err != nil {
				return err
			}
			quiet := cfg.Log
			quiet.Level = "error"
			ok, err := app.Doctor(cmd.Context(), cfg, app.NewLogger(quiet, c.err), c.out, newEpoch)
			if err != nil {
				return err
			}
			if !ok {
				return errSilent
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&newEpoch, "new-epoch", false, "start a new numbering of offsets")
	return cmd
}

func (c *cli) configCommand() *cobra.Command {
	var env bool
	cmd := &cobra.Command{
		Use: "config", Short: "Print the configuration in force, secrets masked",
		Example: example("dateline config > dateline.yaml", "dateline config --env"),
		Args:    noArgs,
		RunE: func(*cobra.Command, []string) error {
			cfg, _, err := c.config()
			if err != nil {
				return err
			}
			if env {
				for _, kv := range cfg.EnvKeys() {
					fmt.Fprintln(c.out, kv)
				}
				return nil
			}
			y, err := cfg.YAML()
			if err != nil {
				return err
			}
			_, err = fmt.Fprint(c.out, y)
			return err
		},
	}
	cmd.Flags().BoolVar(&env, "env", false, "print the environment variables instead")
	return cmd
}

func (c *cli) version() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version", Example: example("dateline version"), Args: noArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintf(c.out, "dateline %s %s %s/%s\n", app.Version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return err
		},
	}
}

// when reads a point in time: RFC 3339, a date, or how long ago, as 24h or 7d.
func when(s string, def time.Time) (time.Time, error) {
	if s == "" {
		return def, nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), nil
		}
	}
	s = strings.TrimPrefix(s, "-") // how long ago, either way
	var days int
	if n, err := fmt.Sscanf(s, "%dd", &days); err == nil && n == 1 && fmt.Sprintf("%dd", days) == s {
		return time.Now().UTC().AddDate(0, 0, -days), nil
	}
	if d, err := time.ParseDuration(s); err == nil {
		return time.Now().UTC().Add(-d.Abs()), nil
	}
	return def, usageError{errors.New("time \"" + s + "\": want 2026-01-31, 2026-01-31T12:00:00Z, or how long ago, as 24h or 7d")}
}

// report is what a command found out; it may be bad news.
type report interface {
	Write(w io.Writer, asJSON bool) error
	OK() bool
}

// show prints a report; bad news fail the command.
func (c *cli) show(r report) error {
	if err := r.Write(c.out, c.json); err != nil {
		return err
	}
	if !r.OK() {
		return errSilent
	}
	return nil
}
