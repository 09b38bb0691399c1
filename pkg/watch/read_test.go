package watch

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestRead(t *testing.T) {
	for _, c := range []struct{ in, want, broken string }{
		{"Apple\nNordwind Group\n", "org/apple org/nordwind-group", ""},
		{"name,kind,aliases\nApple,ORG,AAPL|Apple Inc\n\"Yahoo, Inc\",org,\nJane Hartwell,PER,", "org/apple[AAPL Apple Inc] org/yahoo-inc per/jane-hartwell", ""},
		{"\ufeffname\tkind\tnear\twithin\tcase\texact\nApple\tORG\tInc|iPhone\t5\texact\tyes\n", "org/apple<Inc iPhone>5exact!", ""},
		{"name;kind\r\nApple;ORG\r\n", "org/apple", ""},
		{"name,kind\nApple,FRUIT\n,ORG\nX,ORG,y\nPear,ORG\nPear,ORG\n---,ORG", "org/pear", "2 3 4 6 7"},
		{"name,within,exact\nA,x,\nB,2000,\nC,3,maybe\nDee,3,no", "org/dee3", "2 3 4"},
		{`{"name":"Apple","kind":"ORG","aliases":["AAPL"]}` + "\n\nnonsense\n" + `{"name":"B","nope":1}` + "\n" + `{"name":"Pear","kind":"LOC"}`, "org/apple[AAPL] loc/pear", "3 4"},
		{"", "", ""},
	} {
		var broken []string
		got, err := Read(strings.NewReader(c.in), func(e *Entry) {
			if e.Kind == "" {
				e.Kind = "ORG"
			}
		}, func(line int, err error) { broken = append(broken, fmt.Sprint(line)) })
		if err != nil {
			t.Errorf("%q: %v", c.in, err)
		}
		var out []string
		for _, e := range got {
			s := e.ID
			if len(e.Aliases) > 0 {
				s += fmt.Sprint(e.Aliases)
			}
			if len(e.Near) > 0 {
				s += "<" + strings.Join(e.Near, " ") + ">"
			}
			if e.Within != UsualWithin {
				s += fmt.Sprint(e.Within)
			}
			if e.Case != Smart {
				s += e.Case
			}
			if e.Exact {
				s += "!"
			}
			out = append(out, s)
		}
		if s := strings.Join(out, " "); s != c.want || strings.Join(broken, " ") != c.broken {
			t.Errorf("%q: %s, broken %v; want %s, %s", c.in, s, broken, c.want, c.broken)
		}
		var sb strings.Builder
		if err := Write(&sb, got); err != nil {
			t.Fatal(err)
		}
		if again, err := Read(strings.NewReader(sb.String()), nil, func(line int, err error) { t.Error(line, err) }); err != nil || !reflect.DeepEqual(again, got) {
			t.Errorf("%q: written and read it is %+v, was %+v", c.in, again, got)
		}
	}
	if _, err := Read(strings.NewReader("a,b\nc,d"), nil, nil); err == nil || !strings.Contains(err.Error(), "line 1") {
		t.Errorf("a table without names of columns: %v", err)
	}
}

func TestKnowledge(t *testing.T) {
	e := Entry{Name: "Apple", Kind: "org", Aliases: []string{"Apple", "Apple, Inc.", "AAPL "}, Near: []string{"Inc"}, Not: []string{"apple pie"}, Within: 4, Case: "EXACT", Exact: true, Languages: []string{"EN"}, Sources: []string{"a.example"}}
	if err := e.Tidy(); err != nil {
		t.Fatal(err)
	}
	k := e.Knowledge(time.Unix(5, 0))
	back, err := FromKnowledge(k)
	if err != nil || !reflect.DeepEqual(back, e) || k.Type+"/"+k.Name != "watchlist/org/apple" {
		t.Errorf("%+v, %v; want %+v", back, err, e)
	}
	if Removed(k) || !Removed(Removal("org/apple", time.Unix(6, 0))) {
		t.Error("removal is not told from an entry")
	}
	k.Value["within"] = "many"
	if _, err := FromKnowledge(k); err == nil {
		t.Error("a broken entry is read")
	}
}

func TestBounds(t *testing.T) {
	for _, e := range []Entry{
		{}, {Name: "A", Kind: "ORG", Case: "loud"}, {Name: "A", Kind: "ORG", ID: "a b"}, {Name: strings.Repeat("x", 300), Kind: "ORG"}, {Name: "…", Kind: "ORG"},
		{Name: strings.Repeat("x ", 20), Kind: "ORG"}, {Name: "A", Kind: "ORG", Within: -1}, {Name: "Zo*", Kind: "ORG"}, {Name: "A", Kind: "ORG", Near: make([]string, 0), Aliases: []string{"?"}},
	} {
		if err := e.Tidy(); err == nil {
			t.Errorf("%+v is taken", e)
		}
	}
	if fit, left := (Config{Entries: 10, Bytes: 1 << 20}).Fit(many(30)); len(fit) != 10 || left != 20 {
		t.Errorf("%d fit, %d are left", len(fit), left)
	}
	if fit, left := (Config{Entries: 100, Bytes: 1000}).Fit(many(30)); len(fit) == 0 || len(fit)+left != 30 || left == 0 {
		t.Errorf("%d fit, %d are left", len(fit), left)
	}
	if err := (Config{Entries: -1}).Validate(); err == nil || errors.Is(err, ErrFull) {
		t.Error(err)
	}
}
