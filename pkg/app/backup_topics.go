package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
	"unicode/utf8"

	"github.com/dateline/dateline/consumers/enrich"
	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/news"
)

// backedMessage is one line of a topic's file. Bytes that are no text stand in
// the second field of each pair.
type backedMessage struct {
	Partition int               `json:"p"`
	Offset    int64             `json:"o"`
	Time      int64             `json:"t"` // unix ms
	Key       string            `json:"k,omitempty"`
	KeyBytes  []byte            `json:"kb,omitempty"`
	Value     string            `json:"v,omitempty"`
	ValBytes  []byte            `json:"vb,omitempty"`
	Gone      bool              `json:"gone,omitempty"` // no value: the key was removed
	Headers   map[string]string `json:"h,omitempty"`
}

func backedOf(m bus.Message) backedMessage {
	b := backedMessage{Partition: m.Partition, Offset: m.Offset, Time: m.Time.UnixMilli(), Gone: m.Value == nil, Headers: m.Headers}
	if utf8.Valid(m.Key) {
		b.Key = string(m.Key)
	} else {
		b.KeyBytes = m.Key
	}
	if utf8.Valid(m.Value) {
		b.Value = string(m.Value)
	} else {
		b.ValBytes = m.Value
	}
	return b
}

func (b backedMessage) message(topic string) bus.Message {
	m := bus.Message{Topic: topic, Key: b.KeyBytes, Value: b.ValBytes, Headers: b.Headers, Time: time.UnixMilli(b.Time)}
	if b.Key != "" {
		m.Key = []byte(b.Key)
	}
	if b.Value != "" || b.ValBytes == nil && !b.Gone {
		m.Value = []byte(b.Value)
	}
	return m
}

// topics writes the messages: of the compacted topics and the dead letters
// all, of the others those that have not been worked through. They are read in
// the order of the stream, so that what one stage moves on meanwhile is found
// at the next: states of feeds remember only what is found further down.
func (j *backupJob) topics(ctx context.Context) error {
	for _, topic := range []string{news.TopicFeeds, news.TopicFeedState, news.TopicDeadLetters} {
		if err := j.topic(ctx, topic, func(int) (int64, []int64, error) { return 0, nil, nil }); err != nil {
			return err
		}
	}
	err := j.topic(ctx, news.TopicArticles, func(p int) (int64, []int64, error) {
		done, _, err := j.a.Bus.Committed(ctx, enrich.GroupName, news.TopicArticles, p)
		return done, nil, err
	})
	if err != nil {
		return err
	}
	for _, topic := range tailTopics {
		offsets := make([]int64, partitions(topic))
		err := j.topic(ctx, topic, func(p int) (int64, []int64, error) {
			at, held, err := j.a.cut(ctx, j.m.Cut.Epoch, topic, p)
			offsets[p] = at
			if topic == news.TopicKnowledge {
				at = 0 // compacted: all of it
			}
			return at, held, err
		})
		if err != nil {
			return err
		}
		j.m.Cut.Offsets[topic] = offsets
	}
	return nil
}

// topic writes one topic: of each partition the messages that are named, and
// all from an offset on.
func (j *backupJob) topic(ctx context.Context, topic string, where func(partition int) (from int64, also []int64, err error)) error {
	if err := j.before("topics/" + topic); err != nil {
		return err
	}
	w := &pieces{dir: j.dir, base: filepath.Join("topics", topic), ending: ".jsonl.zst"}
	b := BackedTopic{Name: topic}
	put := func(m bus.Message) error {
		if topic == news.TopicDeadLetters && isMark(m) {
			return nil // it speaks of offsets that are others elsewhere
		}
		b.Messages++
		return w.line(backedOf(m))
	}
	for p := range partitions(topic) {
		from, also, err := where(p)
		if err == nil {
			err = j.a.writeMessages(ctx, topic, p, from, also, put)
		}
		if err != nil {
			_, _ = w.Close()
			return fmt.Errorf("back up %s: %w", topic, err)
		}
	}
	files, err := w.Close()
	b.Files = files
	j.m.Topics = append(j.m.Topics, b)
	if err == nil && b.Messages > 0 {
		fmt.Fprintf(j.progress, "%-20s %d messages\n", topic, b.Messages)
	}
	return err
}

func (a *App) writeMessages(ctx context.Context, topic string, p int, from int64, also []int64, put func(bus.Message) error) error {
	first, end, err := a.Bus.Bounds(ctx, topic, p)
	if err != nil {
		return err
	}
	for _, off := range also {
		if off < first || off >= from {
			continue
		}
		msgs, err := a.Bus.NewReader(topic, p, off).Batch(ctx, 1)
		if err != nil && !errors.Is(err, bus.ErrOutOfRange) {
			return err
		}
		if len(msgs) == 1 && msgs[0].Offset == off {
			if err := put(msgs[0]); err != nil {
				return err
			}
		}
	}
	for next := max(from, first); next < end; {
		_, err := a.readFrom(ctx, topic, p, next, func(m bus.Message) error {
			if next = m.Offset + 1; m.Offset >= end {
				return nil
			}
			return put(m)
		})
		if errors.Is(err, bus.ErrOutOfRange) { // retention has moved on
			if next, _, err = a.Bus.Bounds(ctx, topic, p); err == nil {
				continue
			}
		}
		return err
	}
	return nil
}

// syncDir makes renames in a folder outlive a power cut.
func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
