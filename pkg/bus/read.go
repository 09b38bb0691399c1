package bus

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/segmentio/kafka-go"
)

// ErrOutOfRange says that an offset is not in the log (any more).
var ErrOutOfRange = errors.New("offset is outside the log")

// Reader reads one partition in offset order, without a queue: what is not
// asked for stays in Kafka.
type Reader struct {
	b         *Bus
	topic     string
	partition int
	next      int64
	high      int64
	buf       []Message
	Wait      time.Duration // longest wait for a first message in one Batch
	MaxBytes  int64         // of one fetch
}

// NewReader reads topic and partition from an offset on.
func (b *Bus) NewReader(topic string, partition int, from int64) *Reader {
	return &Reader{b: b, topic: topic, partition: partition, next: from, high: -1, Wait: 250 * time.Millisecond, MaxBytes: 4 << 20}
}

// Next is the offset that the next Batch starts at or after.
func (r *Reader) Next() int64 {
	if len(r.buf) > 0 {
		return r.buf[0].Offset
	}
	return r.next
}

// Lag is the number of offsets between the reader and the end of the log as
// it was at the last fetch; -1 before the first.
func (r *Reader) Lag() int64 {
	if r.high < 0 {
		return -1
	}
	return max(0, r.high-r.Next())
}

// Batch returns up to limit messages, in order; none where nothing came
// within Wait. Transient errors are tried again until ctx ends. ErrOutOfRange
// is returned where retention has removed the offset or the log ends before it.
func (r *Reader) Batch(ctx context.Context, limit int) ([]Message, error) {
	if len(r.buf) == 0 {
		size := r.MaxBytes
		if limit <= few {
			size = min(size, fewBytes)
		}
		if err := retry(ctx, func() error { return r.fetch(ctx, size) }); err != nil {
			return nil, fmt.Errorf("read %s/%d at %d: %w", r.topic, r.partition, r.next, err)
		}
	}
	n := min(limit, len(r.buf))
	out := r.buf[:n:n]
	r.buf = r.buf[n:]
	return out, nil
}

// Who asks for a few messages is not sent thousands: brokers give a whole batch
// of their log at least.
const (
	few      = 10
	fewBytes = 64 << 10
)

func (r *Reader) fetch(ctx context.Context, size int64) error {
	res, err := r.b.client.Fetch(ctx, &kafka.FetchRequest{
		Topic: r.b.name(r.topic), Partition: r.partition, Offset: r.next,
		MinBytes: 1, MaxBytes: size, MaxWait: r.Wait,
	})
	if err != nil {
		return err
	}
	if errors.Is(res.Error, kafka.OffsetOutOfRange) {
		return ErrOutOfRange
	}
	if res.Error != nil {
		return res.Error
	}
	r.high = res.HighWatermark
	for {
		rec, err := res.Records.ReadRecord()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			if len(r.buf) > 0 { // a batch that MaxBytes has cut
				return nil
			}
			return err
		}
		m, err := r.message(rec)
		if err != nil {
			return err
		}
		if m.Offset < r.next {
			continue
		}
		r.buf = append(r.buf, m)
		r.next = m.Offset + 1
	}
}

func (r *Reader) message(rec *kafka.Record) (Message, error) {
	m := Message{Topic: r.topic, Partition: r.partition, Offset: rec.Offset, Time: rec.Time}
	var err error
	if rec.Key != nil {
		if m.Key, err = kafka.ReadAll(rec.Key); err != nil {
			return m, err
		}
	}
	if rec.Value != nil {
		if m.Value, err = kafka.ReadAll(rec.Value); err != nil {
			return m, err
		}
	}
	if len(rec.Headers) > 0 {
		m.Headers = make(map[string]string, len(rec.Headers))
		for _, h := range rec.Headers {
			m.Headers[h.Key] = string(h.Value)
		}
	}
	return m, nil
}

// Bounds gives the first offset of a partition's log and the one after its
// last.
func (b *Bus) Bounds(ctx context.Context, topic string, partition int) (first, end int64, err error) {
	found, err := b.offsets(ctx, topic, kafka.FirstOffsetOf(partition), kafka.LastOffsetOf(partition))
	if err != nil {
		return 0, 0, fmt.Errorf("offsets of %s/%d: %w", topic, partition, err)
	}
	return found[partition].FirstOffset, found[partition].LastOffset, nil
}

// offsets asks for offsets of one topic, by partition.
func (b *Bus) offsets(ctx context.Context, topic string, ask ...kafka.OffsetRequest) (map[int]kafka.PartitionOffsets, error) {
	found := make(map[int]kafka.PartitionOffsets, len(ask))
	err := retry(ctx, func() error {
		res, err := b.client.ListOffsets(ctx, &kafka.ListOffsetsRequest{Topics: map[string][]kafka.OffsetRequest{b.name(topic): ask}})
		if err != nil {
			return err
		}
		for _, p := range res.Topics[b.name(topic)] {
			// kafka-go asks for each offset by itself, and calls it unknown
			// where the connection broke for some of them only.
			if errors.Is(p.Error, kafka.Unknown) {
				return fmt.Errorf("partition %d: %w", p.Partition, io.ErrUnexpectedEOF)
			}
			if p.Error != nil {
				return fmt.Errorf("partition %d: %w", p.Partition, p.Error)
			}
			found[p.Partition] = p
		}
		for _, q := range ask {
			if _, ok := found[q.Partition]; !ok {
				return fmt.Errorf("partition %d: %w", q.Partition, kafka.UnknownTopicOrPartition)
			}
		}
		return nil
	})
	return found, err
}

// ReadAll calls f for every message of a partition from its first to the end
// that the log has now, and returns that end.
func (b *Bus) ReadAll(ctx context.Context, topic string, partition int, f func(Message) error) (int64, error) {
	first, end, err := b.Bounds(ctx, topic, partition)
	if err != nil {
		return 0, err
	}
	r := b.NewReader(topic, partition, first)
	for r.Next() < end {
		msgs, err := r.Batch(ctx, 1000)
		if errors.Is(err, ErrOutOfRange) && r.catchUp(ctx) {
			continue
		}
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
		if len(msgs) == 0 && r.high >= end { // the last offsets were compacted away
			break
		}
	}
	return end, nil
}

// catchUp goes on where the log now begins. It tells whether that is further on:
// compaction or retention has moved it meanwhile.
func (r *Reader) catchUp(ctx context.Context) bool {
	first, _, err := r.b.Bounds(ctx, r.topic, r.partition)
	if err != nil || first <= r.next {
		return false
	}
	r.next = first
	return true
}

// Follow calls f for every message from an offset on, until ctx ends or f
// fails. The broker answers as soon as there is something; it is asked seldom
// while there is nothing.
func (b *Bus) Follow(ctx context.Context, topic string, partition int, from int64, f func(Message) error) error {
	r := b.NewReader(topic, partition, from)
	r.Wait = b.cfg.Timeout / 2 // kafka-go waits no longer
	for ctx.Err() == nil {
		msgs, err := r.Batch(ctx, 1000)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		for _, m := range msgs {
			if err := f(m); err != nil {
				return err
			}
		}
	}
	return nil
}
