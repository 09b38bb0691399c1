package web

import (
	"slices"
	"time"

	"github.com/dateline/dateline/pkg/revision"
	"github.com/dateline/dateline/pkg/store"
)

// Bounds of what the page of an article shows of its revisions.
const (
	comparedRevisions = 20   // the newest
	revisionContext   = 12   // words on both sides of a change
	revisionPassage   = 1500 // bytes of one passage
)

// revised is what a revision changed, for people.
type revised struct {
	No       uint16
	SeenAt   time.Time
	Title    []revision.Edit
	Body     []revision.Edit
	Inserted int
	Deleted  int
	Came     []string
	Went     []string
	Nothing  bool
}

// changes compares each of the newest revisions with the one before, the newest
// first.
func changes(list []store.ArticleText) []revised {
	var out []revised
	for i := max(1, len(list)-comparedRevisions); i < len(list); i++ {
		c := revision.Compare(list[i-1].Comparable(), list[i].Comparable())
		out = append(out, revised{
			No: list[i].Revision, SeenAt: list[i].SeenAt, Title: c.Title, Body: revision.Excerpt(c.Body, revisionContext, revisionPassage),
			Inserted: c.Inserted, Deleted: c.Deleted, Came: c.Came, Went: c.Went, Nothing: c.None(),
		})
	}
	slices.Reverse(out)
	return out
}
