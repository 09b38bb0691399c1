package entity

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// TestOtherLanguages holds that known names are found in the languages that
// docs/entities.md lists, in their inflected and prefixed forms.
func TestOtherLanguages(t *testing.T) {
	p := pipeline(t)
	f := func(text, want string) {
		t.Helper()
		ms, _ := p.Extract("", text)
		check(t, text, ms)
		var ids []string
		for _, m := range ms {
			ids = append(ids, m.Surface(text)+"="+m.EntityID)
		}
		if got := strings.Join(ids, "; "); got != want {
			t.Errorf("%q\n got %s\nwant %s", text, got, want)
		}
	}
	f("Die Regierung in Moskau hat den Vorwurf zurückgewiesen, dass Wladimir Putin die Vereinten Nationen getäuscht habe. Putin sprach am Freitag mit der Weltgesundheitsorganisation in Genf über die Lage in Russland.",
		"Moskau=loc/moscow; Wladimir Putin=per/vladimir-putin; Vereinten Nationen=org/united-nations; Putin=per/vladimir-putin; Weltgesundheitsorganisation=org/world-health-organization; Genf=loc/geneva; Russland=loc/russia")
	f("Le président de la République a rencontré à Bruxelles les dirigeants de l'Union européenne et de l’Otan. Les États-Unis et l'Iran n'étaient pas invités, mais la Russie de Vladimir Poutine l'était.",
		"Bruxelles=loc/brussels; Union européenne=org/european-union; Otan=org/nato; États-Unis=loc/united-states; Iran=loc/iran; Russie=loc/russia; Vladimir Poutine=per/vladimir-putin")
	f("El presidente de Estados Unidos viajó el martes a Nueva York para hablar ante la ONU sobre la guerra en Siria, donde el Estado Islámico sigue siendo fuerte. Después fue a Londres.",
		"Estados Unidos=loc/united-states; Nueva York=loc/new-york; ONU=org/united-nations; Siria=loc/syria; Estado Islámico=org/islamic-state; Londres=loc/london")
	f("Il presidente degli Stati Uniti ha parlato a Roma con i capi dell'Unione europea e della Nato. Anche la Cina e l'Iran hanno detto che non sono contrari all'accordo di Ginevra.",
		"Stati Uniti=loc/united-states; Roma=loc/rome; Unione europea=org/european-union; Nato=org/nato; Cina=loc/china; Iran=loc/iran; Ginevra=loc/geneva")
	f("O presidente dos Estados Unidos disse em Londres que a Rússia e a Coreia do Norte não cumpriram o acordo. A ONU e a União Europeia não quiseram comentar o que foi dito.",
		"Estados Unidos=loc/united-states; Londres=loc/london; Rússia=loc/russia; Coreia do Norte=loc/north-korea; ONU=org/united-nations; União Europeia=org/european-union")
	f("De regering in Den Haag heeft gezegd dat de Verenigde Staten en Duitsland niet zijn gevraagd. De NAVO en de Europese Unie zijn het daar niet mee eens, zei een woordvoerder in Brussel.",
		"Den Haag=loc/the-hague; Verenigde Staten=loc/united-states; Duitsland=loc/germany; NAVO=org/nato; Europese Unie=org/european-union; Brussel=loc/brussels")
	f("Президент России Владимир Путин встретился в Москве с Ангелой Меркель. В Кремле заявили, что США и НАТО не были приглашены. Путину задали вопрос о Сирии и об Украине.",
		"России=loc/russia; Владимир Путин=per/vladimir-putin; Москве=loc/moscow; Ангелой Меркель=per/angela-merkel; Кремле=org/kremlin; США=loc/united-states; НАТО=org/nato; Путину=per/vladimir-putin; Сирии=loc/syria; Украине=loc/ukraine")
	f("أعلن الرئيس الأمريكي باراك أوباما في واشنطن أن الأمم المتحدة ستعقد اجتماعا بموسكو ودمشق حول سوريا وإيران.",
		"باراك أوباما=per/barack-obama; واشنطن=loc/washington-dc; الأمم المتحدة=org/united-nations; موسكو=loc/moscow; دمشق=loc/damascus; سوريا=loc/syria; إيران=loc/iran")
	// Not supported: nothing invented.
	f("日本の首相は昨日、東京で記者会見を開き、経済対策について説明した。", "")
	f("😀😀😀😀 😀😀😀 😀😀", "")
}

func TestLanguageOf(t *testing.T) {
	f := func(title, body string, want Language) {
		t.Helper()
		if got := LanguageOf(title, body); got != want {
			t.Errorf("%q %q: %d, want %d", title, body, got, want)
		}
	}
	f("", "", English)
	f("Putin flies out", "", English)
	f("", "Oslo .", English)
	f("", "TRUMP TELLS CONGRESS WHO IS RIGHT ON IRAN", English)
	f("", "Der Minister hat am Montag in der Stadt gesagt, dass die Regierung nicht über das Gesetz sprechen werde.", German)
	f("", "Министр заявил в понедельник, что правительство не будет обсуждать этот закон.", Russian)
	f("", "日本の首相は昨日、東京で記者会見を開き、経済対策について説明した。", Other)
}

// TestOddTexts holds that bad input costs time in proportion to its length and
// gives mentions that stand where they say.
func TestOddTexts(t *testing.T) {
	p := pipeline(t)
	for name, s := range map[string]string{
		"no space":           strings.Repeat("Абв", 1<<16),
		"no space, Arabic":   strings.Repeat("والم", 1<<16),
		"emoji":              strings.Repeat("😀👩‍👩‍👧", 1<<9),
		"right to left":      "\u202e" + strings.Repeat("\u200fOslo\u200e Berlin\u202c ", 1<<8),
		"joiners":            strings.Repeat("O\u200ds\u200dl\u200do ", 1<<9),
		"NUL":                strings.Repeat("In Oslo\x00Vladimir\x00Putin said. ", 1<<8),
		"invalid":            strings.Repeat("\xff\xfeOslo\xc3 Putin\xe2\x80 ", 1<<9),
		"entities twice":     strings.Repeat("&amp;quot;Putin&amp;quot; &amp;amp; Obama ", 1<<8),
		"capitals":           strings.Repeat("PRESIDENT OBAMA: THANK YOU, MR. PUTIN. WE MET IN MOSCOW. ", 1<<9),
		"mixed scripts":      strings.Repeat("Путин Putin بوتين 普京 ", 1<<8),
		"russian":            strings.Repeat("Президент России Путин в Москве сказал. ", 1<<9),
		"arabic":             strings.Repeat("قال الرئيس في واشنطن وموسكو ", 1<<9),
		"elisions":           strings.Repeat("l'l'l'l'Iran ", 1<<9),
		"brackets":           strings.Repeat("Northern Grain Board (NGB) ", 1<<9),
		"one surname":        strings.Repeat("Mary Hartwell met John Hartwell. Hartwell left. ", 1<<9),
		"surnames, distinct": distinct(1 << 11),
	} {
		a, _ := p.Extract(s[:min(len(s), 500)], s)
		check(t, s, a)
		for _, c := range p.Count("", s[:min(len(s), 1<<14)]) {
			if !utf8.ValidString(c.EntityID) || c.N < 1 {
				t.Fatalf("%s: %+v", name, c)
			}
		}
	}
}

// distinct writes many persons of one surname.
func distinct(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString("Mr. A")
		for ; i > 0; i /= 26 {
			b.WriteByte('a' + byte(i%26))
		}
		b.WriteString(" Hartwell came. Then Hartwell left. ")
	}
	return b.String()
}
