package poll

import (
	"github.com/dateline/dateline/pkg/text"
	"github.com/zeebo/xxh3"
)

// sorted is a listing held against what is remembered of its feed.
type sorted struct {
	fresh    []entry // never seen before
	changed  []entry // seen, and saying something else
	repeated int     // known under another name
	stayed   int     // known under their own
	moved    int     // of the fresh: say just what an item said that is gone
	late     int     // of these: dated after the last poll
}

// sort tells what of a listing is new, changed, or known.
//
// An item that is known under another name is not new: a link that names an item
// while it stands alone in the feed does not do so beside another item of the
// same link. In a feed whose GUIDs churn, what says just what a remembered item
// says is that item, too. What a damaged document says of a known item is a
// revision only where the one before was damaged as well.
func (o *outcome) sort(e *feedEntry, l listing) (s sorted) {
	feedURL := o.state.URL
	known := e.seen.index()
	listed := make(map[uint64]bool, len(l.items))
	for i := range l.items {
		listed[l.items[i].id] = true
	}
	gone := make(map[uint64]uint64) // by hash of content: id of what is in the feed no more
	for id, hash := range known {
		if !listed[id] {
			gone[hash] = id
		}
	}
	for i := range l.items {
		it := &l.items[i]
		was, ok := known[it.id]
		_, same := gone[it.hash]
		late := it.date.After(e.state.LastSuccess)
		switch {
		case ok:
			s.stayed++
			switch {
			case was == it.hash:
			case o.damaged && !e.damaged:
				it.hash = was
			default:
				s.changed = append(s.changed, *it)
			}
		case o.state.Churns && same && (!late || !it.key.Usable), it.alias(feedURL, known, gone):
			s.repeated++
		default:
			s.fresh = append(s.fresh, *it)
			if same {
				s.moved++
			}
			if same && late {
				s.late++
			}
		}
	}
	return s
}

// alias tells whether an item is known under the name that it has where others
// in the feed share its link, or the one it has where none does.
func (it *entry) alias(feedURL string, known, gone map[uint64]uint64) bool {
	if it.key.Usable {
		if it.item.GUID == "" {
			return false
		}
		_, ok := known[text.ID(feedURL+"\n"+it.item.GUID)]
		return ok
	}
	id, ok := gone[it.hash] // that the link was its name does not tell which item it named
	return ok && it.key.Canonical != "" && id == text.ID(it.key.Canonical)
}

// churn tells whether the feed gives the same items new names: most of what it
// lists is new by name, and says word for word what items said that are gone. A
// title that comes back every day does so too, but with a new date.
func (s sorted) churn() bool {
	listed := len(s.fresh) + s.stayed + s.repeated
	if s.moved < 2 || 2*s.moved < listed {
		return false
	}
	return 2*s.late < s.moved || s.moved == listed && listed >= 3
}

// renamed tells whether the item whose GUID was noted at the last poll has
// another one now, and notes the newest. Where links tell items apart that does
// no harm, until two items have the same link.
func (o *outcome) renamed(l listing) (yes bool) {
	var newest mark
	for i := range l.items {
		it := &l.items[i]
		if !it.key.Usable || it.item.GUID == "" {
			continue
		}
		newest = mark{it.id, xxh3.HashString(it.item.GUID)}
		yes = yes || newest.id == o.name.id && newest.hash != o.name.hash
	}
	o.name = newest
	return yes
}

// turnover describes the step from the last listing to this one.
func (s sorted) turnover(e *feedEntry, l listing) turnover {
	t := turnover{before: e.seen.last(e.state.Items), after: make(map[uint64]struct{}, len(l.items)), fresh: len(s.fresh), polled: e.state.LastSuccess}
	for i := range l.items {
		t.after[l.items[i].id] = struct{}{}
	}
	if len(l.items) > 0 {
		t.oldest = l.items[0].date // undated items come first
	}
	return t
}
