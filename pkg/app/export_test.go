package app

import (
	"context"
	"time"
)

// OnRetry is told after each step of a retry.
func (a *App) OnRetry(f func(step string)) { a.onRetry = f }

// AuditLogs is the part of an audit that compares the logs with the tables.
func (a *App) AuditLogs(ctx context.Context, opt AuditOptions) ([]Check, error) {
	upTo, _, err := a.settled(ctx, opt.Wait)
	if err != nil {
		return nil, err
	}
	if opt.To.IsZero() {
		opt.To = a.Now().Add(time.Hour)
	}
	return a.auditLogs(ctx, opt, upTo)
}
