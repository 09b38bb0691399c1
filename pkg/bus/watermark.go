package bus

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/segmentio/kafka-go"
)

// Backlog is a topic and the group that works through it.
type Backlog struct{ Topic, Group string }

// Pending describes what a group has not worked through yet in one topic.
type Pending struct {
	Messages int64
	Oldest   time.Time // time of the oldest such message; zero where there is none
}

// Pending looks at every partition of a topic. A group that has never
// committed has everything before it. Only partitions that are behind are
// read, one batch each.
func (b *Bus) Pending(ctx context.Context, bl Backlog, partitions int) (Pending, error) {
	var sum Pending
	all := make([]int, partitions)
	ask := make([]kafka.OffsetRequest, partitions)
	for p := range partitions {
		all[p], ask[p] = p, kafka.LastOffsetOf(p)
	}
	done, err := b.committed(ctx, bl.Group, bl.Topic, all)
	if err != nil {
		return sum, fmt.Errorf("what %s has before it in %s: %w", bl.Group, bl.Topic, err)
	}
	ends, err := b.offsets(ctx, bl.Topic, ask...)
	if err != nil {
		return sum, fmt.Errorf("what %s has before it in %s: %w", bl.Group, bl.Topic, err)
	}
	for p := range partitions {
		from, end := max(done[p].CommittedOffset, 0), ends[p].LastOffset
		if from >= end {
			continue
		}
		first, err := b.first(ctx, bl.Topic, p, from)
		if err != nil {
			return sum, err
		}
		if first == nil { // all of it is gone, by retention or compaction
			continue
		}
		sum.Messages += end - first.Offset
		if sum.Oldest.IsZero() || first.Time.Before(sum.Oldest) {
			sum.Oldest = first.Time
		}
	}
	return sum, nil
}

// first gives the first message at or after an offset; none where there is
// none now.
func (b *Bus) first(ctx context.Context, topic string, partition int, from int64) (*Message, error) {
	r := b.NewReader(topic, partition, from)
	r.Wait, r.MaxBytes = time.Millisecond, 64<<10
	msgs, err := r.Batch(ctx, 1)
	if errors.Is(err, ErrOutOfRange) && r.catchUp(ctx) {
		msgs, err = r.Batch(ctx, 1)
	}
	if err != nil || len(msgs) == 0 {
		return nil, err
	}
	return &msgs[0], nil
}
