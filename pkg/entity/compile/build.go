package main

import (
	"bytes"
	"fmt"
	"sort"
	"strconv"
	"strings"
	"unicode"

	"github.com/dateline/dateline/pkg/entity"
)

// row is an entity in the making.
type row struct {
	id, name, country, region, flags string
	kind                             entity.Kind
	lat, lon                         float64
	rank                             int
	aliases                          map[string]bool
	refs                             map[string]string
	needs                            string // words of which the document has to hold one
}

// ref sets an outside reference where the row has none of this kind.
func (r *row) ref(key, value string) {
	if value != "" && r.refs[key] == "" {
		r.refs[key] = value
	}
}

func (r *row) flag(f string) {
	if !strings.Contains(r.flags, f) {
		r.flags += f
	}
}

type compiler struct {
	in    string
	list  []*row
	byID  map[string]*row
	words map[string]uint32
	iso   map[string]string
	caps  map[string]*row // capital or place name to its row

	demonyms map[string]string  // word to its country
	genders  map[string]string  // given name to m or f
	shares   map[string]float64 // percent of men or women of a given name
	popular  map[string]uint32  // names that many people bear
	centres  map[string]*centre
	bearers  map[string][]*row // of rare surnames, in Congress
}

// Classes of words.
const (
	given   = entity.GivenName
	surname = entity.Surname
	common  = entity.CommonWord
	demonym = entity.Demonym
)

// add makes or completes the row of an entity. A name that is there already
// keeps its place, country and rank, and gains the aliases.
func (c *compiler) add(kind entity.Kind, id, name, country string, rank int, aliases ...string) *row {
	name = clean(name)
	if id == "" {
		id = entity.ID(kind, name)
	}
	if id == "" {
		return nil
	}
	r := c.byID[id]
	if r == nil {
		r = &row{id: id, name: name, kind: kind, country: country, rank: rank, aliases: map[string]bool{}, refs: map[string]string{}}
		c.byID[id] = r
		c.list = append(c.list, r)
	} else if name != r.name {
		r.alias(name)
	}
	for _, a := range aliases {
		r.alias(a)
	}
	return r
}

func (r *row) alias(a string) {
	a = clean(a)
	if strings.Trim(a, "=~!^") != "" && a != r.name {
		r.aliases[a] = true
	}
}

func clean(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
}

// risky says whether a single word is too ordinary to be a name by itself.
func (c *compiler) risky(word string) bool {
	return c.words[fold(word)]&common != 0 || len([]rune(word)) < 3
}

func (c *compiler) personal(word string) bool {
	return c.words[fold(word)]&(given|surname) != 0
}

func single(s string) bool { return !strings.ContainsAny(s, " -") }

func (c *compiler) text() []byte {
	var b bytes.Buffer
	sort.Slice(c.list, func(i, j int) bool {
		x, y := c.list[i], c.list[j]
		if x.kind != y.kind {
			return x.kind < y.kind
		}
		return x.id < y.id
	})
	aliases := 0
	for _, r := range c.list {
		aliases += 1 + len(r.aliases)
	}
	byClass := map[uint32][]string{}
	n := 0
	for w, k := range c.words {
		if k != 0 {
			byClass[k] = append(byClass[k], w)
			n++
		}
	}
	fmt.Fprintf(&b, "V\t%s\t%d\t%d\t%d\n", version, n, aliases, len(c.list))
	grouped(&b, "D", c.demonyms)
	grouped(&b, "N", c.genders)
	classes := make([]uint32, 0, len(byClass))
	for k := range byClass {
		classes = append(classes, k)
	}
	sort.Slice(classes, func(i, j int) bool { return classes[i] < classes[j] })
	for _, k := range classes {
		w := byClass[k]
		sort.Strings(w)
		for len(w) > 0 {
			m := min(len(w), 500)
			fmt.Fprintf(&b, "W\t%s\t%s\n", strconv.FormatUint(uint64(k), 36), strings.Join(w[:m], " "))
			w = w[m:]
		}
	}
	for _, r := range c.list {
		id := r.id
		if id == entity.ID(r.kind, r.name) {
			id = ""
		}
		country := r.country
		if r.region != "" && strings.HasPrefix(r.region, country) {
			country = r.region
		}
		fmt.Fprintf(&b, "E\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%d\t%s", r.kind, id, r.name, country,
			degrees(r.lat), degrees(r.lon), refs(r.refs), r.rank, r.flags)
		if r.needs != "" {
			b.WriteString("\t?" + r.needs)
		}
		as := make([]string, 0, len(r.aliases))
		for a := range r.aliases {
			as = append(as, a)
		}
		sort.Strings(as)
		for _, a := range as {
			b.WriteByte('\t')
			b.WriteString(a)
		}
		b.WriteByte('\n')
	}
	return b.Bytes()
}

func degrees(x float64) string {
	if x == 0 {
		return ""
	}
	return strconv.FormatFloat(x, 'f', -1, 64)
}

func refs(m map[string]string) string {
	var out []string
	for k, v := range m {
		out = append(out, k+"="+v)
	}
	sort.Strings(out)
	return strings.Join(out, ",")
}

// grouped writes a line for each value, with the words that have it.
func grouped(b *bytes.Buffer, record string, m map[string]string) {
	by := map[string][]string{}
	for w, v := range m {
		by[v] = append(by[v], w)
	}
	var keys []string
	for v := range by {
		keys = append(keys, v)
	}
	sort.Strings(keys)
	for _, v := range keys {
		sort.Strings(by[v])
		fmt.Fprintf(b, "%s\t%s\t%s\n", record, v, strings.Join(by[v], " "))
	}
}
