package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/dateline/dateline/producers/newsroom"
	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"
)

// newsroomOptions are the flags of `dateline newsroom`.
type newsroomOptions struct {
	newsroom.Config
	corpus, start             string
	speed                     float64
	ledger, opml, ca, history string
	listBad                   bool
}

func (c *cli) newsroom() *cobra.Command {
	var opt newsroomOptions
	cmd := &cobra.Command{
		Use: "newsroom", Short: "Serve simulated feeds, bad servers among them, or replay real articles",
		Long: `Newsroom serves feeds over HTTP on this machine, for tests and load: of outlets
that invent their articles, of real articles replayed from a file (--corpus), and
of servers that misbehave in some sixty ways (--bad; --list-bad describes them).
It keeps a ledger of all that was published, and of what no reader can have seen;
Ctrl-C ends it and writes the ledger.

A poller refuses private addresses: let it in with DATELINE_FETCH_ALLOW_PRIVATE.`,
		Example: example(
			"dateline newsroom --feeds 200 --rate 10 --listen 127.0.0.1:8500 --opml feeds.opml --ledger ledger.jsonl &",
			"DATELINE_FETCH_ALLOW_PRIVATE=127.0.0.1 dateline up --feeds feeds.opml",
			"dateline newsroom --bad all --bad-period 1h",
			"dateline newsroom --corpus articles.jsonl.gz --start 2020-01-01 --speed 60 --history old.jsonl",
			"dateline newsroom --feeds 100000 --spread 2 --rate 50 --words 60 --window 10"),
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if opt.listBad {
				return c.listBad()
			}
			return c.runNewsroom(cmd.Context(), opt, cmd.Flags().Changed("feeds"))
		},
	}
	f := cmd.Flags()
	f.IntVar(&opt.Outlets, "feeds", 24, "feeds of outlets that invent their articles (none with --corpus, unless given)")
	f.Float64Var(&opt.Rate, "rate", 2, "articles a second that all of them invent")
	f.Uint64Var(&opt.Seed, "seed", 1, "of names, texts and events")
	f.StringVar(&opt.Listen, "listen", "127.0.0.1:0", "`ADDR` to serve on; port 0 takes a free one")
	f.IntVar(&opt.Hosts, "hosts", 1, "loopback addresses 127.0.0.1 to 127.0.0.N to spread the feeds over")
	f.IntVar(&opt.Window, "window", 40, "items that a feed shows")
	f.IntVar(&opt.Backlog, "backlog", 0, "articles that each feed shows from the start")
	f.IntVar(&opt.Cache, "cache", 64, "MiB of texts and documents kept ready; others are written anew when asked for")
	f.IntVar(&opt.Words, "words", 400, "mean length of an invented article")
	f.Float64Var(&opt.Spread, "spread", 0, "spread of the feeds' rates, as of a log-normal distribution; 2 is much, 0 the usual one")
	f.BoolVar(&opt.Diurnal, "diurnal", false, "let the rate follow the hour of day and the weekday")
	f.StringSliceVar(&opt.Bad, "bad", nil, "bad servers to add, by `NAME`, or all")
	f.DurationVar(&opt.BadPeriod, "bad-period", time.Minute, "how long their passing moods last: pauses asked for, empty feeds")
	f.BoolVar(&opt.listBad, "list-bad", false, "describe the bad servers, and serve nothing")
	f.StringVar(&opt.corpus, "corpus", "", "`FILE` of articles to replay, as `dateline import` takes them")
	f.StringVar(&opt.start, "start", "", "`DATE` of the corpus that is now (default that of its first article)")
	f.Float64Var(&opt.speed, "speed", 1, "seconds of the corpus that pass in a second; 60: an hour a minute")
	f.StringVar(&opt.history, "history", "", "`FILE` to write the articles before --start to, for `dateline import`")
	f.StringVar(&opt.ledger, "ledger", "", "`FILE` to write the ledger to, at the end")
	f.StringVar(&opt.opml, "opml", "", "`FILE` to write the list of feeds to, at the start")
	f.StringVar(&opt.ca, "ca", "", "`FILE` for the certificate that signs those of bad servers with TLS")
	return cmd
}

// corpusOf makes the corpus of the flags --corpus, --start and --speed; nil
// where there is none.
func corpusOf(file, start string, speed float64) (*newsroom.Corpus, error) {
	if file == "" {
		if start != "" {
			return nil, usagef("--start needs --corpus")
		}
		return nil, nil
	}
	if speed <= 0 {
		return nil, usagef("--speed %g: want more than 0", speed)
	}
	corpus := &newsroom.Corpus{File: file, Speed: speed}
	if start != "" {
		at, err := time.Parse(time.RFC3339, start)
		if err != nil {
			if at, err = time.Parse(time.DateOnly, start); err != nil {
				return nil, usagef("--start %q: want 2026-01-31 or 2026-01-31T12:00:00Z", start)
			}
		}
		corpus.Start = at
	}
	return corpus, nil
}

func (c *cli) runNewsroom(ctx context.Context, opt newsroomOptions, feedsGiven bool) (err error) {
	if opt.Corpus, err = corpusOf(opt.corpus, opt.start, opt.speed); err != nil {
		return err
	}
	if opt.Corpus != nil && !feedsGiven {
		opt.Outlets = 0
	} else if opt.Outlets < 1 {
		return usagef("--feeds %d: want 1 or more", opt.Outlets)
	}
	if opt.history != "" && opt.Corpus == nil {
		return usagef("--history needs --corpus")
	}
	if opt.Cache < 1 || opt.Cache > 1<<16 {
		return usagef("--cache %d: want 1 to 65536 MiB", opt.Cache)
	}
	opt.Cache <<= 20
	if err := opt.Validate(); err != nil {
		return usageError{err}
	}
	room, err := newsroom.New(opt.Config)
	if err != nil {
		return err
	}
	defer room.Close()
	if err := c.openNewsroom(ctx, room, opt); err != nil {
		return err
	}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return room.Serve(ctx, nil) })
	g.Go(func() error { return room.Run(ctx) })
	err = g.Wait()
	if opt.ledger != "" {
		err = errors.Join(err, toFile(opt.ledger, room.Ledger().WriteJSONLines))
	}
	c.closeNewsroom(room)
	return err
}

// openNewsroom writes what was asked for at the start and says where to look.
func (c *cli) openNewsroom(ctx context.Context, room *newsroom.Newsroom, opt newsroomOptions) error {
	if opt.history != "" {
		if err := toFile(opt.history, func(w io.Writer) error { return room.CorpusHistory(ctx, w) }); err != nil {
			return err
		}
	}
	if opt.opml != "" {
		if err := toFile(opt.opml, room.WriteOPML); err != nil {
			return err
		}
	}
	if opt.ca != "" {
		err := toFile(opt.ca, func(w io.Writer) error { _, err := w.Write(room.CA()); return err })
		if err != nil {
			return err
		}
	}
	feeds, bad := 0, 0
	for _, f := range room.Feeds() {
		feeds++
		if f.Bad != "" {
			bad++
		}
	}
	fmt.Fprintf(c.out, "Newsroom: %s (%d feeds, %d of them of bad servers; seed %d)\n", room.Addr(), feeds, bad, opt.Seed)
	if s := room.CorpusStats(); s.Articles > 0 {
		fmt.Fprintf(c.out, "Corpus:   %s\n", s)
	}
	allow := "127.0.0.1"
	if opt.Hosts > 1 {
		allow = "127.0.0.0/8"
	}
	list := "http://" + room.Addr() + "/opml"
	fmt.Fprintf(c.out, "Feeds:    %s\n", list)
	fmt.Fprintf(c.out, "Read by:  curl -so feeds.opml %s && DATELINE_FETCH_ALLOW_PRIVATE=%s dateline up --feeds feeds.opml\n", list, allow)
	fmt.Fprintf(c.out, "          (a poller refuses private addresses unless DATELINE_FETCH_ALLOW_PRIVATE names them)\n")
	if len(room.CA()) > 0 && opt.ca != "" {
		fmt.Fprintf(c.out, "          SSL_CERT_FILE=%s lets it trust the bad servers whose only fault is elsewhere\n", opt.ca)
	}
	return nil
}

// closeNewsroom sums up.
func (c *cli) closeNewsroom(room *newsroom.Newsroom) {
	l := room.Ledger()
	missed := 0
	for _, g := range l.Gaps("") {
		if !g.First {
			missed += g.Missed
		}
	}
	impolite := 0
	for _, n := range room.Impolite() {
		impolite += n
	}
	fmt.Fprintf(c.out, "Published %d, revisions included; %d articles were served, %d rolled out unseen between two visits; %d requests came too early\n",
		l.Len(), len(l.Due("")), missed, impolite)
}

// badRow is a line of `--list-bad --json`.
type badRow struct {
	Name    string   `json:"name"`
	Does    string   `json:"does"`
	Want    string   `json:"want"`
	Have    string   `json:"have"` // of its articles: all, none or some
	By      string   `json:"by"`   // what tells its items apart: link or guid
	Classes []string `json:"classes"`
	State   string   `json:"state,omitempty"`
	Secret  string   `json:"secret,omitempty"`
}

// listBad describes the bad servers.
func (c *cli) listBad() error {
	if c.json {
		var rows []badRow
		for _, k := range newsroom.BadKinds {
			row := badRow{k.Name, k.Does, k.Want, k.Have.String(), "link", k.Classes, k.State, k.Secret}
			if k.ByGUID {
				row.By = "guid"
			}
			rows = append(rows, row)
		}
		return jsonLines(c.out, rows)
	}
	w := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "NAME\tIT\tA GOOD READER WILL\tHAS\tENDS IN")
	for _, k := range newsroom.BadKinds {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", k.Name, k.Does, k.Want, k.Have, strings.Join(k.Classes, ", "))
	}
	return w.Flush()
}

// toFile writes a file.
func toFile(name string, write func(io.Writer) error) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	b := bufio.NewWriter(f)
	return errors.Join(write(b), b.Flush(), f.Close())
}
