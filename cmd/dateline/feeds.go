package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/dateline/dateline/pkg/app"
	"github.com/dateline/dateline/pkg/feed"
	"github.com/dateline/dateline/pkg/news"
	"github.com/spf13/cobra"
)

func (c *cli) feeds() *cobra.Command {
	cmd := &cobra.Command{
		Use: "feeds", Short: "Find, add, list, remove, import and export what is polled",
		Example: example("dateline feeds add https://example.org/feed.xml", "dateline feeds import feeds.opml", "dateline feeds list"),
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usagef("there is no command %q below feeds", args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(c.feedsAdd(), c.feedsDiscover(), c.feedsImport(), c.feedsList(), c.feedsRemove(), c.feedsExport(), c.feedsHealth())
	return cmd
}

func (c *cli) feedsAdd() *cobra.Command {
	var tags []string
	var fullText, secret string
	cmd := &cobra.Command{
		Use: "add URL…", Short: "Add feeds, or change those that are there",
		Example: example("dateline feeds add https://example.org/feed.xml --tag europe", "dateline feeds add https://example.org/short.xml --full-text always", "dateline feeds add https://example.org/paid.xml --secret example-org"),
		Args:    argCount(1, -1, "at least one URL"),
		RunE: func(cmd *cobra.Command, args []string) error {
			var list []feed.Outline
			for _, u := range args {
				list = append(list, feed.Outline{URL: u, Tags: tags})
			}
			var set app.FeedSettings
			if cmd.Flags().Changed("full-text") {
				if !slices.Contains([]string{news.FullTextAlways, news.FullTextNever, fullTextRule}, fullText) {
					return usagef("--full-text is %q, want %s, %s or %s", fullText, news.FullTextAlways, news.FullTextNever, fullTextRule)
				}
				fullText = strings.TrimSuffix(fullText, fullTextRule)
				set.FullText = &fullText
			}
			if cmd.Flags().Changed("secret") {
				set.Secret = &secret
			}
			return c.subscribe(cmd, list, set)
		},
	}
	cmd.Flags().StringSliceVar(&tags, "tag", nil, "`TAG` to file them under; may be repeated")
	cmd.Flags().StringVar(&fullText, "full-text", fullTextRule, "fetch the pages of articles of which they give only a teaser: `always`, never, or rule: as poll.full_text says")
	cmd.Flags().StringVar(&secret, "secret", "", "`NAME` of the file in the folder fetch.secrets that holds their headers, credentials, cookies or proxy; empty: none any more")
	return cmd
}

// fullTextRule is what the flag calls the value that leaves it to the
// configuration.
const fullTextRule = "rule"

func (c *cli) subscribe(cmd *cobra.Command, list []feed.Outline, set app.FeedSettings) error {
	return c.with(cmd.Context(), func(a *app.App) error {
		res, err := a.AddFeedsWith(cmd.Context(), list, true, set)
		for _, e := range res.Refused {
			fmt.Fprintf(c.err, "%v\n", e)
		}
		if err != nil {
			return err
		}
		fmt.Fprintf(c.out, "%d added, %d were there already, %d refused\n", res.Added, res.Known, len(res.Refused))
		if len(res.Refused) > 0 {
			return errSilent
		}
		return nil
	})
}

func (c *cli) feedsImport() *cobra.Command {
	return &cobra.Command{
		Use: "import [FILE]", Short: "Add the feeds of a file: OPML, or a URL a line", Example: example("dateline feeds import feeds.opml"),
		Args: argCount(0, 1, "at most one FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			in, name, err := c.input(args)
			if err != nil {
				return err
			}
			defer in.Close()
			list, err := feed.ReadSubscriptions(in)
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			return c.subscribe(cmd, list, app.FeedSettings{})
		},
	}
}

func (c *cli) feedsList() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the feeds", Example: example("dateline feeds list --json"), Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.with(cmd.Context(), func(a *app.App) error {
				list, err := a.Feeds(cmd.Context())
				if err != nil {
					return err
				}
				if c.json {
					enc := json.NewEncoder(c.out)
					enc.SetEscapeHTML(false)
					for _, f := range list {
						if err := enc.Encode(f); err != nil {
							return err
						}
					}
					return nil
				}
				w := tabwriter.NewWriter(c.out, 0, 4, 2, ' ', 0)
				fmt.Fprintln(w, "URL\tTITLE\tTAGS\tADDED")
				for _, f := range list {
					fmt.Fprintf(w, "%s\t%s\t%v\t%s\n", f.URL, f.Title, f.Tags, f.Added.Format("2006-01-02"))
				}
				return w.Flush()
			})
		},
	}
}

func (c *cli) feedsRemove() *cobra.Command {
	return &cobra.Command{
		Use: "remove URL…", Short: "Stop polling feeds; their articles stay", Example: example("dateline feeds remove https://example.org/feed.xml"),
		Args: argCount(1, -1, "at least one URL"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.with(cmd.Context(), func(a *app.App) error {
				unknown, err := a.RemoveFeeds(cmd.Context(), args)
				if err != nil {
					return err
				}
				for _, u := range unknown {
					fmt.Fprintf(c.err, "%s is not among the feeds\n", u)
				}
				fmt.Fprintf(c.out, "%d removed\n", len(args)-len(unknown))
				if len(unknown) > 0 {
					return errSilent
				}
				return nil
			})
		},
	}
}

func (c *cli) feedsExport() *cobra.Command {
	return &cobra.Command{
		Use: "export", Short: "Write the feeds as OPML", Example: example("dateline feeds export > feeds.opml"), Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.with(cmd.Context(), func(a *app.App) error {
				list, err := a.Feeds(cmd.Context())
				if err != nil {
					return err
				}
				var out []feed.Outline
				for _, f := range list {
					out = append(out, feed.Outline{URL: f.URL, Title: f.Title, Tags: f.Tags})
				}
				return feed.WriteOPML(c.out, "dateline", out)
			})
		},
	}
}
