package newsroom

import (
	"sort"
	"strings"
	"testing"
	"time"
)

var monday = time.Date(2026, 10, 5, 9, 0, 0, 0, time.UTC)

// shingles are the distinct 2-word shingles of a text.
func shingles(text string) map[string]bool {
	words := strings.FieldsFunc(strings.ToLower(text), func(c rune) bool { return !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9') })
	set := map[string]bool{}
	for i := 1; i < len(words); i++ {
		set[words[i-1]+" "+words[i]] = true
	}
	return set
}

func containment(a, b map[string]bool) float64 {
	both := 0
	for s := range a {
		if b[s] {
			both++
		}
	}
	return float64(both) / float64(min(len(a), len(b)))
}

func prose(m *manuscript) string {
	var b strings.Builder
	for _, p := range m.paragraphs {
		b.WriteString(join(p))
		b.WriteByte('\n')
	}
	return b.String()
}

type quantiles struct{ mean, median, p95, p99, max float64 }

func quantilesOf(values []float64) quantiles {
	sort.Float64s(values)
	at := func(q float64) float64 { return values[int(q*float64(len(values)-1))] }
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return quantiles{sum / float64(len(values)), at(.5), at(.95), at(.99), at(1)}
}

// TestLikeness measures what near-duplicate detection will see.
func TestLikeness(t *testing.T) {
	w, err := newWorld(1, 24, nil)
	if err != nil {
		t.Fatal(err)
	}
	cfg := Config{CopyShare: .2, RewriteShare: .2, RevisionShare: -1}.withDefaults()
	d, a := newDesk(w, &cfg, liveStream), newAuthor(w)
	type text struct {
		p   piece
		set map[string]bool
	}
	var records []record
	var texts []text
	for i := range 700 {
		p := d.next(monday.Add(time.Duration(i) * time.Minute))
		m := a.write(chainOf(append(records, record{piece: p}), p, nil), 400)
		p.beat = uint8(m.beat)
		records = append(records, record{piece: p})
		texts = append(texts, text{p, shingles(prose(m))})
	}
	kinds := map[string][]float64{}
	for i, x := range texts {
		if x.p.of >= 0 {
			kinds[x.p.kind.String()] = append(kinds[x.p.kind.String()], containment(x.set, texts[x.p.of].set))
			continue
		}
		for _, y := range texts[max(0, i-150):i] {
			switch {
			case y.p.of >= 0:
			case x.p.event == y.p.event:
				kinds["same event"] = append(kinds["same event"], containment(x.set, y.set))
			case x.p.beat == y.p.beat:
				kinds["same beat"] = append(kinds["same beat"], containment(x.set, y.set))
			default:
				kinds["other beat"] = append(kinds["other beat"], containment(x.set, y.set))
			}
		}
	}
	for kind, values := range kinds {
		q := quantilesOf(values)
		t.Logf("%-10s n=%-6d mean %.3f median %.3f p95 %.3f p99 %.3f max %.3f", kind, len(values), q.mean, q.median, q.p95, q.p99, q.max)
		switch kind {
		case "same beat", "other beat":
			if q.mean > .12 || q.p99 > .2 {
				t.Errorf("%s: unrelated texts are too alike: %+v", kind, q)
			}
		case "same event":
			if q.p95 > .35 {
				t.Errorf("%s: independent reports are too alike: %+v", kind, q)
			}
		case Copy:
			if q.median < .99 {
				t.Errorf("copies differ: %+v", q)
			}
		case Rewrite:
			if q.median < .45 || q.median > .95 {
				t.Errorf("rewrites: %+v", q)
			}
		}
	}
}
