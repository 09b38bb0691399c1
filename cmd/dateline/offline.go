package main

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/dateline/dateline/pkg/entity"
	"github.com/dateline/dateline/pkg/feed"
	"github.com/dateline/dateline/pkg/judge"
	"github.com/dateline/dateline/pkg/spike"
	"github.com/dateline/dateline/pkg/text"
	"github.com/dateline/dateline/pkg/watch"
	"github.com/spf13/cobra"
)

// maxFeedFile bounds what `parse` reads, in bytes.
const maxFeedFile = 64 << 20

func (c *cli) parse() *cobra.Command {
	var base, contentType string
	cmd := &cobra.Command{
		Use: "parse [FILE]", Short: "Parse one feed document to JSON lines",
		Long: `Parse reads one feed document (RSS, RDF, Atom, JSON Feed, sitemap) and writes a
line of JSON for each item, in document order. A damaged document is salvaged
item by item.`,
		Example: example("dateline parse feed.xml --base https://example.org/feed", "curl -s https://example.org/feed | dateline parse"),
		Args:    argCount(0, 1, "at most one FILE"),
		RunE: func(_ *cobra.Command, args []string) error {
			in, name, err := c.input(args)
			if err != nil {
				return err
			}
			defer in.Close()
			b, err := io.ReadAll(io.LimitReader(in, maxFeedFile+1))
			if err != nil {
				return err
			}
			f, err := feed.Parse(b, feed.Options{BaseURL: base, ContentType: contentType})
			if errors.Is(err, feed.ErrNoItems) {
				fmt.Fprintf(c.err, "%s: %v\n", name, err)
				return nil
			}
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			for _, w := range f.Warnings {
				fmt.Fprintf(c.err, "%s: %s\n", name, w)
			}
			return feed.WriteJSONLines(c.out, f)
		},
	}
	cmd.Flags().StringVar(&base, "base", "", "`URL` of the document, for relative links")
	cmd.Flags().StringVar(&contentType, "content-type", "", "Content-Type `HEADER` it was served with, for its charset")
	return cmd
}

func (c *cli) extract() *cobra.Command {
	var jsonl, conll bool
	var watchlist string
	cmd := &cobra.Command{
		Use: "extract [FILE]", Short: "Find the people, organisations and places in text",
		Long: `Extract finds every name of a text and says which entity it is. FILE may be gzip;
no FILE, or -, is stdin.

Plain text as a whole gives one line of JSON. Lines {"id","title","text"} give a
line each, also blank and broken ones, in their order:

  {"id":…,"language":"en","mentions":[{"start":6,"end":12,"text":"Merkel",
   "kind":"PER","entity_id":"per/angela-merkel","name":"Angela Merkel",
   "score":0.98,"in_lead":true,"counted":true},…]}

  id         as it came, null where there was none
  start,end  bytes into the text (the title, where "in" is "title")
  kind       PER, ORG or LOC
  score      0 to 1, how sure span and kind are
  in_lead    stands in the lead of the story; left out where it does not
  counted    counts as coverage; false in by-lines, credits, navigation
  error      what is wrong with a line that cannot be read; exit 1 in the end

With --conll it reads one token a line, the first column (columns parted by TAB,
or by blanks where no line has a TAB and every line ends in a tag), a blank line
between sentences, -DOCSTART- or "# newdoc" between documents. Each line gives
one line: the first column as it stands, TAB, and O, B-PER, I-PER, B-ORG, I-ORG,
B-LOC or I-LOC (BIO2). Tags in the input are not looked at. By-lines and credits
are tagged like everything else.`,
		Example: example("dateline extract article.txt", "dateline extract --jsonl articles.jsonl.gz", "dateline extract --conll tokens.tsv"),
		Args:    argCount(0, 1, "at most one FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if jsonl && conll {
				return usagef("--jsonl and --conll exclude each other")
			}
			in, name, err := c.input(args)
			if err != nil {
				return err
			}
			defer in.Close()
			t, err := entity.Load()
			if err != nil {
				return err
			}
			languages := text.NewDetector()
			p := entity.NewPipeline(t, entity.Options{})
			if watchlist != "" {
				entries, err := c.watchlistFile(watchlist)
				if err != nil {
					return err
				}
				p.SetWatcher(watch.NewWatcher(watch.Compile(entries)))
			}
			bare, first := 0, 0
			err = p.RunExtract(cmd.Context(), in, c.out, entity.ExtractOptions{
				JSONL: jsonl, CoNLL: conll,
				Language: func(s string) string { code, _ := languages.Detect(s); return code },
				OnBroken: func(line int, err error) { fmt.Fprintf(c.err, "%s: line %d: %v\n", name, line, err) },
				OnBare: func(line int) {
					if bare++; first == 0 {
						first = line
					}
				},
			})
			if bare > 0 {
				fmt.Fprintf(c.err, "%s: lines with neither \"title\" nor \"text\": %d, the first is line %d\n", name, bare, first)
			}
			return told(err, entity.ErrBroken)
		},
	}
	cmd.Flags().BoolVar(&jsonl, "jsonl", false, "input is JSON lines, also where it does not look like it")
	cmd.Flags().StringVar(&watchlist, "watchlist", "", "`FILE` of names that have to be found, as `dateline watchlist import` takes it")
	cmd.Flags().BoolVar(&conll, "conll", false, "input is one token a line, blank lines between sentences")
	return cmd
}

// told turns an error whose parts were all reported into a silent exit 1.
func told(err, reported error) error {
	if errors.Is(err, reported) {
		return errSilent
	}
	return err
}

func (c *cli) dedupe() *cobra.Command {
	return &cobra.Command{
		Use: "dedupe [FILE]", Short: "Tell originals, copies and revisions, and group stories",
		Long: `Dedupe reads lines {"id","title","text","published","source","url"} in their order
and writes {"id","kind","copy_of","story","similarity"} lines in the same order.
Only id and text are needed.`,
		Example: example("dateline dedupe articles.jsonl"),
		Args:    argCount(0, 1, "at most one FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			in, name, err := c.input(args)
			if err != nil {
				return err
			}
			defer in.Close()
			t, err := entity.Load()
			if err != nil {
				return err
			}
			sum, err := judge.Dedupe(cmd.Context(), in, c.out, judge.DedupeOptions{
				Config: judge.DefaultConfig(), Terms: text.AppendTerms, Analyse: analyser(entity.NewPipeline(t, entity.Options{})),
				Canonical: func(u string) (string, bool) {
					s, err := text.CanonicalURL(u, nil)
					return s, err == nil && text.Usable(s)
				},
				Broken: func(line int, err error) { fmt.Fprintf(c.err, "%s: line %d: %v\n", name, line, err) },
			})
			fmt.Fprintf(c.err, "%d lines: %d originals in %d stories, %d copies, %d revisions, %d broken\n",
				sum.Lines, sum.Originals, sum.Stories, sum.Copies, sum.Revisions, sum.Broken)
			return told(err, judge.ErrBroken)
		},
	}
}

// analyser does what the enrich stage does, as far as the judge needs it.
func analyser(p *entity.Pipeline) func(a *judge.Analysis, title, body string) {
	languages := text.NewDetector()
	return func(a *judge.Analysis, title, body string) {
		a.Terms, a.At = text.AppendTermsAt(a.Terms[:0], a.At[:0], body)
		a.BodyHash = 0
		if len(a.Terms) > 0 {
			a.BodyHash = text.BodyHash(body)
		}
		a.Title = text.AppendTerms(a.Title[:0], title)
		var confidence float64
		a.Language, confidence = languages.Detect(body)
		a.Sure = confidence >= .5
		a.Entities = a.Entities[:0]
		for _, t := range p.Count(title, body) {
			a.Entities = append(a.Entities, t.EntityID)
		}
	}
}

func (c *cli) spikes() *cobra.Command {
	var step string
	var stream bool
	cmd := &cobra.Command{
		Use: "spikes [FILE]", Short: "Score a series of counts and mark its spikes",
		Long: `Spikes reads CSV rows timestamp,value and writes them with expected,score,alert
appended. Each row depends on the rows up to it only. score is -log10 p.`,
		Example: example("dateline spikes counts.csv", "dateline spikes --step 5m --stream < counts.csv"),
		Args:    argCount(0, 1, "at most one FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			opt := spike.CSVOptions{Stream: stream, Config: spike.DefaultConfig()}
			if step != "" {
				d, err := time.ParseDuration(step)
				if err != nil || d <= 0 {
					return usagef("--step %q: want a duration such as 5m", step)
				}
				opt.Step = d
			}
			in, name, err := c.input(args)
			if err != nil {
				return err
			}
			defer in.Close()
			opt.Broken = func(err error) { fmt.Fprintf(c.err, "%s: %v\n", name, err) }
			_, err = spike.RunCSV(cmd.Context(), in, c.out, opt)
			var broken *spike.BrokenRows
			if errors.As(err, &broken) {
				return errSilent
			}
			return err
		},
	}
	cmd.Flags().StringVar(&step, "step", "", "`DURATION` between rows (default: told from the first rows)")
	cmd.Flags().BoolVar(&stream, "stream", false, "write each row as soon as it is judged")
	return cmd
}
