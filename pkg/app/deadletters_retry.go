package app

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/news"
)

// Retried says what became of one letter.
type Retried struct {
	Letter *DeadLetter
	Err    error // why it was not retried; nil: its message is published
	Before bool  // an earlier retry, which was cut short, had published it
}

// RetryOptions say which letters are retried, and how.
type RetryOptions struct {
	Offsets []int64     // these, or
	Query   LetterQuery // all open ones that it selects
	Again   bool        // those too that were retried before
	DryRun  bool        // nothing is published
}

// Bounds of what is retried at once.
const (
	retryLetters = 200
	retryBytes   = 8 << 20
)

// RetryDeadLetters publishes the messages of dead letters to the topics where
// they stood, under their keys. done is told of each letter. What has come into
// the log before counts as retried: a letter is claimed, published and marked,
// in this order, and where that was cut short the next retry looks for the
// message in its topic before it publishes it.
func (a *App) RetryDeadLetters(ctx context.Context, opt RetryOptions, done func(Retried) error) error {
	d, err := a.letterDesk(ctx)
	if err != nil {
		return err
	}
	var batch []*DeadLetter
	size := 0
	flush := func() error {
		if len(batch) == 0 {
			return nil
		}
		out, err := a.retry(ctx, d, batch, opt)
		batch, size = nil, 0
		for _, r := range out {
			if err := done(r); err != nil {
				return err
			}
		}
		return err
	}
	take := func(l *DeadLetter) error {
		if err := a.retryable(ctx, l, opt.Again); err != nil {
			return done(Retried{Letter: l, Err: err})
		}
		if size += len(l.message.Value); len(batch) > 0 && (len(batch) >= retryLetters || size > retryBytes) {
			if err := flush(); err != nil {
				return err
			}
			size = len(l.message.Value)
		}
		batch = append(batch, l)
		return nil
	}
	if len(opt.Offsets) > 0 {
		for _, off := range slices.Compact(slices.Sorted(slices.Values(opt.Offsets))) {
			l, err := a.letterAt(ctx, d, off)
			if err != nil {
				return errors.Join(err, flush())
			}
			if err := take(l); err != nil {
				return err
			}
		}
		return flush()
	}
	// The log grows by what is done here: only what it holds now is read.
	_, err = a.Bus.ReadAll(ctx, news.TopicDeadLetters, 0, func(m bus.Message) error {
		if isMark(m) {
			return nil
		}
		l := d.read(m)
		open := l.State == LetterOpen || l.State == LetterRetrying || opt.Again && l.State == LetterRetried
		if !open || !opt.Query.match(l) {
			return nil
		}
		return take(l)
	})
	return errors.Join(err, flush())
}

// retryable says why a letter cannot be retried, and fills in what the letter
// itself does not hold: the key, or a value that was too long for it.
func (a *App) retryable(ctx context.Context, l *DeadLetter, again bool) error {
	switch l.State {
	case LetterRepeat:
		return fmt.Errorf("it is the same message as letter %d", l.Again)
	case LetterReturned:
		if !again {
			return fmt.Errorf("it was retried, and came back as letter %d: retry that one", l.Again)
		}
	case LetterRetried, LetterDismissed:
		if !again {
			return fmt.Errorf("it was %s before; --again does it once more", l.State)
		}
	}
	i := slices.IndexFunc(news.Topics, func(t news.Topic) bool { return t.Name == l.Topic })
	if i < 0 || l.Topic == news.TopicDeadLetters {
		return fmt.Errorf("it names no topic of dateline: %q", l.Topic)
	}
	if strings.HasPrefix(l.Error, "has a row in ") {
		return errors.New("its main row has landed, so that it would be dropped as known; what another table refused is not made up for by this")
	}
	if l.Cut || !l.keyed {
		m, ok, err := a.messageAt(ctx, l.Topic, l.Partition, l.From)
		if err != nil {
			return err
		}
		same := ok && len(m.Value) == l.Bytes && strings.HasPrefix(string(m.Value), string(l.message.Value))
		switch {
		case same:
			l.message.Value, l.Cut = m.Value, false
			l.Key, l.keyed = string(m.Key), m.Key != nil
		case l.Cut:
			return fmt.Errorf("only the first %d of its %d bytes were kept, and %s/%d does not hold offset %d any more", len(l.message.Value), l.Bytes, l.Topic, l.Partition, l.From)
		default:
			l.Key = keyOf(l.Topic, l.message.Value)
			l.keyed = l.Key != ""
		}
	}
	if !news.Topics[i].Compacted {
		return nil
	}
	if !l.keyed {
		return fmt.Errorf("it has no key, without which %s takes nothing", l.Topic)
	}
	return a.newest(ctx, l)
}

// newest makes sure that a retry would not take a key of a compacted topic back
// to what it was.
func (a *App) newest(ctx context.Context, l *DeadLetter) error {
	_, err := a.Bus.ReadAll(ctx, l.Topic, l.Partition, func(m bus.Message) error {
		if m.Offset > l.From && string(m.Key) == l.Key {
			return fmt.Errorf("%s has something newer under the key %q, which it would replace", l.Topic, l.Key)
		}
		return nil
	})
	return err
}

// keyOf gives the key that a message of ours has, from its value.
func keyOf(topic string, value []byte) string {
	var v struct {
		ID     string `json:"id"`
		Feed   string `json:"feed_url"`
		URL    string `json:"url"`
		Entity string `json:"entity_id"`
		Type   string `json:"type"`
		Name   string `json:"name"`
	}
	if json.Unmarshal(value, &v) != nil {
		return ""
	}
	switch topic {
	case news.TopicArticles, news.TopicDocuments:
		return v.ID
	case news.TopicFetches:
		return v.Feed
	case news.TopicFeeds, news.TopicFeedState:
		return v.URL
	case news.TopicAlerts:
		return v.Entity
	case news.TopicKnowledge:
		if v.Type != "" && v.Name != "" {
			return v.Type + "/" + v.Name
		}
	}
	return ""
}

// retry publishes the messages of some letters again.
func (a *App) retry(ctx context.Context, d *letterDesk, letters []*DeadLetter, opt RetryOptions) (out []Retried, err error) {
	if opt.DryRun {
		for _, l := range letters {
			out = append(out, Retried{Letter: l})
		}
		return out, nil
	}
	claim := letterMark{State: LetterRetrying, Run: runID(), Again: opt.Again, Ends: map[string][]int64{}}
	byOffset := map[int64]*DeadLetter{}
	for _, l := range letters {
		claim.Letters = append(claim.Letters, l.Offset)
		byOffset[l.Offset] = l
		if claim.Ends[l.Topic] == nil {
			if claim.Ends[l.Topic], err = a.ends(ctx, l.Topic); err != nil {
				return nil, err
			}
		}
	}
	if err := a.markLetters(ctx, claim); err != nil {
		return nil, err
	}
	a.retryStep("claim")
	if err := a.catchUp(ctx, d); err != nil {
		return nil, err
	}
	var ours []*DeadLetter
	before := map[int64]bool{} // those that an earlier retry may have published
	var from []map[string][]int64
	for _, l := range letters {
		p := d.progress[l.Offset]
		if p.state != LetterRetrying || p.run != claim.Run {
			why := fmt.Errorf("another command is retrying it, since %s; where that was cut short, it can be tried again %v later", p.at.Format("15:04:05"), claimFor)
			if p.state != LetterRetrying {
				why = fmt.Errorf("another command has just finished it: it is %s", p.state)
			}
			out = append(out, Retried{Letter: l, Err: why})
			continue
		}
		ours = append(ours, l)
		if !slices.Equal(p.ends[l.Topic], claim.Ends[l.Topic]) {
			before[l.Offset] = false
			from = append(from, p.ends)
		}
	}
	if err := a.published(ctx, from, before); err != nil {
		return out, err
	}
	mark := letterMark{State: LetterRetried, Run: claim.Run}
	var msgs []bus.Message
	for _, l := range ours {
		mark.Letters = append(mark.Letters, l.Offset)
		if !before[l.Offset] {
			msgs = append(msgs, l.again())
		}
	}
	if len(msgs) > 0 {
		if err := a.Bus.Publish(ctx, msgs...); err != nil {
			return out, err
		}
	}
	a.retryStep("publish")
	if len(ours) > 0 {
		if err := a.markLetters(ctx, mark); err != nil {
			return out, err
		}
	}
	for _, l := range ours {
		l.State = LetterRetried
		out = append(out, Retried{Letter: l, Before: before[l.Offset]})
	}
	return out, nil
}

// again is the message of a letter as it is published once more.
func (l *DeadLetter) again() bus.Message {
	h := map[string]string{}
	for k, v := range l.message.Headers {
		switch k {
		case "error", "topic", "partition", "offset", "value-bytes", "key":
		default:
			h[k] = v
		}
	}
	h["stage"] = "dead-letters"
	h[bus.HeaderRetryOf] = strconv.FormatInt(l.Offset, 10)
	h[bus.HeaderAttempt] = strconv.Itoa(l.Attempt + 1)
	m := bus.Message{Topic: l.Topic, Value: l.message.Value, Headers: h}
	if l.keyed {
		m.Key = []byte(l.Key)
	}
	return m
}

func (a *App) ends(ctx context.Context, topic string) ([]int64, error) {
	ends := make([]int64, partitions(topic))
	for p := range ends {
		var err error
		if _, ends[p], err = a.Bus.Bounds(ctx, topic, p); err != nil {
			return nil, err
		}
	}
	return ends, nil
}

// published looks in the topics, from the given ends on, for messages that say
// whose retry they are, and notes those that were asked for.
func (a *App) published(ctx context.Context, from []map[string][]int64, found map[int64]bool) error {
	start := map[string][]int64{}
	for _, ends := range from {
		for topic, list := range ends {
			if start[topic] == nil {
				start[topic] = slices.Clone(list)
			}
			for p := range min(len(list), len(start[topic])) {
				start[topic][p] = min(start[topic][p], list[p])
			}
		}
	}
	for topic, list := range start {
		for p, off := range list {
			if p >= partitions(topic) {
				break
			}
			_, err := a.readFrom(ctx, topic, p, off, func(m bus.Message) error {
				if of, err := strconv.ParseInt(m.Headers[bus.HeaderRetryOf], 10, 64); err == nil {
					if _, asked := found[of]; asked {
						found[of] = true
					}
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// DismissDeadLetters marks letters as ones that nothing is to be done about.
func (a *App) DismissDeadLetters(ctx context.Context, offsets []int64) error {
	d, err := a.letterDesk(ctx)
	if err != nil {
		return err
	}
	for _, off := range offsets {
		if _, err := a.letterAt(ctx, d, off); err != nil {
			return err
		}
	}
	return a.markLetters(ctx, letterMark{State: LetterDismissed, Run: runID(), Letters: offsets})
}

func (a *App) markLetters(ctx context.Context, k letterMark) error {
	k.V, k.At = 1, a.Now().UTC()
	if err := a.Bus.Publish(ctx, bus.Message{
		Topic: news.TopicDeadLetters, Key: []byte("mark/" + k.Run), Value: news.Encode(k),
		Headers: map[string]string{headerMark: k.State, "stage": "dead-letters"},
	}); err != nil {
		return fmt.Errorf("note what is done about dead letters: %w", err)
	}
	return nil
}

func runID() string {
	b := make([]byte, 8)
	rand.Read(b)
	return hex.EncodeToString(b)
}

func (a *App) retryStep(name string) {
	if a.onRetry != nil {
		a.onRetry(name)
	}
}
