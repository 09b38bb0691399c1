package revision

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Excerpt shortens a difference to its changes, with context words of what is
// equal on both sides of each; no text of it is longer than most bytes, and a
// Gap stands for what is left out. Without a change it is nil.
func Excerpt(edits []Edit, context, most int) []Edit {
	if !slices.ContainsFunc(edits, func(e Edit) bool { return e.Op != Equal }) {
		return nil
	}
	var out []Edit
	gap := Edit{Op: Gap}
	for i, e := range edits {
		if e.Op != Equal {
			if len(e.Text) > most {
				e.Text = cutAt(e.Text, most)
				e.Words = countWords(e.Text)
				out = append(out, e, gap)
				continue
			}
			out = append(out, e)
			continue
		}
		list := tokens(e.Text)
		head, tail := min(context, len(list)), max(len(list)-context, 0)
		if i == 0 {
			head = 0
		}
		if i == len(edits)-1 {
			tail = len(list)
		}
		if head >= tail || len(list) == 0 {
			out = append(out, e)
			continue
		}
		if head > 0 {
			out = append(out, part(e, list, 0, head))
		}
		out = append(out, gap)
		if tail < len(list) {
			out = append(out, part(e, list, tail, len(list)))
		}
	}
	return out
}

// part is a run of an edit's tokens.
func part(e Edit, list []token, from, to int) Edit {
	p := Edit{Op: e.Op, Text: e.Text[list[from].start:list[to-1].end]}
	if from == 0 {
		p.Glued, p.Broken = e.Glued, e.Broken
	}
	for _, t := range list[from:to] {
		if t.word {
			p.Words++
		}
	}
	return p
}

// cutAt cuts a text after a whole word, to at most n bytes.
func cutAt(s string, n int) string {
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	if i := strings.LastIndexAny(s[:n], " \n\t"); i > 0 {
		n = i
	}
	return strings.TrimSpace(s[:n])
}

func countWords(s string) (n int) {
	for _, t := range tokens(s) {
		if t.word {
			n++
		}
	}
	return n
}
