package newsroom

import "strings"

// world is all that a seed fixes for good: people, organisations, places and
// outlets. Its entity numbers are places, then organisations, then persons.
// It is immutable after newWorld.
type world struct {
	seed     uint64
	g        *grammar
	entities []Entity
	orgs     []organisation
	persons  []person
	outlets  []outlet

	currencies []string
	cities     []uint16   // entity numbers
	countryOf  []uint16   // by place number; a country is its own
	orgsOf     [][]uint16 // by beat
	bodies     []uint16   // international ones
	personsOf  [][]uint16
	focus      uint16 // the entity of a planted spike, or the default one
	focusBeat  int
}

type person struct {
	given, family string
	role          string // stands before the name: "Finance Minister"
	described     string // stands behind it, before the employer: "a lawyer for"
	title         string // "Mr " or "Ms ", for later mentions
	woman         bool
	employer      uint16
	beat          int
}

type organisation struct {
	inText, short, shortInText string
	acronym                    bool
	beat                       int // -1: international bodies, in every beat
}

const (
	personsPerBeat = 56
	orgsPerBeat    = 22
)

func newWorld(seed uint64, outlets int, spike *PlantedSpike) (*world, error) {
	g, err := theGrammar()
	if err != nil {
		return nil, err
	}
	w := &world{seed: seed, g: g, currencies: []string{"$", "$", "$", "€", "£"}}
	r := &rng{mix(seed, 1)}
	w.addPlaces()
	w.addOrgs(r)
	w.addPersons(r)
	w.addFocus(spike)
	w.outlets = makeOutlets(seed, outlets)
	return w, nil
}

func (w *world) add(name, kind string) uint16 {
	w.entities = append(w.entities, Entity{name, kind})
	return uint16(len(w.entities) - 1)
}

func (w *world) addPlaces() {
	countries := map[string]uint16{}
	for _, row := range strings.Split(strings.TrimSpace(placeTable), "\n") {
		cities, country, _ := strings.Cut(row, ": ")
		country, cities = cities, country
		id := w.add(country, KindLocation)
		countries[country] = id
		w.countryOf = append(w.countryOf, id)
		for _, city := range strings.Split(cities, ", ") {
			w.cities = append(w.cities, w.add(city, KindLocation))
			w.countryOf = append(w.countryOf, id)
		}
	}
	// The table is in alphabetical order; prominence is not.
	r := &rng{mix(w.seed, 2)}
	for i := len(w.cities) - 1; i > 0; i-- {
		j := r.intn(i + 1)
		w.cities[i], w.cities[j] = w.cities[j], w.cities[i]
	}
}

func (w *world) country(place uint16) uint16 { return w.countryOf[place] }

func (w *world) addOrgs(r *rng) {
	w.orgsOf = make([][]uint16, len(beats))
	add := func(o organisation, name string) uint16 {
		id := w.add(name, KindOrganisation)
		o.shortInText = o.short
		if strings.HasPrefix(o.inText, "the ") && o.short != "" {
			o.shortInText = "the " + o.short
		}
		w.orgs = append(w.orgs, o)
		return id
	}
	for _, row := range strings.Split(strings.TrimSpace(bodyTable), "\n") {
		name, short, _ := strings.Cut(row, "|")
		w.bodies = append(w.bodies, add(organisation{inText: "the " + name, short: short, acronym: short != "", beat: -1}, name))
	}
	taken := map[string]bool{}
	for b := range beats {
		forms := orgForms[b]
		for len(w.orgsOf[b]) < orgsPerBeat {
			form := forms[len(w.orgsOf[b])%len(forms)]
			name := form
			name = strings.ReplaceAll(name, "{stem}", orgStems[r.intn(len(orgStems))])
			name = strings.ReplaceAll(name, "{town}", townName(r))
			name = strings.ReplaceAll(name, "{adj}", orgAdjectives[r.intn(len(orgAdjectives))])
			name = strings.ReplaceAll(name, "{office}", orgOffices[r.intn(len(orgOffices))])
			in := name
			if rest, ok := strings.CutPrefix(name, "the "); ok {
				name = rest
			}
			if taken[name] {
				continue
			}
			taken[name] = true
			o := organisation{inText: in, beat: b}
			if words := strings.Fields(name); len(words) >= 4 && strings.HasPrefix(in, "the ") {
				o.short, o.acronym = initials(words), true
			}
			w.orgsOf[b] = append(w.orgsOf[b], add(o, name))
		}
	}
}

func initials(words []string) string {
	var s []byte
	for _, word := range words {
		if c := word[0]; c >= 'A' && c <= 'Z' {
			s = append(s, c)
		}
	}
	return string(s)
}

func (w *world) orgIndex(entity uint16) int { return int(entity) - len(w.countryOf) }

func (w *world) person(entity uint16) *person {
	return &w.persons[int(entity)-len(w.countryOf)-len(w.orgs)]
}

func (w *world) addPersons(r *rng) {
	w.personsOf = make([][]uint16, len(beats))
	families := map[string]bool{}
	for i := 0; i < personsPerBeat; i++ { // beat by beat in turn, so prominence is spread
		for b := range beats {
			family := familyName(r)
			for families[family] {
				family = familyName(r)
			}
			families[family] = true
			p := person{family: family, beat: b, woman: r.intn(2) == 0, title: "Mr "}
			givens := menNames
			if p.woman {
				givens, p.title = womenNames, "Ms "
			}
			p.given = givens[r.intn(len(givens))]
			roles := personRoles[b]
			p.role, p.described, _ = strings.Cut(roles[r.intn(len(roles))], "|")
			p.employer = w.orgsOf[b][r.intn(orgsPerBeat)]
			w.personsOf[b] = append(w.personsOf[b], w.addPerson(p))
		}
	}
}

func (w *world) addPerson(p person) uint16 {
	w.persons = append(w.persons, p)
	return w.add(strings.TrimSpace(p.given+" "+p.family), KindPerson)
}

// addFocus finds or makes the entity that a spike is planted on.
func (w *world) addFocus(spike *PlantedSpike) {
	if spike == nil || spike.Entity == "" {
		w.focus, w.focusBeat = w.personsOf[0][7], 0
		return
	}
	for i, e := range w.entities {
		if e.Name != spike.Entity || e.Kind != spike.Kind {
			continue
		}
		w.focus = uint16(i)
		switch e.Kind {
		case KindPerson:
			w.focusBeat = w.person(w.focus).beat
		case KindOrganisation:
			w.focusBeat = max(w.orgs[w.orgIndex(w.focus)].beat, 0)
		}
		return
	}
	switch spike.Kind {
	case KindPerson:
		given, family := "", spike.Entity
		if i := strings.LastIndexByte(spike.Entity, ' '); i > 0 {
			given, family = spike.Entity[:i], spike.Entity[i+1:]
		}
		role, described, _ := strings.Cut(personRoles[0][0], "|")
		w.focus = w.addPerson(person{given: given, family: family, role: role, described: described, title: "Mr ", employer: w.orgsOf[0][0]})
	default:
		// Places and organisations are numbered before persons, so an unknown
		// one takes the place of an obscure one.
		switch spike.Kind {
		case KindOrganisation:
			w.focus = w.orgsOf[0][orgsPerBeat-1]
			w.orgs[w.orgIndex(w.focus)] = organisation{inText: spike.Entity}
		case KindLocation:
			w.focus = w.cities[len(w.cities)-1]
			w.focusBeat = 4
		}
		w.entities[w.focus].Name = spike.Entity
	}
}

func (w *world) named(ids []uint16) []Entity {
	named := make([]Entity, len(ids))
	for i, id := range ids {
		named[i] = w.entities[id]
	}
	return named
}

func townName(r *rng) string {
	return townHeads[r.intn(len(townHeads))] + townTails[r.intn(len(townTails))]
}

func familyName(r *rng) string {
	style := familyParts[r.intn(len(familyParts))]
	return style[0][r.intn(len(style[0]))] + style[1][r.intn(len(style[1]))]
}

// cast is who and what one event is about. It follows from the event's key
// alone, so that independent reports agree on it.
type cast struct {
	beat    int
	persons [castSize]uint16
	orgs    [castSize]uint16
	places  [castSize]uint16
	key     [3]string // what the event is: "fisheries", "bill", "fisheries bill"
	toll    int       // its figure
}

func (w *world) newCast(event uint64, planted bool) *cast {
	r := &rng{mix(event, 11)}
	c := &cast{beat: beatByWeight(r), toll: r.between(3, 240)}
	if planted {
		c.beat = w.focusBeat
	}
	persons, orgs := w.personsOf[c.beat], w.orgsOf[c.beat]
	for i := 0; i < castSize; i++ {
		pool := persons
		if i == castSize-1 && beats[c.beat] != "sport" {
			pool = w.personsOf[r.intn(len(beats))]
		}
		// International bodies have small parts, and none in sport.
		if i >= 2 && beats[c.beat] != "sport" && r.intn(3) == 0 {
			orgs = w.bodies
		}
		c.persons[i] = w.distinct(c.persons[:i], func() uint16 { return pool[r.zipfish(len(pool))] })
		c.orgs[i] = w.distinct(c.orgs[:i], func() uint16 { return orgs[r.zipfish(len(orgs))] })
		orgs = w.orgsOf[c.beat]
		c.places[i] = w.distinct(c.places[:i], func() uint16 { return w.cities[r.zipfish(len(w.cities))] })
	}
	if planted {
		w.seat(c, w.focus)
	}
	x := &writer{rng: r, g: w.g, w: w, cast: c, used: make([]uint64, w.g.nAlts/64+1)}
	for i, part := range []string{".k1", ".k2"} {
		x.buf = x.buf[:0]
		x.expand(w.g.names[beats[c.beat]+part])
		c.key[i] = string(x.buf)
	}
	c.key[2] = c.key[0] + " " + c.key[1]
	return c
}

// seat gives the first part of its kind to an entity.
func (w *world) seat(c *cast, entity uint16) {
	seats := &c.places
	switch w.entities[entity].Kind {
	case KindPerson:
		seats = &c.persons
	case KindOrganisation:
		seats = &c.orgs
	}
	for i := range seats {
		if seats[i] == entity {
			seats[i] = seats[0]
		}
	}
	seats[0] = entity
}

// distinct draws until it has somebody new. The focus entity is seated by its
// own events alone, so that its share of the coverage is known.
func (w *world) distinct(have []uint16, draw func() uint16) uint16 {
	id := draw()
	for try := 0; try < 8; try++ {
		again := id == w.focus
		for _, h := range have {
			again = again || h == id
		}
		if !again {
			break
		}
		id = draw()
	}
	return id
}

var beatWeights = []int{26, 20, 16, 8, 10, 10, 10}

func beatByWeight(r *rng) int {
	pick := r.intn(100)
	for b, weight := range beatWeights {
		if pick -= weight; pick < 0 {
			return b
		}
	}
	return 0
}
