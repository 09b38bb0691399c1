package bus

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/segmentio/kafka-go"
)

// MaxMessageBytes is the largest batch, and so the largest message, that is
// sent, before compression. Brokers accept 1 MiB by default.
const MaxMessageBytes = 1000 << 10

// ErrTooLarge says that a message can never be sent.
var ErrTooLarge = errors.New("message is too large for Kafka")

// Publish sends the messages and returns when every one of them is stored by
// all in-sync replicas. While brokers are away it tries again until ctx ends;
// a message may then be stored twice, and messages of one call may change
// places. ErrTooLarge is returned before anything is sent.
func (b *Bus) Publish(ctx context.Context, msgs ...Message) error {
	out := make([]kafka.Message, len(msgs))
	for i, m := range msgs {
		size := len(m.Value) + len(m.Key)
		out[i] = kafka.Message{Topic: b.name(m.Topic), Key: m.Key, Value: m.Value, Time: m.Time}
		for _, k := range slices.Sorted(maps.Keys(m.Headers)) {
			out[i].Headers = append(out[i].Headers, kafka.Header{Key: k, Value: []byte(m.Headers[k])})
			size += len(k) + len(m.Headers[k]) + headerBytes
		}
		if size > MaxMessageBytes-recordBytes {
			return fmt.Errorf("publish to %s, key %.100q: %w: %d bytes", m.Topic, m.Key, ErrTooLarge, size)
		}
	}
	wait := 10 * time.Millisecond
	for {
		left, err := b.write(ctx, out)
		if err == nil {
			return nil
		}
		if left == nil || pause(ctx, wait) != nil {
			return fmt.Errorf("publish: %w", err)
		}
		out, wait = left, min(2*wait, time.Second)
	}
}

// Bounds of what Kafka adds to a message and to each of its headers.
const (
	recordBytes = 512
	headerBytes = 16
)

// write sends once. With an error it gives the messages that may be sent
// again, and none where one of them can never be stored.
func (b *Bus) write(ctx context.Context, msgs []kafka.Message) (left []kafka.Message, err error) {
	err = b.writer.WriteMessages(ctx, msgs...)
	var each kafka.WriteErrors
	switch {
	case err == nil:
		return nil, nil
	case !errors.As(err, &each):
		if transient(err) {
			left = msgs
		}
		return left, err
	}
	for i, e := range each {
		switch {
		case e == nil:
		case errors.Is(e, kafka.MessageSizeTooLarge):
			return nil, fmt.Errorf("%s: %w: %w; raise max.message.bytes of the topic to 1 MiB", msgs[i].Topic, ErrTooLarge, e)
		case !transient(e):
			return nil, fmt.Errorf("%s: %w", msgs[i].Topic, e)
		default:
			left, err = append(left, msgs[i]), e
		}
	}
	return left, err
}
