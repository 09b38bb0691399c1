package judge_test

import (
	"bufio"
	"cmp"
	"compress/gzip"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zeebo/xxh3"

	"github.com/dateline/dateline/pkg/judge"
	"github.com/dateline/dateline/pkg/neardup"
	"github.com/dateline/dateline/pkg/text"
)

// topical are two articles with names in common, by their places in a list.
type topical struct {
	a, b, shared int32
}

var namePattern = regexp.MustCompile(`\p{Lu}[\pL'’]{3,}`)

// topics pairs articles whose title and opening have the most names in common,
// names which stand in 5 to 500 of them; no article is in more than most pairs.
func topics(all []article, n, most int) (pairs []topical) {
	having := map[string][]int32{}
	for i, a := range all {
		seen := map[string]bool{}
		for _, name := range namePattern.FindAllString(a.Title+" "+a.Text[:min(len(a.Text), 500)], -1) {
			if !seen[name] {
				seen[name] = true
				having[name] = append(having[name], int32(i))
			}
		}
	}
	shared := map[[2]int32]int32{}
	for _, list := range having {
		if len(list) < 5 || len(list) > 500 {
			continue
		}
		for x, a := range list {
			for _, b := range list[x+1 : min(len(list), x+40)] {
				shared[[2]int32{a, b}]++
			}
		}
	}
	for p, k := range shared {
		if k >= 2 {
			pairs = append(pairs, topical{p[0], p[1], k})
		}
	}
	slices.SortFunc(pairs, func(x, y topical) int {
		return cmp.Or(cmp.Compare(y.shared, x.shared), cmp.Compare(x.a, y.a), cmp.Compare(x.b, y.b))
	})
	used := map[int32]int{}
	kept := pairs[:0]
	for _, p := range pairs {
		if used[p.a] < most && used[p.b] < most && len(kept) < n {
			used[p.a]++
			used[p.b]++
			kept = append(kept, p)
		}
	}
	return kept
}

// linked gives the articles of the collection that share text with another.
func linked(t *testing.T) map[string]bool {
	f, err := os.Open(filepath.Join(os.Getenv("DATELINE_TESTDATA"), "corpus/near-pairs.tsv.gz"))
	if err != nil {
		t.Skip(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]bool{}
	for s := bufio.NewScanner(z); s.Scan(); {
		f := strings.Split(s.Text(), "\t")
		ids[f[0]], ids[f[1]] = true, true
	}
	return ids
}

// TestTopics judges 10,000 pairs of articles that have names in common and no
// text, and 2,500 of them by their openings of 80 words, each pair by itself and
// as if they came out within the hour: no copy is there to be found. Half of
// the outlets were never looked at.
func TestTopics(t *testing.T) {
	all := readArticles(t, 1)
	ids := linked(t)
	all = slices.DeleteFunc(all, func(a article) bool { return ids[a.ID] })
	pairs := topics(all, 10_000, 12)
	if len(pairs) < 10_000 {
		t.Fatalf("%d pairs", len(pairs))
	}
	at := time.Date(2026, 6, 1, 8, 0, 0, 0, time.UTC)
	sketcher, reader := neardup.NewSketcher(text.AppendTerms), neardup.NewReader(text.AppendTermsAt)
	for _, words := range []int{0, 80} {
		if words > 0 {
			pairs = pairs[:2500]
		}
		docs := map[int32]*judge.Input{}
		doc := func(i int32) *judge.Input {
			if docs[i] == nil {
				body := all[i].Text
				if words > 0 {
					body = opening(body, words)
				}
				docs[i] = dated(uint64(i+1), all[i].Title, body, all[i].Source, at, sketcher)
			}
			return docs[i]
		}
		wrong, unseen, own, asked := 0, 0, 0, 0
		for _, p := range pairs {
			a, b := doc(p.a), doc(p.b)
			x := neardup.NewIndex(neardup.DefaultConfig())
			x.Add(&a.Doc, 0)
			m, err := x.Read(&b.Doc, b.Text, reader, func(uint64) (string, error) { asked++; return a.Text, nil })
			if err != nil {
				t.Fatal(err)
			}
			if a.Source == b.Source {
				own++
			}
			if m.CopyOf == 0 {
				continue
			}
			wrong++
			if (xxh3.HashString(a.Source)|xxh3.HashString(b.Source))&1 == 0 {
				t.Logf("%s, %s: %+v", all[p.a].ID, all[p.b].ID, m)
			} else {
				unseen++
			}
		}
		t.Logf("%d pairs of %d words (0: all), %d of one outlet, the last with %d names in common: %d texts asked for, %d called copies, %d of them of outlets never looked at",
			len(pairs), words, own, pairs[len(pairs)-1].shared, asked, wrong, unseen)
		if wrong > 1 {
			t.Errorf("%d of %d unrelated pairs called copies, want 1 at most", wrong, len(pairs))
		}
	}
}
