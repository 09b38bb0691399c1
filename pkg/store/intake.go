package store

import (
	"context"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// Intake is the state of all feeds at their last poll.
type Intake struct {
	Feeds        uint64    `json:"feeds"`
	Overdue      uint64    `json:"overdue"`                // their next poll should have been made by now
	Failing      uint64    `json:"failing"`                // their last poll failed
	Last         time.Time `json:"last,omitzero"`          // poll of any
	FailingSince time.Time `json:"failing_since,omitzero"` // the last success of any that fails now
	CommonError  string    `json:"common_error,omitempty"` // class of error that most of them have
}

// IntakeStatement is the query behind IntakeSince.
func IntakeStatement(since, late time.Time) Statement {
	return Statement{"intake", map[string]any{"from": since, "late": late}}
}

// IntakeSince sums up the feeds that were polled since a time. Those whose next
// poll was planned before late, and was not made, are overdue.
func (s *Store) IntakeSince(ctx context.Context, since, late time.Time) (Intake, error) {
	return one(ctx, s, IntakeStatement(since, late), func(r driver.Rows, v *Intake) error {
		err := r.Scan(&v.Feeds, &v.Overdue, &v.Failing, &v.Last, &v.FailingSince, &v.CommonError)
		known(&v.Last, &v.FailingSince)
		return err
	})
}
