package feed

import "errors"

// What can be wrong with a document as a whole.
var (
	ErrEmpty    = errors.New("empty document")
	ErrNotFeed  = errors.New("not a feed")
	ErrHTML     = errors.New("not a feed but a web page")
	ErrTooLarge = errors.New("document too large")
	ErrBomb     = errors.New("document refused as a bomb")
	ErrNoItems  = errors.New("damaged feed without a whole item")
)

// Class names the kind of an error of this package in one word, for a metric
// label: empty, html, not_feed, too_large, bomb, no_items; other for errors
// of other packages and an empty string for nil.
func Class(err error) string {
	switch {
	case err == nil:
		return ""
	case errors.Is(err, ErrEmpty):
		return "empty"
	case errors.Is(err, ErrHTML):
		return "html"
	case errors.Is(err, ErrNotFeed):
		return "not_feed"
	case errors.Is(err, ErrTooLarge):
		return "too_large"
	case errors.Is(err, ErrBomb):
		return "bomb"
	case errors.Is(err, ErrNoItems):
		return "no_items"
	}
	return "other"
}
