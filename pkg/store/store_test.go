package store_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/dateline/dateline/pkg/engine/enginetest"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/store"
	"github.com/dateline/dateline/pkg/store/storetest"
)

// open gives a migrated database of its own.
func open(t testing.TB) *store.Store {
	t.Helper()
	e := enginetest.Start(t)
	s, err := store.Open(store.Config{Addr: []string{e.SQL}, Database: e.Database, User: e.Writer.User, Password: e.Writer.Password, Timeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	storetest.Migrate(t, s)
	return s
}

func TestMigrateTwiceAndSelfTest(t *testing.T) {
	e := enginetest.StartClickHouse(t)
	s := openAs(t, e, e.Writer)
	ctx := context.Background()
	for range 2 {
		if err := s.Migrate(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.SelfTest(ctx); err != nil {
		t.Fatal(err)
	}
	if e, err := s.Epoch(ctx); err != nil || e != 1 {
		t.Fatalf("epoch %d, %v; want 1", e, err)
	}
	if e, err := s.NewEpoch(ctx, "test"); err != nil || e != 2 {
		t.Fatalf("new epoch %d, %v; want 2", e, err)
	}
}

func document(id news.ID, seen time.Time) *news.Document {
	return &news.Document{
		V: 1, ID: id, URL: "https://a.example/x", Canonical: "https://a.example/x", Source: "a.example", Title: "Title", Language: "en",
		SeenAt: seen, TS: seen, Text: "Ana Ruiz spoke.", TextFrom: news.FromFeed, Words: 3, BodyHash: 7, Sketch: []uint32{0, 1, 1<<32 - 2, 0},
		Mentions: []news.Mention{{EntityID: "per/ana-ruiz", Kind: news.PER, Name: "Ana Ruiz", N: 1, Surface: "Ana Ruiz", Score: .9}},
	}
}

func TestInsertAndLookUp(t *testing.T) {
	s := open(t)
	ctx := context.Background()
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	var rows []*store.ArticleRow
	var mentions []store.MentionRow
	for i := range 3 {
		r := &store.ArticleRow{
			Origin: store.Origin{Epoch: 1, Off: uint64(10 + i), LandedAt: at}, Doc: document(news.ID(100+i), at.Add(time.Duration(i)*time.Minute)), StoryID: 100,
		}
		rows = append(rows, r)
		mentions = append(mentions, store.MentionRow{ArticleRow: r, Mention: &r.Doc.Mentions[0]})
	}
	for range 2 { // the second is dropped by its token
		if err := s.Insert(ctx, "t", store.ArticleBatch(rows)); err != nil {
			t.Fatal(err)
		}
		if err := s.Insert(ctx, "t", store.MentionBatch(mentions)); err != nil {
			t.Fatal(err)
		}
	}
	r := store.Range{Topic: news.TopicDocuments, Epoch: 1, From: 11, To: 20}
	landed, err := s.Landed(ctx, store.Articles, r)
	if err != nil || len(landed) != 2 || landed[11] != 1 || landed[12] != 1 {
		t.Fatalf("landed %v, %v", landed, err)
	}
	if off, ok, err := s.HighestOffset(ctx, store.Mentions, "", 1, 0); err != nil || !ok || off != 12 {
		t.Fatalf("highest %d %v, %v", off, ok, err)
	}
	known, err := s.Known(ctx, []news.ID{100, 101, 5}, r)
	if err != nil || len(known) != 1 || known[100] == nil || known[100].Latest.BodyHash != 7 {
		t.Fatalf("known %v, %v", known, err)
	}
	adopted, err := s.Adopted(ctx, r)
	if err != nil || len(adopted) != 2 || adopted[12].ID != 102 || !slices.Equal(adopted[12].Sketch, []uint32{0, 1, 1<<32 - 2, 0}) || adopted[12].Entities[0] != "per/ana-ruiz" {
		t.Fatalf("adopted %v, %v", adopted, err)
	}
	counted, err := s.Mentioned(ctx, []news.ID{100}, r)
	if err != nil || !counted[100]["per/ana-ruiz"] {
		t.Fatalf("mentioned %v, %v", counted, err)
	}
	names, err := s.KnownNames(ctx, store.Entities, []string{"per/ana-ruiz"}, r)
	if err != nil || len(names) != 0 {
		t.Fatalf("names %v, %v", names, err)
	}
	all := store.Range{Epoch: 1, To: 100}
	start, ok, err := s.WindowStart(ctx, all, 90*time.Second)
	if err != nil || !ok || start.Off != 11 {
		t.Fatalf("window starts at %v %v, %v; want offset 11", start, ok, err)
	}
	var offs []uint64
	err = s.Fold(ctx, all, start, func(x *store.Stored) error { offs = append(offs, x.Off); return nil })
	if err != nil || len(offs) != 2 || offs[0] != 11 {
		t.Fatalf("fold %v, %v", offs, err)
	}
}

func TestDataErrorsAreTold(t *testing.T) {
	s := open(t)
	ctx := context.Background()
	if err := s.Exec(ctx, "ALTER TABLE articles ADD CONSTRAINT sound CHECK title != 'poison'"); err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	good, bad := document(1, at), document(2, at)
	bad.Title = "poison"
	row := func(d *news.Document) []*store.ArticleRow {
		return []*store.ArticleRow{{Origin: store.Origin{Epoch: 1, Off: uint64(d.ID), LandedAt: at}, Doc: d}}
	}
	if err := s.Probe(ctx, store.ArticleBatch(row(good))); err != nil {
		t.Fatal(err)
	}
	if err := s.Probe(ctx, store.ArticleBatch(row(bad))); !store.IsData(err) {
		t.Fatalf("refused row: %v; want a data error", err)
	}
	if err := s.Exec(ctx, "SELECT no_such_function()"); err == nil || store.IsData(err) {
		t.Fatalf("broken statement: %v; want an error that is no data error", err)
	}
}

func TestDatesThatNoColumnHolds(t *testing.T) {
	s := open(t)
	ctx := context.Background()
	at := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	var rows []*store.ArticleRow
	for i, year := range []int{0, 1066, 1970, 2026, 9999} {
		d := document(news.ID(1+i), at)
		d.Published = time.Date(year, 5, 5, 0, 0, 0, 0, time.UTC)
		rows = append(rows, &store.ArticleRow{Origin: store.Origin{Epoch: 1, Off: uint64(i), LandedAt: at}, Doc: d})
	}
	if err := s.Insert(ctx, "t", store.ArticleBatch(rows)); err != nil {
		t.Fatal(err)
	}
	years, err := s.Strings(ctx, "SELECT if(published_at IS NULL, 'none', toString(toYear(published_at))) FROM articles ORDER BY off")
	if want := []string{"none", "none", "1970", "2026", "none"}; err != nil || !slices.Equal(years, want) {
		t.Fatalf("years %v, %v; want %v", years, err, want)
	}
}
