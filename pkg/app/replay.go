package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/dateline/dateline/consumers/enrich"
	"github.com/dateline/dateline/consumers/land"
	"github.com/dateline/dateline/pkg/entity"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/store"
)

// ReplayOptions says what a replay derives anew, and how.
type ReplayOptions struct {
	From, To time.Time // when articles were first seen; zero: no bound. All others keep their mentions
	DryRun   bool      // only tell what would change
	KeepOld  bool      // leave the table that is replaced
	Restart  bool      // do not go on with one that was cut short
	Workers  int       // that find mentions at the same time; 0: half of the cores
	Progress io.Writer // for people who wait
}

// replay derives the mentions of stored articles anew, into a table beside
// `mentions`. What it has done is written down batch by batch, so that another
// process can go on; land puts the table in its place. docs/replay.md has the
// steps.
type replay struct {
	app       *App
	store     *store.Store
	opt       ReplayOptions
	finder    []*enrich.Deriver // one for each worker
	table     string
	gen       uint32
	step      uint64
	phase     string     // state that is written down
	at        store.Mark // everything below is in the table
	again     bool       // what comes next may be there already
	described bool       // every entity of the table had its name
	taught    bool       // knowledge has changed since the replay began
	names     map[string]bool
	state     replayState
	report    *ReplayReport
	told      time.Time
	batch     int // articles
	copies    int // mentions
	pace      pace
	// before is called before each step that leaves something behind; tests
	// stop there.
	before func(what string) error
}

// replayState is what the next process has to know to go on.
type replayState struct {
	Owner       string    `json:"owner"`
	Model       string    `json:"model"`
	Knowledge   int64     `json:"knowledge"`
	Fingerprint string    `json:"fingerprint"`
	Before      string    `json:"model_before,omitempty"` // of most of what is replaced
	From        time.Time `json:"seen_from,omitzero"`
	To          time.Time `json:"seen_to,omitzero"`
	Began       time.Time `json:"began"`
	Pass        *passed   `json:"pass,omitempty"` // under way
	Articles    uint64    `json:"articles"`       // derived
	Mentions    uint64    `json:"mentions"`
	Copied      uint64    `json:"copied"` // mentions that were taken over as they were
	Kept        uint64    `json:"kept"`   // articles that keep their mentions: their text is gone, or cannot be read
}

// passed is how far a pass has come.
type passed struct {
	From     store.Mark     `json:"from"`
	To       store.Mark     `json:"to"`
	Floor    time.Time      `json:"floor"`
	Deriving bool           `json:"deriving"` // else copying
	Stretch  *store.Stretch `json:"stretch,omitempty"`
	Place    store.Place    `json:"place"`
}

// errTaken ends a replay that another process has taken over.
var errTaken = errors.New("another process has taken the replay over")

// Replay derives the mentions of all stored articles anew, with the model and
// the knowledge of today, while ingest goes on; decisions on articles stay. It
// returns when the new mentions are in force and have been audited. A replay
// that was cut short is gone on with.
func (a *App) Replay(ctx context.Context, opt ReplayOptions) (*ReplayReport, error) {
	j := a.newReplay(opt)
	if err := j.learn(ctx); err != nil {
		return nil, err
	}
	if opt.DryRun {
		return j.trial(ctx)
	}
	return j.run(ctx)
}

func (a *App) newReplay(opt ReplayOptions) *replay {
	if opt.Workers <= 0 {
		opt.Workers = max(1, runtime.GOMAXPROCS(0)/2)
	}
	if opt.Progress == nil {
		opt.Progress = io.Discard
	}
	j := &replay{
		app: a, store: a.Store, opt: opt, table: store.Shadow, names: map[string]bool{},
		report: &ReplayReport{DryRun: opt.DryRun}, batch: replayBatch, copies: replayCopy, before: func(string) error { return nil },
	}
	host, _ := os.Hostname()
	j.state.Owner = fmt.Sprintf("%s %d %x", host, os.Getpid(), rand.Uint32())
	return j
}

// learn reads the tables of the tagger and `knowledge`; later, what has come
// to that.
func (j *replay) learn(ctx context.Context) error {
	if len(j.finder) > 0 {
		return j.finder[0].Refresh(ctx, j.app.Bus, j.app.log)
	}
	t, err := entity.Load()
	if err != nil {
		return err
	}
	f, err := enrich.NewDeriver(ctx, j.app.Bus, entity.NewPipeline(t, entity.Options{}), j.app.Config.Watchlist, j.app.log)
	if err != nil {
		return err
	}
	for j.finder = append(j.finder, f); len(j.finder) < j.opt.Workers; {
		j.finder = append(j.finder, f.Clone())
	}
	return nil
}

// run makes the table, follows what lands, and waits until land has put the
// table in force.
func (j *replay) run(ctx context.Context) (*ReplayReport, error) {
	through, err := j.claim(ctx)
	if err != nil {
		return nil, err
	}
	for !through {
		behind, err := j.catchUp(ctx)
		if err != nil {
			return nil, err
		}
		if behind < nearBy {
			break
		}
	}
	if err := j.handOver(ctx); err != nil {
		return nil, err
	}
	return j.conclude(ctx)
}

// claim goes on with a replay that was cut short, or begins one. It tells where
// the mentions of one are in force already, and only that was not said yet.
func (j *replay) claim(ctx context.Context) (through bool, err error) {
	last, any, err := j.store.LastReplay(ctx)
	if err != nil {
		return false, err
	}
	tables, err := j.store.MentionTables(ctx)
	if err != nil {
		return false, err
	}
	if any && last.Generation == tables[store.Mentions] && last.State == store.ReplayNear {
		j.gen = last.Generation
		return true, json.Unmarshal([]byte(last.Detail), &j.state)
	}
	j.phase = store.ReplayDeriving
	f := j.finder[0]
	fresh := replayState{Owner: j.state.Owner, Model: f.Model(), Knowledge: f.Knowledge(), Fingerprint: f.Fingerprint(), From: j.opt.From, To: j.opt.To, Began: j.app.Now()}
	if any && last.Generation > tables[store.Mentions] && last.State != store.ReplayGiven {
		if last, err = j.alone(ctx, last); err != nil {
			return false, err
		}
		why, err := j.resumable(ctx, last, fresh)
		if err != nil {
			return false, err
		}
		if why == "" {
			j.gen, j.step, j.at, j.again = last.Generation, last.Step, last.At, true
			j.state.Owner = fresh.Owner
			j.say("Going on with the replay that began %s: %d articles are done.", j.state.Began.UTC().Format("2006-01-02 15:04"), j.state.Articles)
			return false, j.note(ctx)
		}
		j.say("Starting over: %s.", why)
	}
	if err := j.room(ctx); err != nil {
		return false, err
	}
	j.gen, j.step, j.at, j.again = max(last.Generation, tables[store.Mentions])+1, 0, store.Mark{}, false
	j.state = fresh
	if j.state.Before, err = j.store.UsualModel(ctx); err != nil {
		return false, err
	}
	if err := j.note(ctx); err != nil {
		return false, err
	}
	if err := j.before("make"); err != nil {
		return false, err
	}
	return false, j.store.MakeShadow(ctx, j.table, j.gen)
}

// signOfLife is how long a process that replays may say nothing.
const signOfLife = 20 * time.Second

// alone waits for a sign of life of the process that replays already.
func (j *replay) alone(ctx context.Context, last store.Replay) (store.Replay, error) {
	for first := last.Step; ; {
		if last.Step != first {
			return last, errors.New("a replay is running already; wait for it, or stop it first")
		}
		if last.Age.Abs() > signOfLife || dead(last.Detail) {
			return last, nil
		}
		j.say("Waiting whether the replay that gave a sign of life %v ago is still running …", last.Age.Round(time.Second))
		select {
		case <-ctx.Done():
			return last, ctx.Err()
		case <-time.After(2 * time.Second):
		}
		var err error
		if last, _, err = j.store.LastReplay(ctx); err != nil {
			return last, err
		}
	}
}

// dead tells whether the owner in a replay's detail was a process of this
// machine that has ended.
func dead(detail string) bool {
	var s replayState
	host, _ := os.Hostname()
	if json.Unmarshal([]byte(detail), &s) != nil {
		return false
	}
	f := strings.Fields(s.Owner)
	if len(f) != 3 || f[0] != host {
		return false
	}
	pid, err := strconv.Atoi(f[1])
	return err == nil && pid != os.Getpid() && !alive(pid)
}

// resumable tells why a replay that was cut short cannot be gone on with; empty
// where it can. Then its state is taken over.
func (j *replay) resumable(ctx context.Context, last store.Replay, now replayState) (why string, err error) {
	if j.opt.Restart {
		return "as it was asked for", nil
	}
	var s replayState
	if err := json.Unmarshal([]byte(last.Detail), &s); err != nil {
		return "the state of the replay before cannot be read", nil
	}
	if !s.From.Equal(now.From) || !s.To.Equal(now.To) {
		return "", fmt.Errorf("the replay that was cut short has other bounds (from %s to %s): give the same, or --restart", bound(s.From), bound(s.To))
	}
	if s.Fingerprint != now.Fingerprint {
		return "the model or what it was taught has changed since the replay before was cut short", nil
	}
	tables, err := j.store.MentionTables(ctx)
	if err != nil {
		return "", err
	}
	for name, g := range tables {
		if g == last.Generation && strings.HasPrefix(name, store.SwapPrefix) {
			// The lander that was at it has gone; the next one gives it back.
			j.state = s
			return "", nil
		}
	}
	same, err := j.store.SameShape(ctx, store.Shadow)
	if err != nil {
		return "", err
	}
	if tables[store.Shadow] != last.Generation || !same {
		return "the table of the replay before is gone, or of an older build", nil
	}
	j.state = s
	return "", nil
}

func bound(t time.Time) string {
	if t.IsZero() {
		return "the beginning or end"
	}
	return t.UTC().Format(time.RFC3339)
}

// room refuses to fill the disk: the new table may become as large as the old,
// and merges need room, too.
func (j *replay) room(ctx context.Context) error {
	size, free, err := j.store.Room(ctx)
	if err != nil {
		return err
	}
	if need := size + size/2 + 256<<20; free < need {
		return fmt.Errorf("a replay needs about %d MB for the new table beside the old one (%d MB), and the disk of ClickHouse has %d MB free: make room first", need>>20, size>>20, free>>20)
	}
	return nil
}

// note writes down how far the replay is.
func (j *replay) note(ctx context.Context) error {
	if j.opt.DryRun {
		return nil
	}
	detail, err := json.Marshal(j.state)
	if err != nil {
		return err
	}
	j.step++
	r := store.Replay{Generation: j.gen, Step: j.step, State: j.phase, At: j.at, Detail: string(detail)}
	if err := j.store.NoteReplay(ctx, r); err != nil {
		return err
	}
	last, _, err := j.store.LastReplay(ctx)
	if err != nil {
		return err
	}
	if last.Generation != j.gen || last.State != store.ReplaySwapped && last.Detail != r.Detail {
		return errTaken
	}
	return nil
}

// landed is the mark below which everything has landed for good.
func (j *replay) landed(ctx context.Context) (store.Mark, error) {
	e, err := j.store.Epoch(ctx)
	if err != nil {
		return store.Mark{}, err
	}
	committed, _, err := j.app.Bus.Committed(ctx, land.GroupName, news.TopicDocuments, 0)
	return store.Mark{Epoch: e, Off: uint64(max(committed, 0))}, err
}

func (j *replay) say(format string, args ...any) { fmt.Fprintf(j.opt.Progress, format+"\n", args...) }
