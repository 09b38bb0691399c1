package feed

import (
	"strings"
	"time"
	"unicode/utf8"
)

// monthNames maps the names of months to their numbers, in the languages
// whose feeds carry them, with the abbreviations in use.
var monthNames = func() map[string]time.Month {
	m := make(map[string]time.Month)
	for _, year := range []string{
		"january february march april may june july august september october november december",
		"jan feb mar apr may jun jul aug sep oct nov dec",
		"janv febr mrz avr mai juin juil aoû sept okt noven dez",
		"januar februar märz april mai juni juli august september oktober november dezember",
		"jän feber mär apr maj jún júl aug sett ott nov déc",
		"janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
		"jänner févr marzo aprile maggio giugno luglio agosto settembre ottobre noviembre dicembre",
		"enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
		"ene fev marz abr mag giu lug ago set out nov dic",
		"janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
		"gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
		"gen febb mars apr mei giu lugl ago sett ott nov dic",
		"januari februari maart april mei juni juli augustus september oktober november december",
		"jan fevrier mrt avril mei juin juill aout septembre octobre novembre decembre",
		"januari februari mars april maj juni juli augusti september oktober november december",
		"januar februar marts april maj juni juli august september oktober november desember",
		"tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta heinäkuuta elokuuta syyskuuta lokakuuta marraskuuta joulukuuta",
		"stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
		"sty lut mar kwi maj cze lip sie wrz paź lis gru",
		"ledna února března dubna května června července srpna září října listopadu prosince",
		"января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
		"январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь",
		"янв фев мар апр мая июн июл авг сен окт ноя дек",
		"січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня",
		"ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık",
		"oca şub mart nis may haz tem ağu eyl eki kas ara",
		"ιανουαρίου φεβρουαρίου μαρτίου απριλίου μαΐου ιουνίου ιουλίου αυγούστου σεπτεμβρίου οκτωβρίου νοεμβρίου δεκεμβρίου",
		"ιαν φεβ μαρ απρ μαι ιουν ιουλ αυγ σεπ οκτ νοε δεκ",
		"ιαν φεβ μάρ απρ μάι ιούν ιούλ αύγ σεπτ οκτ νοέ δεκ",
		"január február március április május június július augusztus szeptember október november december",
		"januára februára marca apríla mája júna júla augusta septembra októbra novembra decembra",
		"ianuarie februarie martie aprilie mai iunie iulie august septembrie octombrie noiembrie decembrie",
		"ian febr mar apr mai iun iul aug sept oct noi dec",
		"siječnja veljače ožujka travnja svibnja lipnja srpnja kolovoza rujna listopad studenoga prosinca",
		"januari pebruari maret april mei juni juli agustus september oktober nopember desember",
		"يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر",
		"ינואר פברואר מרץ אפריל מאי יוני יולי אוגוסט ספטמבר אוקטובר נובמבר דצמבר",
	} {
		for i, name := range strings.Fields(year) {
			if _, taken := m[name]; !taken {
				m[name] = time.Month(i + 1)
			}
		}
	}
	return m
}()

// weekdays are names of days by their beginnings.
var weekdays = func() []string {
	return strings.Fields("mon tue wed thu fri sat sun " + // English
		"montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag mo di mi do fr sa so mon. die mit don fre sam son " +
		"lun mar mer jeu ven sam dim lundi mardi mercredi jeudi vendredi samedi dimanche " +
		"lunes martes mié miércoles mie jue jueves viernes vie sáb sábado sab dom domingo " +
		"lunedì martedì mercoledì giovedì gio venerdì sabato domenica " +
		"seg segunda ter terça qua quarta qui quinta sex sexta feira " +
		"maandag dinsdag woensdag donderdag vrijdag zaterdag zondag ma din woe don vri zat zon zo wo vr za " +
		"mån tis ons tors fre lör sön man tir tor lør søn " +
		"pon wt wto śr czw pt pią sob nie niedz po út st čt pá so ne " +
		"пн вт ср чт пт сб вс понедельник вторник среда четверг пятница суббота воскресенье " +
		"pzt sal çar per cum cmt paz hét ked sze csü pén szo vas " +
		"δευ τρι τρί τετ πεμ πέμ παρ σαβ σάβ κυρ")
}()

// isWeekday tells whether word names a day of the week. English names count
// by their first three letters, others whole or cut short.
func isWeekday(word string) bool {
	if strings.HasPrefix("thursday", word) || strings.HasPrefix("tuesday", word) || strings.HasPrefix("wednesday", word) ||
		strings.HasPrefix("saturday", word) || strings.HasPrefix("monday", word) || strings.HasPrefix("friday", word) || strings.HasPrefix("sunday", word) {
		return len(word) >= 2
	}
	if strings.HasSuffix(word, "曜") || strings.HasSuffix(word, "曜日") || strings.HasSuffix(word, "요일") || strings.HasPrefix(word, "星期") || strings.HasPrefix(word, "周") {
		return true
	}
	for _, w := range weekdays {
		if w == word || utf8.RuneCountInString(w) >= 5 && utf8.RuneCountInString(word) >= 3 && strings.HasPrefix(w, word) {
			return true
		}
	}
	return false
}

// zoneOffsets are the names of zones, in seconds east of UTC. Of names with
// several meanings the one that news feeds use is taken (IST India, BST
// Britain, CST and EST America, AST Atlantic); a name that is not here makes
// its date unreadable rather than wrong.
var zoneOffsets = func() map[string]int {
	m := make(map[string]int)
	for hours, names := range map[float64]string{
		-11: "NUT", -10: "HST HAST TAHT", -9.5: "MART", -9: "AKST HADT HDT GAMT", -8: "PST AKDT",
		-7: "MST PDT", -6: "CST MDT GALT", -5: "EST CDT PET COT", -4: "AST EDT BOT VET CLT GYT PYT AMT",
		-3.5: "NST", -3: "ADT ART BRT CLST UYT PYST GFT WGT SRT", -2.5: "NDT", -2: "FNT BRST UYST WGST", -1: "AZOT CVT EGT",
		0: "UT UTC GMT WET Z EGST AZOST", 1: "BST CET WEST WAT MET MEZ", 2: "CEST EET CAT SAST MEST MESZ HAEC",
		3: "EEST MSK EAT IDT TRT FET", 3.5: "IRST", 4: "MSD GST SAMT AZT GET MUT RET SCT", 4.5: "AFT IRDT",
		5: "PKT UZT YEKT TMT TJT MVT AQTT ORAT", 5.5: "IST SLST", 5.75: "NPT", 6: "OMST ALMT BTT KGT YEKST", 6.5: "MMT",
		7: "ICT WIB KRAT NOVT HOVT OMSST DAVT CXT", 8: "HKT SGT AWST PHT MYT ULAT IRKT WITA BNT CHOT KRAST",
		8.75: "ACWST", 9: "JST KST WIT YAKT TLT AWDT PWT IRKST", 9.5: "ACST", 10: "AEST CHST VLAT PGT CHUT YAKST", 10.5: "ACDT LHST",
		11: "AEDT SBT NCT SAKT MAGT VUT NFT VLAST LHDT", 12: "NZST FJT PETT WAKT TVT MAGST", 12.75: "CHAST",
		13: "NZDT TOT PHOT TKT", 13.75: "CHADT", 14: "LINT",
	} {
		for _, name := range strings.Fields(names) {
			m[name] = int(hours * 3600)
		}
	}
	return m
}()
