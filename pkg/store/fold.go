package store

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// Mark is a place in the order of decisions.
type Mark struct {
	Epoch uint32
	Off   uint64
}

// WindowStart finds the first decided document below r.To that was seen within
// window of the newest one; ok is false where nothing is stored.
func (s *Store) WindowStart(ctx context.Context, r Range, window time.Duration) (m Mark, ok bool, err error) {
	const below = "((epoch = ? AND part = ? AND off < ?) OR epoch < ?)"
	args := []any{r.Epoch, r.Part, r.To, r.Epoch}
	var newest time.Time
	var n uint64
	err = s.conn.QueryRow(ctx, "SELECT max(seen_at), count() FROM articles WHERE "+below, args...).Scan(&newest, &n)
	if err != nil {
		return m, false, fmt.Errorf("newest stored article: %w", err)
	}
	if n == 0 {
		return m, false, nil
	}
	err = s.conn.QueryRow(ctx, `SELECT min((epoch, off)).1, min((epoch, off)).2 FROM articles
		WHERE `+below+" AND seen_at >= ?", append(args, newest.Add(-window))...).Scan(&m.Epoch, &m.Off)
	if err != nil {
		return m, false, fmt.Errorf("start of the window: %w", err)
	}
	return m, true, nil
}

// foldChunk is how many offsets Fold sorts at once: rows are about 1 KiB.
// foldAhead more are asked for while f works on some.
const (
	foldChunk = 8192
	foldAhead = 2
)

// Fold calls f for every decided document with r.From <= off < r.To, and for
// those of earlier epochs, from start on, in the order of their decisions. It
// holds foldAhead+1 chunks in memory.
func (s *Store) Fold(ctx context.Context, r Range, start Mark, f func(*Stored) error) error {
	if err := s.fold(ctx, r, start, f); err != nil {
		return fmt.Errorf("fold the stored articles: %w", err)
	}
	return nil
}

func (s *Store) fold(ctx context.Context, r Range, start Mark, f func(*Stored) error) error {
	spans, err := s.foldSpans(ctx, r, start)
	if err != nil {
		return err
	}
	type answer struct {
		rows []*Stored
		err  error
	}
	var wg sync.WaitGroup
	defer wg.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	chunks := make(chan chan answer, foldAhead) // in order
	wg.Go(func() {
		defer close(chunks)
		for _, span := range spans {
			for lo := span.From; lo < span.To; lo += foldChunk {
				c := make(chan answer, 1)
				select {
				case chunks <- c:
				case <-ctx.Done():
					return
				}
				wg.Go(func() {
					rows, err := s.foldRows(ctx, r, Range{Epoch: span.Epoch, From: lo, To: min(lo+foldChunk, span.To)})
					c <- answer{rows, err}
				})
			}
		}
	})
	for c := range chunks {
		a := <-c
		if a.err != nil {
			return a.err
		}
		for _, st := range a.rows {
			if err := f(st); err != nil {
				return err
			}
		}
	}
	return ctx.Err()
}

// foldRows reads one chunk. Of earlier epochs it takes all partitions.
func (s *Store) foldRows(ctx context.Context, r, chunk Range) ([]*Stored, error) {
	q := "SELECT " + storedColumns + " FROM articles WHERE epoch = ? AND off >= ? AND off < ?"
	args := []any{chunk.Epoch, chunk.From, chunk.To}
	if chunk.Epoch == r.Epoch {
		q, args = q+" AND part = ?", append(args, r.Part)
	}
	out := make([]*Stored, 0, chunk.To-chunk.From)
	rows, err := s.conn.Query(ctx, q+" ORDER BY off, part", args...)
	if err == nil {
		err = each(rows, func() error {
			st, err := scanStored(rows)
			out = append(out, st)
			return err
		})
	}
	return out, err
}

// foldSpans gives the offsets that Fold goes through, epoch by epoch.
func (s *Store) foldSpans(ctx context.Context, r Range, start Mark) ([]Range, error) {
	rows, err := s.conn.Query(ctx, `SELECT epoch, min(off), max(off) + 1 FROM articles
		WHERE (epoch = ? AND part = ? AND off >= ? AND off < ? OR epoch < ?) AND (epoch > ? OR epoch = ? AND off >= ?)
		GROUP BY epoch ORDER BY epoch`, r.Epoch, r.Part, r.From, r.To, r.Epoch, start.Epoch, start.Epoch, start.Off)
	if err != nil {
		return nil, err
	}
	var out []Range
	err = each(rows, func() error {
		var x Range
		if err := rows.Scan(&x.Epoch, &x.From, &x.To); err != nil {
			return err
		}
		out = append(out, x)
		return nil
	})
	return out, err
}
