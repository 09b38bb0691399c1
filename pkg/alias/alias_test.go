package alias

import (
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/dateline/dateline/pkg/entity"
)

func TestHolds(t *testing.T) {
	f := func(originals, explicit, against uint64, want bool) {
		t.Helper()
		e := Evidence{From: "a", Into: "b", Originals: originals, Explicit: explicit, Against: against, Sources: 9}
		if e.Holds() != want {
			t.Errorf("%d (%d in words) for and %d against: holds %v, share %.2f", originals, explicit, against, !want, e.Share())
		}
	}
	f(4, 4, 0, true)
	f(1, 1, 0, true) // the others were forgotten
	f(4, 4, 1, true)
	f(4, 4, 2, false)
	f(40, 40, 12, true)
	f(40, 40, 14, false)
	f(20, 0, 2, true)
	f(20, 0, 3, false)
	f(20, 1, 3, false)
	f(0, 0, 1, false)
	for n := range uint64(60) { // what is merged holds
		for m := range uint64(20) {
			for _, explicit := range []uint64{0, n} {
				e := Evidence{From: "a", Into: "b", Originals: n, Explicit: explicit, Against: m, Sources: 9}
				if e.Judge() == Applied && !e.Holds() {
					t.Errorf("%d for and %d against are merged and do not hold", n, m)
				}
			}
		}
	}
}

func TestAcronyms(t *testing.T) {
	for _, c := range []struct {
		acronym, name string
		want          bool
	}{
		{"NGB", "Northern Grain Board", true}, {"N.G.B.", "Northern Grain Board", true}, {"FDA", "the Food and Drug Administration", true},
		{"USAID", "U.S. Agency for International Development", true}, {"TIGTA", "Treasury Inspector General for Tax Administration", true},
		{"UNICEF", "United Nations Children's Fund", true}, {"NGB", "Grain Board", false}, {"FISA", "Foreign Intelligence Surveillance Court", false},
		{"UN", "United", false}, {"NGB", "NGB Northern Grain Board", false}, {"XYZ", "Northern Grain Board", false}, {"GB", "Northern Grain Board", false},
	} {
		if got := abbreviates(c.acronym, c.name); got != c.want {
			t.Errorf("%s for %s: %v", c.acronym, c.name, got)
		}
	}
	for s, want := range map[string]bool{"NGB": true, "R&D": true, "MoD": true, "U.S.": true, "G20": false, "Ngb": false, "A": false, "HARTWELLGROUP": false, "N B": false, "COVID-19": false} {
		if isAcronym(s) != want {
			t.Errorf("%q is an acronym: %v", s, !want)
		}
	}
}

func observer(t testing.TB) *Observer {
	t.Helper()
	tables, err := entity.Load()
	if err != nil {
		t.Fatal(err)
	}
	return NewObserver(entity.NewPipeline(tables, entity.Options{}), 1000)
}

// marked reads a text in which {kind:id surface} is a mention.
func marked(s string) (text string, ms []entity.Mention) {
	for {
		before, rest, ok := strings.Cut(s, "{")
		text += before
		if !ok {
			return text, ms
		}
		in, after, _ := strings.Cut(rest, "}")
		id, surface, _ := strings.Cut(in, " ")
		kind := map[string]entity.Kind{"per": entity.PER, "org": entity.ORG, "loc": entity.LOC}[id[:3]]
		m := entity.Mention{Start: int32(len(text)), End: int32(len(text) + len(surface)), Kind: kind, EntityID: id, Name: surface, Score: .9, Ref: -1}
		ms = append(ms, m)
		text, s = text+surface, after
	}
}

func TestObserve(t *testing.T) {
	o := observer(t)
	const board = "{org/quarton-grain-board Quarton Grain Board}"
	for _, c := range []struct{ text, want string }{
		{board + " (QGB) met.", "acronym org/qgb org/quarton-grain-board"},
		{board + " (“QGB”, in short) met, " + board + " (QGB).", "acronym org/qgb org/quarton-grain-board"},
		{"The QGB (" + board + ") met.", "acronym org/qgb org/quarton-grain-board"},
		{board + " (QXB) met; " + board + " (2019).", ""},
		{"{per/jane-quartwell Jane Quartwell} came. {per/jane-quartwell Quartwell} spoke.", "short per/quartwell per/jane-quartwell"},
		{"{per/jane-quartwell Jane Quartwell} came. Nobody spoke.", ""},
		{"{per/jane-quartwell Jane Quartwell} and {per/ann-quartwell Ann Quartwell} came. {per/quartwell Quartwell} spoke.",
			"clash per/quartwell per/ann-quartwell|clash per/quartwell per/jane-quartwell"},
		{"{org/quarton-silos-ltd Quarton Silos Ltd} fell. {org/quarton-silos Quarton Silos} said no.", "legal_form org/quarton-silos-ltd org/quarton-silos"},
		{"{org/newton-mills Newton Mills}, formerly known as {org/oldton-mills Oldton Mills}, fell.", "known_as org/oldton-mills org/newton-mills"},
		{"{org/newton-mills Newton Mills} and {org/oldton-mills Oldton Mills} fell; {per/ada-voss Ada Voss}, formerly of {org/oldton-mills Oldton Mills}, said so.", ""},
		{"{org/quarton-partners Quarton Partners} rose. {org/quarton-partners Quarton} said so.", "short org/quarton org/quarton-partners"},
	} {
		text, ms := marked(c.text)
		var got []string
		for _, x := range o.observe(text, ms) {
			got = append(got, fmt.Sprint(x.Pattern, " ", x.From, " ", x.Into))
		}
		slices.Sort(got)
		if s := strings.Join(got, "|"); s != c.want {
			t.Errorf("%s: %s, want %s", text, s, c.want)
		}
	}
	// What the tables know is no form to be learned.
	if id := o.idAlone(entity.LOC, "France"); id != "" {
		t.Errorf("France alone is %s", id)
	}
}

func TestWilson(t *testing.T) {
	// By hand: p = 8/10, z = 1.645.
	for _, c := range [][3]float64{{0, 0, 0}, {8, 2, .5408}, {4, 0, .5965}, {0, 5, 0}, {1000, 0, .9973}} {
		if got := Wilson(c[0], c[1]); math.Abs(got-c[2]) > .0002 {
			t.Errorf("%v of %v: %.4f, want %.4f", c[0], c[0]+c[1], got, c[2])
		}
	}
}

func TestJudge(t *testing.T) {
	for _, c := range []struct {
		originals, explicit, against, sources uint64
		want                                  Level
	}{
		{1, 1, 0, 1, Noted}, {2, 2, 0, 1, Noted}, {2, 2, 0, 2, Proposed}, {4, 4, 0, 3, Applied}, {4, 4, 3, 3, Noted}, {9, 9, 2, 3, Proposed},
		{4, 0, 0, 4, Noted}, {5, 0, 0, 3, Proposed}, {19, 0, 0, 9, Proposed}, {20, 0, 0, 6, Applied}, {20, 0, 0, 5, Proposed}, {90, 0, 30, 20, Noted}, {90, 0, 9, 20, Applied},
	} {
		e := Evidence{From: "per/a", Into: "per/b", Originals: c.originals, Explicit: c.explicit, Against: c.against, Sources: c.sources}
		if got := e.Judge(); got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
	if e := (Evidence{From: "per/a", Into: "per/a", Originals: 90, Sources: 9}); e.Judge() != Noted {
		t.Error("a name is to be merged with itself")
	}
}

// TestBook: whatever the order, and however often an article is read, the
// evidence is the same.
func TestBook(t *testing.T) {
	ob := func(pattern, from, into string) []Observation {
		return []Observation{{From: from, Into: into, Kind: entity.PER, Pattern: pattern, Form: from, Name: into}}
	}
	day := func(n int) time.Time { return time.Date(2026, 1, n, 0, 0, 0, 0, time.UTC) }
	type call struct {
		id, source string
		at         time.Time
		list       []Observation
	}
	calls := []call{
		{"1", "a", day(3), ob(Short, "v", "x")}, {"2", "b", day(1), ob(Short, "v", "x")}, {"3", "a", day(9), ob(Short, "v", "y")},
		{"4", "c", day(2), append(ob(Clash, "v", "x"), ob(Clash, "v", "y")...)}, {"5", "c", day(4), ob(Acronym, "v", "x")}, {"1", "a", day(3), ob(Short, "v", "x")},
	}
	var first string
	for range 2 {
		b := NewBook()
		for _, c := range calls {
			b.Add(c.id, c.source, c.at, c.list)
		}
		var out []string
		for _, e := range b.Evidence() {
			out = append(out, fmt.Sprint(e.From, e.Into, e.Originals, e.Explicit, e.Against, e.Sources, e.Patterns, e.First.Day(), e.Last.Day()))
		}
		got := strings.Join(out, " ")
		if first == "" {
			first = got
		}
		if want := "vx3 1 2 3 [acronym short] 1 4 vy1 0 4 1 [short] 9 9"; got != want || got != first {
			t.Errorf("%s, want %s", got, want)
		}
		slices.Reverse(calls)
	}
}

func TestSpelling(t *testing.T) {
	for _, c := range [][2]string{{"Sergei Marov", "Sergey Marov"}, {"Mohammed Dahlan", "Muhammad Dahlan"}, {"Mohamed al-Dahlan", "Mohammad Dahlan"}, {"Yusuf Kassem", "Yousuf Qassem"}, {"Erik Sandor", "Eric Sandor"}} {
		if a, b := Sound(c[0]), Sound(c[1]); (a == b) != (c[0][0] != 'E') {
			t.Errorf("%s and %s sound %q and %q", c[0], c[1], a, b)
		}
	}
	o := observer(t)
	tell := func(s string) string {
		text, ms := marked(s)
		var out []string
		for _, x := range o.observe(text, ms) {
			out = append(out, fmt.Sprint(x.Pattern, " ", x.From, " ", x.Into))
		}
		slices.Sort(out)
		return strings.Join(slices.Compact(out), "|")
	}
	const with = " met {per/ada-voss Ada Voss} of {org/quarton-mills Quarton Mills}."
	for i := range 200 { // others, so that those two are nobody's everyday company
		tell(fmt.Sprintf("{per/a%d Nobody Inparticular%d} came alone.", i, i))
	}
	if got := tell("{per/sergei-marov Sergei Marov}" + with); got != "" {
		t.Errorf("the first spelling: %s", got)
	}
	if got := tell("{per/sergey-marov Sergey Marov} met nobody."); got != "" {
		t.Errorf("in no company: %s", got)
	}
	if got := tell("{per/sergey-marov Sergey Marov}" + with); got != "spelling per/sergei-marov per/sergey-marov" {
		t.Errorf("in the same company, named more: %s", got)
	}
	if got := tell("{per/sergei-marov Sergei Marov}" + with); got != "spelling per/sergey-marov per/sergei-marov" {
		t.Errorf("the other way round: %s", got)
	}
	tell("{per/sergei-marov Sergei Marov} met nobody.")
	if got := tell("{per/sergey-marov Sergey Marov} and {per/sergei-marov Sergei Marov}" + with); got != "clash per/sergey-marov per/sergei-marov" {
		t.Errorf("both at once: %s", got)
	}
	small := newCompany(50)
	for i := range 500 {
		id := fmt.Sprintf("per/jane-doe%c%c%d", 'a'+i%26, 'a'+i/26%26, i)
		small.meet([]*entity.Mention{{EntityID: id, Name: "Jane Doe" + id, Kind: entity.PER, Ref: -1}}, nil, nil)
	}
	if len(small.people) > 51 || len(small.spelt) > 51 || len(small.named) > 401 {
		t.Errorf("%d persons, %d names, %d counts are remembered where 50 are wanted", len(small.people), len(small.spelt), len(small.named))
	}
}

// TestJudged: the pairs that were read are as the document says, and none of
// them would be judged otherwise by now.
func TestJudged(t *testing.T) {
	raw, err := os.ReadFile("testdata/judged.tsv")
	if err != nil {
		t.Fatal(err)
	}
	read, right := 0, 0
	for line := range strings.Lines(string(raw)) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if f[0] == "level" {
			continue
		}
		if len(f) != 10 || f[8] != "right" && f[8] != "wrong" || f[9] == "" {
			t.Fatalf("%q has no verdict with a reason", line)
		}
		read++
		if f[8] == "right" {
			right++
		}
		number := func(s string) uint64 {
			n, err := strconv.ParseUint(s, 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		e := Evidence{From: f[1], Into: f[2], Patterns: strings.Split(f[4], "+"), Originals: number(f[5]), Against: number(f[6]), Sources: number(f[7])}
		if !slices.Contains(e.Patterns, Short) && !slices.Contains(e.Patterns, Variant) {
			e.Explicit = e.Originals
		}
		if e.Judge().String() != f[0] {
			t.Errorf("%s -> %s was %s, is %s", f[1], f[2], f[0], e.Judge())
		}
	}
	if read < 200 || float64(right) < .95*float64(read) {
		t.Errorf("%d of %d that were read are right", right, read)
	}
}
