package watch

import (
	"fmt"
	"strings"
	"testing"
)

func compile(t testing.TB, entries ...Entry) *List {
	t.Helper()
	for i := range entries {
		if entries[i].Kind == "" {
			entries[i].Kind = "ORG"
		}
		if err := entries[i].Tidy(); err != nil {
			t.Fatal(err)
		}
	}
	return Compile(entries)
}

// found lists what an entry finds: meant places as they stand in the text, others
// behind a minus.
func found(l *List, s string) string {
	var out []string
	for _, h := range NewMatcher(l).Find(s) {
		mark := ""
		if h.Why != Meant {
			mark = "-"
		}
		out = append(out, mark+s[h.Start:h.End])
	}
	return strings.Join(out, "|")
}

func TestFind(t *testing.T) {
	for _, c := range []struct {
		e          Entry
		text, want string
	}{
		// Case.
		{Entry{Name: "Apple"}, "Apple, APPLE and apple: Apple's", "Apple|APPLE|Apple"},
		{Entry{Name: "apple"}, "Apple and apple", "Apple|apple"},
		{Entry{Name: "Apple", Case: Any}, "Apple and apple", "Apple|apple"},
		{Entry{Name: "Apple", Case: Exact}, "Apple and APPLE", "Apple"},
		{Entry{Name: "WHO"}, "Who is WHO? The WHO's staff, WHOs", "WHO|WHO|WHOs"},
		{Entry{Name: "WHO"}, "NOBODY KNOWS WHO DID IT", ""},
		{Entry{Name: "NASA"}, "NASA PLANS LAUNCH, says Nasa", "NASA"},
		{Entry{Name: "NORDSTERN HOLDING"}, "the Nordstern Holding", "Nordstern Holding"},
		{Entry{Name: "iPhone"}, "iPhone Iphone iPhones", "iPhone|Iphone|iPhones"},
		// Word forms.
		{Entry{Name: "Agency"}, "Agencies and Agency’s", "Agencies|Agency"},
		{Entry{Name: "Church"}, "Churches Churchs Churchill", "Churches"},
		{Entry{Name: "Agency", Exact: true}, "Agencies and Agency’s", "Agency"},
		{Entry{Name: "Smith", Kind: "PER"}, "the Smiths and Smith's", "Smith"},
		{Entry{Name: "McDonald's"}, "McDonald's McDonalds McDonald", "McDonald|McDonalds"},
		{Entry{Name: "Владимир Путин", Kind: "PER"}, "встреча с Владимиром Путиным и Владимира Путина", "Владимиром Путиным|Владимира Путина"},
		{Entry{Name: "Волков", Kind: "PER"}, "Волковым Волкову Волковский", "Волковым|Волкову"},
		{Entry{Name: "삼성전자"}, "삼성전자는 오늘 삼성전자의 삼성전자서비스", "삼성전자는|삼성전자의"},
		{Entry{Name: "القاهرة", Kind: "LOC"}, "في القاهرة وبالقاهرة والقاهرة", "القاهرة|وبالقاهرة|والقاهرة"},
		{Entry{Name: "Erdoğan", Kind: "PER"}, "Erdogan Erdoğan'ın ERDOĞAN", "Erdogan|Erdoğan|ERDOĞAN"},
		{Entry{Name: "Zoll*"}, "Zollamt Zölle Zoll zollfrei", "Zollamt|Zölle|Zoll"},
		// Folding and borders of words.
		{Entry{Name: "Peña Nieto", Kind: "PER"}, "Pen\u0303a Nieto Pena\u00a0Nieto", "Pen\u0303a Nieto|Pena\u00a0Nieto"},
		{Entry{Name: "O'Brien", Kind: "PER"}, "O’Brien OʼBrien OBrien O'Brien's", "O’Brien|OʼBrien|OBrien|O'Brien"},
		{Entry{Name: "Élysée"}, "à l’Élysée, l'Elysee", "Élysée|Elysee"},
		{Entry{Name: "U.S. Steel"}, "US Steel, U.S. Steel. U. S. Steel", "US Steel|U.S. Steel"},
		{Entry{Name: "AT&T"}, "AT&T at t ATT AT and T", "AT&T|AT and T"},
		{Entry{Name: "Coca-Cola"}, "Coca Cola, Coca‑Cola, Coca\u00adCola", "Coca Cola|Coca‑Cola"},
		{Entry{Name: "Cola"}, "Colas Colander", "Colas"},
		{Entry{Name: "東京", Kind: "LOC"}, "今日は東京で、東京都", "東京|東京"},
		{Entry{Name: "アメリカ", Kind: "LOC"}, "アメリカの アメリカン", "アメリカ"},
		{Entry{Name: "กรุงเทพ", Kind: "LOC"}, "อยู่กรุงเทพครับ", "กรุงเทพ"},
		{Entry{Name: "Йошкар-Ола", Kind: "LOC"}, "Йошкар-Ола И\u0306ошкар-Олы", "Йошкар-Ола|И\u0306ошкар-Олы"},
		{Entry{Name: "한국", Kind: "LOC"}, "\u1112\u1161\u11ab\u1100\u116e\u11a8", "\u1112\u1161\u11ab\u1100\u116e\u11a8"},
		{Entry{Name: "KBS"}, "KBS는", "KBS"},
		// Punctuation inside.
		{Entry{Name: "Joe Biden", Kind: "PER"}, "He met Joe. Biden said. Joe, Biden. Joe\n\nBiden Joe\nBiden", "Joe\nBiden"},
		{Entry{Name: "St Louis", Kind: "LOC"}, "St. Louis St Louis", "St. Louis|St Louis"},
		{Entry{Name: "Yahoo! Inc"}, "Yahoo! Inc. and Yahoo Inc", "Yahoo! Inc|Yahoo Inc"},
		{Entry{Name: "Yahoo, Inc."}, "Yahoo, Inc.", "Yahoo, Inc"},
		// Context.
		{Entry{Name: "Apple", Near: []string{"Inc", "iPhone"}}, "Apple pie. Apple Inc said. The iPhone of Apple", "Apple|Apple|Apple"},
		{Entry{Name: "Apple", Near: []string{"Inc"}, Within: 2}, "Apple made the Inc. one two Apple", "-Apple|-Apple"},
		{Entry{Name: "Apple", Near: []string{"Inc"}, Within: 3}, "Apple made the Inc. one two three Apple", "Apple|-Apple"},
		{Entry{Name: "Apple", Not: []string{"apple pie"}}, "Apple pie, and Apple.", "-Apple|Apple"},
		{Entry{Name: "Apple", Not: []string{"recipe*"}, Within: 4}, "Apple recipes. one two three four five Apple", "-Apple|Apple"},
		{Entry{Name: "Bank", Aliases: []string{"Bank of Norland"}}, "Bank of Norland bank Bank", "Bank of Norland|-Bank|Bank"},
	} {
		if got := found(compile(t, c.e), c.text); got != c.want {
			t.Errorf("%s in %q: %q, want %q", c.e.Name, c.text, got, c.want)
		}
	}
}

func TestChoice(t *testing.T) {
	l := compile(t, Entry{ID: "org/b", Name: "Bank"}, Entry{ID: "org/bn", Name: "Bank of Norland"}, Entry{ID: "org/nt", Name: "Norland Trust"},
		Entry{ID: "org/near", Name: "Bank", Near: []string{"loan"}}, Entry{ID: "org/de", Name: "Kasse", Languages: []string{"de"}})
	m := NewMatcher(l)
	ids := func(s string) string {
		var out []string
		for _, h := range m.Find(s) {
			if h.Why == Meant {
				out = append(out, fmt.Sprint(l.Entry(int(h.Entry)).ID, h.Start))
			}
		}
		return strings.Join(out, " ")
	}
	for _, c := range [][2]string{
		{"Bank of Norland Trust", "org/bn0"}, {"Bank Norland Trust", "org/b0 org/nt5"}, {"a loan of the Bank", "org/near14"}, {"Kasse", ""},
	} {
		if got := ids(c[0]); got != c[1] {
			t.Errorf("%q: %s, want %s", c[0], got, c[1])
		}
	}
	m.Within("de", "a.example")
	if got := ids("Kasse"); got != "org/de0" {
		t.Errorf("German: %q", got)
	}
}
