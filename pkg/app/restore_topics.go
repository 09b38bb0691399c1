package app

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/store"
)

// publish sends the messages that a backup holds of a topic. Where that is cut
// short and done again some come twice, which no reader minds.
func (j *restoreJob) publish(ctx context.Context, t BackedTopic, epoch uint32) error {
	if t.Name == news.TopicKnowledge {
		return j.publishKnowledge(ctx, t, epoch)
	}
	n, err := j.send(ctx, t, func(b backedMessage) bool { return true }, func(m *bus.Message) {
		if t.Name == news.TopicDeadLetters {
			// Its key names an offset of the old log.
			m.Key = fmt.Appendf(nil, "epoch-%d/%s", j.m.Cut.Epoch, m.Key)
		}
	})
	if err == nil && n != t.Messages {
		err = fmt.Errorf("%s: %d messages were read, want %d", t.Name, n, t.Messages)
	}
	if n > 0 {
		fmt.Fprintf(j.opt.Progress, "%-20s %d messages\n", t.Name, n)
	}
	return err
}

// publishKnowledge sends what had landed, then a mark of which the row is
// written here, so that land goes on after it, and then what had not landed.
func (j *restoreJob) publishKnowledge(ctx context.Context, t BackedTopic, epoch uint32) error {
	cut := int64(0)
	if offs := j.m.Cut.Offsets[t.Name]; len(offs) > 0 {
		cut = offs[0]
	}
	landed := func(b backedMessage) bool { return b.Offset < cut }
	before, err := j.send(ctx, t, landed, nil)
	if err != nil {
		return err
	}
	mark := &news.Knowledge{V: news.Version, Type: "restore", Name: j.m.ID, At: j.m.At, Value: map[string]string{"epoch": fmt.Sprint(epoch)}}
	if err := j.a.Bus.Publish(ctx, bus.Message{Topic: t.Name, Key: []byte("restore/" + j.m.ID), Value: news.Encode(mark)}); err != nil {
		return err
	}
	_, end, err := j.a.Bus.Bounds(ctx, t.Name, 0)
	if err != nil {
		return err
	}
	row := store.ChangeRow{
		Origin: store.Origin{Epoch: epoch, Off: uint64(end - 1), LandedAt: j.a.Now()}, Topic: t.Name, What: mark.Type,
		Detail: mark.Name + ": " + string(news.Encode(mark.Value)), At: mark.At,
	}
	if err := j.a.Store.Insert(ctx, "restore/"+j.m.ID, store.ChangeBatch([]store.ChangeRow{row})); err != nil {
		return err
	}
	after, err := j.send(ctx, t, func(b backedMessage) bool { return !landed(b) }, nil)
	if err == nil && before+after != t.Messages {
		err = fmt.Errorf("%s: %d messages were read, want %d", t.Name, before+after, t.Messages)
	}
	if n := before + after; n > 0 {
		fmt.Fprintf(j.opt.Progress, "%-20s %d messages\n", t.Name, n)
	}
	return err
}

// Bounds of what is sent at once.
const (
	restoreMessages = 1000
	restoreBytes    = 4 << 20
)

// send publishes the messages that are wanted, in their order, and counts them.
func (j *restoreJob) send(ctx context.Context, t BackedTopic, want func(backedMessage) bool, change func(*bus.Message)) (n uint64, err error) {
	var batch []bus.Message
	keys := map[string]bool{}
	size := 0
	flush := func() error {
		err := j.a.Bus.Publish(ctx, batch...)
		clear(keys)
		batch, size = batch[:0], 0
		return err
	}
	for _, f := range t.Files {
		err := j.read(f, func(b backedMessage) error {
			if !want(b) {
				return nil
			}
			m := b.message(t.Name)
			if change != nil {
				change(&m)
			}
			n++
			// Messages of one call may change places: of a key there is one.
			if len(batch) >= restoreMessages || size+len(m.Value) > restoreBytes || keys[string(m.Key)] {
				if err := flush(); err != nil {
					return err
				}
			}
			keys[string(m.Key)] = true
			size += len(m.Value)
			batch = append(batch, m)
			return nil
		})
		if err != nil {
			return n, fmt.Errorf("restore %s: %w", t.Name, err)
		}
	}
	return n, flush()
}

// read calls f for each message of a file.
func (j *restoreJob) read(file BackedFile, f func(backedMessage) error) error {
	in, err := file.text(j.dir)
	if err != nil {
		return err
	}
	defer in.Close()
	dec := json.NewDecoder(bufio.NewReaderSize(in, 1<<20))
	for {
		var b backedMessage
		if err := dec.Decode(&b); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("%s: %w", file.Name, err)
		}
		if err := f(b); err != nil {
			return err
		}
	}
}
