package judge

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/zeebo/xxh3"
)

func testOptions(broken *[]string) DedupeOptions {
	terms := func(dst []uint64, s string) []uint64 {
		for _, w := range strings.Fields(strings.ToLower(s)) {
			dst = append(dst, xxh3.HashString(strings.Trim(w, ".,")))
		}
		return dst
	}
	return DedupeOptions{
		Config: DefaultConfig(),
		Terms:  terms,
		Analyse: func(a *Analysis, title, text string) {
			a.Title, a.Terms = terms(a.Title[:0], title), terms(a.Terms[:0], text)
			a.BodyHash, a.Language, a.Entities = 0, "en", a.Entities[:0]
			for _, t := range a.Terms {
				a.BodyHash = a.BodyHash*31 + t
			}
			for _, w := range strings.Fields(text) {
				if strings.HasPrefix(w, "Q") {
					a.Entities = append(a.Entities, "per/"+w)
				}
			}
		},
		Canonical: func(u string) (string, bool) { return strings.ToLower(u), strings.HasPrefix(u, "http") },
		Broken:    func(line int, err error) { *broken = append(*broken, fmt.Sprint(line)) },
	}
}

// prose is n words which only the seed decides.
func prose(seed, n int) string {
	var b strings.Builder
	for _, t := range words(uint64(seed), n) {
		fmt.Fprintf(&b, "w%x ", t&0xffffff)
	}
	return b.String()
}

func TestDedupe(t *testing.T) {
	a, b := prose(1, 200), prose(2, 200)
	event := strings.Repeat("Qarla Qumar Qest Qinn ", 3)
	in := []string{
		fmt.Sprintf(`{"id":"a","text":%q,"url":"http://x.example/A","title":"Ferry aground in strait"}`, event+a),
		fmt.Sprintf(`{"id":"b","text":%q}`, a[:len(a)/2]),
		``,
		`{"id":"broken",`,
		fmt.Sprintf(`{"id":7,"text":%q,"published":"2026-06-01"}`, b),
		fmt.Sprintf(`{"id":"a2","text":%q,"url":"http://x.example/a"}`, event+a+prose(3, 20)),
		fmt.Sprintf(`{"id":"a3","text":%q,"url":"http://x.example/a"}`, event+a+prose(3, 20)),
		`{"text":"no id at all"}`,
		`{"id":"none"}`,
		`{"id":["list"],"text":"x"}`,
		fmt.Sprintf(`{"id":"c","text":%q,"title":"Ferry stuck in strait","published":"yesterday"}`, event+prose(4, 200)),
		fmt.Sprintf(`{"id":"b","text":%q}`, prose(5, 200)),
		fmt.Sprintf(`{"id":"late","text":%q,"published":"2026-06-20T10:00:00Z"}`, b[:len(b)/2]),
	}
	want := []string{
		`a original null a`,
		`b copy "a" a`,
		`7 original null 7`,
		`a2 revision "a" a`,
		`a3 copy "a" a`,
		`c original null a`,
		`b revision "a" a`,
		`late original null late`,
	}
	var broken []string
	var out strings.Builder
	sum, err := Dedupe(context.Background(), strings.NewReader(strings.Join(in, "\n")), &out, testOptions(&broken))
	if !errors.Is(err, ErrBroken) {
		t.Errorf("error %v, want ErrBroken", err)
	}
	if got := strings.Join(broken, " "); got != "4 8 9 10" {
		t.Errorf("broken lines %s", got)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	for i, l := range lines {
		var v struct {
			ID, Story  any
			Kind       string
			CopyOf     json.RawMessage `json:"copy_of"`
			Similarity *float64
		}
		if err := json.Unmarshal([]byte(l), &v); err != nil {
			t.Fatal(err)
		}
		got := fmt.Sprintf("%v %s %s %v", v.ID, v.Kind, v.CopyOf, v.Story)
		if i >= len(want) || got != want[i] {
			t.Errorf("line %d: %s", i, l)
		}
		if v.Similarity == nil || (v.Kind == "original") != (*v.Similarity == 0) && v.Kind != "revision" {
			t.Errorf("line %d: similarity in %s", i, l)
		}
	}
	if want := (Summary{Lines: 12, Originals: 4, Copies: 2, Revisions: 2, Stories: 3, Broken: 4}); sum != want {
		t.Errorf("summary %+v, want %+v", sum, want)
	}
}

func TestDedupeLongLine(t *testing.T) {
	var broken []string
	var out strings.Builder
	in := `{"id":"a","text":"` + strings.Repeat("x ", maxLine/2) + "\"}\n" + `{"id":"b","text":"short but good"}`
	_, err := Dedupe(context.Background(), strings.NewReader(in), &out, testOptions(&broken))
	if !errors.Is(err, ErrBroken) || len(broken) != 1 || broken[0] != "1" || !strings.Contains(out.String(), `"b"`) {
		t.Errorf("%v, broken %v, out %.80q", err, broken, out.String())
	}
}

func TestDedupeStops(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	var out strings.Builder
	if _, err := Dedupe(ctx, strings.NewReader(`{"id":"a","text":"b"}`), &out, testOptions(new([]string))); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

func FuzzDedupe(f *testing.F) {
	f.Add([]byte(`{"id":"a","text":"one two three"}` + "\n" + `{"id":1,"title":"t","url":"http://x"}`))
	f.Add([]byte("{}\n\n\x00\n{\"id\":{},\"text\":1}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var out strings.Builder
		sum, _ := Dedupe(context.Background(), strings.NewReader(string(data)), &out, testOptions(new([]string)))
		if n := strings.Count(out.String(), "\n"); n != sum.Lines-sum.Broken {
			t.Errorf("%d lines out, %d good ones in", n, sum.Lines-sum.Broken)
		}
	})
}
