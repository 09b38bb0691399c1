package store

import (
	"context"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// FeedIntake is what the last poll of a feed says of the intake.
type FeedIntake struct {
	FeedURL     string
	Source      string
	Silent      bool    // it brings less than it ever did
	Missing     float64 // items that the time since LastNew should have brought
	Class       string  // of the result: ok, not_modified, salvaged, or that of the error
	Error       string
	LastPoll    time.Time
	LastSuccess time.Time // zero where no poll succeeded
	LastNew     time.Time // when it last brought something new
	NextPoll    time.Time // as planned
}

// IntakeStatement is the query behind Intake.
func IntakeStatement(now time.Time) Statement {
	return Statement{"intake", map[string]any{"now": now}}
}

// Intake gives the last poll of every feed that was ever polled, in no order.
func (s *Store) Intake(ctx context.Context, now time.Time) ([]FeedIntake, error) {
	return read(ctx, s, IntakeStatement(now), func(r driver.Rows, f *FeedIntake) error {
		var missing float32
		err := r.Scan(&f.FeedURL, &f.Source, &f.Silent, &missing, &f.Class, &f.Error, &f.LastPoll, &f.LastSuccess, &f.LastNew, &f.NextPoll)
		f.Missing = float64(missing)
		known(&f.LastPoll, &f.LastSuccess, &f.LastNew, &f.NextPoll)
		return err
	})
}

// known makes the zero time of the times that a column holds as 1970.
func known(ts ...*time.Time) {
	for _, t := range ts {
		if t.Unix() <= 0 {
			*t = time.Time{}
		}
	}
}
