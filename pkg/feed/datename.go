package feed

import (
	"strings"
	"time"
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
		"كانون_الثاني شباط آذار نيسان أيار حزيران تموز آب أيلول تشرين_الأول تشرين_الثاني كانون_الأول",
		"جانفي فيفري مارس أفريل ماي جوان جويلية أوت سبتمبر أكتوبر نوفمبر ديسمبر",
		"يناير فبراير مارس ابريل مايو يونيه يوليه اغسطس سبتمبر اكتوبر نوفمبر ديسمبر",
		"ژانویه فوریه مارس آوریل مه ژوئن ژوئیه اوت سپتامبر اکتبر نوامبر دسامبر",
		"جنوری فروری مارچ اپریل مئی جون جولائی اگست ستمبر اکتوبر نومبر دسمبر",
		"जनवरी फ़रवरी मार्च अप्रैल मई जून जुलाई अगस्त सितंबर अक्टूबर नवंबर दिसंबर",
		"जनवरी फरवरी मार्च अप्रैल मई जून जुलाई अगस्त सितम्बर अक्तूबर नवम्बर दिसम्बर",
		"জানুয়ারি ফেব্রুয়ারি মার্চ এপ্রিল মে জুন জুলাই আগস্ট সেপ্টেম্বর অক্টোবর নভেম্বর ডিসেম্বর",
		"ஜனவரி பிப்ரவரி மார்ச் ஏப்ரல் மே ஜூன் ஜூலை ஆகஸ்ட் செப்டம்பர் அக்டோபர் நவம்பர் டிசம்பர்",
		"มกราคม กุมภาพันธ์ มีนาคม เมษายน พฤษภาคม มิถุนายน กรกฎาคม สิงหาคม กันยายน ตุลาคม พฤศจิกายน ธันวาคม",
		"ม.ค ก.พ มี.ค เม.ย พ.ค มิ.ย ก.ค ส.ค ก.ย ต.ค พ.ย ธ.ค",
		"gener febrer març abril maig juny juliol agost setembre octubre novembre desembre",
		"xaneiro febreiro marzo abril maio xuño xullo agosto setembro outubro novembro decembro",
		"urtarrila otsaila martxoa apirila maiatza ekaina uztaila abuztua iraila urria azaroa abendua",
		"janúar febrúar mars apríl maí júní júlí ágúst september október nóvember desember",
		"jaanuar veebruar märts aprill mai juuni juuli august september oktoober november detsember",
		"janvāris februāris marts aprīlis maijs jūnijs jūlijs augusts septembris oktobris novembris decembris",
		"janvārī februārī martā aprīlī maijā jūnijā jūlijā augustā septembrī oktobrī novembrī decembrī",
		"sausio vasario kovo balandžio gegužės birželio liepos rugpjūčio rugsėjo spalio lapkričio gruodžio",
		"januarja februarja marca aprila maja junija julija avgusta septembra oktobra novembra decembra",
		"januar februar mart april maj jun jul avgust septembar oktobar novembar decembar",
		"јануар фебруар март април мај јун јул август септембар октобар новембар децембар",
		"јануари февруари март април мај јуни јули август септември октомври ноември декември",
		"януари февруари март април май юни юли август септември октомври ноември декември",
		"студзеня лютага сакавіка красавіка мая чэрвеня ліпеня жніўня верасня кастрычніка лістапада снежня",
		"січень лютий березень квітень травень червень липень серпень вересень жовтень листопад грудень",
		"січ лют бер кві тра чер лип сер вер жов лис гру",
		"leden únor březen duben květen červen červenec srpen září říjen listopad prosinec",
		"styczeń luty marzec kwiecień maj czerwiec lipiec sierpień wrzesień październik listopad grudzień",
		"január február marec apríl máj jún júl august september október november december",
		"janar shkurt mars prill maj qershor korrik gusht shtator tetor nëntor dhjetor",
		"yanvar fevral mart aprel may iyun iyul avqust sentyabr oktyabr noyabr dekabr",
		"қаңтар ақпан наурыз сәуір мамыр маусым шілде тамыз қыркүйек қазан қараша желтоқсан",
		"հունվարի փետրվարի մարտի ապրիլի մայիսի հունիսի հուլիսի օգոստոսի սեպտեմբերի հոկտեմբերի նոյեմբերի դեկտեմբերի",
		"იანვარი თებერვალი მარტი აპრილი მაისი ივნისი ივლისი აგვისტო სექტემბერი ოქტომბერი ნოემბერი დეკემბერი",
		"januari februari mac april mei jun julai ogos september oktober november disember",
		"enero pebrero marso abril mayo hunyo hulyo agosto setyembre oktubre nobyembre disyembre",
		"januari februari machi aprili mei juni julai agosti septemba oktoba novemba desemba",
		"januarie februarie maart april mei junie julie augustus september oktober november desember",
		"eanáir feabhra márta aibreán bealtaine meitheamh iúil lúnasa meán_fómhair deireadh_fómhair samhain nollaig",
		"ionawr chwefror mawrth ebrill mai mehefin gorffennaf awst medi hydref tachwedd rhagfyr",
		"tammikuu helmikuu maaliskuu huhtikuu toukokuu kesäkuu heinäkuu elokuu syyskuu lokakuu marraskuu joulukuu",
		"ιανουάριος φεβρουάριος μάρτιος απρίλιος μάιος ιούνιος ιούλιος αύγουστος σεπτέμβριος οκτώβριος νοέμβριος δεκέμβριος",
		"jan feb mrt apr mei jun jul aug sep okt nov des",
		"ene feb mar abr may jun jul ago sept oct nov dic",
		"jan fév mars avr mai juin juil août sept oct nov déc",
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

// weekdays are names of days; long ones count by their beginnings too.
var weekdays = func() map[string]bool {
	m := make(map[string]bool)
	for _, w := range strings.Fields("mon tue wed thu fri sat sun " + // English
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
		"δευ τρι τρί τετ πεμ πέμ παρ σαβ σάβ κυρ monday tuesday wednesday thursday friday saturday sunday") {
		m[w] = true
		if runes := []rune(w); len(runes) >= 5 {
			for n := 3; n < len(runes); n++ {
				m[string(runes[:n])] = true
			}
		}
	}
	return m
}()

// isWeekday tells whether word names a day of the week.
func isWeekday(word string) bool {
	return weekdays[word] || strings.HasSuffix(word, "曜") || strings.HasSuffix(word, "曜日") || strings.HasSuffix(word, "요일") ||
		strings.HasPrefix(word, "星期") || strings.HasPrefix(word, "周")
}
