package ner

import (
	"bufio"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// BuildLexicon makes a model without weights from lists of names in a folder
// (nil: none) and a table of word clusters, word<TAB>coarse<TAB>middle<TAB>fine a
// line (nil: none).
func BuildLexicon(names fs.FS, clusters io.Reader) (*Model, error) {
	m := &Model{lex: newLexicon(16), sharp: 1, unit: 1}
	m.allocate(1)
	p := &phrases{lists: map[uint64]gazClass{}, vocab: newVocabulary(m, nil)}
	if names != nil {
		if err := readNames(names, p); err != nil {
			return nil, err
		}
	}
	type three = [3]uint16
	clus := map[uint64]three{}
	if clusters != nil {
		sc := bufio.NewScanner(clusters)
		for line := 1; sc.Scan(); line++ {
			f := strings.Split(sc.Text(), "\t")
			if len(f) != 4 {
				return nil, fmt.Errorf("clusters, line %d: want 4 columns, got %d", line, len(f))
			}
			var c three
			for i := range c {
				n, err := strconv.ParseUint(f[i+1], 10, 16)
				if err != nil {
					return nil, fmt.Errorf("clusters, line %d: %w", line, err)
				}
				c[i] = uint16(n)
			}
			if id := p.vocab.get(f[0], modeMixed).id; clus[id] == (three{}) {
				clus[id] = c
			}
			if p.vocab.n > 1<<20 {
				p.vocab.reset()
			}
		}
		if err := sc.Err(); err != nil {
			return nil, fmt.Errorf("read clusters: %w", err)
		}
	}
	lex := newLexicon(len(p.lists) + len(clus))
	for _, h := range slices.Sorted(maps.Keys(p.lists)) {
		lex.put(h).gaz |= p.lists[h]
	}
	for _, h := range slices.Sorted(maps.Keys(clus)) {
		lex.put(h).clus = clus[h]
	}
	m.lex = lex
	return m, nil
}
