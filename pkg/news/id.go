package news

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"
)

// ID is a 64-bit identifier of an article, a story or an alert: 16 lower-case
// hex digits in JSON and URLs, UInt64 in ClickHouse. 0 stands for none and is
// written as an empty string.
type ID uint64

// ParseID reads 16 hex digits; fewer, more or others are an error.
func ParseID(s string) (ID, error) {
	if len(s) != 16 {
		return 0, fmt.Errorf("id %q: want 16 hex digits", s)
	}
	n, err := strconv.ParseUint(s, 16, 64)
	if err != nil {
		return 0, fmt.Errorf("id %q: want 16 hex digits", s)
	}
	return ID(n), nil
}

// String gives the 16 hex digits.
func (id ID) String() string {
	if id == 0 {
		return ""
	}
	return fmt.Sprintf("%016x", uint64(id))
}

// MarshalJSON writes the id as a string.
func (id ID) MarshalJSON() ([]byte, error) { return json.Marshal(id.String()) }

// UnmarshalJSON reads what MarshalJSON wrote.
func (id *ID) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return fmt.Errorf("id: %w", err)
	}
	if s == "" {
		*id = 0
		return nil
	}
	v, err := ParseID(s)
	*id = v
	return err
}

// Bounds of AnalysisTime.
const (
	PastTolerance   = 30 * 24 * time.Hour
	FutureTolerance = 10 * time.Minute
	backlogFrom     = 1990
)

// AnalysisTime is the clock on which coverage is counted, ts. A backlog
// article counts when it was published, at any age from 1990 on; a live one
// when it was published too, if that lies within [seen - 30 d, seen + 10 min].
// Everything else counts when it was seen.
func AnalysisTime(published, seen time.Time, backlog bool) time.Time {
	latest := seen.Add(FutureTolerance)
	switch {
	case published.IsZero() || published.After(latest):
		return seen
	case backlog && published.UTC().Year() >= backlogFrom:
		return published
	case !backlog && !published.Before(seen.Add(-PastTolerance)):
		return published
	}
	return seen
}
