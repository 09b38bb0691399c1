package land

import (
	"context"
	"strconv"

	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/store"
)

// once plans messages that may come again at another offset, and of which each
// key has one row: what is stored already, or came before in the same run, is
// dropped and counted.
type once[T any, P interface {
	*T
	news.Validator
}, K comparable] struct {
	key  func(v *T) K
	have func(ctx context.Context, vs []*T, r store.Range) (map[K]bool, error) // the keys that are stored
	rows func(j *job, msgs []decoded[T]) store.Batch
	is   func(v *T, row string) bool
}

func (once[T, P, K]) restore(context.Context, uint32, uint16, uint64) error { return nil }

func (f once[T, P, K]) same(m bus.Message, row string) (bool, error) {
	v, err := news.Decode[T, P](m.Value)
	return err == nil && f.is(v, row), err
}

func (f once[T, P, K]) plan(ctx context.Context, j *job) (*plan, error) {
	good, dead := decode[T, P](j.msgs, j.refused)
	values := make([]*T, len(good))
	for i, m := range good {
		values[i] = m.value
	}
	have, err := f.have(ctx, values, j.Range)
	if err != nil {
		return nil, err
	}
	fresh := make([]decoded[T], 0, len(good))
	for _, m := range good {
		if k := f.key(m.value); !have[k] {
			have[k] = true
			fresh = append(fresh, m)
		}
	}
	return &plan{
		batches: []store.Batch{f.rows(j, fresh)}, dead: dead,
		counts: map[string]int{"row": len(fresh), "repeat": len(good) - len(fresh), "dead": len(dead)},
	}, nil
}

// alertsOnce drops repeats of an alert's state: after a crash the alerter may
// publish it twice.
func alertsOnce(s *store.Store) planner {
	key := func(a *news.Alert) string { return a.ID.String() + a.State }
	return once[news.Alert, *news.Alert, string]{
		key: key,
		have: func(ctx context.Context, alerts []*news.Alert, r store.Range) (map[string]bool, error) {
			ids := make([]news.ID, len(alerts))
			for i, a := range alerts {
				ids[i] = a.ID
			}
			return s.AlertStates(ctx, ids, r)
		},
		rows: func(j *job, msgs []decoded[news.Alert]) store.Batch {
			rows := make([]store.AlertRow, len(msgs))
			for i, m := range msgs {
				rows[i] = store.AlertRow{Origin: origin(j, m.Offset), Alert: m.value}
			}
			return store.AlertBatch(rows)
		},
		is: func(a *news.Alert, row string) bool { return key(a) == row },
	}
}

// fetchesOnce drops repeats of a poll: one whose record was sent again, because
// the broker went away before it could answer, must not weigh twice in what
// the completeness rests on.
func fetchesOnce(s *store.Store) planner {
	return once[news.Fetch, *news.Fetch, store.Poll]{
		key:  store.PollOf, // in milliseconds, as the column holds it
		have: s.Fetched,
		rows: func(j *job, msgs []decoded[news.Fetch]) store.Batch {
			rows := make([]store.FetchRow, len(msgs))
			for i, m := range msgs {
				m.value.At = millis(m.value.At)
				rows[i] = store.FetchRow{Origin: origin(j, m.Offset), Fetch: m.value}
			}
			return store.FetchBatch(rows)
		},
		is: func(f *news.Fetch, row string) bool {
			return row == strconv.FormatInt(f.At.UnixMilli(), 10)+" "+f.FeedURL
		},
	}
}
