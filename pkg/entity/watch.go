package entity

// Watched is the origin of an entity that the user's watchlist names.
const Watched = "watchlist"

// Watcher has the last word on what a document names. It sees the mentions as
// tagged and linked, and gives those that stand in the end: in order of Start,
// without overlaps, those of its own with Watched set. The slices given may be
// used again for what is returned.
type Watcher interface {
	Watch(title, text string, inTitle, inText []Mention) (outTitle, outText []Mention)
}

// SetWatcher puts a watcher behind the linker; nil: none. It belongs to this
// pipeline alone, clones have none.
func (p *Pipeline) SetWatcher(w Watcher) { p.watcher = w }
