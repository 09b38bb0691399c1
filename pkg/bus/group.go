package bus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/segmentio/kafka-go"
)

// Assigned is one partition that this process owns for one generation.
type Assigned struct {
	Topic string
	ID    int
	b     *Bus
	group string
	gen   int
	mem   string
	stop  <-chan struct{}
}

// Stopping is closed when the process shuts down: the handler finishes the
// work in hand, commits it and returns.
func (a *Assigned) Stopping() <-chan struct{} { return a.stop }

// Repeat calls step at once, and again each time after the wait that it asks
// for, until ctx ends or the partition is to be given back: that is no error.
// One of step's ends it.
func (a *Assigned) Repeat(ctx context.Context, step func() (wait time.Duration, err error)) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-a.Stopping():
			return nil
		case <-timer.C:
		}
		wait, err := step()
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		timer.Reset(wait)
	}
}

// Committed gives the group's offset and its metadata; -1 where it has none.
func (a *Assigned) Committed(ctx context.Context) (int64, string, error) {
	return a.b.Committed(ctx, a.group, a.Topic, a.ID)
}

// Commit moves the group's offset. It fails where the generation is over, so
// that a process that was paused cannot overwrite its successor's offset.
func (a *Assigned) Commit(ctx context.Context, offset int64, metadata string) error {
	return a.b.commit(ctx, a.group, a.gen, a.mem, a.Topic, a.ID, offset, metadata)
}

// Handler works on one partition until ctx ends (the generation is lost: drop
// the work in hand) or Stopping closes (finish it). An error gives the whole
// generation back, to be tried again.
type Handler func(ctx context.Context, a *Assigned) error

// Group is what Consume needs to know.
type Group struct {
	Name   string // without prefix
	Topics []string
	Handle Handler
	Grace  time.Duration // for the work in hand on shutdown
}

// Consume joins a group and hands out partitions until ctx ends, generation
// after generation. It returns when the work in hand is finished, or its grace
// is over, and the group has been left.
func (b *Bus) Consume(ctx context.Context, g Group) error {
	topics := make([]string, len(g.Topics))
	for i, t := range g.Topics {
		topics[i] = b.name(t)
	}
	log := b.log.With("group", g.Name)
	cg, err := kafka.NewConsumerGroup(kafka.ConsumerGroupConfig{
		ID: b.cfg.Prefix + g.Name, Brokers: b.cfg.Brokers, Topics: topics, Dialer: b.dialer,
		SessionTimeout: b.cfg.Session, HeartbeatInterval: b.cfg.Session / 5, RebalanceTimeout: b.cfg.Session,
		JoinGroupBackoff: 500 * time.Millisecond, StartOffset: kafka.FirstOffset, Timeout: b.cfg.Timeout,
	})
	if err != nil {
		return fmt.Errorf("group %s: %w", g.Name, err)
	}
	defer leave(cg)
	for {
		gen, err := cg.Next(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if errors.Is(err, kafka.ErrGroupClosed) {
			return fmt.Errorf("group %s: %w", g.Name, err)
		}
		if err != nil {
			if !transient(err) {
				log.Warn("cannot join the group, trying again", "err", err)
			}
			if pause(ctx, 300*time.Millisecond) != nil {
				return nil
			}
			continue
		}
		b.runGeneration(ctx, g, gen, log)
		if ctx.Err() != nil {
			return nil
		}
	}
}

// leave gives the partitions back. Where the group is just being joined that
// can take as long as its slowest member; then nobody waits for it.
func leave(cg *kafka.ConsumerGroup) {
	left := make(chan struct{})
	go func() {
		defer close(left)
		cg.Close()
	}()
	t := time.NewTimer(3 * time.Second)
	defer t.Stop()
	select {
	case <-left:
	case <-t.C:
	}
}

// runGeneration blocks until all handlers of one generation have returned.
func (b *Bus) runGeneration(ctx context.Context, g Group, gen *kafka.Generation, log *slog.Logger) {
	over := make(chan struct{})
	gen.Start(func(gctx context.Context) {
		defer close(over)
		// gctx ends with the generation. A shutdown has to let handlers finish
		// first, so it cancels them only after the grace period.
		hctx, cancel := context.WithCancelCause(context.Background())
		defer cancel(nil)
		unlink := context.AfterFunc(gctx, func() { cancel(errGeneration) })
		defer unlink()
		unstop := context.AfterFunc(ctx, func() {
			if pause(hctx, g.Grace) == nil {
				cancel(errGrace)
			}
		})
		defer unstop()
		var wg sync.WaitGroup
		n := 0
		for topic, parts := range gen.Assignments {
			for _, p := range parts {
				n++
				a := &Assigned{Topic: topic[len(b.cfg.Prefix):], ID: p.ID, b: b, group: g.Name, gen: int(gen.ID), mem: gen.MemberID, stop: ctx.Done()}
				wg.Go(func() {
					err := g.Handle(hctx, a)
					if err != nil && hctx.Err() == nil {
						log.Error("partition failed, starting over", "topic", a.Topic, "partition", a.ID, "err", err)
						pause(hctx, time.Second)
						cancel(err)
					}
				})
			}
		}
		if n == 0 {
			sctx, end := context.WithCancel(hctx)
			stop := context.AfterFunc(ctx, end)
			<-sctx.Done()
			stop()
			end()
		}
		wg.Wait()
	})
	<-over
}

var (
	errGeneration = errors.New("generation of the consumer group is over")
	errGrace      = errors.New("grace period is over")
)

// Committed gives a group's offset in one partition and its metadata; -1 where
// it has none.
func (b *Bus) Committed(ctx context.Context, group, topic string, partition int) (offset int64, metadata string, err error) {
	found, err := b.committed(ctx, group, topic, []int{partition})
	if err != nil {
		return 0, "", fmt.Errorf("committed offset of %s in %s/%d: %w", group, topic, partition, err)
	}
	return found[partition].CommittedOffset, found[partition].Metadata, nil
}

func (b *Bus) committed(ctx context.Context, group, topic string, partitions []int) (map[int]kafka.OffsetFetchPartition, error) {
	found := make(map[int]kafka.OffsetFetchPartition, len(partitions))
	err := retry(ctx, func() error {
		res, err := b.client.OffsetFetch(ctx, &kafka.OffsetFetchRequest{
			GroupID: b.cfg.Prefix + group, Topics: map[string][]int{b.name(topic): partitions},
		})
		if err != nil {
			return err
		}
		if res.Error != nil && !errors.Is(res.Error, kafka.GroupIdNotFound) {
			return res.Error
		}
		for _, p := range partitions {
			found[p] = kafka.OffsetFetchPartition{Partition: p, CommittedOffset: -1}
		}
		for _, p := range res.Topics[b.name(topic)] {
			if p.Error != nil {
				return p.Error
			}
			found[p.Partition] = p
		}
		return nil
	})
	return found, err
}

// SetCommitted moves the offset of a group that has no members.
func (b *Bus) SetCommitted(ctx context.Context, group, topic string, partition int, offset int64) error {
	return b.commit(ctx, group, -1, "", topic, partition, offset, "")
}

func (b *Bus) commit(ctx context.Context, group string, gen int, member, topic string, partition int, offset int64, metadata string) error {
	err := retry(ctx, func() error {
		res, err := b.client.OffsetCommit(ctx, &kafka.OffsetCommitRequest{
			GroupID: b.cfg.Prefix + group, GenerationID: gen, MemberID: member,
			Topics: map[string][]kafka.OffsetCommit{b.name(topic): {{Partition: partition, Offset: offset, Metadata: metadata}}},
		})
		if err != nil {
			return err
		}
		for _, p := range res.Topics[b.name(topic)] {
			if p.Error != nil {
				return p.Error
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("commit %d in %s/%d: %w", offset, topic, partition, err)
	}
	return nil
}
