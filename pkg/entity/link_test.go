package entity

import (
	"strings"
	"testing"
)

// link reads "[Paris|LOC]" marks out of a text, links what they mark, and
// writes the ids in their place, parted by spaces.
func link(t *testing.T, l *Aliases, marked string) string {
	t.Helper()
	title, body, ok := strings.Cut(marked, " || ")
	if !ok {
		title, body = "", marked
	}
	read := func(s string) (string, []Mention) {
		var b strings.Builder
		var ms []Mention
		for {
			before, rest, ok := strings.Cut(s, "[")
			b.WriteString(before)
			if !ok {
				return b.String(), ms
			}
			inside, after, _ := strings.Cut(rest, "]")
			name, kind, ok := strings.Cut(inside, "|")
			if !ok {
				t.Fatalf("mark %q without a kind", inside)
			}
			start := int32(b.Len())
			b.WriteString(name)
			ms = append(ms, Mention{Start: start, End: int32(b.Len()), Kind: kindOf[kind], Score: 0.9, Ref: -1})
			s = after
		}
	}
	tt, tms := read(title)
	bt, bms := read(body)
	l.Link(tt, bt, tms, bms)
	var out []string
	for _, m := range append(tms, bms...) {
		out = append(out, m.EntityID)
	}
	return strings.Join(out, " ")
}

func linker(t *testing.T) *Aliases {
	t.Helper()
	tab, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return NewAliases(tab)
}

// TestAmbiguousNames holds that what stands around a name decides what it is.
func TestAmbiguousNames(t *testing.T) {
	l := linker(t)
	f := func(marked, want string) {
		t.Helper()
		if got := link(t, l, marked); got != want {
			t.Errorf("%s\n got %s\nwant %s", marked, got, want)
		}
	}
	// Washington: the city, the state, the person, the team.
	f("Talks in [Washington|LOC] went on.", "loc/washington-dc")
	f("[Washington|ORG] has warned [Moscow|LOC].", "loc/washington-dc loc/moscow")
	f("She was born in [Washington|LOC] state.", "loc/washington-state")
	f("Apples from [Washington state|LOC] sold well.", "loc/washington-state")
	f("A fire burned near [Spokane|LOC], [Washington|LOC], on Friday.", "loc/spokane loc/washington-state")
	f("[George Washington|PER] crossed the river. [Washington|PER] won.", "per/george-washington per/george-washington")
	f("[Kerry Washington|PER] came late. Ms. [Washington|PER] smiled.", "per/kerry-washington per/kerry-washington")
	f("In the third quarter [Washington|ORG] scored, and the coach of the team praised his quarterback after the game.", "org/washington-redskins")
	f("It was in the [Washington Post|ORG]. The [Post|ORG] said so.", "org/washington-post org/washington-post")
	f("[Washington, D.C.|LOC], was calm.", "loc/washington-dc")
	// Georgia: the country, the state, a woman.
	f("Troops left [Georgia|LOC] after the war with [Russia|LOC] over [South Ossetia|LOC], officials in [Tbilisi|LOC] said.", "loc/georgia loc/russia loc/south-ossetia loc/tbilisi")
	f("Voters in [Georgia|LOC], [Florida|LOC] and [Ohio|LOC] chose.", "loc/georgia-us loc/florida loc/ohio")
	f("In [Atlanta|LOC] the [Georgia|LOC] governor spoke.", "loc/atlanta loc/georgia-us")
	f("[Georgia Marlow|PER] sang. Then [Georgia|PER] left.", "per/georgia-marlow per/georgia-marlow")
	f("A plant in [Dalton|LOC], [Georgia|LOC], closed.", "loc/dalton-us-ga loc/georgia-us")
	// Jordan: the country, a player.
	f("Refugees live in [Jordan|LOC] and [Lebanon|LOC].", "loc/jordan loc/lebanon")
	f("[Jordan|LOC] said it would send troops.", "loc/jordan")
	f("[Michael Jordan|PER] scored. [Jordan|PER] left the court.", "per/michael-jordan per/michael-jordan")
	f("[Chuck Jordan|PER] is the chief. [Jordan|LOC] said he was sorry.", "per/chuck-jordan per/chuck-jordan")
	f("Mr. [Jordan|PER] did not call back.", "per/jordan")
	f("[Amman|LOC] is the capital of [Jordan|LOC].", "loc/amman loc/jordan")
	// Paris: the city, the town, the heiress.
	f("The fair in [Paris|LOC] opened.", "loc/paris")
	f("A mill in [Paris|LOC], [Texas|LOC], closed. In [Paris|LOC] nobody was glad.", "loc/paris-us-tx loc/texas loc/paris-us-tx")
	f("[Paris Hilton|PER] came to [Paris|LOC].", "per/paris-hilton loc/paris")
	f("[Paris Saint-Germain|ORG] won the match, and fans sang for the team; [PSG|ORG] lead the league.", "org/paris-saint-germain org/paris-saint-germain")
	// Teams and their towns.
	f("[West Ham|ORG] beat [Chelsea|ORG]; the striker scored twice for the team in the league match.", "org/west-ham-united org/chelsea-fc")
	f("She lives in [Chelsea|LOC] now.", "loc/chelsea")
	f("[Chelsea Clinton|PER] spoke. [Chelsea|PER] was brief.", "per/chelsea-clinton per/chelsea-clinton")
	f("The [Chicago Bulls|ORG] play in [Chicago|LOC].", "org/chicago-bulls loc/chicago")
	// Lincoln: the president, the town in Nebraska, the one in England.
	f("[Abraham Lincoln|PER] was tall. [Lincoln|PER] was honest.", "per/abraham-lincoln per/abraham-lincoln")
	f("The plant in [Lincoln|LOC], [Neb.|LOC], closed.", "loc/lincoln loc/nebraska")
	f("A man from [Lincoln|LOC], [England|LOC], won.", "loc/lincoln-gb-eng loc/england")
	f("Sen. [Blanche Lincoln|PER] of [Arkansas|LOC] lost. [Lincoln|PER] had hoped.", "per/blanche-lincoln-us loc/arkansas per/blanche-lincoln-us")
	// Towns of one name.
	f("A school in [Springfield|LOC], [Ill.|LOC], burned.", "loc/springfield-us-il loc/illinois")
	f("The ship left [Portland|LOC], [Maine|LOC], today.", "loc/portland-us-me loc/maine")
	f("The ship left [Portland|LOC], [Oregon|LOC], today.", "loc/portland loc/oregon")
	f("Rain fell on [Birmingham|LOC], [Alabama|LOC].", "loc/birmingham-us-al loc/alabama")
	f("Rain fell on [Birmingham|LOC], [England|LOC].", "loc/birmingham loc/england")
	f("Fighting near [Tripoli|LOC], [Lebanon|LOC], went on.", "loc/tripoli-lb loc/lebanon")
	f("Fighting in [Tripoli|LOC] and [Benghazi|LOC] went on, [Libya|LOC] said.", "loc/tripoli loc/benghazi loc/libya")
	f("He moved from [Cambridge|LOC], [Mass.|LOC], to [Boston|LOC].", "loc/cambridge-us-ma loc/massachusetts loc/boston")
	f("The jury in [Miami|LOC] heard of [Tulsa|LOC], [Oklahoma|LOC].", "loc/miami loc/tulsa loc/oklahoma")
	f("Police in [London|LOC], [Ontario|LOC], said so.", "loc/london-ca-on loc/ontario")
	// Institutions that every country has.
	f("The [Senate|ORG] voted, the [White House|ORG] said.", "org/us-senate org/white-house")
	f("In [Canberra|LOC] the [Senate|ORG] of [Australia|LOC] sat, as Australian papers and [Sydney|LOC] said.", "loc/canberra org/senate loc/australia loc/sydney")
	f("The [Labour Party|ORG] lost. [Labour|ORG] will choose anew in [Britain|LOC].", "org/labour-party org/labour-party loc/united-kingdom")
	f("The [Norland Foreign Ministry|ORG] spoke. The [Foreign Ministry|ORG] was angry.", "org/norland-foreign-ministry org/norland-foreign-ministry")
	// Offices.
	f("[President|PER] was the word. President [Clinton|PER] signed it in 1996.", "per/president per/bill-clinton")
	f("Mrs. [Clinton|PER] ran in 2008.", "per/hillary-clinton")
	f("King [Abdullah|PER] of [Jordan|LOC] came from [Amman|LOC].", "per/abdullah-ii loc/jordan loc/amman")
	f("King [Abdullah|PER] of [Saudi Arabia|LOC] came from [Riyadh|LOC].", "per/abdullah-of-saudi-arabia loc/saudi-arabia loc/riyadh")
	f("They said that President [Xi|PER] would come.", "per/xi-jinping")
	// A name that others bear too.
	f("[Michael Brown|PER] ran the agency.", "per/michael-brown-2")
	f("[Michael Brown|PER] was shot in [Ferguson|LOC], [Missouri|LOC].", "per/michael-brown loc/ferguson loc/missouri")
	f("The baker [David Davis|PER] was glad.", "per/david-davis-2")
}

// TestWithinDocument holds what one document says of its own names.
func TestWithinDocument(t *testing.T) {
	l := linker(t)
	f := func(marked, want string) {
		t.Helper()
		if got := link(t, l, marked); got != want {
			t.Errorf("%s\n got %s\nwant %s", marked, got, want)
		}
	}
	f("[Mary T. Hartwell|PER] came. Ms. [Hartwell|PER] spoke. [HARTWELL|PER] left. [Mary|PER] smiled.", "per/mary-hartwell per/mary-hartwell per/mary-hartwell per/mary-hartwell")
	f("[Hartwell|PER] wins || [John Hartwell|PER] won.", "per/john-hartwell per/john-hartwell")
	f("Mayor [Bill de Hartwell|PER] was late. Then [de Hartwell|PER] spoke.", "per/bill-de-hartwell per/bill-de-hartwell")
	f("[Jeffrey Hartwell|PER] was named. [Jeff Hartwell|PER] was glad. [J. Hartwell|PER] left.", "per/jeffrey-hartwell per/jeffrey-hartwell per/jeffrey-hartwell")
	f("[Park Yun-ho|PER] spoke. [Park|PER] left.", "per/park-yun-ho per/park-yun-ho")
	// Two of one surname.
	f("[Bill Clinton|PER] came with [Hillary Clinton|PER]. Later [Clinton|PER] spoke.", "per/bill-clinton per/hillary-clinton per/clinton")
	f("[Hillary Clinton|PER] spoke. [Clinton|PER] smiled. Later came [Bill Clinton|PER]. Mr. [Clinton|PER] was late, Mrs. [Clinton|PER] not.", "per/hillary-clinton per/hillary-clinton per/bill-clinton per/bill-clinton per/hillary-clinton")
	f("[Mary Hartwell|PER] and [John Hartwell|PER] met.\n\nThen [John Hartwell|PER] left, and [Hartwell|PER] was gone.", "per/mary-hartwell per/john-hartwell per/john-hartwell per/john-hartwell")
	f("[Melania Trump|PER] and [Donald Trump|PER] came. [Trump|PER] spoke. Mrs. [Trump|PER] smiled.", "per/melania-trump per/donald-trump per/donald-trump per/melania-trump")
	f("The [Clintons|PER] left.", "per/clintons")
	// Acronyms, either way round.
	f("The [Northern Grain Board|ORG] ([NGB|ORG]) met. The [NGB|ORG] voted.", "org/northern-grain-board org/northern-grain-board org/northern-grain-board")
	f("[NGB|ORG] ([Northern Grain Board|ORG]) met. The [NGB|ORG] voted.", "org/northern-grain-board org/northern-grain-board org/northern-grain-board")
	f("The [Institute for Clean Ears|ORG], or [ICE|ORG], met.", "org/institute-for-clean-ears org/institute-for-clean-ears")
	f("Agents of [ICE|ORG] in [Texas|LOC] came.", "org/immigration-and-customs-enforcement loc/texas")
	f("The [Islamic State in Iraq and Syria|ORG] ([ISIS|ORG]) fled.", "org/islamic-state org/islamic-state")
	// Spellings.
	f("[Sergei Lavrov|PER] and [Mohamad Javad Zareef|PER] met.", "per/sergey-lavrov per/mohammad-javad-zarif")
	f("[Bashar el-Asad|PER] spoke in [Damascus|LOC].", "per/bashar-al-assad loc/damascus")
	f("[Ayatollah Ali Khamenei|PER] and [Richard G. Lugar|PER] wrote.", "per/ali-khamenei per/richard-lugar")
	// Parts of the names of bodies.
	f("[Quorvale Group|ORG] fell. [Quorvale|ORG] would not say why.", "org/quorvale-group org/quorvale-group")
	f("[Goldman Sachs|ORG] rose, and [Goldman|ORG] was glad.", "org/goldman-sachs org/goldman-sachs")
}
