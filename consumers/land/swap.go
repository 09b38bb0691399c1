package land

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/store"
)

// A replay makes the mentions of another generation in a shadow table, and
// follows what lands. The owner of the documents puts that table in the place
// of `mentions` in between two batches, when it holds just what has landed.
//
// Two names and the lease keep a process that was paused, and has lost the
// documents meanwhile, from exchanging a shadow that lacks what others have
// landed: it first gives the shadow a name of its own, then proves by a commit
// that it still has the documents, and only then exchanges. Whoever takes the
// documents over begins with taking such names back. A process that was paused
// in front of an insert sends rows of another generation than the table takes.

// exchanger is what the swap asks of ClickHouse.
type exchanger interface {
	LastReplay(ctx context.Context) (store.Replay, bool, error)
	NoteReplay(ctx context.Context, r store.Replay) error
	MentionTables(ctx context.Context) (map[string]uint32, error)
	SameShape(ctx context.Context, table string) (bool, error)
	ForgottenShadow(ctx context.Context, table string) (uint64, error)
	RenameMentions(ctx context.Context, from, to string) error
	ExchangeMentions(ctx context.Context, with string) error
	Insert(ctx context.Context, token string, b store.Batch) error
}

// errSwapped says that the mentions are of another generation than this process
// took them for: somebody else has the documents, or had them meanwhile.
var errSwapped = errors.New("the table of mentions has been exchanged")

// swapper is the part of a replay that the owner of the documents does.
type swapper struct {
	*partition
	documents *documents
	tables    exchanger
	looked    time.Time
	rest      time.Duration // until it is looked again
	patience  time.Duration // for the shadow to catch up, at most
}

// Times of a swap: how often it is looked whether one is wanted, and how long
// the documents stand still for the shadow to catch up. A shadow that does not
// is given time before they do so again.
const (
	swapLook  = time.Second
	swapWait  = 3 * time.Second
	swapPause = 15 * time.Second
	swapPoll  = 50 * time.Millisecond
	swapNear  = 5000 // documents that it may be behind to be worth waiting for
)

// exchange makes the partition look after the table of mentions.
func (p *partition) exchange(d *documents, tables exchanger) {
	s := &swapper{partition: p, documents: d, tables: tables, patience: swapWait}
	p.swaps = s
	next := p.between
	p.between = func(ctx context.Context) error {
		if next != nil {
			if err := next(ctx); err != nil {
				return err
			}
		}
		return s.between(ctx)
	}
}

// fence takes the tables of mentions over, whatever the owner before was doing
// with them, and learns their generation. After it nobody else can exchange
// them.
func (s *swapper) fence(ctx context.Context) error {
	for {
		tables, err := s.tables.MentionTables(ctx)
		if err != nil {
			return err
		}
		now, ok := tables[store.Mentions]
		if !ok {
			return fmt.Errorf("there is no table %s", store.Mentions)
		}
		from, to := misplaced(tables, now)
		if from == "" {
			s.documents.generation = now
			return s.tell(ctx, now)
		}
		// It may change under way, where the owner before wakes up just now: so
		// look again.
		if err := s.tables.RenameMentions(ctx, from, to); err != nil {
			return fmt.Errorf("take %s back: %w", from, err)
		}
	}
}

// misplaced finds a table whose name says that it is being exchanged, or that
// was exchanged and does not say so.
func misplaced(tables map[string]uint32, now uint32) (from, to string) {
	for name, g := range tables {
		shadow := name == store.Shadow
		if !shadow && !strings.HasPrefix(name, store.SwapPrefix) {
			continue
		}
		_, taken := tables[store.Shadow]
		switch {
		case g < now, !shadow && taken: // it was replaced, or another replay has begun
			return name, kept(g)
		case !shadow:
			return name, store.Shadow
		}
	}
	return "", ""
}

func kept(generation uint32) string {
	return store.KeptPrefix + strconv.FormatUint(uint64(generation), 10)
}

// tell writes down that a replay is through, where that has not been done.
func (s *swapper) tell(ctx context.Context, now uint32) error {
	r, ok, err := s.tables.LastReplay(ctx)
	if err != nil || !ok || r.Generation != now || r.State == store.ReplaySwapped {
		return err
	}
	change := store.ChangeRow{
		Origin: store.Origin{Epoch: s.epoch, Off: uint64(now), LandedAt: s.now()}, Topic: "replay", What: "replay",
		Detail: replayed(r), At: s.now(),
	}
	// The same words go under the same tokens, whoever says them.
	if err := s.tables.Insert(ctx, fmt.Sprintf("replay/%d", now), store.ChangeBatch([]store.ChangeRow{change})); err != nil {
		return err
	}
	// The replay may just be writing its next step.
	r.Step, r.State = r.Step+1<<32, store.ReplaySwapped
	return s.tables.NoteReplay(ctx, r)
}

// replayed is a replay in words, for charts.
func replayed(r store.Replay) string {
	var d struct {
		Model    string    `json:"model"`
		Before   string    `json:"model_before"`
		Articles uint64    `json:"articles"`
		Mentions uint64    `json:"mentions"`
		From     time.Time `json:"seen_from"`
		To       time.Time `json:"seen_to"`
	}
	if err := json.Unmarshal([]byte(r.Detail), &d); err != nil {
		return "mentions derived anew"
	}
	out := fmt.Sprintf("mentions derived anew by %s, before by %s: %d of %d articles", cmp.Or(d.Model, "?"), cmp.Or(d.Before, "?"), d.Mentions, d.Articles)
	if !d.From.IsZero() {
		out += ", first seen from " + d.From.UTC().Format(time.RFC3339)
	}
	if !d.To.IsZero() {
		out += ", first seen before " + d.To.UTC().Format(time.RFC3339)
	}
	return out
}

// between exchanges the tables where a replay is near enough.
func (s *swapper) between(ctx context.Context) error {
	now := s.now()
	if since := now.Sub(s.looked); since >= 0 && since < s.rest { // a clock may be set back
		return nil
	}
	s.looked, s.rest = now, swapLook
	if ok, err := s.wanted(ctx); err != nil || !ok {
		return s.later(ctx, err)
	}
	// Nothing may be pending, and the shadow has to hear how far the documents
	// are.
	s.dirty = true
	if err := s.settle(ctx); err != nil {
		return err
	}
	for waited := time.Duration(0); ; waited += swapPoll {
		r, near, err := s.near(ctx)
		if err != nil || !near {
			return s.later(ctx, err)
		}
		if s.reached(r) {
			return s.swap(ctx, r.Generation)
		}
		if waited >= s.patience {
			s.log.Info("the replay is not near enough yet, landing goes on", "replay", r.At.Off, "landed", s.pos)
			s.rest = swapPause
			return nil
		}
		if s.wait(ctx, swapPoll, s.a.Stopping()) != nil {
			return nil // the loop sees the end
		}
	}
}

// near gives the replay that is near enough to be waited for.
func (s *swapper) near(ctx context.Context) (r store.Replay, ok bool, err error) {
	r, ok, err = s.tables.LastReplay(ctx)
	return r, ok && r.State == store.ReplayNear && r.Generation > s.documents.generation && r.At.Epoch == s.epoch, err
}

// reached tells whether the shadow holds just what has landed.
func (s *swapper) reached(r store.Replay) bool {
	return r.At == store.Mark{Epoch: s.epoch, Off: uint64(s.pos)}
}

// later passes trouble over: whether a replay gets through is no reason to stop
// landing.
func (s *swapper) later(ctx context.Context, err error) error {
	if err != nil && ctx.Err() == nil {
		s.log.Warn("cannot look after a replay now", "err", err)
		s.rest = swapPause
	}
	return nil
}

// wanted tells whether there is a shadow that could take over soon.
func (s *swapper) wanted(ctx context.Context) (bool, error) {
	r, near, err := s.near(ctx)
	if err != nil || !near || r.At.Off+swapNear < uint64(s.pos) {
		return false, err
	}
	if r.Age.Abs() > time.Minute { // nobody is at work on it
		return false, nil
	}
	tables, err := s.tables.MentionTables(ctx)
	if err != nil {
		return false, err
	}
	if from, _ := misplaced(tables, s.documents.generation); from != "" {
		return false, s.fence(ctx)
	}
	if tables[store.Shadow] != r.Generation {
		return false, nil
	}
	if same, err := s.tables.SameShape(ctx, store.Shadow); err != nil || !same {
		return false, err
	}
	n, err := s.tables.ForgottenShadow(ctx, store.Shadow)
	return n == 0, err
}

// swap exchanges the tables. The steps are such that fence can go on after
// each.
func (s *swapper) swap(ctx context.Context, generation uint32) error {
	// A name that only this process knows: see fence.
	mine := store.SwapPrefix + strconv.FormatInt(s.now().UnixNano(), 36) + "_" + strconv.FormatUint(rand.Uint64(), 36)
	s.before(ctx, swapClaim, 0)
	if err := s.tables.RenameMentions(ctx, store.Shadow, mine); err != nil {
		return s.later(ctx, err)
	}
	// Whoever has taken over since has not seen the claim, and has a lease of
	// its own; whoever takes over from here on takes the table back.
	s.dirty = true
	if err := s.settle(ctx); err != nil {
		_ = s.tables.RenameMentions(context.WithoutCancel(ctx), mine, store.Shadow) // else the other one does, see wanted
		return err
	}
	// Now nobody else can change what is behind the name. Is it what was found?
	r, near, err := s.near(ctx)
	if err != nil {
		return errors.Join(errSwapped, err)
	}
	tables, err := s.tables.MentionTables(ctx)
	if err != nil {
		return errors.Join(errSwapped, err)
	}
	if !near || !s.reached(r) || r.Generation != generation || tables[mine] != generation {
		return errors.Join(errSwapped, errors.New("another replay has begun meanwhile"))
	}
	s.before(ctx, swapExchange, 0)
	if err := s.tables.ExchangeMentions(ctx, mine); err != nil {
		// Whether it was done has to be seen.
		s.log.Warn("cannot tell whether the tables of mentions were exchanged, looking again", "err", err)
		return errSwapped
	}
	s.before(ctx, swapTell, 0)
	before := s.documents.generation
	if err := s.fence(ctx); err != nil {
		return errors.Join(errSwapped, err)
	}
	s.log.Info("a replay has taken the place of the mentions", "generation", s.documents.generation, "before", before, "from", s.pos)
	return nil
}

// Steps of a swap, as they are called before. They are below those of a plan.
const (
	swapClaim    = -3
	swapExchange = -2
	swapTell     = -1
)

// moved tells whether an insert was refused because the mentions are of another
// generation by now.
func (p *partition) moved(ctx context.Context, table string) (bool, error) {
	if table != store.Mentions || p.topic != news.TopicDocuments || p.swaps == nil {
		return false, nil
	}
	return p.swaps.changed(ctx)
}

func (s *swapper) changed(ctx context.Context) (bool, error) {
	tables, err := s.tables.MentionTables(ctx)
	return err == nil && tables[store.Mentions] != s.documents.generation, err
}
