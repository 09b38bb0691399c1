package judge_test

import (
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// labelledStory is a row of testdata/stories.tsv.
type labelledStory struct{ id, story, split string }

// event is what the row belongs to: an article that stands alone is one of its
// own.
func (l *labelledStory) event() string {
	if l.story == "-" {
		return "- " + l.id
	}
	return l.story
}

// TestStories holds Dedupe to B-cubed figures (Bagga and Baldwin 1998) on
// events that were found by reading, fed once alone and once among all others
// of their collection.
func TestStories(t *testing.T) {
	dir := os.Getenv("DATELINE_TESTDATA")
	if dir == "" {
		t.Skip("set DATELINE_TESTDATA to the folder that holds corpus/articles.jsonl.gz")
	}
	var rows []labelledStory
	b, err := os.ReadFile("testdata/stories.tsv")
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{}
	for _, line := range strings.Split(strings.TrimSpace(string(b)), "\n")[1:] {
		f := strings.Split(line, "\t")
		rows = append(rows, labelledStory{f[0], f[1], f[2]})
		named[f[0]] = true
	}
	got := storiesOf(t, linesOf(t, filepath.Join(dir, collections["articles"]), named))
	for _, want := range []struct {
		split                     string
		f1, precision, recallMany float64 // recallMany: over articles of events
	}{
		{"dev", .93, .94, .86}, // tuned on
		{"test", .92, .94, .78},
	} {
		of := slices.DeleteFunc(slices.Clone(rows), func(l labelledStory) bool { return l.split != want.split })
		s := bcubed(of, got)
		t.Logf("%s: B-cubed F1 %.3f, precision %.3f, recall %.3f; over events alone precision %.3f, recall %.3f", want.split, s.f1(), s.precision, s.recall, s.precisionMany, s.recallMany)
		if s.f1() < want.f1 || s.precision < want.precision || s.recallMany < want.recallMany {
			t.Errorf("%s: B-cubed F1 %.3f, precision %.3f, recall over events %.3f; want %.3f, %.3f, %.3f", want.split, s.f1(), s.precision, s.recallMany, want.f1, want.precision, want.recallMany)
		}
		if want.split == "dev" { // the others are not to be looked at
			report(t, of, got)
		}
	}
}

// bcubes are means over articles; those named many over those of events alone.
type bcubes struct{ precision, recall, precisionMany, recallMany float64 }

func (s *bcubes) f1() float64 { return 2 * s.precision * s.recall / (s.precision + s.recall) }

func bcubed(rows []labelledStory, got map[string]string) (s bcubes) {
	called, is, both := map[string]float64{}, map[string]float64{}, map[[2]string]float64{}
	for i := range rows {
		e, c := rows[i].event(), got[rows[i].id]
		called[c]++
		is[e]++
		both[[2]string{e, c}]++
	}
	many := 0.0
	for i := range rows {
		e, c := rows[i].event(), got[rows[i].id]
		p, r := both[[2]string{e, c}]/called[c], both[[2]string{e, c}]/is[e]
		s.precision, s.recall = s.precision+p, s.recall+r
		if rows[i].story != "-" {
			many++
			s.precisionMany, s.recallMany = s.precisionMany+p, s.recallMany+r
		}
	}
	n := float64(max(len(rows), 1))
	return bcubes{s.precision / n, s.recall / n, s.precisionMany / max(many, 1), s.recallMany / max(many, 1)}
}

// report logs the events that were split, and the stories that hold more than
// one.
func report(t *testing.T, rows []labelledStory, got map[string]string) {
	parts, events := map[string]map[string][]string{}, map[string]map[string][]string{}
	put := func(m map[string]map[string][]string, a, b, id string) {
		if m[a] == nil {
			m[a] = map[string][]string{}
		}
		m[a][b] = append(m[a][b], id)
	}
	for i := range rows {
		if l := &rows[i]; l.story != "-" {
			put(parts, l.story, got[l.id], l.id)
		}
		put(events, got[rows[i].id], rows[i].event(), rows[i].id)
	}
	for event, p := range parts {
		if len(p) > 1 {
			t.Logf("event %s is split: %v", event, p)
		}
	}
	for story, e := range events {
		if len(e) > 1 {
			t.Logf("story %s holds %v", story, e)
		}
	}
}

func TestBcubed(t *testing.T) {
	rows := []labelledStory{{"a", "e1", ""}, {"b", "e1", ""}, {"c", "-", ""}, {"d", "-", ""}}
	for _, c := range []struct {
		stories           string // of a, b, c, d
		precision, recall float64
	}{{"1123", 1, 1}, {"1234", 1, .75}, {"1112", (2./3 + 2./3 + 1./3 + 1) / 4, 1}, {"1111", (.5 + .5 + .25 + .25) / 4, 1}} {
		got := map[string]string{}
		for i := range rows {
			got[rows[i].id] = c.stories[i : i+1]
		}
		if s := bcubed(rows, got); s.precision != c.precision || s.recall != c.recall {
			t.Errorf("%s: precision %v, recall %v; want %v, %v", c.stories, s.precision, s.recall, c.precision, c.recall)
		}
	}
}

func storiesOf(t *testing.T, in io.Reader) map[string]string {
	out := map[string]string{}
	for _, v := range verdicts(t, in) {
		out[v.ID] = v.Story
	}
	return out
}
