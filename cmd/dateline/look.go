package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/dateline/dateline/pkg/app"
	"github.com/dateline/dateline/pkg/store"
	"github.com/spf13/cobra"
)

func (c *cli) top() *cobra.Command {
	var from, to string
	var q store.TopQuery
	cmd := &cobra.Command{
		Use: "top", Short: "List the entities that are covered most",
		Example: example("dateline top", "dateline top --from 7d --kind PER --limit 50", "dateline top --source example.org --json"),
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			now := time.Now().UTC()
			if q.From, err = when(from, now.Add(-24*time.Hour)); err != nil {
				return err
			}
			if q.To, err = when(to, now.Add(10*time.Minute)); err != nil {
				return err
			}
			if q.Kind != "" && !strings.Contains(" PER ORG LOC TOPIC ", " "+q.Kind+" ") {
				return usagef("--kind %q: want PER, ORG, LOC or TOPIC", q.Kind)
			}
			if q.Limit < 1 || q.Limit > store.MaxRows {
				return usagef("--limit %d: want 1 to %d", q.Limit, store.MaxRows)
			}
			return c.with(cmd.Context(), func(a *app.App) error {
				list, err := a.Reader.Top(cmd.Context(), q)
				if err != nil {
					return err
				}
				if c.json {
					return jsonLines(c.out, list)
				}
				if len(list) == 0 {
					fmt.Fprintln(c.err, "nothing was covered in this time; take an earlier --from, or see `dateline feeds list`")
					return nil
				}
				w := tabwriter.NewWriter(c.out, 0, 4, 2, ' ', tabwriter.AlignRight)
				fmt.Fprintln(w, "ARTICLES\tORIGINALS\tCOPIES\tSOURCES\tSHARE\t  KIND\t  ENTITY\t")
				for _, e := range list {
					fmt.Fprintf(w, "%d\t%d\t%d\t%d\t%.1f %%\t  %s\t  %s\t\n", e.Articles, e.Originals, e.Copies, e.Sources, 100*e.Share, e.Kind, e.EntityID)
				}
				if err := w.Flush(); err != nil {
					return err
				}
				_, err = fmt.Fprintf(c.out, "of %d articles from %s to %s\n", list[0].Ingested, q.From.Format(time.DateTime), q.To.Format(time.DateTime))
				return err
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&from, "from", "", "first `TIME`, or how long ago (default 24h)")
	f.StringVar(&to, "to", "", "`TIME` after the last (default now)")
	f.StringVar(&q.Kind, "kind", "", "only PER, ORG, LOC or TOPIC")
	f.StringVar(&q.Source, "source", "", "only articles of this source")
	f.StringVar(&q.Language, "language", "", "only articles in this language, as en")
	f.IntVar(&q.Limit, "limit", 20, "`NUMBER` of entities")
	return cmd
}

func (c *cli) series() *cobra.Command {
	var from, to, step, by string
	var share bool
	var q store.SeriesQuery
	cmd := &cobra.Command{
		Use: "series ENTITY", Short: "Draw the coverage of one entity over time",
		Long: `Series counts the distinct articles that name an entity, merges resolved, in
steps of time, beside all articles that were ingested in the same step.`,
		Example: example("dateline series loc/france", "dateline series per/ada-lovelace --from 7d --step 1h --share", "dateline series org/un --by source --json"),
		Args:    argCount(1, 1, "one ENTITY such as loc/france"),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			now := time.Now().UTC()
			q.Entity = args[0]
			if q.From, err = when(from, now.AddDate(0, 0, -28)); err != nil {
				return err
			}
			if q.To, err = when(to, now); err != nil {
				return err
			}
			if q.Step, err = stepOf(step, q.To.Sub(q.From)); err != nil {
				return err
			}
			switch by {
			case "", "source":
				q.BySource = by == "source"
			default:
				return usagef("--by %q: want source", by)
			}
			if err := q.Validate(); err != nil {
				return usageError{err}
			}
			return c.with(cmd.Context(), func(a *app.App) error {
				list, err := a.Reader.Series(cmd.Context(), q)
				if err != nil {
					return err
				}
				if c.json {
					return seriesJSON(c.out, q.Entity, list)
				}
				for _, s := range list {
					draw(c.out, q, s, share)
				}
				if len(list) == 0 {
					fmt.Fprintf(c.err, "%s was not covered in this time\n", q.Entity)
				}
				return nil
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&from, "from", "", "first `TIME`, or how long ago (default 28d)")
	f.StringVar(&to, "to", "", "`TIME` after the last (default now)")
	f.StringVar(&step, "step", "", "`LENGTH` of a step, as 1h or 1d (default: about 30 steps)")
	f.StringVar(&by, "by", "", "source: a series for each source")
	f.BoolVar(&share, "share", false, "draw the share of all articles rather than their number")
	f.StringVar(&q.Collection, "collection", "", "only sources of this collection")
	f.BoolVar(&q.Panel, "panel", false, "only sources that delivered at the start and at the end of the range")
	return cmd
}

// stepOf reads a step, or takes the usual one that gives about 30 of them.
func stepOf(s string, span time.Duration) (time.Duration, error) {
	if s == "" {
		for _, d := range []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour, 3 * time.Hour, 6 * time.Hour, 24 * time.Hour, 7 * 24 * time.Hour} {
			if span/d <= 40 {
				return d, nil
			}
		}
		return 30 * 24 * time.Hour, nil
	}
	var days int
	if n, err := fmt.Sscanf(s, "%dd", &days); err == nil && n == 1 && fmt.Sprintf("%dd", days) == s && days > 0 {
		return time.Duration(days) * 24 * time.Hour, nil
	}
	d, err := time.ParseDuration(s)
	if err != nil || d <= 0 {
		return 0, usagef("--step %q: want a length such as 15m, 1h or 1d", s)
	}
	return d, nil
}

// barWidth is the longest bar, in characters.
const barWidth = 50

// draw writes one series as bars.
func draw(w io.Writer, q store.SeriesQuery, s store.Series, share bool) {
	name := q.Entity
	if s.Source != "" {
		name += " in " + s.Source
	}
	value := func(b store.Bucket) float64 {
		if share {
			return 100 * b.Share
		}
		return float64(b.Articles)
	}
	most, sum, originals := 0.0, uint64(0), uint64(0)
	for _, b := range s.Buckets {
		most = math.Max(most, value(b))
		sum, originals = sum+b.Articles, originals+b.Originals
	}
	fmt.Fprintf(w, "%s: %d articles, %d originals, in steps of %v\n", name, sum, originals, q.Step)
	layout := "2006-01-02 15:04"
	if q.Step%(24*time.Hour) == 0 {
		layout = "2006-01-02"
	}
	for _, b := range s.Buckets {
		n := 0
		if most > 0 {
			n = int(math.Round(value(b) / most * barWidth))
		}
		label := fmt.Sprintf("%5d", b.Articles)
		if share {
			label = fmt.Sprintf("%5.1f %%", 100*b.Share)
		}
		fmt.Fprintf(w, "%s %s %-*s of %d\n", b.Time.UTC().Format(layout), label, barWidth, strings.Repeat("█", n), b.Ingested)
	}
}

func seriesJSON(w io.Writer, entity string, list []store.Series) error {
	type row struct {
		Entity string `json:"entity_id"`
		Source string `json:"source,omitempty"`
		store.Bucket
	}
	var rows []row
	for _, s := range list {
		for _, b := range s.Buckets {
			rows = append(rows, row{entity, s.Source, b})
		}
	}
	return jsonLines(w, rows)
}

// jsonLines writes one object a line; numbers of 64 bits become strings, since
// many readers cannot hold them.
func jsonLines[T any](w io.Writer, rows []T) error {
	for _, r := range rows {
		b, err := json.Marshal(r)
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(w, "%s\n", b); err != nil {
			return err
		}
	}
	return nil
}

func (c *cli) query() *cobra.Command {
	return &cobra.Command{
		Use: "query SQL", Short: "Run a ClickHouse statement",
		Long: `Query runs one statement with the rights of a reader, and prints the answer as a
table, or with --json as one object a line, 64-bit integers as strings.`,
		Example: example(`dateline query "SELECT source, count() FROM articles GROUP BY source ORDER BY 2 DESC"`,
			`dateline query --json "SELECT * FROM coverage_daily WHERE entity_id = 'loc/france' ORDER BY day"`),
		Args: argCount(1, 1, "one statement, in quotes"),
		RunE: func(cmd *cobra.Command, args []string) error {
			sql := args[0]
			if sql == "-" {
				b, err := io.ReadAll(io.LimitReader(c.in, 1<<20))
				if err != nil {
					return err
				}
				sql = string(b)
			}
			return c.with(cmd.Context(), func(a *app.App) error {
				if c.json {
					return a.Reader.Query(cmd.Context(), sql, store.JSONRows(c.out))
				}
				return a.Reader.Query(cmd.Context(), sql, store.TableRows(c.out))
			})
		},
	}
}
