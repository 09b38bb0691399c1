package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/dateline/dateline/pkg/app"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/store"
	"github.com/spf13/cobra"
)

// namesOfStory is how many entities a story is described by.
const namesOfStory = 12

// toldStory is a story as it is shown, and its form in JSON. Articles are as they
// came, Entities those named in most of them.
type toldStory struct {
	store.StorySummary
	Originals uint64            `json:"originals,string"`
	Copies    uint64            `json:"copies,string"`
	Sources   uint64            `json:"sources,string"`
	Entities  []store.NameCount `json:"entities"`
	Articles  []store.Headline  `json:"articles"`
}

func (c *cli) story() *cobra.Command {
	var limit int
	cmd := &cobra.Command{
		Use: "story ID", Short: "Show a story: its articles in order, sources and names",
		Long: `Story shows the originals about one event and their copies, in the order of
their times. ID is that of the story, or of any article in it: 16 hex digits.`,
		Example: example("dateline story 040f7252dfe45152", "dateline story 040f7252dfe45152 --json"),
		Args:    argCount(1, 1, "one ID of 16 hex digits"),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := news.ParseID(args[0])
			if err != nil {
				return usagef("%q is no id: want 16 hex digits", args[0])
			}
			if limit < 1 || limit > store.MaxRows {
				return usagef("--limit %d: want 1 to %d", limit, store.MaxRows)
			}
			return c.with(cmd.Context(), func(a *app.App) error {
				t := toldStory{}
				if t.StorySummary, err = a.Reader.StorySummary(cmd.Context(), id); errors.Is(err, store.ErrNotFound) {
					return fmt.Errorf("no article and no story %s is stored; `dateline query \"SELECT * FROM stories ORDER BY last_at DESC LIMIT 9\"` lists the last ones", id)
				} else if err != nil {
					return err
				}
				t.Originals, t.Copies, t.Sources = t.StorySummary.Originals, t.StorySummary.Copies, t.StorySummary.Sources
				if t.Articles, err = a.Reader.Story(cmd.Context(), t.ID, limit); err != nil {
					return err
				}
				ids := make([]news.ID, len(t.Articles))
				for i := range t.Articles {
					ids[i] = t.Articles[i].ID
				}
				if t.Entities, err = a.Reader.Names(cmd.Context(), ids, namesOfStory); err != nil {
					return err
				}
				if c.json {
					return json.NewEncoder(c.out).Encode(t)
				}
				return t.write(c.out)
			})
		},
	}
	cmd.Flags().IntVar(&limit, "limit", 200, "`NUMBER` of articles, the first ones")
	return cmd
}

// minutes is the layout of times in tables; all are UTC.
const minutes = "2006-01-02 15:04"

func (t *toldStory) write(w io.Writer) error {
	title := t.Title
	if title == "" {
		title = "(no title)"
	}
	fmt.Fprintf(w, "%s\nstory %s, %s to %s: %d originals, %d copies, %d sources\n", title, t.ID,
		t.FirstAt.UTC().Format(minutes), t.LastAt.UTC().Format(minutes), t.Originals, t.Copies, t.Sources)
	for i, e := range t.Entities {
		if i == 0 {
			fmt.Fprint(w, "names")
		} else {
			fmt.Fprint(w, ",")
		}
		fmt.Fprintf(w, " %s (%d)", e.EntityID, e.Articles)
	}
	fmt.Fprint(w, "\n\n")
	tw := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(tw, "TIME\tARTICLE\tKIND\tSOURCE\tTITLE")
	for _, a := range t.Articles {
		kind := "original"
		if a.CopyOf != 0 {
			kind = "copy"
		}
		fmt.Fprintf(tw, "%s\t%s\t%s\t%s\t%s\n", a.TS.UTC().Format(minutes), a.ID, kind, a.Source, a.Title)
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	if rest := t.Originals + t.Copies - uint64(len(t.Articles)); rest > 0 {
		_, err := fmt.Fprintf(w, "and %d more: --limit\n", rest)
		return err
	}
	return nil
}
