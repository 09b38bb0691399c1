package entity

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// goldLink is one mention that a person has read: which entity it is, or none
// where the tables hold none for it.
type goldLink struct {
	article, part string
	start, end    int32
	id            string
	held          bool // kept aside while the linker was made
}

func readGold(t *testing.T) []goldLink {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", "links.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	var out []goldLink
	for i, line := range strings.Split(strings.TrimSpace(string(raw)), "\n") {
		if line[0] == '#' {
			continue
		}
		f := strings.Split(line, "\t")
		if len(f) != 6 {
			t.Fatalf("line %d has %d fields", i+1, len(f))
		}
		start, err1 := strconv.Atoi(f[2])
		end, err2 := strconv.Atoi(f[3])
		if err1 != nil || err2 != nil {
			t.Fatalf("line %d: %q %q", i+1, f[2], f[3])
		}
		out = append(out, goldLink{f[0], f[1], int32(start), int32(end), strings.TrimPrefix(f[4], "-"), f[5] == "held"})
	}
	return out
}

// TestLinks measures on mentions of real articles, read by a person, how many
// go to the right entity.
func TestLinks(t *testing.T) {
	dir := os.Getenv("DATELINE_TESTDATA")
	if dir == "" {
		t.Skip("set DATELINE_TESTDATA to the folder of articles to measure links")
	}
	gold := map[string][]goldLink{}
	for _, g := range readGold(t) {
		gold[g.article] = append(gold[g.article], g)
	}
	p := pipeline(t)
	type tally struct{ n, found, right, none, left int }
	var by [2]tally
	sc := bufio.NewScanner(bytes.NewReader(readGzip(t, filepath.Join(dir, "corpus", "articles.jsonl.gz"))))
	sc.Buffer(nil, 1<<24)
	articles := 0
	for sc.Scan() {
		id, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimLeft(sc.Text()[:min(len(sc.Text()), 80)], "{ "), `"id": "`), `"`)
		marks := gold[id]
		if marks == nil {
			continue
		}
		articles++
		var a struct{ Title, Text string }
		if err := json.Unmarshal(sc.Bytes(), &a); err != nil {
			t.Fatal(err)
		}
		inText, inTitle := p.Extract(a.Title, a.Text)
		for _, g := range marks {
			at := &by[0]
			if g.held {
				at = &by[1]
			}
			s, ms := a.Text, inText
			if g.part == "title" {
				s, ms = a.Title, inTitle
			}
			var m *Mention
			for i := range ms {
				if ms[i].Start < g.end && g.start < ms[i].End {
					m = &ms[i]
					break
				}
			}
			if g.id == "" {
				at.none++
				if m == nil || m.Ref < 0 {
					at.left++
				} else {
					t.Logf("%s %s %d: %q to %s, is none", id, g.part, g.start, s[g.start:g.end], m.EntityID)
				}
				continue
			}
			at.n++
			switch {
			case m == nil:
				t.Logf("%s %s %d: %q not found, is %s", id, g.part, g.start, s[g.start:g.end], g.id)
			case m.EntityID == g.id:
				at.found++
				at.right++
			default:
				at.found++
				t.Logf("%s %s %d: %q to %s, is %s", id, g.part, g.start, s[g.start:g.end], m.EntityID, g.id)
			}
		}
	}
	if articles != len(gold) {
		t.Fatalf("%d of %d articles found", articles, len(gold))
	}
	for i, name := range []string{"tuning", "held out"} {
		b := by[i]
		t.Logf("%s: %d mentions with an entry: %.3f right, %.3f of those found; of %d without an entry %.3f left alone",
			name, b.n, float64(b.right)/float64(b.n), float64(b.right)/float64(b.found), b.none, float64(b.left)/float64(max(b.none, 1)))
		if float64(b.right) < 0.90*float64(b.n) {
			t.Errorf("%s: accuracy %.3f, floor 0.90", name, float64(b.right)/float64(b.n))
		}
	}
}
