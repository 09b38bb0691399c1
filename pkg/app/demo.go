package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/dateline/dateline/consumers/alert"
	"github.com/dateline/dateline/pkg/feed"
	"github.com/dateline/dateline/producers/intake"
	"github.com/dateline/dateline/producers/newsroom"
	"github.com/dateline/dateline/producers/poll"
	"golang.org/x/sync/errgroup"
)

// DemoOptions are the flags of `dateline demo`.
type DemoOptions struct {
	Rate    float64 // articles a second
	Seed    uint64
	History int              // articles to import
	Ledger  string           // file for the newsroom's ledger; empty: none
	Corpus  *newsroom.Corpus // real articles to replay in place of invented ones
	Out     io.Writer
}

// demoState is kept in the data directory, so that the next start goes on with
// the same newsroom.
type demoState struct {
	Seed     uint64 `json:"seed"`
	Listen   string `json:"listen"`
	Imported bool   `json:"imported"`
}

// historyDays is how far the demo's history reaches back.
const historyDays = 28

// Demo runs everything on a simulated newsroom until ctx ends.
func Demo(ctx context.Context, cfg Config, log *slog.Logger, opt DemoOptions) (err error) {
	file := filepath.Join(cfg.Data, "demo.json")
	state, err := demoOf(file, cfg.Data, opt.Seed)
	if err != nil {
		return err
	}
	start := time.Now().UTC()
	ncfg := newsroom.Config{
		Seed: state.Seed, Rate: opt.Rate, Listen: state.Listen, Start: start,
		Spike: &newsroom.PlantedSpike{After: 2 * time.Minute, Duration: 20 * time.Minute, Factor: 20},
	}
	if opt.Corpus != nil {
		ncfg.Corpus, ncfg.Rate, ncfg.Spike = opt.Corpus, 0, nil
	}
	room, err := newsroom.New(ncfg)
	if err != nil {
		ncfg.Listen = "127.0.0.1:0" // the old port is taken; its feeds are replaced below
		if room, err = newsroom.New(ncfg); err != nil {
			return err
		}
	}
	defer room.Close()
	state.Listen = room.Addr()
	host, _, err := net.SplitHostPort(room.Addr())
	if err != nil {
		return fmt.Errorf("newsroom: %w", err)
	}
	cfg.Fetch.AllowPrivate = append(cfg.Fetch.AllowPrivate, host)
	if d := poll.DefaultConfig(); cfg.Poll.MinInterval == d.MinInterval && cfg.Poll.MaxInterval == d.MaxInterval {
		cfg.Poll.MinInterval, cfg.Poll.MaxInterval = 2*time.Second, 10*time.Second
	}
	if d := alert.DefaultConfig(); slices.Equal(cfg.Alert.Windows, d.Windows) && cfg.Alert.Margin == d.Margin {
		// Whoever watches a demo has minutes, not hours.
		cfg.Alert.Windows = append([]time.Duration{2 * time.Minute}, d.Windows...)
		cfg.Alert.Margin, cfg.Alert.Tick = 5*time.Second, 5*time.Second
	}
	a, err := Start(ctx, cfg, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if err := a.demoFeeds(ctx, room); err != nil {
		return err
	}
	if err := writeJSON(file, state); err != nil {
		return err
	}
	if opt.Corpus != nil {
		fmt.Fprintf(opt.Out, "Newsroom:  %s (%d feeds)\nCorpus:    %s\n", room.Addr(), len(room.Feeds()), room.CorpusStats())
	} else {
		fmt.Fprintf(opt.Out, "Newsroom:  %s (%d feeds, %g articles a second, seed %d)\n", room.Addr(), len(room.Feeds()), opt.Rate, state.Seed)
	}
	g, ctx := errgroup.WithContext(ctx)
	// The feeds outlive the polls in hand, so that none of them fails at the end.
	serving, polled := context.WithCancel(context.WithoutCancel(ctx))
	g.Go(func() error { return room.Serve(serving, nil) })
	g.Go(func() error { return room.Run(ctx) })
	g.Go(func() error { defer polled(); return a.runAll(ctx, opt.Out) })
	if !state.Imported && opt.History > 0 {
		g.Go(func() error {
			if err := a.importHistory(ctx, room, ncfg, start, opt); err != nil {
				return err
			}
			state.Imported = true
			return writeJSON(file, state)
		})
	}
	err = g.Wait()
	if opt.Ledger != "" {
		err = errors.Join(err, writeLedger(opt.Ledger, room))
	}
	return err
}

// demoOf reads what an earlier demo has left. A directory with data of
// anything else is refused.
func demoOf(file, dir string, seed uint64) (demoState, error) {
	state := demoState{Seed: seed, Listen: "127.0.0.1:0"}
	raw, err := os.ReadFile(file)
	if err == nil {
		if err := json.Unmarshal(raw, &state); err != nil {
			return state, fmt.Errorf("%s: %w; remove %s to start the demo afresh", file, err, dir)
		}
		if state.Seed != seed {
			return state, fmt.Errorf("%s holds a demo with seed %d; use --seed %d, another --data, or remove it", dir, state.Seed, state.Seed)
		}
		return state, nil
	}
	if !errors.Is(err, os.ErrNotExist) {
		return state, err
	}
	if _, err := os.Stat(filepath.Join(dir, "kafka")); err == nil {
		return state, fmt.Errorf("%s holds data that is not of a demo; choose another --data", dir)
	}
	return state, nil
}

// demoFeeds subscribes to the newsroom's feeds, and to them alone.
func (a *App) demoFeeds(ctx context.Context, room *newsroom.Newsroom) error {
	var list []feed.Outline
	now := map[string]bool{}
	for _, f := range room.Feeds() {
		list = append(list, feed.Outline{URL: f.URL, Title: f.Title, Tags: []string{"newsroom"}})
		now[f.URL] = true
	}
	have, err := a.Feeds(ctx)
	if err != nil {
		return err
	}
	var gone []string
	for _, f := range have {
		if !now[f.URL] {
			gone = append(gone, f.URL)
		}
	}
	if _, err := a.RemoveFeeds(ctx, gone); err != nil {
		return err
	}
	_, err = a.AddFeeds(ctx, list, false)
	return err
}

// importHistory imports an invented past, or what a corpus has before its start.
func (a *App) importHistory(ctx context.Context, room *newsroom.Newsroom, cfg newsroom.Config, start time.Time, opt DemoOptions) error {
	pr, pw := io.Pipe()
	past := fmt.Sprintf("%d days", historyDays)
	go func() {
		if cfg.Corpus != nil {
			pw.CloseWithError(room.CorpusHistory(ctx, pw))
			return
		}
		pw.CloseWithError(newsroom.History(cfg, start.AddDate(0, 0, -historyDays), start, opt.History, pw))
	}()
	if cfg.Corpus != nil {
		past = "the corpus before its start"
	}
	defer pr.Close()
	began := time.Now()
	im := &intake.Importer{Out: a.Bus, Now: a.Now, Report: func(_ string, line int, err error) {
		a.log.Warn("history line is broken", "line", line, "err", err)
	}}
	res, err := im.Import(ctx, "history", pr)
	if ctx.Err() != nil {
		return nil
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(opt.Out, "History:   %d articles of %s published in %.1f s\n", res.Published, past, time.Since(began).Seconds())
	return nil
}

func writeLedger(file string, room *newsroom.Newsroom) error {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	return errors.Join(room.Ledger().WriteJSONLines(f), f.Close())
}

func writeJSON(file string, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	tmp := file + ".tmp"
	if err := os.WriteFile(tmp, append(b, '\n'), 0o600); err != nil {
		return err
	}
	return os.Rename(tmp, file)
}
