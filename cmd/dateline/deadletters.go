package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/dateline/dateline/pkg/app"
	"github.com/dateline/dateline/pkg/health"
	"github.com/spf13/cobra"
)

func (c *cli) deadLetters() *cobra.Command {
	cmd := &cobra.Command{
		Use: "dead-letters", Short: "Look at what no stage could use, and try it again",
		Long: `A message that is not dateline's, or that the database refuses for its data, goes
to the dead letters, with the error and where it stood; everything else lands.
A letter is finished when it was retried, or dismissed.`,
		Example: example("dateline dead-letters list", "dateline dead-letters show 17", "dateline dead-letters retry --all --stage land"),
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usagef("there is no command %q below dead-letters", args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(c.deadList(), c.deadShow(), c.deadRetry(), c.deadDismiss())
	return cmd
}

// letterFlags are those that select letters.
type letterFlags struct{ stage, topic, state, since string }

func (f *letterFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.stage, "stage", "", "only those of a `STAGE`: enrich, land, notify")
	cmd.Flags().StringVar(&f.topic, "topic", "", "only messages that stood in a `TOPIC`")
	cmd.Flags().StringVar(&f.since, "since", "", "only those that came after a `TIME`, or as long ago: 24h, 7d")
}

func (f *letterFlags) query() (app.LetterQuery, error) {
	since, err := when(f.since, time.Time{})
	states := []string{"", app.LetterOpen, app.LetterRetrying, app.LetterRetried, app.LetterReturned, app.LetterRepeat, app.LetterDismissed}
	if err == nil && !slices.Contains(states, f.state) {
		err = usagef("--state is %q, want one of %s", f.state, strings.Join(states[1:], ", "))
	}
	return app.LetterQuery{Stage: f.stage, Topic: f.topic, State: f.state, Since: since}, err
}

func (c *cli) deadList() *cobra.Command {
	var f letterFlags
	var limit int
	var summary bool
	cmd := &cobra.Command{
		Use: "list", Short: "List dead letters, the newest last", Aliases: []string{"ls"},
		Long: `List shows dead letters with what was done about each: open, retrying (under way,
or cut short), retried, returned (retried, and back as another letter), repeat
(of an earlier letter, after a crash) or dismissed.`,
		Example: example("dateline dead-letters list --state open", "dateline dead-letters list --summary --since 7d", "dateline dead-letters list --stage land --json"),
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			q, err := f.query()
			if err != nil {
				return err
			}
			if limit < 1 {
				return usagef("--limit %d: want 1 or more", limit)
			}
			return c.with(cmd.Context(), func(a *app.App) error {
				if summary {
					return c.deadSummary(cmd, a, q)
				}
				var last []*app.DeadLetter // the newest, as many as are shown
				all := 0
				err := a.DeadLetters(cmd.Context(), q, func(l *app.DeadLetter) error {
					all++
					if last = append(last, l.Bare()); len(last) >= 2*limit {
						last = slices.Delete(last, 0, len(last)-limit)
					}
					return nil
				})
				if err != nil {
					return err
				}
				last = last[max(0, len(last)-limit):]
				if c.json {
					return jsonRows(c.out, last)
				}
				if all > len(last) {
					fmt.Fprintf(c.err, "the newest %d of %d; --limit shows more\n", len(last), all)
				}
				return listLetters(c.out, last)
			})
		},
	}
	f.add(cmd)
	cmd.Flags().StringVar(&f.state, "state", "", "only those in a `STATE`: open, retrying, retried, returned, repeat, dismissed")
	cmd.Flags().IntVar(&limit, "limit", 100, "`N` letters at most")
	cmd.Flags().BoolVar(&summary, "summary", false, "count them by stage, topic and class of error")
	return cmd
}

func jsonRows[T any](w io.Writer, rows []T) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for _, r := range rows {
		if err := enc.Encode(r); err != nil {
			return err
		}
	}
	return nil
}

func listLetters(w io.Writer, list []*app.DeadLetter) error {
	tw := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(tw, "LETTER\tCAME\tSTAGE\tSTOOD AT\tKEY\tTRIES\tSTATE\tERROR")
	for _, l := range list {
		state := l.State
		if l.Again >= 0 {
			state += fmt.Sprintf(" %d", l.Again)
		}
		fmt.Fprintf(tw, "%d\t%s\t%s\t%s/%d/%d\t%s\t%d\t%s\t%s\n", l.Offset, l.At.Format(time.DateTime), plainLine(l.Stage), plainLine(l.Topic), l.Partition, l.From,
			health.Cut(plainLine(l.Key), 40), l.Attempt, state, health.Cut(plainLine(l.Error), columns()))
	}
	return tw.Flush()
}

func (c *cli) deadSummary(cmd *cobra.Command, a *app.App, q app.LetterQuery) error {
	type group struct {
		Stage  string    `json:"stage"`
		Topic  string    `json:"topic"`
		Class  string    `json:"class"`
		Count  int       `json:"letters"`
		Open   int       `json:"open"`
		Oldest time.Time `json:"oldest"`
		Newest time.Time `json:"newest"`
	}
	groups := map[string]*group{}
	err := a.DeadLetters(cmd.Context(), q, func(l *app.DeadLetter) error {
		key := l.Stage + "\x00" + l.Topic + "\x00" + l.Class
		g := groups[key]
		if g == nil {
			g = &group{Stage: l.Stage, Topic: l.Topic, Class: l.Class, Oldest: l.At}
			groups[key] = g
		}
		if g.Count++; l.State == app.LetterOpen || l.State == app.LetterRetrying {
			g.Open++
		}
		g.Newest = l.At
		return nil
	})
	if err != nil {
		return err
	}
	rows := slices.SortedFunc(maps.Values(groups), func(a, b *group) int { return b.Count - a.Count })
	if c.json {
		return jsonRows(c.out, rows)
	}
	tw := tabwriter.NewWriter(c.out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(tw, "LETTERS\tOPEN\tSTAGE\tTOPIC\tCLASS\tOLDEST\tNEWEST")
	for _, g := range rows {
		fmt.Fprintf(tw, "%d\t%d\t%s\t%s\t%s\t%s\t%s\n", g.Count, g.Open, plainLine(g.Stage), plainLine(g.Topic), g.Class, g.Oldest.Format(time.DateTime), g.Newest.Format(time.DateTime))
	}
	return tw.Flush()
}

func (c *cli) deadShow() *cobra.Command {
	var full bool
	cmd := &cobra.Command{
		Use: "show LETTER", Short: "Show one dead letter with its message",
		Example: example("dateline dead-letters show 17", "dateline dead-letters show 17 --json --full"),
		Args:    argCount(1, 1, "one LETTER, the number that `list` gives"),
		RunE: func(cmd *cobra.Command, args []string) error {
			offsets, err := letterNumbers(args)
			if err != nil {
				return err
			}
			return c.with(cmd.Context(), func(a *app.App) error {
				l, err := a.DeadLetter(cmd.Context(), offsets[0])
				if err != nil {
					return err
				}
				landed, err := a.LetterLanded(cmd.Context(), l)
				if err != nil {
					return err
				}
				body, whole := letterBody(l.Value(), full)
				if c.json {
					return jsonRows(c.out, []any{struct {
						*app.DeadLetter
						Landed  string            `json:"landed,omitempty"`
						Headers map[string]string `json:"headers"`
						Body    string            `json:"body"`
						Whole   bool              `json:"body_whole"`
					}{l, landed, l.Headers(), body, whole && !l.Cut}})
				}
				return showLetter(c.out, l, landed, body, whole)
			})
		},
	}
	cmd.Flags().BoolVar(&full, "full", false, "the whole message, however long")
	return cmd
}

func showLetter(w io.Writer, l *app.DeadLetter, landed, body string, whole bool) error {
	line := func(name, format string, args ...any) {
		fmt.Fprintf(w, "%-10s %s\n", name, fmt.Sprintf(format, args...))
	}
	line("letter", "%d, came %s", l.Offset, l.At.Format(time.DateTime))
	line("state", "%s", l.State)
	if l.Again >= 0 {
		line("", "letter %d", l.Again)
	}
	if landed != "" {
		line("landed", "%s", landed)
	}
	line("error", "%s", plainLine(l.Error))
	line("class", "%s", l.Class)
	line("stage", "%s", plainLine(l.Stage))
	line("stood at", "%s, partition %d, offset %d", plainLine(l.Topic), l.Partition, l.From)
	line("key", "%s", plainLine(l.Key))
	line("tries", "%d", l.Attempt)
	known := []string{"stage", "error", "topic", "partition", "offset", "key", "value-bytes", "attempt"}
	headers := l.Headers()
	for _, k := range slices.Sorted(maps.Keys(headers)) {
		if !slices.Contains(known, k) {
			line("header", "%s: %s", plainLine(k), plainLine(headers[k]))
		}
	}
	line("message", "%d bytes", l.Bytes)
	fmt.Fprintf(w, "\n%s\n", body)
	switch {
	case l.Cut:
		fmt.Fprintf(w, "… only the beginning was kept\n")
	case !whole:
		fmt.Fprintf(w, "… --full shows the rest\n")
	}
	return nil
}

// maxBody is how much of a message is shown, in bytes.
const maxBody = 16 << 10

// userinfo is a name and a password in an address.
var userinfo = regexp.MustCompile(`://[^/\s"@]+@`)

// letterBody makes a message readable: JSON is indented, everything else is
// quoted, and passwords in addresses are masked.
func letterBody(value []byte, full bool) (body string, whole bool) {
	var b bytes.Buffer
	if json.Indent(&b, value, "", "  ") == nil {
		body = b.String()
	} else {
		body = strings.Trim(strconv.Quote(string(value)), `"`)
	}
	body = userinfo.ReplaceAllString(body, "://***@")
	if !full && len(body) > maxBody {
		return strings.ToValidUTF8(body[:maxBody], ""), false
	}
	return body, true
}

func letterNumbers(args []string) ([]int64, error) {
	out := make([]int64, len(args))
	for i, a := range args {
		var err error
		if out[i], err = strconv.ParseInt(a, 10, 64); err != nil || out[i] < 0 {
			return nil, usagef("letter %q: want the number that `dateline dead-letters list` gives", a)
		}
	}
	return out, nil
}

func (c *cli) deadRetry() *cobra.Command {
	var f letterFlags
	var opt app.RetryOptions
	var all bool
	cmd := &cobra.Command{
		Use: "retry [LETTER…]", Short: "Publish the messages of dead letters again, where they stood",
		Long: `Retry publishes the messages of dead letters to the topics where they stood, under
their keys: do so when what was wrong has been put right. A letter is retried
once; --again does it once more. What is refused again comes back as a new
letter, which says how often it has been tried.`,
		Example: example("dateline dead-letters retry 17 18", "dateline dead-letters retry --all --stage land --since 24h --dry-run"),
		RunE: func(cmd *cobra.Command, args []string) error {
			var err error
			if opt.Offsets, err = letterNumbers(args); err != nil {
				return err
			}
			if opt.Query, err = f.query(); err != nil {
				return err
			}
			switch {
			case all == (len(args) > 0):
				return usagef("want LETTERs or --all")
			case !all && opt.Query != app.LetterQuery{}:
				return usagef("--stage, --topic and --since select among --all")
			}
			return c.with(cmd.Context(), func(a *app.App) error { return c.retryLetters(cmd, a, opt) })
		},
	}
	f.add(cmd)
	cmd.Flags().BoolVar(&all, "all", false, "all open letters that the other flags select")
	cmd.Flags().BoolVar(&opt.Again, "again", false, "those too that were retried before")
	cmd.Flags().BoolVar(&opt.DryRun, "dry-run", false, "only say what would be done")
	return cmd
}

func (c *cli) retryLetters(cmd *cobra.Command, a *app.App, opt app.RetryOptions) error {
	did, refused := 0, 0
	err := a.RetryDeadLetters(cmd.Context(), opt, func(r app.Retried) error {
		l, what := r.Letter, "published"
		switch {
		case r.Err != nil:
			refused++
			fmt.Fprintf(c.err, "letter %d is not retried: %s\n", l.Offset, plainLine(r.Err.Error()))
			what = "refused"
		case opt.DryRun:
			what = "would be published"
		case r.Before:
			what = "was published before"
		}
		if r.Err == nil {
			did++
		}
		if c.json {
			reason := ""
			if r.Err != nil {
				reason = r.Err.Error()
			}
			return jsonRows(c.out, []any{struct {
				Offset int64  `json:"offset,string"`
				Result string `json:"result"`
				Topic  string `json:"topic"`
				Key    string `json:"key"`
				Reason string `json:"reason,omitempty"`
			}{l.Offset, what, l.Topic, l.Key, reason}})
		}
		if r.Err == nil {
			fmt.Fprintf(c.out, "letter %d: %s to %s, key %s, %d bytes, try %d\n", l.Offset, what, l.Topic, plainLine(l.Key), len(l.Value()), l.Attempt+1)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if !c.json {
		fmt.Fprintf(c.out, "%d letters, %d refused\n", did, refused)
	}
	if refused > 0 {
		return errSilent
	}
	return nil
}

func (c *cli) deadDismiss() *cobra.Command {
	return &cobra.Command{
		Use: "dismiss LETTER…", Short: "Mark dead letters as ones that nothing is to be done about",
		Example: example("dateline dead-letters dismiss 17 18"),
		Args:    argCount(1, -1, "at least one LETTER"),
		RunE: func(cmd *cobra.Command, args []string) error {
			offsets, err := letterNumbers(args)
			if err != nil {
				return err
			}
			return c.with(cmd.Context(), func(a *app.App) error {
				if err := a.DismissDeadLetters(cmd.Context(), offsets); err != nil {
					if errors.Is(err, app.ErrNoLetter) {
						return err
					}
					return fmt.Errorf("dismiss: %w", err)
				}
				fmt.Fprintf(c.out, "%d dismissed\n", len(offsets))
				return nil
			})
		},
	}
}
