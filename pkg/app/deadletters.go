package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/news"
	"github.com/zeebo/xxh3"
)

// States of a dead letter.
const (
	LetterOpen      = "open"      // nobody has done anything about it
	LetterRetrying  = "retrying"  // a retry is under way, or was cut short
	LetterRetried   = "retried"   // its message was published again
	LetterReturned  = "returned"  // it was retried, and came back as another letter
	LetterRepeat    = "repeat"    // the same message as an earlier letter: after a crash one may be there twice
	LetterDismissed = "dismissed" // somebody has decided that nothing is to be done
)

// DeadLetter is a message that a stage could not use.
type DeadLetter struct {
	Offset    int64     `json:"offset,string"` // in dead-letters
	At        time.Time `json:"at"`
	Stage     string    `json:"stage"`
	Topic     string    `json:"topic"`     // where the message stood
	Partition int       `json:"partition"` //
	From      int64     `json:"from,string"`
	Key       string    `json:"key"`
	Attempt   int       `json:"attempt"` // how often the message had been retried when it came here
	State     string    `json:"state"`
	Again     int64     `json:"again,string"` // the letter that it came back as, or that it repeats; -1: none
	Class     string    `json:"class"`        // of the error, see classOf
	Error     string    `json:"error"`
	Bytes     int       `json:"bytes"`         // of the value as it was
	Cut       bool      `json:"cut,omitempty"` // only the beginning of the value was kept

	keyed   bool // Key is known, though it may be empty
	message bus.Message
}

// LetterQuery selects dead letters; zero fields select all.
type LetterQuery struct {
	Stage, Topic string
	State        string
	Since        time.Time
}

func (q LetterQuery) match(l *DeadLetter) bool {
	return (q.Stage == "" || l.Stage == q.Stage) && (q.Topic == "" || l.Topic == q.Topic) &&
		(q.State == "" || l.State == q.State) && !l.At.Before(q.Since)
}

// letterMark is the value of a message in dead-letters that is no letter: it
// tells what was done about letters. Marks stand in the same log as their
// letters, so that everybody reads them in one order and they expire together.
type letterMark struct {
	V       int                `json:"v"`
	State   string             `json:"state"` // LetterRetrying, LetterRetried or LetterDismissed
	Run     string             `json:"run"`   // of the command that says so
	At      time.Time          `json:"at"`
	Letters []int64            `json:"letters"`
	Again   bool               `json:"again,omitempty"` // a retry takes letters too that were done with before
	Ends    map[string][]int64 `json:"ends,omitempty"`  // of a retry's topics before it: what it published stands after
}

// headerMark is on marks alone; letters have a topic.
const headerMark = "mark"

// claimFor is how long a retry that has begun keeps others off its letters.
const claimFor = time.Minute

// progress is what was done about one letter.
type progress struct {
	state string
	run   string
	at    time.Time
	ends  map[string][]int64 // of the earliest retry that was not finished
	again int64
}

// letterDesk is what the log says of the letters that something was done about.
type letterDesk struct {
	progress map[int64]*progress
	repeats  map[int64]int64  // by letter, the one that it repeats
	first    map[uint64]int64 // the first letter of each message, by hash
	next     int64            // everything below has been read
}

// letterDesk reads what dead-letters says.
func (a *App) letterDesk(ctx context.Context) (*letterDesk, error) {
	d := &letterDesk{progress: map[int64]*progress{}, repeats: map[int64]int64{}, first: map[uint64]int64{}}
	return d, a.catchUp(ctx, d)
}

// catchUp reads what has come since.
func (a *App) catchUp(ctx context.Context, d *letterDesk) error {
	end, err := a.readFrom(ctx, news.TopicDeadLetters, 0, d.next, func(m bus.Message) error {
		if !isMark(m) {
			d.letter(m)
			return nil
		}
		var k letterMark
		if err := json.Unmarshal(m.Value, &k); err != nil || k.V != 1 {
			return fmt.Errorf("offset %d of dead-letters was written by a newer version; upgrade this process", m.Offset)
		}
		d.mark(k)
		return nil
	})
	if err != nil {
		return fmt.Errorf("dead letters: %w", err)
	}
	d.next = end
	return nil
}

func isMark(m bus.Message) bool { return m.Headers[headerMark] != "" && m.Headers["topic"] == "" }

func (d *letterDesk) letter(m bus.Message) {
	h := xxh3.New()
	for _, part := range []string{string(m.Key), m.Headers["stage"], m.Headers[bus.HeaderRetryOf]} {
		_, _ = h.WriteString(part + "\x00")
	}
	_, _ = h.Write(m.Value)
	if of, ok := d.first[h.Sum64()]; ok {
		d.repeats[m.Offset] = of
		return
	}
	d.first[h.Sum64()] = m.Offset
	if of, err := strconv.ParseInt(m.Headers[bus.HeaderRetryOf], 10, 64); err == nil {
		if p := d.progress[of]; p != nil {
			p.again = m.Offset
		}
	}
}

// mark applies what was done. All that read the log agree on whose a letter is:
// of the first that claimed it, until that has been silent for too long.
func (d *letterDesk) mark(k letterMark) {
	for _, off := range k.Letters {
		p := d.progress[off]
		if p == nil {
			p = &progress{state: LetterOpen, again: -1}
			d.progress[off] = p
		}
		switch {
		case k.State != LetterRetrying:
			if p.state != LetterRetrying || p.run == k.Run || k.State == LetterDismissed {
				p.state, p.run, p.at, p.ends = k.State, k.Run, k.At, nil
			}
		case p.state == LetterRetrying && k.At.Sub(p.at) < claimFor:
		case (p.state == LetterRetried || p.state == LetterDismissed) && !k.Again: // done with since the command has looked
		default:
			if p.state != LetterRetrying {
				p.ends, p.again = k.Ends, -1
			}
			p.state, p.run, p.at = k.State, k.Run, k.At
		}
	}
}

// DeadLetters gives the letters that a query selects to f, in their order.
func (a *App) DeadLetters(ctx context.Context, q LetterQuery, f func(*DeadLetter) error) error {
	d, err := a.letterDesk(ctx)
	if err != nil {
		return err
	}
	_, err = a.Bus.ReadAll(ctx, news.TopicDeadLetters, 0, func(m bus.Message) error {
		if isMark(m) {
			return nil
		}
		if l := d.read(m); q.match(l) {
			return f(l)
		}
		return nil
	})
	return err
}

// ErrNoLetter says that there is no dead letter at an offset.
var ErrNoLetter = errors.New("no dead letter")

// DeadLetter gives one letter.
func (a *App) DeadLetter(ctx context.Context, offset int64) (*DeadLetter, error) {
	d, err := a.letterDesk(ctx)
	if err != nil {
		return nil, err
	}
	return a.letterAt(ctx, d, offset)
}

func (a *App) letterAt(ctx context.Context, d *letterDesk, offset int64) (*DeadLetter, error) {
	m, ok, err := a.messageAt(ctx, news.TopicDeadLetters, 0, offset)
	if err != nil {
		return nil, err
	}
	if !ok || isMark(m) {
		return nil, fmt.Errorf("%w at offset %d: `dateline dead-letters list` has them", ErrNoLetter, offset)
	}
	return d.read(m), nil
}

// messageAt reads the message at an offset, where the log still holds it.
func (a *App) messageAt(ctx context.Context, topic string, partition int, offset int64) (m bus.Message, ok bool, err error) {
	first, end, err := a.Bus.Bounds(ctx, topic, partition)
	if err != nil || offset < first || offset >= end {
		return m, false, err
	}
	msgs, err := a.Bus.NewReader(topic, partition, offset).Batch(ctx, 1)
	if err != nil && !errors.Is(err, bus.ErrOutOfRange) {
		return m, false, err
	}
	if len(msgs) == 0 || msgs[0].Offset != offset {
		return m, false, nil
	}
	return msgs[0], true, nil
}

func (d *letterDesk) read(m bus.Message) *DeadLetter {
	h := m.Headers
	l := &DeadLetter{
		Offset: m.Offset, At: m.Time.UTC(), Stage: h["stage"], Topic: h["topic"], State: LetterOpen, Again: -1,
		Error: h["error"], Class: classOf(h["error"]), Bytes: len(m.Value), message: m,
	}
	l.Partition, _ = strconv.Atoi(h["partition"])
	l.From, _ = strconv.ParseInt(h["offset"], 10, 64)
	l.Attempt, _ = strconv.Atoi(h[bus.HeaderAttempt])
	l.Key, l.keyed = h["key"]
	if n, err := strconv.Atoi(h["value-bytes"]); err == nil && n > len(m.Value) {
		l.Bytes, l.Cut = n, true
	}
	if of, ok := d.repeats[m.Offset]; ok {
		l.State, l.Again = LetterRepeat, of
	}
	if p := d.progress[m.Offset]; p != nil {
		l.State, l.Again = p.state, p.again
		if l.State == LetterRetried && l.Again >= 0 {
			l.State = LetterReturned
		}
	}
	return l
}

var serverCode = regexp.MustCompile(`(?i)\bcode: (\d+)`)

// classOf names the kind of an error, for counts.
func classOf(e string) string {
	switch m := serverCode.FindStringSubmatch(e); {
	case strings.HasPrefix(e, "has a row in "):
		return "partly landed"
	case m != nil:
		return "clickhouse " + m[1]
	case strings.Contains(e, news.ErrForeign.Error()):
		return "foreign"
	case strings.Contains(e, bus.ErrTooLarge.Error()):
		return "too large"
	}
	return "other"
}

// readFrom calls f for the messages of a partition from an offset, or where its
// log now begins, to the end that it has now, and returns that.
func (a *App) readFrom(ctx context.Context, topic string, partition int, from int64, f func(bus.Message) error) (int64, error) {
	first, end, err := a.Bus.Bounds(ctx, topic, partition)
	if err != nil {
		return 0, err
	}
	r := a.Bus.NewReader(topic, partition, max(from, first))
	for r.Next() < end {
		msgs, err := r.Batch(ctx, 1000)
		if err != nil {
			return 0, err
		}
		for _, m := range msgs {
			if m.Offset >= end {
				return end, nil
			}
			if err := f(m); err != nil {
				return 0, err
			}
		}
		if len(msgs) == 0 && r.Lag() == 0 {
			break
		}
	}
	return end, nil
}

// Bare is the letter without its message, for lists of many.
func (l *DeadLetter) Bare() *DeadLetter {
	bare := *l
	bare.message = bus.Message{}
	return &bare
}

// Value is the message's value, or as much of it as was kept.
func (l *DeadLetter) Value() []byte { return l.message.Value }

// Headers are those of the letter as it stands in the log.
func (l *DeadLetter) Headers() map[string]string { return l.message.Headers }

// LetterLanded tells whether the article of a letter stands in the database:
// yes or no, and nothing for other messages.
func (a *App) LetterLanded(ctx context.Context, l *DeadLetter) (string, error) {
	if l.Topic != news.TopicArticles && l.Topic != news.TopicDocuments {
		return "", nil
	}
	id, err := idOf(l.message.Value)
	if err != nil {
		return "", nil // no article of ours
	}
	missing, err := a.Store.Missing(ctx, []news.ID{id})
	switch {
	case err != nil:
		return "", err
	case len(missing) > 0:
		return "no", nil
	}
	return "yes", nil
}
