package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/dateline/dateline/pkg/app"
	"github.com/dateline/dateline/pkg/discover"
	"github.com/dateline/dateline/pkg/feed"
	"github.com/dateline/dateline/pkg/fetch"
	"github.com/spf13/cobra"
)

func (c *cli) feedsDiscover() *cobra.Command {
	var opt struct {
		add     bool
		tags    []string
		verbose bool
	}
	cmd := &cobra.Command{
		Use: "discover URL", Short: "Find the feeds and news sitemaps of a site",
		Long: `Discover looks for the feeds of a site from the address of any of its pages: in
the page, in robots.txt, where the site's software is known to have them, and
last at the addresses that feeds often have. What it lists has been fetched and
read; the best comes first. It asks the site at most 40 times.`,
		Example: example("dateline feeds discover example.org", "dateline feeds discover https://example.org/politics --add --tag politics"),
		Args:    argCount(1, 1, "one URL"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(opt.tags) > 0 && !opt.add {
				return usagef("--tag needs --add")
			}
			rep, err := c.discover(cmd, args[0])
			if err != nil {
				return err
			}
			if opt.verbose {
				for _, m := range rep.Missed {
					fmt.Fprintf(c.err, "not at %s (%s): %s\n", m.URL, m.Found, m.Why)
				}
			}
			if rep.Cut != "" {
				fmt.Fprintf(c.err, "There may be more: %s.\n", rep.Cut)
			}
			if len(rep.Candidates) == 0 {
				return fmt.Errorf("no feed found for %s in %d requests; --verbose tells where it was looked for", rep.Page, rep.Requests)
			}
			if err := c.printDiscovered(rep); err != nil || !opt.add {
				return err
			}
			best := rep.Candidates[0]
			return c.subscribe(cmd, []feed.Outline{{URL: best.URL, Title: best.Title, Tags: opt.tags}}, app.FeedSettings{})
		},
	}
	f := cmd.Flags()
	f.BoolVar(&opt.add, "add", false, "subscribe to the first one")
	f.StringSliceVar(&opt.tags, "tag", nil, "`TAG` to file it under; may be repeated")
	f.BoolVarP(&opt.verbose, "verbose", "v", false, "tell what was tried in vain")
	return cmd
}

func (c *cli) discover(cmd *cobra.Command, address string) (discover.Report, error) {
	cfg, _, err := c.config()
	if err != nil {
		return discover.Report{}, err
	}
	client, err := fetch.New(cfg.Fetch, time.Now)
	if err != nil {
		return discover.Report{}, err
	}
	defer client.Close()
	rep, err := discover.Find(cmd.Context(), client, address, discover.Options{})
	if err != nil && cmd.Context().Err() != nil {
		return rep, errors.New("interrupted")
	}
	return rep, err
}

func (c *cli) printDiscovered(rep discover.Report) error {
	if c.json {
		enc := json.NewEncoder(c.out)
		enc.SetEscapeHTML(false)
		for _, f := range rep.Candidates {
			if err := enc.Encode(f); err != nil {
				return err
			}
		}
		return nil
	}
	if rep.IsFeed {
		fmt.Fprintln(c.err, "This address is a feed itself.")
	}
	w := tabwriter.NewWriter(c.out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "URL\tTITLE\tKIND\tITEMS\tA DAY\tNEWEST\tTEXT\tFOUND")
	for _, f := range rep.Candidates {
		kind, text := f.Format, "teaser"
		if f.Kind == discover.KindSitemap {
			kind, text = f.Kind, "title"
		}
		if f.Comments {
			kind = "comments"
		}
		if f.FullText {
			text = "full"
		}
		newest, perDay := "-", "-"
		if !f.Newest.IsZero() {
			newest = f.Newest.Format("2006-01-02 15:04")
		}
		if f.PerDay > 0 {
			perDay = fmt.Sprintf("%.3g", f.PerDay)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%s\t%s\t%s\t%s\n", f.URL, clipTitle(f.Title), kind, f.Items, perDay, newest, text, f.Found)
	}
	return w.Flush()
}

// clipTitle keeps a table narrow.
func clipTitle(s string) string {
	const most = 40
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}
