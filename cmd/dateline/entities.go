package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/dateline/dateline/pkg/app"
	"github.com/dateline/dateline/pkg/store"
	"github.com/spf13/cobra"
)

func (c *cli) entities() *cobra.Command {
	cmd := &cobra.Command{
		Use: "entities", Short: "Show entities, and say which names are one",
		Example: example("dateline entities show per/ada-lovelace", "dateline entities proposals", "dateline entities merge org/ngb org/northern-grain-board", "dateline entities split org/ngb"),
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usagef("there is no command %q below entities", args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(c.entitiesShow(), c.entitiesProposals(), c.entitiesMerge(), c.entitiesSplit())
	return cmd
}

func (c *cli) entitiesShow() *cobra.Command {
	return &cobra.Command{
		Use: "show ID|NAME", Short: "Show an entity: names, merges with their evidence, coverage, forms, proposals",
		Example: example("dateline entities show per/ada-lovelace", `dateline entities show "Ada Lovelace" --json`),
		Args:    argCount(1, 1, "one ID or NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.with(cmd.Context(), func(a *app.App) error {
				p, err := a.Portrait(cmd.Context(), args[0])
				if errors.Is(err, store.ErrNotFound) {
					var id string
					if id, err = a.EntityNamed(cmd.Context(), args[0]); err == nil {
						p, err = a.Portrait(cmd.Context(), id)
					}
				}
				if errors.Is(err, store.ErrNotFound) {
					return fmt.Errorf("no entity has the id or the name %q; `dateline top` lists what is covered", args[0])
				}
				if err != nil {
					return err
				}
				if c.json {
					enc := json.NewEncoder(c.out)
					enc.SetEscapeHTML(false)
					return enc.Encode(p)
				}
				return portrait(c.out, p)
			})
		},
	}
}

func portrait(w io.Writer, p *app.Portrait) error {
	fmt.Fprintf(w, "%s  %s  %s\n", p.EntityID, p.Kind, p.Name)
	from := p.Origin
	if p.Watched {
		from += ", on the watchlist"
	}
	fmt.Fprintf(w, "from %s, first seen %s, %d articles\n", from, p.FirstSeenAt.UTC().Format(minutes), p.Articles)
	if p.Country != "" {
		fmt.Fprintf(w, "country %s\n", p.Country)
	}
	for _, k := range slices.Sorted(maps.Keys(p.Refs)) {
		fmt.Fprintf(w, "%s %s\n", k, p.Refs[k])
	}
	if others := slices.DeleteFunc(slices.Clone(p.Aliases), func(s string) bool { return s == p.Name }); len(others) > 0 {
		fmt.Fprintf(w, "also %s\n", strings.Join(others, ", "))
	}
	tw := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	if len(p.Merges) > 0 {
		fmt.Fprintln(tw, "\nSAID\tMERGE\tEVIDENCE")
		for _, m := range p.Merges {
			what := m.From + " -> " + m.Into
			if m.Into == "" {
				what = m.From + " split from " + m.Value["from"]
			}
			fmt.Fprintf(tw, "%s\t%s\t%s\n", m.At.UTC().Format(minutes), what, evidence(m.Value))
		}
	}
	if len(p.Proposals) > 0 {
		fmt.Fprintln(tw)
		proposalTable(tw, p.Proposals)
	}
	if len(p.Surfaces) > 0 {
		fmt.Fprintln(tw, "\nFORM\tARTICLES")
		for _, s := range p.Surfaces {
			fmt.Fprintf(tw, "%s\t%d\n", strings.Join(strings.Fields(s.Surface), " "), s.Articles)
		}
	}
	if len(p.Days) > 0 {
		fmt.Fprintln(tw, "\nDAY\tARTICLES\tORIGINALS")
		for _, d := range p.Days {
			fmt.Fprintf(tw, "%s\t%d\t%d\n", d.Day.Format(time.DateOnly), d.Articles, d.Originals)
		}
	}
	if len(p.Sources) > 0 {
		fmt.Fprintln(tw, "\nSOURCE\tARTICLES\tSHARE")
		for _, s := range p.Sources {
			fmt.Fprintf(tw, "%s\t%d\t%.1f %%\n", s.Source, s.Articles, 100*s.Share)
		}
	}
	return tw.Flush()
}

// evidence puts the values of a merge into words.
func evidence(v map[string]string) string {
	if v["by"] != "stream" {
		out := "said by a person"
		if v["why"] != "" {
			out += ": " + v["why"]
		}
		return out
	}
	if v["same_as"] == "" {
		return fmt.Sprintf("evidence fell: %s originals of %s sources (%s), %s against", v["originals"], v["sources"], v["patterns"], v["against"])
	}
	return fmt.Sprintf("learned: %s originals of %s sources (%s), %s against", v["originals"], v["sources"], v["patterns"], v["against"])
}

func proposalTable(w io.Writer, list []app.Proposal) {
	fmt.Fprintln(w, "LEVEL\tSTATE\tFROM\tINTO\tORIGINALS\tAGAINST\tSOURCES\tSHARE\tBY\tLAST")
	for _, p := range list {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%d\t%d\t%d\t%.2f\t%s\t%s\n", p.Level, p.State, p.From, p.Into, p.Originals, p.Against, p.Sources, p.Share, strings.Join(p.Patterns, ","), p.Last.UTC().Format(time.DateOnly))
	}
}

func (c *cli) entitiesProposals() *cobra.Command {
	var all bool
	cmd := &cobra.Command{
		Use: "proposals", Short: "List the names that the stream introduces as one, with their evidence",
		Long: `Proposals lists pairs of names whose evidence suffices to say so, but not to merge
them unasked (or, with learn.apply off, even for that). SHARE is the lower bound
of the share of originals that mean INTO by FROM.`,
		Example: example("dateline entities proposals", "dateline entities proposals --all --json"),
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.with(cmd.Context(), func(a *app.App) error {
				list, err := a.Proposals(cmd.Context(), all)
				if err != nil {
					return err
				}
				if c.json {
					return jsonLines(c.out, list)
				}
				if len(list) == 0 {
					fmt.Fprintln(c.err, "nothing is proposed; --all shows what was merged or split, too")
					return nil
				}
				w := tabwriter.NewWriter(c.out, 0, 4, 2, ' ', 0)
				proposalTable(w, list)
				return w.Flush()
			})
		},
	}
	cmd.Flags().BoolVar(&all, "all", false, "show pairs that are merged or were split again, too")
	return cmd
}

func (c *cli) entitiesMerge() *cobra.Command {
	var why string
	cmd := &cobra.Command{
		Use: "merge FROM INTO", Short: "Make one entity count under another, in all that is stored",
		Example: example(`dateline entities merge org/ngb org/northern-grain-board --why "its acronym"`),
		Args:    argCount(2, 2, "two IDs"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.with(cmd.Context(), func(a *app.App) error {
				if err := a.MergeEntities(cmd.Context(), args[0], args[1], why); err != nil {
					return err
				}
				return c.merged(args[0], args[1])
			})
		},
	}
	cmd.Flags().StringVar(&why, "why", "", "`REASON`, kept beside it")
	return cmd
}

func (c *cli) entitiesSplit() *cobra.Command {
	var why string
	cmd := &cobra.Command{
		Use: "split ID", Short: "Undo a merge: the entity counts under itself again, and is not merged unasked any more",
		Example: example(`dateline entities split org/ngb --why "another board"`),
		Args:    argCount(1, 1, "one ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.with(cmd.Context(), func(a *app.App) error {
				if err := a.SplitEntity(cmd.Context(), args[0], why); err != nil {
					return err
				}
				return c.merged(args[0], "")
			})
		},
	}
	cmd.Flags().StringVar(&why, "why", "", "`REASON`, kept beside it")
	return cmd
}

// merged says what an entity counts under from now on.
func (c *cli) merged(from, into string) error {
	if c.json {
		return jsonLines(c.out, []map[string]string{{"entity_id": from, "same_as": into}})
	}
	if into == "" {
		into = "itself"
	}
	_, err := fmt.Fprintf(c.out, "%s counts under %s as soon as `land` has read it\n", from, into)
	return err
}
