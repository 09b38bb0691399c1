package land

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/store"
)

// judgeRun holds what has come out against what was promised.
func (s *sim) judgeRun(t testing.TB, pure bool) {
	m := s.tables.(*memory)
	for _, r := range m.twice {
		s.fail("twice: %s", r)
	}
	s.audit(m)
	if !pure {
		return
	}
	c := s.calm(t, newMemory())
	if c.wrong != "" {
		s.fail("the calm run: %s", c.wrong)
	}
	if len(c.log) > len(s.log) {
		s.fail("%d texts that came too soon were not offered again", len(c.log)-len(s.log))
	}
	want := c.tables.(*memory)
	for _, table := range []string{store.Articles, store.Mentions, store.Entities, store.Sources} {
		got, want := texts(m.data[table]), texts(want.data[table])
		for _, r := range want {
			if !slices.Contains(got, r) {
				s.fail("lost from %s: %s", table, r)
			}
		}
		for _, r := range got {
			if !slices.Contains(want, r) {
				s.fail("wrong in %s: %s", table, r)
			}
		}
	}
	for _, k := range s.commits {
		for table, rows := range want.data {
			n := 0
			for _, r := range rows {
				if int64(r.off) < k.at {
					n++
				}
			}
			if k.rows[table] != n {
				s.fail("%d was committed with %d of %d rows of %s", k.at, k.rows[table], n, table)
			}
		}
	}
	if s.owner != nil && s.wrong == "" {
		x := s.owner.l.documents.index
		fresh := newIndex(s.owner.l.cfg.Judge, m)
		if err := fresh.restore(context.Background(), x.epoch, x.part, uint64(s.committed)); err != nil || !x.clean || x.judge.Digest() != fresh.judge.Digest() {
			s.fail("the index is not what a fold of the rows gives: %v", err)
		}
	}
}

func texts(rows []row) []string {
	out := make([]string, len(rows))
	for i, r := range rows {
		out[i] = r.text
	}
	slices.Sort(out)
	return out
}

// audit looks at the rows alone, as `dateline audit` does.
func (s *sim) audit(m *memory) {
	dead := map[string]bool{}
	for _, d := range s.dead {
		dead[string(d.Key)] = true
	}
	at, revisions := map[uint64]*row{}, map[string]bool{}
	ids, originals := map[news.ID]bool{}, map[news.ID]bool{}
	all := m.ordered(store.Range{Epoch: 1 << 30})
	for i := range all {
		r := &all[i]
		at[r.off], ids[r.ID] = r, true
		if k := fmt.Sprint(r.ID, r.Revision); revisions[k] {
			s.fail("revision %d of %v stands twice", r.Revision, r.ID)
		} else {
			revisions[k] = true
		}
		if r.Revision == 0 && r.CopyOf == 0 {
			originals[r.ID] = true
		} else if r.CopyOf != 0 && !originals[r.CopyOf] {
			s.fail("%v is a copy of %v, which is no original", r.ID, r.CopyOf)
		}
	}
	for i, msg := range s.log {
		if at[uint64(i)] != nil || dead[fmt.Sprintf("documents/0/%d", i)] {
			continue
		}
		d, err := news.Decode[news.Document](msg.Value)
		if err != nil || !ids[d.ID] {
			s.fail("the message at %d is nowhere", i)
		}
	}
	have := map[string]bool{}
	for _, r := range m.data[store.Mentions] {
		a := at[r.off]
		have[fmt.Sprint(r.off, r.key)] = true
		if a == nil || a.ID != r.ID || a.Revision != r.Revision || a.StoryID != r.StoryID || !a.TS.Equal(r.TS) || strings.Contains(r.text, "original=true") != (a.CopyOf == 0) {
			s.fail("a mention does not agree with its article: %s", r.text)
		}
	}
	named := map[string]int{}
	for _, table := range []string{store.Entities, store.Sources} {
		for _, r := range m.data[table] {
			named[table+r.key]++
		}
	}
	counted, wanted := map[string]bool{}, 0
	for _, r := range all {
		for _, e := range r.names {
			k := fmt.Sprint(r.ID, e)
			if counted[k] {
				continue
			}
			if have[fmt.Sprint(r.off, e)] {
				wanted++
				counted[k] = true
				if named[store.Entities+e] != 1 {
					s.fail("%s has %d rows in entities", e, named[store.Entities+e])
				}
			} else if !dead[fmt.Sprintf("documents/0/%d", r.off)] {
				s.fail("%s is not mentioned by %v at %d", e, r.ID, r.off)
			}
		}
		if named[store.Sources+r.Source] != 1 {
			s.fail("%s has %d rows in sources", r.Source, named[store.Sources+r.Source])
		}
	}
	if wanted != len(m.data[store.Mentions]) {
		s.fail("%d mentions, want %d", len(m.data[store.Mentions]), wanted)
	}
}
