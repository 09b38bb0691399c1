package app

// OnRetry is told after each step of a retry.
func (a *App) OnRetry(f func(step string)) { a.onRetry = f }
