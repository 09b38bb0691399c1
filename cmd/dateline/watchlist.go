package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"unicode/utf8"

	"github.com/dateline/dateline/pkg/app"
	"github.com/dateline/dateline/pkg/entity"
	"github.com/dateline/dateline/pkg/watch"
	"github.com/spf13/cobra"
)

func (c *cli) watchlist() *cobra.Command {
	cmd := &cobra.Command{
		Use: "watchlist", Short: "Say which names have to be found, and where they are not meant",
		Example: example(`dateline watchlist add "Nordwind Group" --alias Nordwind`, "dateline watchlist import names.csv", "dateline watchlist list"),
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usagef("there is no command %q below watchlist", args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(c.watchlistAdd(), c.watchlistImport(), c.watchlistExport(), c.watchlistList(), c.watchlistRemove(), c.watchlistTest())
	return cmd
}

// entryFlags are those that describe an entry.
func entryFlags(cmd *cobra.Command, e *watch.Entry) {
	f := cmd.Flags()
	f.StringVar(&e.ID, "id", "", "entity `ID` to count under (default that of the tables, else made of the name)")
	f.StringVar(&e.Kind, "kind", "", "`KIND`: PER, ORG or LOC (default that of the tables, else ORG)")
	f.StringArrayVar(&e.Aliases, "alias", nil, "another `NAME`; may be repeated; word* is any word that begins so")
	f.StringArrayVar(&e.Near, "near", nil, "`WORDS` of which one has to stand by, parted by |; may be repeated")
	f.StringArrayVar(&e.Not, "not", nil, "`WORDS` none of which may stand by, parted by |; those that hold the name forbid just that place; may be repeated")
	f.IntVar(&e.Within, "within", watch.UsualWithin, "how many words away is still by")
	f.StringVar(&e.Case, "case", watch.Smart, "`HOW` letters are compared: smart (capitals where the name has them), any, or exact")
	f.BoolVar(&e.Exact, "exact", false, "only as written: no plural, no inflected forms")
	f.StringSliceVar(&e.Languages, "language", nil, "only articles in this `LANGUAGE`, as en; may be repeated")
	f.StringSliceVar(&e.Sources, "source", nil, "only articles of this `SOURCE`; may be repeated")
}

// entryOf makes an entry of flags and a name.
func entryOf(e watch.Entry, name string) (watch.Entry, error) {
	parts := func(list []string) (out []string) {
		for _, s := range list {
			out = append(out, watch.Split(s)...)
		}
		return out
	}
	e.Name, e.Aliases, e.Near, e.Not = name, parts(e.Aliases), parts(e.Near), parts(e.Not)
	if e.Within < 1 {
		return e, usagef("--within %d: want 1 word or more", e.Within)
	}
	if e.Kind == "" || e.ID == "" {
		t, err := entity.LoadTables()
		if err != nil {
			return e, err
		}
		app.CompleteWatched(t)(&e)
	}
	if err := e.Tidy(); err != nil {
		return e, usageError{err}
	}
	return e, nil
}

func (c *cli) watchlistAdd() *cobra.Command {
	var e watch.Entry
	cmd := &cobra.Command{
		Use: "add NAME", Short: "Watch an entity, or change how it is watched",
		Long: `Add publishes an entry of the watchlist. Articles that are enriched from now on
count by it; ` + "`dateline replay`" + ` counts history by it.`,
		Example: example(`dateline watchlist add Apple --kind ORG --near "Inc|iPhone|Cupertino" --not "apple pie"`,
			`dateline watchlist add "Vladimir Putin" --alias Путин --alias Poutine`, `dateline watchlist add ICE --case exact --exact --id org/us-ice`),
		Args: argCount(1, 1, "one NAME, in quotes"),
		RunE: func(cmd *cobra.Command, args []string) error {
			e, err := entryOf(e, args[0])
			if err != nil {
				return err
			}
			return c.with(cmd.Context(), func(a *app.App) error {
				res, err := a.AddWatched(cmd.Context(), []watch.Entry{e})
				if err != nil {
					return err
				}
				what := "added"
				switch {
				case res.Changed > 0:
					what = "changed"
				case res.Same > 0:
					what = "was there already"
				}
				_, err = fmt.Fprintf(c.out, "%s (%s) %s\n", e.ID, e.Kind, what)
				return err
			})
		},
	}
	entryFlags(cmd, &e)
	return cmd
}

// readWatchlist reads a file of entries; what cannot be read is told, and
// counted.
func (c *cli) readWatchlist(in io.Reader, name string) (entries []watch.Entry, broken int, err error) {
	var complete func(*watch.Entry)
	var trouble error // with the tables, which are read only where an entry needs them
	entries, err = watch.Read(in, func(e *watch.Entry) {
		if e.Kind != "" && e.ID != "" || trouble != nil {
			return
		}
		if complete == nil {
			var t *entity.Tables
			if t, trouble = entity.LoadTables(); trouble != nil {
				return
			}
			complete = app.CompleteWatched(t)
		}
		complete(e)
	}, func(line int, err error) {
		broken++
		fmt.Fprintf(c.err, "%s: line %d: %s\n", name, line, strings.ReplaceAll(err.Error(), "\n", "; "))
	})
	if err = errors.Join(err, trouble); err != nil {
		err = fmt.Errorf("%s: %w", name, err)
	}
	return entries, broken, err
}

func (c *cli) watchlistImport() *cobra.Command {
	return &cobra.Command{
		Use: "import [FILE]", Short: "Watch the entities of a file: CSV, TSV or JSON lines",
		Long: `Import reads a table whose first line names its columns (name, and any of id,
kind, aliases, near, not, within, case, exact, languages, sources; several
values in a cell are parted by |), a list of names, or what export writes.`,
		Example: example("dateline watchlist import names.csv", "dateline watchlist export --data old | dateline watchlist import --data new"),
		Args:    argCount(0, 1, "at most one FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			in, name, err := c.input(args)
			if err != nil {
				return err
			}
			defer in.Close()
			entries, broken, err := c.readWatchlist(in, name)
			if err != nil {
				return err
			}
			return c.with(cmd.Context(), func(a *app.App) error {
				res, err := a.AddWatched(cmd.Context(), entries)
				if err != nil {
					return err
				}
				fmt.Fprintf(c.out, "%d added, %d changed, %d were there already, %d broken\n", res.Added, res.Changed, res.Same, broken)
				if broken > 0 {
					return errSilent
				}
				return nil
			})
		},
	}
}

func (c *cli) watchlistExport() *cobra.Command {
	return &cobra.Command{
		Use: "export", Short: "Write the watchlist as JSON lines", Example: example("dateline watchlist export > watchlist.jsonl"), Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.with(cmd.Context(), func(a *app.App) error {
				list, err := a.Watchlist(cmd.Context())
				if err != nil {
					return err
				}
				return watch.Write(c.out, list)
			})
		},
	}
}

func (c *cli) watchlistList() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List what is watched", Example: example("dateline watchlist list", "dateline watchlist list --json"), Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.with(cmd.Context(), func(a *app.App) error {
				list, err := a.Watchlist(cmd.Context())
				if err != nil {
					return err
				}
				if c.json {
					return watch.Write(c.out, list)
				}
				if len(list) == 0 {
					fmt.Fprintln(c.err, "nothing is watched; `dateline watchlist add NAME` begins")
					return nil
				}
				w := tabwriter.NewWriter(c.out, 0, 4, 2, ' ', 0)
				fmt.Fprintln(w, "ID\tKIND\tNAME\tALIASES\tRULES")
				for _, e := range list {
					fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", e.ID, e.Kind, e.Name, strings.Join(e.Aliases, ", "), rules(&e))
				}
				return w.Flush()
			})
		},
	}
}

// rules puts what limits an entry into words.
func rules(e *watch.Entry) string {
	var out []string
	add := func(what string, list []string) {
		if len(list) > 0 {
			out = append(out, what+" "+strings.Join(list, "|"))
		}
	}
	if e.Case != watch.Smart {
		out = append(out, "case "+e.Case)
	}
	if e.Exact {
		out = append(out, "exact")
	}
	add("near", e.Near)
	add("not", e.Not)
	if (len(e.Near) > 0 || len(e.Not) > 0) && e.Within != watch.UsualWithin {
		out = append(out, fmt.Sprintf("within %d", e.Within))
	}
	add("language", e.Languages)
	add("source", e.Sources)
	return strings.Join(out, "; ")
}

func (c *cli) watchlistRemove() *cobra.Command {
	return &cobra.Command{
		Use: "remove ID|NAME…", Short: "Watch entities no longer; what they counted stays until a replay", Example: example("dateline watchlist remove org/apple"),
		Args: argCount(1, -1, "at least one ID or NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.with(cmd.Context(), func(a *app.App) error {
				n, unknown, err := a.RemoveWatched(cmd.Context(), args)
				if err != nil {
					return err
				}
				for _, u := range unknown {
					fmt.Fprintf(c.err, "%s is not on the watchlist\n", u)
				}
				fmt.Fprintf(c.out, "%d removed\n", n)
				if len(unknown) > 0 {
					return errSilent
				}
				return nil
			})
		},
	}
}

// maxTestText bounds the text that `watchlist test` looks at, in bytes.
const maxTestText = 16 << 20

// match is one place that `watchlist test` shows.
type match struct {
	ID    string `json:"entity_id"`
	Start int32  `json:"start"`
	End   int32  `json:"end"`
	Text  string `json:"text"`
	Meant bool   `json:"meant"`
	Why   string `json:"why,omitempty"`
	In    string `json:"context"`
}

func (c *cli) watchlistTest() *cobra.Command {
	var e watch.Entry
	var name, file string
	cmd := &cobra.Command{
		Use: "test FILE|TEXT", Short: "Show what the watchlist, or an entry that is not on it yet, finds in a text",
		Long: `Test shows every place of a text where a name stands, those included where it is
not meant, and why. With --name it tries one entry out, described as for add;
with --watchlist the entries of a file; without either what is watched now.`,
		Example: example(`dateline watchlist test article.txt`, `dateline watchlist test --name Apple --not "apple pie" "Apple sells no apple pie"`),
		Args:    argCount(1, 1, "one FILE, or a TEXT in quotes; - is stdin"),
		RunE: func(cmd *cobra.Command, args []string) error {
			text, err := c.testText(args[0])
			if err != nil {
				return err
			}
			var entries []watch.Entry
			switch {
			case name != "" && file != "":
				return usagef("--name and --watchlist exclude each other")
			case name != "":
				one, err := entryOf(e, name)
				if err != nil {
					return err
				}
				entries = []watch.Entry{one}
			case file != "":
				if entries, err = c.watchlistFile(file); err != nil {
					return err
				}
			default:
				err = c.with(cmd.Context(), func(a *app.App) error {
					entries, err = a.Watchlist(cmd.Context())
					return err
				})
				if err != nil {
					return err
				}
			}
			return c.showMatches(watch.Compile(entries), text)
		},
	}
	entryFlags(cmd, &e)
	cmd.Flags().StringVar(&name, "name", "", "try an entry of this `NAME`")
	cmd.Flags().StringVar(&file, "watchlist", "", "try the entries of a `FILE`")
	return cmd
}

// testText is what a file holds, where there is one, else the argument itself.
func (c *cli) testText(arg string) (string, error) {
	if st, err := os.Stat(arg); arg != "-" && (err != nil || st.IsDir()) {
		return arg, nil
	}
	in, name, err := c.input([]string{arg})
	if err != nil {
		return "", err
	}
	defer in.Close()
	b, err := io.ReadAll(io.LimitReader(in, maxTestText))
	if err != nil {
		return "", fmt.Errorf("%s: %w", name, err)
	}
	return string(b), nil
}

// watchlistFile reads entries of a file, all or none.
func (c *cli) watchlistFile(file string) ([]watch.Entry, error) {
	in, name, err := c.input([]string{file})
	if err != nil {
		return nil, err
	}
	defer in.Close()
	entries, broken, err := c.readWatchlist(in, name)
	if err == nil && broken > 0 {
		err = errSilent
	}
	return entries, err
}

func (c *cli) showMatches(l *watch.List, text string) error {
	var rows []match
	for _, h := range watch.NewMatcher(l).Find(text) {
		rows = append(rows, match{l.Entry(int(h.Entry)).ID, h.Start, h.End, text[h.Start:h.End], h.Why == watch.Meant, string(h.Why), around(text, int(h.Start), int(h.End))})
	}
	if c.json {
		enc := json.NewEncoder(c.out)
		enc.SetEscapeHTML(false)
		for _, r := range rows {
			if err := enc.Encode(r); err != nil {
				return err
			}
		}
		return nil
	}
	if len(rows) == 0 {
		fmt.Fprintf(c.err, "no name of %d entries stands in the text\n", l.Len())
		return nil
	}
	w := tabwriter.NewWriter(c.out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "AT\tENTITY\tMEANT\tTEXT")
	for _, r := range rows {
		meant := "yes"
		if !r.Meant {
			meant = "no: " + r.Why
		}
		fmt.Fprintf(w, "%d\t%s\t%s\t%s\n", r.Start, r.ID, meant, r.In)
	}
	return w.Flush()
}

// around shows a place in its text, on one line.
func around(text string, start, end int) string {
	from, to := max(0, start-40), min(len(text), end+40)
	for from < start && !utf8.RuneStart(text[from]) {
		from++
	}
	for to < len(text) && !utf8.RuneStart(text[to]) {
		to--
	}
	return strings.Join(strings.Fields(text[from:start]+"["+text[start:end]+"]"+text[end:to]), " ")
}
