package judge_test

import (
	"testing"
	"time"

	"github.com/dateline/dateline/pkg/judge"
	"github.com/dateline/dateline/pkg/neardup"
	"github.com/dateline/dateline/pkg/text"
)

// reprint is a way to edit a text, the ith of a collection.
type reprint struct {
	name             string
	other, own, most float64 // recall from another source and from the same one, at least; at most
	edit             func(s string, i int) string
}

// judgeReprints lets a judge read a collection, none of which is a copy, and
// then each text with each edit, with its title and without, half a day later.
// Edits of which hardly any is to be found are made of texts with that many
// digits alone: others have no number to change.
func judgeReprints(t *testing.T, what string, all []article, leastDigits int, edits []reprint) {
	t.Helper()
	sketcher := neardup.NewSketcher(text.AppendTerms)
	j, texts := judge.New(judge.DefaultConfig()), shelf{}
	at := time.Date(2026, 6, 1, 8, 0, 0, 0, time.UTC)
	read := func(in *judge.Input) judge.Verdict {
		v, err := j.Read(in, nil, texts)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for i, a := range all {
		in := dated(uint64(i+1), a.Title, a.Text, a.Source, at.Add(time.Duration(i)*time.Minute), sketcher)
		v := read(in)
		if v.CopyOf != 0 {
			t.Errorf("%s: %s called a copy of %s", what, a.ID, all[v.CopyOf-1].ID)
		}
		j.Fold(in, v)
		texts[in.ID] = a.Text
	}
	for _, e := range edits {
		for _, own := range []bool{false, true} {
			found, wrong, n := 0, 0, 0
			for i, a := range all {
				body := e.edit(a.Text, i)
				if e.most < 1 && digits(a.Text) < leastDigits {
					continue
				}
				for _, title := range []string{a.Title, ""} {
					n++
					source := "other.example"
					if own {
						source = a.Source
					}
					switch v := read(dated(uint64(1e6+i), title, body, source, at.Add(12*time.Hour), sketcher)); v.CopyOf {
					case 0:
					case uint64(i + 1):
						if found++; e.most < 1 {
							t.Logf("%s, %s: %s", what, e.name, a.ID)
						}
					default:
						wrong++
					}
				}
			}
			least := e.other
			if own {
				least = e.own
			}
			share := float64(found) / float64(n)
			if share < least || share > e.most || wrong > 1 {
				t.Errorf("%s, %s, own source %v: found %.3f, want %.2f to %.2f; %d of the wrong text", what, e.name, own, share, least, e.most, wrong)
			}
			t.Logf("%s, %s, own source %v: found %.3f of %d", what, e.name, own, share, n)
		}
	}
}
