package newsroom

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"sync"
)

//go:embed grammar/*.txt
var grammarFiles embed.FS

// beats are the departments of the newsroom; each has a grammar file.
var beats = []string{"politics", "markets", "sport", "science", "disasters", "courts", "local"}

// A grammar is a context-free grammar with slots for the people, organisations
// and places of a story. Its files hold rules
//
//	[name]
//	one alternative a line, with {other.rule}, <inline|choices> and {slots}
//
// where {@name} means the rule of that name of the story's own beat, {a} the
// indefinite article that fits what follows, and {key} what the event is, made
// of the beat's rules k1 and k2. A rule of the same file goes before a common one.
type grammar struct {
	rules  []rule
	names  map[string]int
	byBeat [][]int // [beat][at-name] -> rule
	nAlts  int
}

type rule struct {
	name   string
	alts   []alternative
	offset int // of its first alternative among all alternatives
}

type alternative []part

type part struct {
	op   opcode
	arg  int // rule, at-name or number of the cast member
	text string
}

type opcode uint8

const (
	opText opcode = iota
	opRule
	opBeatRule
	opArticle // a or an
	opPerson
	opSurname
	opHe
	opHis
	opOrg
	opPlace
	opCountry
	opKey
	opNumber
)

var theGrammar = sync.OnceValues(func() (*grammar, error) { return parseGrammar(grammarFiles) })

func parseGrammar(files fs.FS) (*grammar, error) {
	names, err := fs.Glob(files, "grammar/*.txt")
	if err != nil {
		return nil, fmt.Errorf("list grammar: %w", err)
	}
	g := &grammar{names: map[string]int{}}
	type source struct {
		file, text, prefix string
		line               int
	}
	var sources [][]source
	for _, name := range names {
		data, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("read grammar: %w", err)
		}
		prefix := strings.TrimSuffix(path.Base(name), ".txt") + "."
		if prefix == "common." {
			prefix = ""
		}
		current := -1
		for i, line := range strings.Split(string(data), "\n") {
			line = strings.TrimSpace(line)
			switch {
			case line == "" || line[0] == '#':
			case line[0] == '[':
				rule := prefix + strings.Trim(line, "[]")
				if _, twice := g.names[rule]; twice {
					return nil, fmt.Errorf("grammar: %s:%d: rule %s is there twice", name, i+1, rule)
				}
				current = g.add(rule)
				sources = append(sources, nil)
			case current < 0:
				return nil, fmt.Errorf("grammar: %s:%d: text before the first rule", name, i+1)
			default:
				sources[current] = append(sources[current], source{name, line, prefix, i + 1})
			}
		}
	}
	atNames := map[string]int{}
	for i := range sources {
		for _, s := range sources[i] {
			alt, err := g.parse(s.text, s.prefix, atNames)
			if err != nil {
				return nil, fmt.Errorf("grammar: %s:%d: %w", s.file, s.line, err)
			}
			g.rules[i].alts = append(g.rules[i].alts, alt)
		}
	}
	g.byBeat = make([][]int, len(beats))
	for b, beat := range beats {
		g.byBeat[b] = make([]int, len(atNames))
		for name, at := range atNames {
			found, ok := g.names[beat+"."+name]
			if !ok {
				return nil, fmt.Errorf("grammar: beat %s has no rule %s", beat, name)
			}
			g.byBeat[b][at] = found
		}
	}
	for i := range g.rules {
		if len(g.rules[i].alts) == 0 {
			return nil, fmt.Errorf("grammar: rule %s is empty", g.rules[i].name)
		}
		g.rules[i].offset = g.nAlts
		g.nAlts += len(g.rules[i].alts)
	}
	return g, nil
}

func (g *grammar) add(name string) int {
	g.names[name] = len(g.rules)
	g.rules = append(g.rules, rule{name: name})
	return len(g.rules) - 1
}

// parse compiles one alternative; inline choices become rules of their own.
func (g *grammar) parse(text, prefix string, atNames map[string]int) (alternative, error) {
	var alt alternative
	for text != "" {
		i := strings.IndexAny(text, "{<")
		if i < 0 {
			alt = append(alt, part{text: text})
			break
		}
		if i > 0 {
			alt = append(alt, part{text: text[:i]})
			text = text[i:]
		}
		if text[0] == '{' {
			end := strings.IndexByte(text, '}')
			if end < 0 {
				return nil, fmt.Errorf("no } in %q", text)
			}
			p, err := g.slot(text[1:end], prefix, atNames)
			if err != nil {
				return nil, err
			}
			alt = append(alt, p)
			text = text[end+1:]
			if p.op == opArticle {
				text = strings.TrimPrefix(text, " ")
			}
			continue
		}
		end := strings.IndexByte(text, '>')
		if end < 0 {
			return nil, fmt.Errorf("no > in %q", text)
		}
		choice := g.add(fmt.Sprintf("<%d>", len(g.rules)))
		for _, option := range strings.Split(text[1:end], "|") {
			parsed, err := g.parse(option, prefix, atNames)
			if err != nil {
				return nil, err
			}
			g.rules[choice].alts = append(g.rules[choice].alts, parsed)
		}
		alt = append(alt, part{op: opRule, arg: choice})
		text = text[end+1:]
	}
	return alt, nil
}

func (g *grammar) slot(name, prefix string, atNames map[string]int) (part, error) {
	if rest, ok := strings.CutPrefix(name, "@"); ok {
		at, known := atNames[rest]
		if !known {
			at = len(atNames)
			atNames[rest] = at
		}
		return part{op: opBeatRule, arg: at}, nil
	}
	switch name {
	case "a":
		return part{op: opArticle}, nil
	case "key":
		return part{op: opKey, arg: 2}, nil
	case "k1":
		return part{op: opKey, arg: 0}, nil
	case "k2":
		return part{op: opKey, arg: 1}, nil
	}
	if n := len(name) - 1; n > 0 && name[n] >= '1' && name[n] <= '9' {
		ops := map[string]opcode{"p": opPerson, "s": opSurname, "he": opHe, "his": opHis, "o": opOrg, "l": opPlace, "c": opCountry}
		if op, ok := ops[name[:n]]; ok {
			arg := int(name[n] - '1')
			if arg >= castSize {
				return part{}, fmt.Errorf("slot {%s}: a cast has %d of each", name, castSize)
			}
			return part{op: op, arg: arg}, nil
		}
	}
	for i, number := range numberSlots {
		if name == number {
			return part{op: opNumber, arg: i}, nil
		}
	}
	if found, ok := g.names[prefix+name]; ok {
		return part{op: opRule, arg: found}, nil
	}
	if found, ok := g.names[name]; ok {
		return part{op: opRule, arg: found}, nil
	}
	return part{}, fmt.Errorf("no rule or slot {%s}", name)
}
