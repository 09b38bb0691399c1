package main

import (
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/dateline/dateline/pkg/ner"
	"github.com/spf13/cobra"
)

func (c *cli) train() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "train",
		Short:   "Train the models that are part of the program",
		Example: example("dateline train ner --train ewt.train.tsv.gz --dev ewt.dev.tsv.gz --out model.bin"),
		Args:    noArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(c.trainNER())
	return cmd
}

// nerTraining is what the flags of `train ner` ask for.
type nerTraining struct {
	gold, silver, dev []string
	names, clusters   string
	model, out        string
	policy            string
	bias              bool // asked for
	opts              ner.Options
}

func (c *cli) trainNER() *cobra.Command {
	t := nerTraining{opts: ner.DefaultOptions()}
	cmd := &cobra.Command{
		Use:   "ner --train FILE... [--silver FILE...] [--dev FILE...] --out FILE",
		Short: "Train the tagger of names, and print its F1 on files kept aside",
		Long: `Train the tagger of names.

--train takes files of one token<TAB>tag a line (BIO2 tags, kinds PER, ORG, LOC),
--silver files of JSON lines {"source","text","spans":[[start,end,"PER"],...],
"unsure":[[start,end],...]} in byte offsets, labelled by other taggers. Both may be
packed with gzip and may carry a weight: FILE*2 counts double. The same files and
seed give the same model, byte for byte. Without --out the model is measured on the
--dev files only; with --model nothing is trained and that model is measured.`,
		Example: example("dateline train ner --train ewt.train.tsv.gz*2 --silver news.jsonl.gz --dev ewt.dev.tsv.gz --names names/ --clusters clusters.tsv.gz --out model.bin",
			"dateline train ner --model model.bin --dev ewt.dev.tsv.gz"),
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			t.bias = cmd.Flags().Changed("bias")
			return c.runTrainNER(&t)
		},
	}
	f := cmd.Flags()
	f.StringArrayVar(&t.gold, "train", nil, "annotated `FILE`, with *weight if it is not 1")
	f.StringArrayVar(&t.silver, "silver", nil, "`FILE` labelled by other taggers, with *weight if it is not 1")
	f.StringArrayVar(&t.dev, "dev", nil, "annotated `FILE` to measure on, and to set the scores by")
	f.StringVar(&t.names, "names", "", "`DIR` of lists of names")
	f.StringVar(&t.clusters, "clusters", "", "`FILE` of word clusters")
	f.StringVar(&t.model, "model", "", "measure this model `FILE` instead of training one")
	f.StringVar(&t.out, "out", "", "write the model to `FILE`")
	f.StringVar(&t.policy, "policy", "both", "unsure stretches: agreed (left open), trusted (as labelled), both (mean of two models)")
	f.Uint64Var(&t.opts.Seed, "seed", t.opts.Seed, "seed of everything that is drawn by chance")
	f.IntVar(&t.opts.Models, "models", t.opts.Models, "learn so many of each policy and take the mean")
	f.IntVar(&t.opts.Epochs, "epochs", t.opts.Epochs, "passes over the files")
	f.IntVar(&t.opts.Rows, "rows", t.opts.Rows, "most features that the model keeps")
	f.IntVar(&t.opts.Cut, "cut", t.opts.Cut, "leave out features that come less often")
	f.Float64Var(&t.opts.Rate, "rate", t.opts.Rate, "first learning rate")
	f.Float64Var(&t.opts.L2, "l2", t.opts.L2, "shrink weights at each step by this much")
	f.Float64Var(&t.opts.Dropout, "dropout", t.opts.Dropout, "share of features hidden at each step")
	f.Float64Var(&t.opts.Bias, "bias", t.opts.Bias, "taken off what stays outside names: more is found")
	return cmd
}

func (c *cli) runTrainNER(t *nerTraining) error {
	start := time.Now()
	t.opts.Log = func(format string, args ...any) {
		fmt.Fprintf(c.err, "%6.0fs "+format+"\n", append([]any{time.Since(start).Seconds()}, args...)...)
	}
	if (len(t.gold) == 0) == (t.model == "") {
		return usagef("give --train FILE, or --model FILE")
	}
	switch t.policy {
	case "agreed":
		t.opts.Trusted = false
	case "trusted":
		t.opts.Agreed = false
	case "both":
	default:
		return usagef("--policy is agreed, trusted or both, not %q", t.policy)
	}
	dev := make([][]ner.Document, len(t.dev))
	var all []ner.Document
	for i, path := range t.dev {
		set, err := readSet(path, false)
		if err != nil {
			return err
		}
		dev[i] = set.Docs
		all = append(all, set.Docs...)
	}
	m, err := t.makeModel(all)
	if err != nil {
		return err
	}
	if t.bias {
		m.SetBias(t.opts.Bias)
	}
	for i, path := range t.dev {
		begin := time.Now()
		r := m.Evaluate(dev[i])
		speed := float64(r.Tokens) / time.Since(begin).Seconds()
		name := filepath.Base(path)
		if c.json {
			fmt.Fprintf(c.out, "{\"file\":%q,\"f1\":%.4f,\"precision\":%.4f,\"recall\":%.4f,\"per\":%.4f,\"org\":%.4f,\"loc\":%.4f,\"tokens\":\"%d\",\"tokens_per_second\":%.0f}\n",
				name, r.F1(ner.None), r.Precision(ner.None), r.Recall(ner.None), r.F1(ner.PER), r.F1(ner.ORG), r.F1(ner.LOC), r.Tokens, speed)
			continue
		}
		fmt.Fprintf(c.out, "%-28s F1 %5.1f  P %5.1f  R %5.1f  PER %5.1f  ORG %5.1f  LOC %5.1f  %4.0f k tokens/s\n", name,
			100*r.F1(ner.None), 100*r.Precision(ner.None), 100*r.Recall(ner.None), 100*r.F1(ner.PER), 100*r.F1(ner.ORG), 100*r.F1(ner.LOC), speed/1e3)
	}
	if len(all) > 0 && !c.json {
		fmt.Fprintln(c.out, "score   mean   right  spans")
		for _, b := range m.Evaluate(all).Reliability(10) {
			fmt.Fprintf(c.out, "<=%.1f  %5.3f  %5.3f  %6d\n", b.Top, b.Mean, b.Right, b.N)
		}
	}
	return nil
}

// makeModel trains the model and writes it, or reads the one to be measured.
func (t *nerTraining) makeModel(dev []ner.Document) (*ner.Model, error) {
	if t.model != "" {
		f, err := os.Open(t.model)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		return ner.Read(f)
	}
	var sets []ner.TrainingSet
	for i, path := range append(append([]string{}, t.gold...), t.silver...) {
		set, err := readSet(path, i >= len(t.gold))
		if err != nil {
			return nil, err
		}
		t.opts.Log("%s: %d documents", path, len(set.Docs))
		sets = append(sets, set)
	}
	if t.names != "" {
		t.opts.Names = os.DirFS(t.names)
	}
	if t.clusters != "" {
		f, err := openPacked(t.clusters)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		t.opts.Clusters = f
	}
	m, err := ner.Train(sets, dev, t.opts)
	if err != nil || t.out == "" {
		return m, err
	}
	f, err := os.Create(t.out)
	if err != nil {
		return nil, err
	}
	if err := m.Write(f); err != nil {
		f.Close()
		return nil, err
	}
	return m, f.Close()
}

// readSet reads FILE or FILE*weight: JSON lines where its name says so, or where
// it is silver.
func readSet(arg string, silver bool) (set ner.TrainingSet, err error) {
	path, weight, ok := strings.Cut(arg, "*")
	set = ner.TrainingSet{Weight: 1, Silver: silver}
	if ok {
		if set.Weight, err = strconv.ParseFloat(weight, 64); err != nil {
			return set, usagef("weight of %s: %q is no number", path, weight)
		}
	}
	f, err := openPacked(path)
	if err != nil {
		return set, err
	}
	defer f.Close()
	if !silver && !strings.Contains(filepath.Base(path), ".jsonl") {
		set.Docs, err = ner.ReadTokens(f, path)
		return set, err
	}
	err = ner.ReadSilver(f, path, func(d ner.Document) error { set.Docs = append(set.Docs, d); return nil })
	return set, err
}

type packed struct {
	io.Reader
	io.Closer
}

// openPacked opens a file, unpacked where its name says that it is packed.
func openPacked(path string) (io.ReadCloser, error) {
	f, err := os.Open(path)
	if err != nil || !strings.HasSuffix(path, ".gz") {
		return f, err
	}
	z, err := gzip.NewReader(f)
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("unpack %s: %w", path, err)
	}
	return packed{z, f}, nil
}
