package entity

import "strings"

// wordClass is what the tables know of a word, whatever its case.
type wordClass uint32

const (
	wGiven   wordClass = 1 << iota // a given name
	wSurname                       // a surname
	wCommon                        // an ordinary English word: mostly written small
	wStop                          // a function word
	wTitle                         // stands before a person's name: "President", "Mr"
	_
	wOrgHead // ends or opens the name of a body: "University", "Ministry"
	_
	wDemonym  // "Russian", "Texans"
	wCalendar // "Monday", "March"
	wLocPrep  // "in", "near", "from"
	wSay      // "said", "told", "tweeted"
	wParticle // inside a name in small letters: "van", "bin", "al"
	wNever    // never a name alone, though written large: "I", "Internet", "God"
	wLocAdj   // before a place: "northern", "downtown"
	wNumber   // "One", "Third"
)

// Classes that the lines of words in the tables' file may give.
const (
	GivenName  = uint32(wGiven)
	Surname    = uint32(wSurname)
	CommonWord = uint32(wCommon)
	Demonym    = uint32(wDemonym)
)

// closed are the closed classes, hand-written.
var closed = []struct {
	class wordClass
	words string
}{
	{wStop, `a an the this that these those it its he she they we you i his her their our your my me him them us who whom whose which what
 when where why how if then than so as at by for from in into of off on onto out over to up with within without about above across after against along
 among around before behind below beneath beside between beyond despite down during except inside like near outside past per plus since through throughout till toward towards under
 until upon via and or but nor yet not no is are was were be been being am do does did done has have had having will would shall should can could may might must
 there here now just also only even still too very more most much many few some any all both each every either neither other another such same own
 while because although though unless whether once again ever never always often sometimes however therefore thus hence meanwhile moreover instead indeed
 let lets get got says said make made go going new first last next old one two three four five six seven eight nine ten`},
	{wTitle, `mr mrs ms miss dr prof sens reps govs gens sir lord lady dame rev reverend father sister brother rabbi imam sheikh shaikh ayatollah hajji haji pope cardinal archbishop bishop pastor
 king queen prince princess duke duchess baron baroness count countess emperor sultan emir president vice premier prime minister chancellor senator sen congressman congresswoman rep
 representative governor gov mayor lieutenant lt colonel col general gen major maj captain capt sergeant sgt corporal private admiral adm commander cmdr marshal brigadier officer
 detective sheriff constable inspector judge justice attorney ambassador envoy secretary undersecretary chairman chairwoman chair speaker director chief commissioner
 deputy spokesman spokeswoman spokesperson professor coach manager striker midfielder defender goalkeeper quarterback actor actress singer rapper author novelist
 journalist reporter correspondent editor analyst economist lawyer activist dissident leader founder ceo cfo president-elect candidate nominee councilman councilwoman
 councillor assemblyman delegate pm mp mep comrade señor herr frau monsieur madame mme don doña saint st uncle aunt aide adviser advisor`},
	{wOrgHead, `university college school institute institution academy ministry department agency bureau commission committee council party parliament congress senate
 assembly court tribunal bank fund foundation association federation confederation union league alliance coalition front movement brigade brigades battalion
 organization organisation society club authority administration service services corporation company group partners industries holdings airlines airways
 motors pharmaceuticals laboratories technologies systems enterprises institute hospital church museum library theatre theater orchestra symphony
 times post journal herald tribune gazette chronicle telegraph guardian observer news press broadcasting network radio television magazine review
 fc afc united rovers wanderers athletic albion insurance financial capital investments ventures energy petroleum oil gas electric steel media entertainment
 studios pictures records software airlines railways railway police army navy guard guards corps command regiment division squadron taskforce
 conference consortium cooperative collective initiative project trust centre center forum board office secretariat directorate cabinet caucus
 brotherhood mujahideen mujahedeen militia jihad ummah committees guild chamber registry observatory laboratory`},
	{wDemonym, `palestinian palestinians soviet soviets scottish scots welsh english cornish texan texans californian californians floridian floridians utahn utahns iowan iowans ohioan
 ohioans virginian virginians georgian georgians alaskan alaskans hawaiian hawaiians michigander michiganders londoner londoners parisian parisians berliner berliners muscovite muscovites
 yorker yorkers bostonian chicagoan tibetan tibetans chechen chechens catalan catalans basque basques crimean bavarian sicilian venetian siberian uyghur uyghurs uighur uighurs rohingya
 yazidi yazidis pashtun pashtuns tatar tatars slavic slav slavs nordic scandinavian balkan caucasian hispanic anglo arabian persian persians ottoman roman byzantine babylonian egyptian israeli israelis
 britons briton brit brits dutchman frenchman frenchmen englishman englishmen irishman spaniard spaniards swede swedes finn finns dane danes pole poles turk turks serb serbs croat croats arabic hebrew mandarin cantonese
 urdu hindi bengali punjabi tamil yiddish gaelic swahili bosniak bosniaks inuit maori aboriginal cherokee navajo sioux apache iraqi iraqis syrian syrians kurdish mideastern`},
	{wCalendar, `monday tuesday wednesday thursday friday saturday sunday mondays tuesdays wednesdays thursdays fridays saturdays sundays january february march april may june july
 august september october november december jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu thur thurs fri sat sun
 christmas easter ramadan thanksgiving halloween hanukkah passover diwali spring summer autumn winter gmt est edt pst pdt utc cet bst pm am ad bc`},
	{wLocPrep, `in at near from to outside across throughout around inside into toward towards northern southern eastern western via within`},
	{wLocAdj, `northern southern eastern western central north south east west northeast northwest southeast southwest downtown northeastern northwestern southeastern southwestern
 upper lower greater inner outer mainland nearby rural`},
	{wSay, `said says told added noted argued wrote tweeted asked replied explained insisted warned claimed stated declared announced acknowledged admitted recalled suggested
 testified responded continued concluded remarked quipped joked conceded observed thinks believes thought believed knew`},
	{wParticle, `van von der den de del della di da dos du la le el al ul bin ibn bint abu ben ter ten af av und zu y e ur i`},
	{wNever, `i im ill id ive internet god lord jesus christ allah bible quran koran islam christianity judaism catholicism hinduism buddhism christian christians muslim muslims
 jew jews jewish catholic catholics protestant protestants hindu hindus buddhist buddhists sunni sunnis shiite shiites shia kurd kurds kurdish arab arabs sikh sikhs
 islamist islamists islamic islamophobia jihadist jihadists evangelical evangelicals mormon mormons western westerners republican republicans democrat democrats democratic conservative
 conservatives liberal liberals progressive socialist communist marxist tory labour libertarian nazi nazis zionist zionism black blacks white whites hispanic latino latinos latina
 asian asians african africans european europeans american americans english french spanish german italian latin ok okay tv dvd cd dna rna hiv aids covid
 coronavirus ebola zika ceo cfo coo cto phd md mba gdp gop-led usd eur faq pdf url html iphone ipad android windows linux email twitterverse web
 nobel oscar oscars grammy grammys emmy pulitzer brexit obamacare medicare medicaid lgbt lgbtq pm mp mps mep jr sr vs via re fw fwd
 yes no oh ah hey hi hello thanks thank please wow lol omg suv suvs uss tpp nafta hr gps sotu wmd ipo dui vip led usb yep yeah nope yup nah gosh well maybe pac aca daca fisa obama-era ps nb eg ie etc amen bravo ladies gentlemen madam sir dear everyone everybody somebody nobody nothing something
 everything photo photos video videos image images caption credit source sources read watch listen share tweet email print comment comments subscribe advertisement sponsored related
 updated published posted breaking exclusive opinion editorial analysis commentary update correction editor editors note chapter section figure table part volume page
 act bill treaty agreement accord pact deal amendment constitution declaration resolution convention protocol summit war wars revolution holocaust olympics olympic olympiad cup
 championship championships tournament prize award awards day week month year century era renaissance apocalypse earth sun moon mars jupiter venus saturn`},
	{wNumber, `one two three four five six seven eight nine ten eleven twelve hundred thousand million billion trillion first second third fourth fifth half dozen`},
}

func wordSet(s string) map[uint64]bool {
	m := make(map[uint64]bool)
	for _, w := range strings.Fields(s) {
		m[foldKey(w)] = true
	}
	return m
}

// wordTable maps word keys to classes: open addressing, filled once.
type wordTable struct {
	keys []uint64
	vals []wordClass
	mask uint64
}

func newWordTable(n int) *wordTable {
	size := 1024
	for size < 2*n {
		size *= 2
	}
	return &wordTable{keys: make([]uint64, size), vals: make([]wordClass, size), mask: uint64(size - 1)}
}

// spread makes the low bits of a key depend on all of it.
func spread(k uint64) uint64 { return k ^ k>>29 ^ k>>47 }

func (w *wordTable) get(k uint64) wordClass {
	for i := spread(k) & w.mask; ; i = (i + 1) & w.mask {
		switch w.keys[i] {
		case k:
			return w.vals[i]
		case 0:
			return 0
		}
	}
}

// add sets bits. The caller has sized the table to hold all keys twice over.
func (w *wordTable) add(k uint64, c wordClass) {
	for i := spread(k) & w.mask; ; i = (i + 1) & w.mask {
		switch w.keys[i] {
		case k, 0:
			w.keys[i] = k
			w.vals[i] |= c
			return
		}
	}
}

var keyThe = foldKey("the")
