package revision

import (
	"slices"
	"strings"
)

// Text is one revision of an article.
type Text struct {
	Title, Body string
	Entities    []string // ids
}

// Change is what a revision changed.
type Change struct {
	Title    []Edit   `json:"title,omitempty"` // whole; none where it is the same
	Body     []Edit   `json:"body,omitempty"`  // none where nothing but space changed
	Inserted int      `json:"words_inserted"`  // of the body
	Deleted  int      `json:"words_deleted"`
	Came     []string `json:"entities_came,omitempty"`
	Went     []string `json:"entities_went,omitempty"`
}

// None tells whether nothing changed.
func (c *Change) None() bool {
	return len(c.Title)+len(c.Body)+len(c.Came)+len(c.Went) == 0
}

// Compare tells what changed from one revision to the next.
func Compare(old, next Text) Change {
	c := Change{Title: changed(old.Title, next.Title), Body: changed(old.Body, next.Body), Came: without(next.Entities, old.Entities), Went: without(old.Entities, next.Entities)}
	for _, e := range c.Body {
		switch e.Op {
		case Insert:
			c.Inserted += e.Words
		case Delete:
			c.Deleted += e.Words
		}
	}
	return c
}

func changed(old, next string) []Edit {
	if old == next {
		return nil
	}
	edits := Diff(old, next)
	if !slices.ContainsFunc(edits, func(e Edit) bool { return e.Op != Equal }) {
		return nil
	}
	return edits
}

// without gives what is in list and not in other, sorted.
func without(list, other []string) []string {
	var out []string
	for _, x := range list {
		if !slices.Contains(other, x) {
			out = append(out, x)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Plain writes passages as text, deleted ones as [-…-] and inserted ones as
// {+…+}, as wdiff does.
func Plain(edits []Edit) string {
	var sb strings.Builder
	for i, e := range edits {
		sb.WriteString(e.Space(i == 0))
		switch e.Op {
		case Delete:
			sb.WriteString("[-" + e.Text + "-]")
		case Insert:
			sb.WriteString("{+" + e.Text + "+}")
		case Gap:
			sb.WriteString("…")
		default:
			sb.WriteString(e.Text)
		}
	}
	return sb.String()
}

// Space is what stands between a passage and the one before it.
func (e Edit) Space(first bool) string {
	switch {
	case first:
		return ""
	case e.Broken:
		return "\n"
	case e.Glued:
		return ""
	}
	return " "
}
