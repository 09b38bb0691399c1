package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/store"
)

func toldFixture() *toldStory {
	at := time.Date(2026, 6, 1, 8, 0, 0, 0, time.UTC)
	return &toldStory{
		StorySummary: store.StorySummary{ID: 1, Title: "Ferry aground in Kelton Strait", FirstAt: at, LastAt: at.Add(26 * time.Hour)},
		Originals:    2, Copies: 2, Sources: 3,
		Entities: []store.NameCount{{EntityID: "loc/kelton-strait", Name: "Kelton Strait", Kind: news.LOC, Articles: 3}, {EntityID: "org/blue-star-line", Articles: 2}},
		Articles: []store.Headline{
			{ID: 1, TS: at, Source: "a.example", Title: "Ferry aground in Kelton Strait"},
			{ID: 2, TS: at.Add(time.Hour), Source: "b.example", Title: "Ferry aground", CopyOf: 1},
			{ID: 3, TS: at.Add(26 * time.Hour), Source: "c.example", Title: "Inquiry into ferry accident"},
		},
	}
}

func TestToldStory(t *testing.T) {
	var sb strings.Builder
	if err := toldFixture().write(&sb); err != nil {
		t.Fatal(err)
	}
	want := `Ferry aground in Kelton Strait
story 0000000000000001, 2026-06-01 08:00 to 2026-06-02 10:00: 2 originals, 2 copies, 3 sources
names loc/kelton-strait (3), org/blue-star-line (2)

TIME              ARTICLE           KIND      SOURCE     TITLE
2026-06-01 08:00  0000000000000001  original  a.example  Ferry aground in Kelton Strait
2026-06-01 09:00  0000000000000002  copy      b.example  Ferry aground
2026-06-02 10:00  0000000000000003  original  c.example  Inquiry into ferry accident
and 1 more: --limit
`
	if sb.String() != want {
		t.Errorf("%s", sb.String())
	}
	b, err := json.Marshal(toldFixture())
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{`{"story_id":"0000000000000001","title":"Ferry`, `"originals":"2","copies":"2","sources":"3"`, `"articles":[{"id":"0000000000000001"`} {
		if !strings.Contains(string(b), part) {
			t.Errorf("no %s in %s", part, b)
		}
	}
}
