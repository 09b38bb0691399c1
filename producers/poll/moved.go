package poll

import (
	"fmt"

	"github.com/dateline/dateline/pkg/fetch"
	"github.com/dateline/dateline/pkg/news"
)

// movedAfter is how many polls have to see a permanent redirect before its
// target is asked directly.
const movedAfter = 3

// follow learns where a feed has moved: several polls in a row have to be sent
// to the same place for good.
func (o *outcome) follow(res *fetch.Response) {
	st := &o.state
	switch {
	case st.MovedSeen >= movedAfter && (res.Permanent == "" && res.FinalURL != st.URL || res.Permanent == st.MovedTo):
		return // asked there already
	case res.Permanent == "" || res.Permanent == st.URL:
		o.write = o.write || st.MovedTo != ""
		st.MovedTo, st.MovedSeen = "", 0
		return
	case res.Permanent != st.MovedTo:
		st.MovedTo, st.MovedSeen = res.Permanent, 0
	}
	st.MovedSeen++
	o.write = true
}

// elsewhere tells whether a feed has moved for good to the address of another
// feed that this process polls.
func (p *Poller) elsewhere(st *news.FeedState, res *fetch.Response) bool {
	return st.MovedSeen >= movedAfter && res.Permanent == st.MovedTo && p.polls(st.MovedTo)
}

// standDown leaves a feed to the one that it has become: its items are
// published there. It is looked at now and then, lest the move be taken back.
func (o *outcome) standDown(e *feedEntry) {
	o.succeed(e)
	o.class, o.fetch.Expected = classMoved, 0
	o.state.Silent, o.body = false, 0
	o.fetch.Error = fmt.Sprintf("this feed has moved for good to %.200s, which is polled as well; remove this one with `dateline feeds remove`", o.state.MovedTo)
	o.state.Error = o.fetch.Error
}
