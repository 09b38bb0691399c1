package web

import (
	"sync"
	"time"
)

// memo keeps a value for a moment, so that many open pages cost the database
// no more than one. Those who ask meanwhile wait for the one who computes.
type memo[T any] struct {
	mu    sync.Mutex
	value T
	until time.Time
}

func (m *memo[T]) get(now time.Time, keep time.Duration, compute func() (T, error)) (T, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if now.Before(m.until) {
		return m.value, nil
	}
	v, err := compute()
	if err == nil {
		m.value, m.until = v, now.Add(keep)
	}
	return v, err
}
