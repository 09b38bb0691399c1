package land

import (
	"context"
	"time"

	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/store"
)

// What land asks of Kafka and of ClickHouse, piece by piece: bus.Bus,
// bus.Assigned and store.Store are all of it. A fault can be put in at each.

// lease is one partition for one generation of the group.
type lease interface {
	Committed(ctx context.Context) (offset int64, metadata string, err error)
	Commit(ctx context.Context, offset int64, metadata string) error
	Stopping() <-chan struct{}
}

// logs are the topics.
type logs interface {
	Bounds(ctx context.Context, topic string, partition int) (first, end int64, err error)
	Read(topic string, partition int, from int64) source
	Publish(ctx context.Context, msgs ...bus.Message) error
}

// source reads one partition in the order of offsets.
type source interface {
	Batch(ctx context.Context, limit int) ([]bus.Message, error)
	Next() int64
	Lag() int64
}

// kafka makes a bus a logs.
type kafka struct{ *bus.Bus }

func (k kafka) Read(topic string, partition int, from int64) source {
	return k.NewReader(topic, partition, from)
}

// rows is where rows go, and how it is found out which are there.
type rows interface {
	Insert(ctx context.Context, token string, b store.Batch) error
	Probe(ctx context.Context, b store.Batch) error
	Landed(ctx context.Context, table string, r store.Range) (map[uint64]int, error)
}

// epochs tells which numbering of offsets is in force, and how far it has come.
type epochs interface {
	Epoch(ctx context.Context) (uint32, error)
	Last(ctx context.Context, table, topic string, epoch uint32, part uint16) (store.Row, bool, error)
}

// history is the decisions that have landed, in their order.
type history interface {
	WindowStart(ctx context.Context, r store.Range, window time.Duration) (store.Mark, bool, error)
	Fold(ctx context.Context, r store.Range, start store.Mark, f func(*store.Stored) error) error
	Adopted(ctx context.Context, r store.Range) (map[uint64]*store.Stored, error)
}

// archive is what has landed at any age, looked up by name.
type archive interface {
	library
	Known(ctx context.Context, ids []news.ID, r store.Range) (map[news.ID]*store.Revisions, error)
	Mentioned(ctx context.Context, ids []news.ID, r store.Range) (map[news.ID]map[string]bool, error)
	KnownNames(ctx context.Context, table string, names []string, r store.Range) (map[string]bool, error)
}

// clock is one that this host has no part in.
type clock interface {
	Clock(ctx context.Context) (time.Time, error)
}
