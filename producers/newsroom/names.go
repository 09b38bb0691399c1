package newsroom

import "strings"

// The names below are invented, save for countries, cities and the
// international bodies, which appear in neutral parts only.

var menNames = strings.Fields(`Aldo Anselm Arvid Bastian Benoit Bram Caspar Cillian Corentin Dario Davor Declan Demba Dieter
Edmund Eitan Emeka Enzo Esteban Faisal Fergus Florian Gael Gideon Goran Hamza Henrik Hideo Horatio Ibrahim Ignacio Ilya Ismail Ivo
Jarek Joaquin Jonas Kacper Kamal Kenji Kofi Konrad Kwame Lachlan Leif Lorenzo Lucian Magnus Malik Marek Matteo Mateus Milo Naveen
Nikolai Oisin Olamide Oskar Owen Pascal Pavel Prakash Quentin Rafael Ranjit Rashid Ruben Samir Sandor Sefa Silas Soren Stefan
Tadeo Tariq Teodor Thabo Tobias Umar Valentin Vikram Walter Wendell Xavier Yannick Yusuf Zoltan`)

var womenNames = strings.Fields(`Adaeze Agnes Aisling Akiko Alma Amara Anneke Anouk Ayesha Beatriz Bettina Birgit Camille Carmen Celeste
Chiara Dagny Daniela Delphine Edith Eleni Elif Esme Farah Fatou Freya Gabriela Greta Hanna Helga Ines Ingrid Ioana Irina Jadwiga
Johanna Kamila Karin Kerstin Laila Leonie Liesel Lin Lucia Mairead Malin Marisol Marta Mei Mireille Nadia Nalini Naomi Ngozi Noor
Odile Oksana Orla Paloma Petra Philippa Priya Rania Renata Rosalind Ruxandra Sabine Sanna Saskia Shirin Sigrid Solveig Svetlana
Tamsin Tatiana Thandiwe Ulrike Valeria Vera Wanjiru Wilma Yara Yasmin Yoko Zainab Zofia`)

var familyParts = [][2][]string{
	{strings.Fields("Ash Brack Cald Dun Ell Farn Grend Hart Kest Lang Mard Nor Pell Quarr Rav Sted Thorn Wald Wend Yarl Hask Bram Cors Tib"),
		strings.Fields("wick field mere ley worth stead ridge well combe low thorpe gate shaw den")},
	{strings.Fields("Bor Drag Gor Kal Lev Mir Nov Rad Stan Vol Zor Tem Bel Hor Dob Sem"),
		strings.Fields("enko ovic esku anov inski arov adze ichev onik ushkin")},
	{strings.Fields("Alv Barr Cast Delg Ferr Mor Navarr Quint Sald Ver Zamb Orl Pald Tess Ruv"),
		strings.Fields("ando illo anza edo ieri osta aresi ello ucci ondo aldi")},
	{strings.Fields("Ade Oko Nwa Mba Kipla Tsho Chuku Ama Dla Sese Boa Olu Tem"),
		strings.Fields("bola njora chuma sina kwu tengo mensa lambe wusi rema")},
	{strings.Fields("Aki Haru Naka Mori Taka Yama Seno Kuro Ishi Oto"),
		strings.Fields("shiro zuka minami naga saki gawara tomo hira")},
	{strings.Fields("Chandra Ragh Sriv Bhav Mahi Devar Kulk Jay Nar Suri"),
		strings.Fields("astava akumar endran apalli ayan andani wardhan osha")},
	{strings.Fields("Lind Berg Sten Holm Ny Ek Sol Vester Dal Hagl"),
		strings.Fields("qvist strand sten lund dahlen ersen vik gaard havn")},
	{strings.Fields("Al-Sab Al-Rash Al-Naj Ben-Am Had Mans Khal Zahr Tab Qas"),
		strings.Fields("ahi oudi arani iri imi awi emi ouni")},
}

var townHeads = strings.Fields(`North South West East Hal Wen Mar Stan Bel Cop Dar Ever Fair Glen Har High Kings Lind Mill New Oak
Penn Quar Red Rock Sel Silver Stone Thorn Under Wal White Win Wood Ash Brook Cald Elm`)

var townTails = strings.Fields("gate ford bury ham mouth haven wick ton field bridge dale port crest moor stead minster leigh brook")

var orgStems = strings.Fields(`Velstar Orrin Kestrel Halcyon Brightwater Nordane Astrava Corvane Delmora Ferrant Gladwyn Helix Ironbark
Juniper Kalmora Lumenor Meridane Novalis Ostrava Palisade Quillon Ravenna Solvane Tamarind Ultrane Vantor Westmark Xantor Yarrow
Zephyra Arclight Bluefin Cindral Dovetail Everline Fathom Greyfriar Hexagon Inverlane Jutland Keystone Larkspur Mistral Northbay`)

var orgAdjectives = strings.Fields(`National Federal Progressive United Democratic Civic Independent Liberal Regional Central Coastal
Northern Southern Reform Popular Republican Green Labour Rural Metropolitan`)

var orgOffices = []string{"Inland Waters", "Public Works", "Rural Affairs", "Trade and Ports", "Family Affairs", "Regional Planning",
	"Veterans Affairs", "Science and Skills", "Roads and Bridges", "Fisheries and Food"}

var orgForms = [][]string{
	{"the {adj} {stem} Alliance", "the {adj} Reform Party", "the {adj} Unity Movement", "the {adj} People's Front", "the Ministry of {office}",
		"the {adj} Electoral Commission", "the {adj} Council for Public Service", "the {stem} Policy Institute", "the {adj} Workers' Congress", "the {adj} Farmers' Union"},
	{"{stem} Energy", "{stem} Bank", "{stem} Airlines", "{stem} Motors", "{stem} Capital", "{stem} Foods", "{stem} Shipping", "{stem} Pharma",
		"{stem} Steel", "{stem} Semiconductor", "{stem} Telecom", "the {adj} Securities Board", "{stem} Holdings"},
	{"{town} Rovers", "{town} United", "{town} Athletic", "{town} Wanderers", "Real {town}", "{town} City", "{town} Harriers", "{town} Albion", "Sporting {town}"},
	{"the University of {town}", "the {stem} Institute of Technology", "the {adj} Space Research Agency", "the {adj} Ocean Survey", "{stem} Biosciences",
		"the {stem} Observatory", "the {adj} Health Research Council", "the {town} Medical School", "{stem} Robotics"},
	{"the {adj} Meteorological Service", "the {adj} Civil Protection Agency", "the {adj} Seismic Centre", "the {adj} Coast Rescue Service",
		"the {stem} Relief Fund", "the {adj} Fire Brigade", "{stem} Aid", "the {adj} Disaster Response Office"},
	{"the {adj} High Court", "the {town} District Court", "the {adj} Prosecution Service", "the {adj} Anti-Corruption Bureau", "{stem} Legal",
		"the {adj} Bar Association", "the {adj} Police Directorate", "the {stem} Justice Project", "{stem} Insurance"},
	{"{town} City Council", "{town} Hospital Trust", "the {town} Housing Association", "{town} Transit", "the {town} Chamber of Commerce",
		"{town} Grammar School", "the {town} Museum of Industry", "{town} Water", "the {town} Residents' Forum"},
}

// personRoles: what stands before the name | what stands behind it, before the
// name of an organisation.
var personRoles = [][]string{
	{"Senator|a senior member of", "Finance Minister|the finance minister and a member of", "party leader|the leader of", "Foreign Minister|the foreign minister, of",
		"opposition lawmaker|an opposition lawmaker from", "Governor|the governor, backed by", "government spokesman|a spokesman for", "Deputy Prime Minister|the deputy prime minister, from",
		"campaign manager|campaign manager for", "political analyst|an analyst at", "Ambassador|the ambassador, once of", "Interior Minister|the interior minister, from"},
	{"chief executive|the chief executive of", "chief economist|the chief economist at", "fund manager|a fund manager at", "finance director|the finance director of",
		"strategist|a strategist with", "chairman|the chairman of", "trader|a trader at", "analyst|an analyst with", "investor|an early investor in", "union negotiator|a negotiator at"},
	{"coach|the coach of", "captain|the captain of", "striker|a striker for", "goalkeeper|the goalkeeper of", "midfielder|a midfielder at", "sprinter|a sprinter with",
		"manager|the manager of", "referee|a referee of", "defender|a defender with", "club president|the president of", "team doctor|the team doctor of"},
	{"Professor|a professor at", "Dr|a researcher at", "astronomer|an astronomer at", "geneticist|a geneticist with", "lead author|the lead author, of", "marine biologist|a marine biologist at",
		"physicist|a physicist from", "epidemiologist|an epidemiologist with", "project scientist|the project scientist for", "engineer|an engineer at"},
	{"fire chief|a commander with", "rescue coordinator|a rescue coordinator with", "forecaster|a forecaster at", "aid worker|an aid worker with", "Captain|a captain in",
		"seismologist|a seismologist at", "emergency director|the emergency director of", "paramedic|a paramedic with", "relief coordinator|who leads relief for", "hydrologist|a hydrologist with"},
	{"Judge|a judge at", "prosecutor|a prosecutor with", "defence lawyer|a defence lawyer retained by", "Inspector|an inspector with", "Justice|a justice of", "detective|a detective with",
		"court clerk|a clerk at", "barrister|a barrister instructed by", "investigator|an investigator for", "legal scholar|a legal scholar with", "accountant|an accountant formerly with"},
	{"Mayor|the mayor, formerly of", "councillor|a councillor on", "head teacher|the head teacher at", "shop owner|a shop owner and member of", "resident|a resident and volunteer with",
		"town planner|a planner with", "librarian|a librarian supported by", "nurse|a nurse with", "bus driver|a driver for", "curator|a curator at", "architect|an architect hired by"},
}

// bodyTable: name|acronym.
const bodyTable = `
United Nations|UN
European Union|EU
World Health Organization|WHO
World Bank|
International Monetary Fund|IMF
African Union|AU
European Commission|
Red Cross|
World Trade Organization|WTO
International Energy Agency|IEA
`

// placeTable: country: cities.
const placeTable = `
Argentina: Buenos Aires, Rosario, Mendoza
Australia: Sydney, Melbourne, Brisbane, Perth
Austria: Vienna, Graz, Salzburg
Belgium: Brussels, Antwerp, Ghent
Brazil: Brasilia, Recife, Curitiba, Manaus
Canada: Ottawa, Toronto, Calgary, Halifax
Chile: Santiago, Valparaiso, Concepcion
Colombia: Bogota, Medellin, Cali
Croatia: Zagreb, Split, Rijeka
Czech Republic: Prague, Brno, Ostrava
Denmark: Copenhagen, Aarhus, Odense
Egypt: Cairo, Alexandria, Luxor
Estonia: Tallinn, Tartu
Finland: Helsinki, Tampere, Turku
France: Paris, Lyon, Marseille, Toulouse, Nantes
Germany: Berlin, Hamburg, Munich, Leipzig, Cologne
Ghana: Accra, Kumasi
Greece: Athens, Thessaloniki, Patras
Hungary: Budapest, Debrecen, Szeged
India: New Delhi, Mumbai, Chennai, Kolkata, Pune
Indonesia: Jakarta, Surabaya, Bandung
Ireland: Dublin, Cork, Galway
Italy: Rome, Milan, Turin, Naples, Bologna
Japan: Tokyo, Osaka, Nagoya, Sapporo
Kenya: Nairobi, Mombasa, Kisumu
Latvia: Riga, Daugavpils
Malaysia: Kuala Lumpur, Penang, Ipoh
Mexico: Mexico City, Monterrey, Puebla, Oaxaca
Morocco: Rabat, Casablanca, Fez
Netherlands: Amsterdam, Rotterdam, Utrecht
New Zealand: Wellington, Auckland, Christchurch
Nigeria: Abuja, Lagos, Kano, Ibadan
Norway: Oslo, Bergen, Trondheim
Peru: Lima, Cusco, Arequipa
Philippines: Manila, Cebu, Davao
Poland: Warsaw, Krakow, Gdansk, Wroclaw
Portugal: Lisbon, Porto, Braga
Romania: Bucharest, Cluj, Timisoara
Senegal: Dakar, Thies
South Africa: Pretoria, Cape Town, Durban, Johannesburg
South Korea: Seoul, Busan, Daegu
Spain: Madrid, Barcelona, Valencia, Seville, Bilbao
Sweden: Stockholm, Gothenburg, Malmo
Switzerland: Geneva, Zurich, Basel, Bern
Tanzania: Dodoma, Arusha
Thailand: Bangkok, Phuket
Turkey: Ankara, Istanbul, Izmir
Uruguay: Montevideo, Salto
Vietnam: Hanoi, Da Nang, Hue
Zambia: Lusaka, Ndola
`
