package text

import (
	"strings"

	"golang.org/x/text/language"
)

// NormalizeLanguage turns what feeds say about their language ("en-US",
// "EN_gb", "eng", "English", "Deutsch") into an ISO 639-1 code, or ISO 639-3
// where there is no shorter one. Region and script go; Bokmål and Nynorsk are
// "no". "" stands for none: unknown words, "und", "x-default", "mul".
func NormalizeLanguage(tag string) string {
	tag = strings.TrimSpace(tag)
	if i := strings.IndexAny(tag, ",;"); i >= 0 {
		tag = strings.TrimSpace(tag[:i])
	}
	if tag == "" || len(tag) > 64 {
		return ""
	}
	low := strings.ToLower(tag)
	if code, ok := languageNames[low]; ok {
		return code
	}
	if i := strings.IndexAny(low, "-_. "); i >= 0 {
		if low = low[:i]; len(low) > 3 {
			return languageNames[low]
		}
	}
	if len(low) < 2 || len(low) > 3 {
		return ""
	}
	base, err := language.ParseBase(low)
	if err != nil {
		return ""
	}
	switch code := base.String(); code {
	case "und", "mul", "zxx", "mis", "qaa":
		return ""
	case "nb", "nn":
		return "no"
	case "iw":
		return "he"
	case "in":
		return "id"
	case "ji":
		return "yi"
	case "sh":
		return "sr"
	case "fil":
		return "tl"
	case "cmn":
		return "zh"
	default:
		return code
	}
}

// languageNames has languages by their own and by their English names, and by
// the bibliographic codes of ISO 639-2, which differ from the others.
var languageNames = func() map[string]string {
	m := make(map[string]string, 160)
	for row := range strings.Lines(languageNameList) {
		if f := strings.Fields(row); len(f) > 1 {
			for _, name := range f[1:] {
				m[name] = f[0]
			}
		}
	}
	return m
}()

const languageNameList = `
ar arabic العربية عربي
az azerbaijani azərbaycanca
be belarusian беларуская
bg bulgarian български
bn bengali bangla বাংলা
bs bosnian bosanski
ca catalan català
cs czech cze čeština česky
cy welsh wel cymraeg
da danish dansk
de german ger deutsch
el greek gre ελληνικά
en english
es spanish español espanol castellano
et estonian eesti
eu basque baq euskara
fa persian per farsi فارسی
fi finnish suomi
fr french fre français francais
ga irish gaeilge
gl galician galego
gu gujarati
he hebrew עברית
hi hindi हिन्दी हिंदी
hr croatian hrvatski
hu hungarian magyar
hy armenian arm հայերեն
id indonesian indonesia bahasa
is icelandic ice íslenska
it italian italiano
ja japanese 日本語
ka georgian geo ქართული
kk kazakh қазақша
km khmer
ko korean 한국어
ku kurdish kurdî
lt lithuanian lietuvių
lv latvian latviešu
mk macedonian mac македонски
ml malayalam
mr marathi मराठी
ms malay may melayu
my burmese bur
ne nepali नेपाली
nl dutch dut nederlands flemish
no norwegian norsk bokmål bokmal nynorsk
pa punjabi
pl polish polski
ps pashto پښتو
pt portuguese português portugues
ro romanian rum română romana
ru russian русский
sk slovak slo slovenčina slovensky
sl slovenian slovene slovenščina
so somali
sq albanian alb shqip
sr serbian српски srpski
sv swedish svenska
sw swahili kiswahili
ta tamil தமிழ்
te telugu తెలుగు
th thai ไทย
tl tagalog filipino
tr turkish türkçe turkce
uk ukrainian українська
ur urdu اردو
uz uzbek
vi vietnamese việt
zh chinese chi mandarin 中文 汉语 漢語
`
