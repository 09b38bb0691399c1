package store_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dateline/dateline/pkg/engine/enginetest"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/store"
	"github.com/dateline/dateline/pkg/store/storetest"
)

// ledger is what was stored, and the merges in force, for recounts that go
// through the rows one by one.
type ledger struct {
	articles []*store.ArticleRow
	mentions []store.MentionRow
	into     map[string]string
}

// canonical follows merges to their end; in a circle the first id counts.
func (l *ledger) canonical(id string) string {
	path := []string{id}
	for {
		next := l.into[path[len(path)-1]]
		if next == "" {
			return path[len(path)-1]
		}
		if i := slices.Index(path, next); i >= 0 {
			return slices.Min(path[i:])
		}
		path = append(path, next)
	}
}

// counts is what the views give of an entity in a step.
type counts struct{ articles, originals, inTitle, backlog, occurrences int }

func (c *counts) add(m *store.MentionRow) {
	c.articles++
	if m.CopyOf == 0 {
		c.originals++
	}
	if m.Mention.InTitle {
		c.inTitle++
	}
	if m.Doc.Backlog {
		c.backlog++
	}
	c.occurrences += m.Mention.N
}

// first gives the mentions by which articles count for what each names under
// key: the earliest of each article, with the occurrences of all and in_title
// where any has it.
func (l *ledger) first(key func(string) string, from, to time.Time) map[string][]store.MentionRow {
	type pair struct {
		key string
		id  news.ID
	}
	best := map[pair]store.MentionRow{}
	for _, m := range l.mentions {
		p := pair{key(m.Mention.EntityID), m.Doc.ID}
		if b, ok := best[p]; ok {
			sum := *b.Mention
			if !m.Doc.TS.Before(from) && m.Doc.TS.Before(to) {
				sum.N, sum.InTitle = sum.N+m.Mention.N, sum.InTitle || m.Mention.InTitle
			}
			best[p] = store.MentionRow{ArticleRow: b.ArticleRow, Mention: &sum}
			continue
		}
		best[p] = m // rows are in the order of their times
	}
	out := map[string][]store.MentionRow{}
	for p, m := range best {
		if !m.Doc.TS.Before(from) && m.Doc.TS.Before(to) {
			out[p.key] = append(out[p.key], m)
		}
	}
	return out
}

var (
	ledgerIDs    = strings.Fields("per/a per/b per/c per/d per/e org/f org/g loc/h")
	ever         = func() (time.Time, time.Time) { return day0, at(24 * 30) }
	itself       = func(id string) string { return id }
	ledgerSource = []string{"a.org", "b.org", "c.org"}
)

// newLedger makes originals, copies, revisions that add entities, and backlog.
func newLedger(rng *rand.Rand, articles int) *ledger {
	l := &ledger{into: map[string]string{}}
	first, named := map[news.ID]*store.ArticleRow{}, map[news.ID]map[string]bool{}
	for off := range articles {
		hour := float64(off) * 80 / float64(articles)
		a := &store.ArticleRow{Origin: store.Origin{Epoch: 1, Off: uint64(off), LandedAt: at(hour)}}
		var old *store.ArticleRow
		if off > 3 {
			old = l.articles[rng.IntN(off)]
		}
		d := &news.Document{ID: news.ID(1000 + off), Source: ledgerSource[rng.IntN(3)], Language: "en", Backlog: rng.IntN(5) == 0}
		a.StoryID = d.ID
		switch kind := rng.IntN(4); {
		case old == nil:
		case kind == 0: // a revision
			was := first[old.Doc.ID]
			d.ID, d.Source, d.Backlog = was.Doc.ID, was.Doc.Source, was.Doc.Backlog
			a.CopyOf, a.StoryID = was.CopyOf, was.StoryID
			for _, x := range l.articles {
				if x.Doc.ID == d.ID {
					a.Revision++
				}
			}
		case kind == 1: // a copy
			a.CopyOf, a.StoryID = old.Doc.ID, old.StoryID
			if old.CopyOf != 0 {
				a.CopyOf = old.CopyOf
			}
		case kind == 2:
			a.StoryID = old.StoryID
		}
		d.TS, d.SeenAt, d.Published = at(hour), at(hour).Add(time.Minute), at(hour)
		d.URL, d.Title, d.Text, d.TextFrom, d.Words = "https://"+d.Source+"/"+d.ID.String(), fmt.Sprint("Title ", a.Revision), "Text.", news.FromFeed, off+1
		a.Doc = d
		if first[d.ID] == nil {
			first[d.ID], named[d.ID] = a, map[string]bool{}
		}
		for _, i := range rng.Perm(len(ledgerIDs))[:rng.IntN(4)] {
			id := ledgerIDs[i]
			d.Mentions = append(d.Mentions, news.Mention{EntityID: id, Kind: strings.ToUpper(id[:3]), N: 1 + rng.IntN(3), InTitle: rng.IntN(3) == 0})
		}
		l.articles = append(l.articles, a)
		for i := range d.Mentions {
			if m := &d.Mentions[i]; !named[d.ID][m.EntityID] {
				named[d.ID][m.EntityID] = true
				l.mentions = append(l.mentions, store.MentionRow{ArticleRow: a, Mention: m})
			}
		}
	}
	return l
}

// TestViewsAfterMerges: after any merges and splits, chains and circles among
// them, every view of coverage equals a recount of the rows.
func TestViewsAfterMerges(t *testing.T) {
	e := enginetest.StartClickHouse(t)
	w, r := openAs(t, e, e.Writer), openAs(t, e, e.Reader)
	storetest.Migrate(t, w)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	l := newLedger(rng, 70)
	put(t, w, store.ArticleBatch(l.articles), store.MentionBatch(l.mentions))
	var said []store.EntityRow
	for i, id := range ledgerIDs {
		row := entity(id, id, "", i)
		row.Topic = news.TopicDocuments
		said = append(said, row)
	}
	put(t, w, store.EntityBatch(said))
	views := recounted{t, r, l}
	views.stored("unmerged")
	views.check("unmerged", rng)
	n := 0
	for _, round := range [][]string{
		{"per/a per/b", "per/b per/c", "per/d per/c"}, // a chain
		{"per/c per/a", "org/g org/g", "loc/h per/d"}, // which becomes a circle
		{"per/b ", "per/c ", "loc/h "},                // and is split
		{"? ?", "? ?", "? ", "? ?"},
	} {
		var rows []store.EntityRow
		for _, s := range round {
			for strings.Contains(s, "?") {
				s = strings.Replace(s, "?", ledgerIDs[rng.IntN(len(ledgerIDs))], 1)
			}
			id, into, _ := strings.Cut(s, " ")
			n++
			row := entity(id, "", into, 100+n)
			row.Topic = news.TopicKnowledge
			if rows = append(rows, row); into == id {
				into = ""
			}
			l.into[id] = into
		}
		// A description that lands later decides nothing.
		late := entity(ledgerIDs[n%len(ledgerIDs)], "Late", "", 1000+n)
		late.Topic = news.TopicDocuments
		put(t, w, store.EntityBatch(append(rows, late)))
		views.check(strings.Join(round, ", "), rng)
	}
	views.stored("in the end")
	for _, found := range problems(t, w, time.Time{}, time.Time{}) {
		if found != "entities_once" && found != "sources_once" { // descriptions come twice here, or not at all
			t.Errorf("the audit finds %s", found)
		}
	}
}

// recounted compares views with the ledger.
type recounted struct {
	t *testing.T
	s *store.Store
	l *ledger
}

func (v recounted) equal(when, what, sql string, want []string) {
	v.t.Helper()
	got, err := v.s.Strings(v.t.Context(), sql)
	if err != nil {
		v.t.Fatalf("%s, %s: %v", when, what, err)
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		v.t.Errorf("%s: %s\ngot  %s\nwant %s", when, what, strings.Join(got, "\n     "), strings.Join(want, "\n     "))
	}
}

func (v recounted) check(when string, rng *rand.Rand) {
	v.t.Helper()
	from, to := ever()
	var merges []string
	for _, id := range ledgerIDs {
		if c := v.l.canonical(id); c != id {
			merges = append(merges, id+" "+c)
		}
	}
	v.equal(when, "entity_merges", "SELECT entity_id || ' ' || canonical_id FROM entity_merges", merges)
	v.shares(when)
	v.entity(when, "per/a", from, to)
	v.entity(when, ledgerIDs[rng.IntN(len(ledgerIDs))], at(float64(rng.IntN(60))), to)
	top, err := v.s.Top(v.t.Context(), store.TopQuery{From: from, To: to})
	if err != nil {
		v.t.Fatal(err)
	}
	want := v.l.first(v.l.canonical, from, to)
	if len(top) != len(want) {
		v.t.Errorf("%s: top has %d entities, want %d", when, len(top), len(want))
	}
	for _, e := range top {
		c := tally(want[e.EntityID])
		if int(e.Articles) != c.articles || int(e.Originals) != c.originals {
			v.t.Errorf("%s: top: %+v, want %+v", when, e, c)
		}
	}
}

func tally(ms []store.MentionRow) (c counts) {
	for i := range ms {
		c.add(&ms[i])
	}
	return c
}

// stored checks the views by stored id, and those of articles.
func (v recounted) stored(when string) {
	v.t.Helper()
	from, to := ever()
	hourly, daily, ingest := map[string]*counts{}, map[string]*counts{}, map[string]*counts{}
	bump := func(in map[string]*counts, key string, m *store.MentionRow) {
		if in[key] == nil {
			in[key] = &counts{}
		}
		in[key].add(m)
	}
	for id, ms := range v.l.first(itself, from, to) {
		for i := range ms {
			bump(hourly, id+ms[i].Doc.TS.Format(" 2006-01-02 15:00:00"), &ms[i])
			bump(daily, id+ms[i].Doc.TS.Format(" 2006-01-02"), &ms[i])
		}
	}
	current, stories := map[news.ID]*store.ArticleRow{}, []string{}
	for _, a := range v.l.articles {
		current[a.Doc.ID] = a
		if a.Revision == 0 {
			bump(ingest, a.Doc.TS.Format("2006-01-02 15:00:00 ")+a.Doc.Source, &store.MentionRow{ArticleRow: a, Mention: &news.Mention{}})
		}
		if a.StoryID == v.l.articles[0].StoryID {
			stories = append(stories, fmt.Sprintf("%s %d %t", a.Doc.ID, a.Revision, a.CopyOf != 0))
		}
	}
	format := func(in map[string]*counts) (out []string) {
		for k, c := range in {
			out = append(out, fmt.Sprint(k, " ", *c))
		}
		return out
	}
	const five = "'{' || toString(articles) || ' ' || toString(originals) || ' ' || toString(in_title) || ' ' || toString(backlog) || ' ' || toString(occurrences) || '}'"
	v.equal(when, "coverage_hourly", "SELECT entity_id || ' ' || toString(hour) || ' ' || "+five+" FROM coverage_hourly", format(hourly))
	v.equal(when, "coverage_daily", "SELECT entity_id || ' ' || toString(day) || ' ' || "+five+" FROM coverage_daily", format(daily))
	v.equal(when, "ingest_hourly", "SELECT toString(hour) || ' ' || source || ' {' || toString(articles) || ' ' || toString(originals) || ' 0 ' || toString(backlog) || ' 0}' FROM ingest_hourly WHERE articles > 0", format(ingest))
	var articles []string
	for id, a := range current {
		named := map[string]bool{}
		for _, x := range v.l.articles {
			for i := range x.Doc.Mentions {
				if x.Doc.ID == id {
					named[x.Doc.Mentions[i].EntityID] = true
				}
			}
		}
		articles = append(articles, fmt.Sprintf("%s %d %s %d %v", id, a.Revision, a.CopyOf, a.Doc.Words, slices.Sorted(maps.Keys(named))))
	}
	v.equal(when, "articles_current", `SELECT leftPad(lower(hex(article_id)), 16, '0') || ' ' || toString(revision) || ' ' || if(copy_of = 0, '', leftPad(lower(hex(copy_of)), 16, '0'))
		|| ' ' || toString(words) || ' [' || arrayStringConcat(arraySort(entities), ' ') || ']' FROM articles_current`, articles)
	v.equal(when, "story_timeline", "SELECT article || ' ' || toString(revision) || ' ' || if(is_copy, 'true', 'false') FROM story_timeline(story = '"+v.l.articles[0].StoryID.String()+"')", stories)
}

// shares checks share_of_voice.
func (v recounted) shares(when string) {
	v.t.Helper()
	from, to := ever()
	ingested, days := map[string]int{}, map[string][2]int{}
	for _, a := range v.l.articles {
		if a.Revision == 0 {
			ingested[a.Doc.TS.Format(time.DateOnly)]++
		}
	}
	for id, ms := range v.l.first(v.l.canonical, from, to) {
		for i := range ms {
			key := ms[i].Doc.TS.Format(time.DateOnly+" ") + id
			d := days[key]
			d[0]++
			if ms[i].CopyOf == 0 {
				d[1]++
			}
			days[key] = d
		}
	}
	var want []string
	for key, d := range days {
		want = append(want, fmt.Sprint(key, " ", d[0], " ", d[1], " ", ingested[key[:10]]))
	}
	v.equal(when, "share_of_voice", `SELECT toString(day) || ' ' || entity_id || ' ' || toString(articles) || ' ' || toString(originals) || ' ' || toString(ingested)
		FROM share_of_voice WHERE abs(share - articles / ingested) < 1e-9`, want)
}

// entity checks what is given of one entity in a time.
func (v recounted) entity(when, id string, from, to time.Time) {
	v.t.Helper()
	when += " " + id + from.Format(" from 15:04 of 2")
	steps, sources, articles := map[string]*counts{}, map[string]map[string]bool{}, []string{}
	with := map[news.ID]bool{}
	for _, m := range v.l.first(v.l.canonical, from, to)[v.l.canonical(id)] {
		key := m.Doc.TS.Format("2006-01-02 15:00:00")
		if steps[key] == nil {
			steps[key], sources[key] = &counts{}, map[string]bool{}
		}
		steps[key].add(&m)
		sources[key][m.Doc.Source] = true
		articles = append(articles, m.Doc.ID.String())
	}
	for _, m := range v.l.mentions {
		if v.l.canonical(m.Mention.EntityID) == v.l.canonical(id) && !m.Doc.TS.Before(from) && m.Doc.TS.Before(to) {
			with[m.Doc.ID] = true
		}
	}
	var want []string
	for key, c := range steps {
		want = append(want, fmt.Sprint(key, " ", *c, " ", len(sources[key])))
	}
	const stamp = "2006-01-02 15:04:05"
	args := fmt.Sprintf("entity = '%s', from = '%s', to = '%s'", id, from.Format(stamp), to.Format(stamp))
	v.equal(when, "coverage", `SELECT toString(toDateTime(time, 'UTC')) || ' {' || toString(articles) || ' ' || toString(originals) || ' ' || toString(in_title) || ' ' || toString(backlog)
		|| ' ' || toString(occurrences) || '} ' || toString(sources) FROM coverage(`+args+", step = 3600)", want)
	v.equal(when, "articles_naming", "SELECT leftPad(lower(hex(article_id)), 16, '0') FROM articles_naming("+args+")", articles)
	both := map[string]map[news.ID]bool{}
	for _, m := range v.l.mentions {
		if c := v.l.canonical(m.Mention.EntityID); c != v.l.canonical(id) && with[m.Doc.ID] {
			if both[c] == nil {
				both[c] = map[news.ID]bool{}
			}
			both[c][m.Doc.ID] = m.CopyOf == 0
		}
	}
	want = nil
	for c, ids := range both {
		originals := 0
		for _, original := range ids {
			if original {
				originals++
			}
		}
		want = append(want, fmt.Sprint(c, " ", len(ids), " ", originals))
	}
	v.equal(when, "co_mentions", "SELECT entity_id || ' ' || toString(articles) || ' ' || toString(originals) FROM co_mentions("+args+")", want)
	group := []string{}
	for _, x := range append(slices.Clone(ledgerIDs), id) {
		if v.l.canonical(x) == v.l.canonical(id) && !slices.Contains(group, x) {
			group = append(group, x)
		}
	}
	v.equal(when, "merged_ids", "SELECT entity_id FROM merged_ids(entity = '"+id+"')", group)
}
