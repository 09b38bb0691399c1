package store

import (
	"context"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/dateline/dateline/pkg/news"
)

// Rates is what arrived lately, without first fills and imports. The day's
// articles split into originals and Copies; Revisions come on top.
type Rates struct {
	Minute    uint64  `json:"minute"`
	Hour      uint64  `json:"hour"`
	Day       uint64  `json:"day"`
	Copies    uint64  `json:"copies"`
	Revisions uint64  `json:"revisions"`
	P50ms     float64 `json:"p50_ms"` // from first seen to stored, last hour
	P95ms     float64 `json:"p95_ms"`
}

// RatesStatement is the query behind Rates.
func RatesStatement(now time.Time) Statement {
	return Statement{"rates", map[string]any{"now": now}}
}

// Rates gives what arrived before now.
func (s *Store) Rates(ctx context.Context, now time.Time) (Rates, error) {
	return one(ctx, s, RatesStatement(now), func(r driver.Rows, v *Rates) error {
		return r.Scan(&v.Minute, &v.Hour, &v.Day, &v.Copies, &v.Revisions, &v.P50ms, &v.P95ms)
	})
}

// Completeness is how much of what the feeds were expected to yield in a time
// was covered by polls that answered and missed nothing.
type Completeness struct {
	Polls    uint64  `json:"polls"`
	Gaps     uint64  `json:"gaps"`     // polls that may have missed items
	Failures uint64  `json:"failures"` // polls without a usable answer
	Expected float64 `json:"expected"`
	Covered  float64 `json:"covered"`
	Share    float64 `json:"share"` // Covered / Expected, 0..1; without polls it means nothing
}

// CompletenessStatement is the query behind Completeness.
func CompletenessStatement(from, to time.Time) Statement {
	return Statement{"completeness", map[string]any{"from": from, "to": to}}
}

// Completeness gives that of the polls in [from, to).
func (s *Store) Completeness(ctx context.Context, from, to time.Time) (Completeness, error) {
	return one(ctx, s, CompletenessStatement(from, to), func(r driver.Rows, c *Completeness) error {
		return r.Scan(&c.Polls, &c.Gaps, &c.Failures, &c.Expected, &c.Covered, &c.Share)
	})
}

// AlertQuery asks for the alerts of [From, To), of one entity where named.
type AlertQuery struct {
	From, To time.Time
	Entity   string
	Limit    int // 50 where 0
}

// Statement is the query that answers q.
func (q AlertQuery) Statement() Statement {
	return Statement{"alerts", map[string]any{"from": q.From, "to": q.To, "entity": q.Entity, "limit": atMost(q.Limit, 50)}}
}

// Alerts answers q: each alert in its newest state, with the figures of the
// newest time that it fired, newest first.
func (s *Store) Alerts(ctx context.Context, q AlertQuery) ([]news.Alert, error) {
	return read(ctx, s, q.Statement(), func(r driver.Rows, a *news.Alert) error {
		var window, originals, copies uint32
		var top, stories []uint64
		var completeness, days float32
		err := r.Scan((*uint64)(&a.ID), &a.Rule, &a.EntityID, &a.Name, &a.Entities, &a.State, &a.Since, &a.At, &window,
			&a.Observed, &a.Expected, &a.Low, &a.High, &a.P, &a.Q, &originals, &copies, &a.Sources, &top, &a.Titles,
			&stories, &completeness, &days, &a.Reason)
		a.V, a.WindowS, a.Originals, a.Copies = news.Version, int(window), int(originals), int(copies)
		a.TopArticles, a.Stories = ids(top), ids(stories)
		a.Completeness, a.BaselineDays = float64(completeness), float64(days)
		return err
	})
}

func ids(ns []uint64) []news.ID {
	out := make([]news.ID, len(ns))
	for i, n := range ns {
		out[i] = news.ID(n)
	}
	return out
}

// Change is something that changed about the measuring itself.
type Change struct {
	At     time.Time `json:"at"`
	What   string    `json:"what"`
	Detail string    `json:"detail"`
}

// ChangesStatement is the query behind Changes.
func ChangesStatement(from, to time.Time, limit int) Statement {
	return Statement{"changes", map[string]any{"from": from, "to": to, "limit": atMost(limit, 100)}}
}

// Changes gives the changes in [from, to), newest first.
func (s *Store) Changes(ctx context.Context, from, to time.Time, limit int) ([]Change, error) {
	return read(ctx, s, ChangesStatement(from, to, limit), func(r driver.Rows, c *Change) error {
		return r.Scan(&c.At, &c.What, &c.Detail)
	})
}

// Totals is how much is stored. Articles counts each once; Originals and
// Backlog are parts of it.
type Totals struct {
	Articles  uint64    `json:"articles"`
	Originals uint64    `json:"originals"`
	Backlog   uint64    `json:"backlog"` // first fills and imports
	Mentions  uint64    `json:"mentions"`
	Entities  uint64    `json:"entities"`
	Sources   uint64    `json:"sources"`
	Feeds     uint64    `json:"feeds"`
	First     time.Time `json:"first,omitzero"` // oldest and newest by the analysis clock
	Last      time.Time `json:"last,omitzero"`
}

// TotalsStatement is the query behind Totals.
func TotalsStatement() Statement { return Statement{Name: "totals"} }

// Totals counts what is stored.
func (s *Store) Totals(ctx context.Context) (Totals, error) {
	return one(ctx, s, TotalsStatement(), func(r driver.Rows, t *Totals) error {
		err := r.Scan(&t.Articles, &t.Originals, &t.Backlog, &t.Mentions, &t.Entities, &t.Sources, &t.Feeds, &t.First, &t.Last)
		if t.Articles == 0 {
			t.First, t.Last = time.Time{}, time.Time{}
		}
		return err
	})
}
