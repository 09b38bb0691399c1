package app

// BetweenInserts sets a function that this process's lander calls between the
// insert of a batch's articles and that of its mentions. It is for drills,
// which crash there.
func (a *App) BetweenInserts(f func()) { a.betweenInserts = f }
