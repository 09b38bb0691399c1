package feed

import (
	"strings"
	"testing"

	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
)

func TestCharsets(t *testing.T) {
	f := func(name, contentType string, doc []byte, want string) {
		t.Helper()
		got, err := Parse(doc, Options{ContentType: contentType})
		if err != nil || len(got.Items) != 1 || got.Items[0].Title != want || got.Salvaged {
			t.Errorf("%s: %+v %v, want %q", name, got, err, want)
		}
	}
	doc := func(decl, title string) string {
		return decl + `<rss version="2.0"><channel><title>x</title><item><title>` + title + `</title></item></channel></rss>`
	}
	enc := func(label, s string) []byte {
		e, err := htmlindex.Get(label)
		if err != nil {
			t.Fatal(err)
		}
		b, err := e.NewEncoder().Bytes([]byte(s))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	utf8Decl := `<?xml version="1.0" encoding="utf-8"?>`
	f("utf-8", "", []byte(doc(utf8Decl, "Zürich")), "Zürich")
	f("utf-8 with mark", "", []byte("\ufeff"+doc(utf8Decl, "Zürich")), "Zürich")
	f("utf-8 under another label", "text/xml; charset=iso-8859-1", []byte(doc(`<?xml version="1.0" encoding="ISO-8859-1"?>`, "Zürich – ok")), "Zürich – ok")
	f("declared latin", "", enc("windows-1252", doc(`<?xml version='1.0' encoding='ISO-8859-1'?>`, "Zürich – “ok”")), "Zürich – “ok”")
	f("windows-1252 under utf-8 label", "text/xml; charset=utf-8", enc("windows-1252", doc(utf8Decl, "The harbour’s café – “ok”")), "The harbour’s café – “ok”")
	f("no label", "", enc("windows-1252", doc("", "The harbour’s café")), "The harbour’s café")
	f("header only", "application/rss+xml; charset=windows-1251", enc("windows-1251", doc("", "Новости порта")), "Новости порта")
	f("declaration before header", "text/xml; charset=iso-8859-1", enc("windows-1251", doc(`<?xml version="1.0" encoding="windows-1251"?>`, "Новости порта")), "Новости порта")
	f("cyrillic without label", "", enc("windows-1251", doc("", "Новости порта и погода на завтра")), "Новости порта и погода на завтра")
	f("koi8-r declared", "", enc("koi8-r", doc(`<?xml version="1.0" encoding="koi8-r"?>`, "Новости порта")), "Новости порта")
	f("shift_jis declared", "", enc("shift_jis", doc(`<?xml version="1.0" encoding="Shift_JIS"?>`, "港のニュースです")), "港のニュースです")
	f("gbk declared", "", enc("gbk", doc(`<?xml version="1.0" encoding="gb2312"?>`, "港口新闻")), "港口新闻")
	f("gbk that is valid utf-8", "", enc("gbk", doc(`<?xml version="1.0" encoding="gbk"?>`, "联通")), "联通")
	f("euc-jp without label", "", enc("euc-jp", doc("", "港のニュースと天気予報です")), "港のニュースと天気予報です")
	f("iso-2022-jp", "", enc("iso-2022-jp", doc(`<?xml version="1.0" encoding="iso-2022-jp"?>`, "港のニュース")), "港のニュース")
	f("iso-2022-jp in the header", "text/xml; charset=iso-2022-jp", enc("iso-2022-jp", doc("", "港のニュース")), "港のニュース")
	f("iso-2022-jp without label", "", enc("iso-2022-jp", doc("", "港のニュース")), "港のニュース")
	f("one stray byte, one character", "", []byte(strings.Replace(doc(utf8Decl, "The café’s \x92open\x92"), "é", "é", 1)), "The café’s ’open’")
	f("stray byte in utf-8", "", []byte(strings.Replace(doc(utf8Decl, "Zürich, Bär, Köln: x’s"), "’", "\x92", 1)), "Zürich, Bär, Köln: x’s")
	wide := func(name string, e interface {
		Bytes([]byte) ([]byte, error)
	}, s string) {
		t.Helper()
		b, err := e.Bytes([]byte(s))
		if err != nil {
			t.Fatal(err)
		}
		f(name, "", b, "Zürich 港")
	}
	u16 := doc(`<?xml version="1.0" encoding="utf-16"?>`, "Zürich 港")
	wide("utf-16le with mark", unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder(), u16)
	wide("utf-16be with mark", unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewEncoder(), u16)
	wide("utf-16le bare", unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewEncoder(), u16)
	wide("utf-16be bare", unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM).NewEncoder(), u16)
	wide("utf-32le with mark", utf32.UTF32(utf32.LittleEndian, utf32.UseBOM).NewEncoder(), u16)
	wide("utf-32be bare", utf32.UTF32(utf32.BigEndian, utf32.IgnoreBOM).NewEncoder(), u16)
	f("utf-16 label on utf-8", "", []byte(u16), "Zürich 港")
}

// texts in languages and scripts, with the charsets that they come in.
var charsetTexts = []struct{ charsets, text string }{
	{"windows-1252 iso-8859-15", "Der Bürgermeister möchte die alte Brücke über den Fluss größtenteils erhalten, heißt es in München."},
	{"windows-1252 iso-8859-1", "Le conseil régional a décidé à l'unanimité de fermer l'école près de la forêt, où des élèves français étaient déjà partis."},
	{"windows-1252", "La población pidió más información después del temblor; según el alcalde, mañana habrá una reunión."},
	{"windows-1252", "A população não recebeu informações sobre a reunião de amanhã; segundo a câmara, não há previsão de decisão."},
	{"windows-1252", "Fiskerne på øen så både sæler og måger, før stormen nåede kysten i går."},
	{"windows-1252", "Kyläläiset näkivät hyvän sään jälkeen, että järvi oli jäätynyt yöllä."},
	{"windows-1252", "Viele sagten: „Das geht nicht“ – und der Minister’s office said “no comment” — twice…"},
	{"windows-1250 iso-8859-2", "Mieszkańcy twierdzą, że władze miasta nie powiadomiły ich o zamknięciu głównej drogi wzdłuż rzeki."},
	{"windows-1250 iso-8859-2", "Starosta řekl, že most přes řeku zůstane zavřený až do příštího týdne, dokud dělníci neskončí."},
	{"windows-1250 iso-8859-2", "A polgármester közölte, hogy a hídon csütörtöktől újra közlekedhetnek az autóbuszok, a gyűlést elhalasztották."},
	{"windows-1250", "Građani kažu da će se most otvoriti sljedeći tjedan, a školska vožnja počinje već danas."},
	{"windows-1251 koi8-r iso-8859-5 ibm866", "Жители города рассказали, что мост через реку закрыли ещё в прошлую пятницу без предупреждения."},
	{"windows-1251 koi8-u", "Мешканці міста розповіли, що міст через річку закрили ще минулої п'ятниці без попередження."},
	{"windows-1251", "Жителите на града разказаха, че мостът над реката е затворен още от миналия петък."},
	{"windows-1251", "Грађани кажу да је мост преко реке затворен још прошлог петка без најаве."},
	{"windows-1253 iso-8859-7", "Οι κάτοικοι της πόλης δήλωσαν ότι η γέφυρα έκλεισε την περασμένη Παρασκευή χωρίς προειδοποίηση."},
	{"windows-1254", "Şehir sakinleri, köprünün geçen cuma günü hiçbir uyarı yapılmadan kapatıldığını söyledi."},
	{"windows-1255", "תושבי העיר סיפרו כי הגשר מעל הנהר נסגר ביום שישי שעבר ללא אזהרה מוקדמת."},
	{"windows-1256", "قال سكان المدينة إن الجسر فوق النهر أغلق يوم الجمعة الماضي دون إنذار مسبق."},
	{"windows-1257", "Miesto gyventojai pasakojo, kad tiltas per upę buvo uždarytas praėjusį penktadienį be įspėjimo; darbininkai ją žada baigti tvarkyti iki rugsėjo vidurio, šią žinią išgirdo ir mokyklų vadovai."},
	{"windows-1257", "Pilsētas iedzīvotāji stāstīja, ka tilts pār upi slēgts pagājušajā piektdienā bez brīdinājuma."},
	{"windows-874", "ชาวเมืองเล่าว่าสะพานข้ามแม่น้ำถูกปิดเมื่อวันศุกร์ที่แล้วโดยไม่มีการเตือนล่วงหน้า"},
	{"shift_jis euc-jp", "町の人々によると、川にかかる橋は先週の金曜日から予告なしに閉鎖されている。"},
	{"gb18030 gbk", "市民说，河上的大桥上周五没有任何通知就关闭了，政府正在调查原因。"},
	{"big5", "市民說，河上的大橋上週五沒有任何通知就關閉了，政府正在調查原因。"},
	{"euc-kr", "시민들은 강 위의 다리가 지난 금요일부터 예고 없이 폐쇄되었다고 말했다."},
}

// Each text comes out whole in each of its charsets, without a label, with the
// right one, and with several wrong ones, in the declaration or the header.
func TestCharsetsUnlabelled(t *testing.T) {
	decl := func(label string) string { return `<?xml version="1.0" encoding="` + label + `"?>` }
	for _, c := range charsetTexts {
		for _, charset := range strings.Fields(c.charsets) {
			enc, err := htmlindex.Get(charset)
			if err != nil {
				t.Fatal(err)
			}
			b, err := enc.NewEncoder().Bytes([]byte(rssDoc("<item><title>" + c.text + "</title></item>")))
			if err != nil {
				t.Fatalf("%s: %v", charset, err)
			}
			body := strings.TrimPrefix(string(b), `<?xml version="1.0"?>`)
			for _, label := range [][2]string{
				{"", ""}, {decl(charset), ""}, {"", "text/xml; charset=" + charset}, {decl(charset), "text/xml; charset=iso-8859-1"},
				{decl("utf-8"), ""}, {decl("utf-8"), "text/xml; charset=utf-8"}, {decl("iso-8859-1"), ""}, {"", "text/xml; charset=iso-8859-1"},
				{decl("utf-16"), ""}, {decl("no-such-charset"), "text/xml; charset=" + charset},
			} {
				got, err := Parse([]byte(label[0]+body), Options{ContentType: label[1]})
				if err != nil || len(got.Items) != 1 || got.Items[0].Title != c.text {
					t.Errorf("%s as %q: %v %v\nwant %s", charset, label, got, err, c.text)
				}
			}
		}
		// UTF-8 stays UTF-8 under every label.
		for _, label := range []string{"iso-8859-1", "windows-1251", "shift_jis", "utf-16", "ascii"} {
			got, err := Parse([]byte(decl(label)+rssDoc("<item><title>" + c.text + "</title></item>")[len(`<?xml version="1.0"?>`):]), Options{})
			if err != nil || got.Items[0].Title != c.text {
				t.Errorf("utf-8 as %s: %v %v", label, got, err)
			}
		}
	}
}
