package text

import (
	"strings"
	"testing"
)

func TestNormalizeLanguage(t *testing.T) {
	for in, want := range map[string]string{
		"en": "en", "en-US": "en", "EN_gb": "en", " En-us ": "en", "eng": "en", "English": "en", "English (UK)": "en",
		"de-DE": "de", "Deutsch": "de", "ger": "de", "zh-Hans-CN": "zh", "zh_TW": "zh", "cmn": "zh", "pt-BR": "pt", "Português": "pt",
		"nb-NO": "no", "nn": "no", "iw": "he", "in": "id", "fil": "tl", "sr-Latn": "sr", "sh": "sr", "русский": "ru", "ru-RU, en": "ru",
		"haw": "haw", "": "", "und": "", "x-default": "", "mul": "", "q": "", "xx": "", "none": "", "http://example.org": "", strings.Repeat("e", 100): "",
	} {
		if got := NormalizeLanguage(in); got != want {
			t.Errorf("NormalizeLanguage(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestDetectEdges(t *testing.T) {
	d := NewDetector()
	f := func(d *Detector, in, want string) {
		t.Helper()
		if got, conf := d.Detect(in); got != want || (conf == 0) != (want == Undetermined) || conf > 1 {
			t.Errorf("Detect(%.60q) = %s, %v, want %s", in, got, conf, want)
		}
	}
	f(d, "", Undetermined)
	f(d, "12:30 — 14:00!", Undetermined)
	f(d, "👨‍👩‍👧", Undetermined)
	f(d, "Ok", Undetermined)
	f(d, "東京", "zh")
	f(d, "東京で会議", "ja")
	f(d, "ტაიფუნი", "ka")
	f(d, strings.Repeat("\xff", 10000), Undetermined)
	f(d, strings.Repeat("x", 1<<20), Undetermined)
	f(d, "He said \"Да\" and it was over for the rest of them.", "en")

	two := NewDetector("en-GB", "fr")
	f(two, "Die Regierung will einen neuen Haushalt vorlegen, sagte der Kanzler und die Minister.", Undetermined)
	f(two, "Le gouvernement présentera un nouveau budget", "fr")
	f(two, "Правительство представит новый бюджет", Undetermined)
}

func FuzzDetect(f *testing.F) {
	d := NewDetector()
	f.Add("Правительство and the")
	f.Fuzz(func(t *testing.T, s string) {
		if code, conf := d.Detect(s); code == "" || conf < 0 || conf > 1 || (code == Undetermined) != (conf == 0) {
			t.Errorf("%q: %q %v", s, code, conf)
		}
		NormalizeLanguage(s)
	})
}

func BenchmarkDetect(b *testing.B) {
	d := NewDetector()
	for name, s := range map[string]string{"article": strings.Repeat(englishSample, 6), "headline": "Harbour bridge closed"} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(s)))
			b.ReportAllocs()
			for b.Loop() {
				d.Detect(s)
			}
		})
	}
}
