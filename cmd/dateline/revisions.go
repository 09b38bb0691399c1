package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/dateline/dateline/pkg/app"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/revision"
	"github.com/dateline/dateline/pkg/store"
	"github.com/dateline/dateline/pkg/text"
	"github.com/spf13/cobra"
)

func (c *cli) revisions() *cobra.Command {
	var full bool
	cmd := &cobra.Command{
		Use: "revisions ARTICLE", Short: "Show what changed in an article, revision by revision",
		Long: `Revisions lists the stored revisions of an article, given by its id or by its
address: when each was seen, and what changed since the one before, word by word,
[-deleted-] and {+inserted+}, with the names that came and went.`,
		Example: example("dateline revisions 00c4f2e07f1d9a3b", "dateline revisions https://example.org/2026/harbour.html --full", "dateline revisions 00c4f2e07f1d9a3b --json"),
		Args:    argCount(1, 1, "one ARTICLE, its id or its address"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.with(cmd.Context(), func(a *app.App) error {
				id, err := articleOf(cmd.Context(), a.Reader, args[0])
				if err != nil {
					return err
				}
				list, err := a.Reader.Article(cmd.Context(), id)
				if err != nil {
					return err
				}
				rows := revisionsOf(list)
				if c.json {
					return jsonRows(c.out, rows)
				}
				return showRevisions(c.out, rows, full)
			})
		},
	}
	cmd.Flags().BoolVar(&full, "full", false, "whole texts, not just what stands around the changes")
	return cmd
}

// articleOf finds an article by its id, or by its address.
func articleOf(ctx context.Context, s *store.Store, arg string) (news.ID, error) {
	if id, err := news.ParseID(arg); err == nil {
		return id, nil
	}
	canonical, err := text.CanonicalURL(arg, nil)
	if err != nil {
		return 0, usagef("%q is neither an id of 16 hex digits nor an address", arg)
	}
	// An id is that of the address in nearly all cases, and found at once.
	id := news.ID(text.ID(canonical))
	missing, err := s.Missing(ctx, []news.ID{id})
	if err != nil || len(missing) == 0 {
		return id, err
	}
	id, err = s.ArticleAt(ctx, arg)
	if errors.Is(err, store.ErrNotFound) {
		return 0, fmt.Errorf("no article at %s is stored", arg)
	}
	return id, err
}

// revisionRow is one revision, and what it changed.
type revisionRow struct {
	ID       news.ID    `json:"article_id"`
	Revision uint16     `json:"revision"`
	SeenAt   time.Time  `json:"seen_at"`
	LandedAt time.Time  `json:"landed_at"`
	Updated  *time.Time `json:"published_at"`
	Title    string     `json:"title"`
	Words    uint32     `json:"words"`
	TextFrom string     `json:"text_from"`
	URL      string     `json:"url"`
	Source   string     `json:"source"`

	*revision.Change `json:"change"` // none in the first

	text string
}

func revisionsOf(list []store.ArticleText) []revisionRow {
	rows := make([]revisionRow, len(list))
	for i, a := range list {
		rows[i] = revisionRow{
			ID: a.ID, Revision: a.Revision, SeenAt: a.SeenAt, LandedAt: a.LandedAt, Updated: a.Published, Title: a.Title,
			Words: a.Words, TextFrom: a.TextFrom, URL: a.URL, Source: a.Source, text: a.Body(),
		}
		if i > 0 {
			change := revision.Compare(list[i-1].Comparable(), a.Comparable())
			rows[i].Change = &change
		}
	}
	return rows
}

func showRevisions(w io.Writer, rows []revisionRow, full bool) error {
	first := rows[0]
	fmt.Fprintf(w, "%s  %s\n%s, %d revisions\n", first.ID, plainLine(rows[len(rows)-1].Title), plainLine(first.URL), len(rows))
	for _, r := range rows {
		fmt.Fprintf(w, "\nrevision %d  %s  %d words from %s", r.Revision, r.SeenAt.UTC().Format(time.DateTime), r.Words, r.TextFrom)
		if r.Change == nil {
			fmt.Fprintf(w, "\n  title  %s\n", plainLine(r.Title))
			if full {
				fmt.Fprintf(w, "%s\n", indent(r.text))
			}
			continue
		}
		fmt.Fprintf(w, ", %d inserted, %d deleted\n", r.Inserted, r.Deleted)
		if r.None() {
			fmt.Fprintln(w, "  nothing but white space, or what stands around the text")
		}
		if len(r.Change.Title) > 0 {
			fmt.Fprintf(w, "  title  %s\n", plainLine(revision.Plain(r.Change.Title)))
		}
		if len(r.Came) > 0 {
			fmt.Fprintf(w, "  came   %s\n", plainLine(strings.Join(r.Came, ", ")))
		}
		if len(r.Went) > 0 {
			fmt.Fprintf(w, "  went   %s\n", plainLine(strings.Join(r.Went, ", ")))
		}
		body := r.Body
		if !full {
			body = revision.Excerpt(body, 8, 1000)
		}
		if len(body) > 0 {
			fmt.Fprintf(w, "%s\n", indent(revision.Plain(body)))
		}
	}
	return nil
}

// indent sets a text off, line by line, with nothing that could steer a
// terminal.
func indent(s string) string {
	var sb strings.Builder
	for line := range strings.Lines(s) {
		if line = strings.TrimSpace(plainLine(line)); line != "" {
			sb.WriteString("    " + line + "\n")
		}
	}
	return strings.TrimSuffix(sb.String(), "\n")
}
