package land

import (
	"context"
	"strconv"

	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/store"
)

// fetches drops repeats: a poll whose record was sent again, because the
// broker went away before it could answer, must not weigh twice in what the
// completeness rests on.
type fetches struct{ store *store.Store }

func (*fetches) restore(context.Context, uint32, uint16, uint64) error { return nil }

func (*fetches) same(m bus.Message, row string) (bool, error) {
	f, err := news.Decode[news.Fetch](m.Value)
	return err == nil && row == strconv.FormatInt(f.At.UnixMilli(), 10)+" "+f.FeedURL, err
}

func (p *fetches) plan(ctx context.Context, j *job) (*plan, error) {
	good, dead := decode[news.Fetch](j.msgs, j.refused)
	polls := make([]*news.Fetch, len(good))
	for i, m := range good {
		m.value.At = millis(m.value.At)
		polls[i] = m.value
	}
	have, err := p.store.Fetched(ctx, polls, j.Range)
	if err != nil {
		return nil, err
	}
	var rows []store.FetchRow
	repeats := 0
	for _, m := range good {
		key := store.PollOf(m.value)
		if have[key] {
			repeats++
			continue
		}
		have[key] = true
		rows = append(rows, store.FetchRow{Origin: origin(j, m.Offset), Fetch: m.value})
	}
	return &plan{
		batches: []store.Batch{store.FetchBatch(rows)}, dead: dead,
		counts: map[string]int{"row": len(rows), "repeat": repeats, "dead": len(dead)},
	}, nil
}
