package store

import (
	"math"
	"time"

	"github.com/dateline/dateline/pkg/news"
)

// Origin names the message that caused a row.
type Origin struct {
	Epoch    uint32
	Part     uint16
	Off      uint64
	LandedAt time.Time
}

// ArticleRow is one row of `articles`: a document and what was decided of it.
type ArticleRow struct {
	Origin
	Doc        *news.Document
	Revision   uint16
	CopyOf     news.ID
	Similarity float32
	StoryID    news.ID
}

// MentionRow is one row of `mentions`. Seen and TS are those of the document
// that brought the mention, so that what a revision adds counts at its time.
type MentionRow struct {
	*ArticleRow
	Mention    *news.Mention
	Generation uint32 // of the table of mentions that the row is for
}

// EntityRow is one row of `entities`.
type EntityRow struct {
	Origin
	Topic   string
	Mention *news.Mention
	SameAs  string
	Aliases []string
	SeenAt  time.Time
}

// SourceRow is one row of `sources`.
type SourceRow struct {
	Origin
	Topic                                 string
	Source, Name, Country, Language, Type string
	Tier                                  uint8
	Tags, Collections                     []string
	SeenAt                                time.Time
}

// FetchRow is one row of `fetches`.
type FetchRow struct {
	Origin
	*news.Fetch
}

// AlertRow is one row of `alerts`.
type AlertRow struct {
	Origin
	*news.Alert
}

// ChangeRow is one row of `changes`.
type ChangeRow struct {
	Origin
	Topic, What, Detail string
	At                  time.Time
}

var originColumns = columns{{"epoch", "UInt32"}, {"part", "UInt16"}, {"off", "UInt64"}, {"landed_at", "DateTime64(3, 'UTC')"}}

func (o *Origin) values() []any { return []any{o.Epoch, o.Part, o.Off, o.LandedAt} }

const stamp = "DateTime64(3, 'UTC')"

var articleColumns = append(columns{
	{"article_id", "UInt64"}, {"revision", "UInt16"}, {"url", "String"}, {"canonical_url", "String"},
	{"source", "LowCardinality(String)"}, {"via", "LowCardinality(String)"}, {"feed_url", "LowCardinality(String)"},
	{"tags", "Array(LowCardinality(String))"}, {"title", "String"}, {"author", "String"},
	{"language", "LowCardinality(String)"}, {"section", "LowCardinality(String)"},
	{"published_at", "Nullable(" + stamp + ")"}, {"seen_at", stamp}, {"ts", stamp},
	{"copy_of", "UInt64"}, {"similarity", "Float32"}, {"story_id", "UInt64"}, {"words", "UInt32"},
	{"text_from", "LowCardinality(String)"}, {"backlog", "Bool"}, {"summary", "String"}, {"text", "String"},
	{"entities", "Array(String)"}, {"body_hash", "UInt64"}, {"sketch", "Array(UInt32)"}, {"terms", "Array(UInt32)"},
	{"model", "LowCardinality(String)"}, {"knowledge", "Int64"},
}, originColumns...)

// ArticleBatch makes a batch for `articles`.
func ArticleBatch(rows []*ArticleRow) Batch {
	return newBatch(Articles, articleColumns, len(rows), func(i int) uint64 { return rows[i].Off }, func(i int) []any {
		r, d := rows[i], rows[i].Doc
		ids := make([]string, len(d.Mentions))
		for k := range d.Mentions {
			ids[k] = d.Mentions[k].EntityID
		}
		var published *time.Time
		if y := d.Published.Year(); y >= 1900 && y < 2299 { // what the column can hold
			published = &d.Published
		}
		return append([]any{
			uint64(d.ID), r.Revision, d.URL, d.Canonical, d.Source, d.Via, d.FeedURL, list(d.Tags), d.Title, d.Author,
			d.Language, d.Section, published, d.SeenAt, d.TS, uint64(r.CopyOf), r.Similarity, uint64(r.StoryID),
			natural(d.Words), d.TextFrom, d.Backlog, d.Summary, d.Text, ids, uint64(d.BodyHash), sketch(d.Sketch), sketch(d.Terms),
			d.Model, d.Knowledge,
		}, r.values()...)
	})
}

var mentionColumns = append(columns{
	{"entity_id", "String"}, {"kind", "LowCardinality(String)"}, {"article_id", "UInt64"}, {"revision", "UInt16"},
	{"story_id", "UInt64"}, {"source", "LowCardinality(String)"}, {"language", "LowCardinality(String)"},
	{"ts", stamp}, {"seen_at", stamp}, {"original", "Bool"}, {"backlog", "Bool"}, {"n", "UInt16"},
	{"in_title", "Bool"}, {"in_lead", "Bool"}, {"surface", "String"}, {"first_at", "Int32"}, {"score", "Float32"},
	{"text_from", "LowCardinality(String)"}, {"model", "LowCardinality(String)"}, {"generation", "UInt32"},
}, originColumns...)

// MentionBatch makes a batch for `mentions`.
func MentionBatch(rows []MentionRow) Batch {
	return newBatch(Mentions, mentionColumns, len(rows), func(i int) uint64 { return rows[i].Off }, func(i int) []any {
		r, d, m := rows[i], rows[i].Doc, rows[i].Mention
		return append([]any{
			m.EntityID, m.Kind, uint64(d.ID), r.Revision, uint64(r.StoryID), d.Source, d.Language, d.TS, d.SeenAt,
			r.CopyOf == 0, d.Backlog, uint16(clamp(m.N, 65535)), m.InTitle, m.InLead, m.Surface, int32(max(-1, min(m.FirstAt, math.MaxInt32))), m.Score,
			d.TextFrom, d.Model, r.Generation,
		}, r.values()...)
	})
}

var entityColumns = append(columns{
	{"entity_id", "String"}, {"kind", "LowCardinality(String)"}, {"name", "String"}, {"aliases", "Array(String)"},
	{"origin", "LowCardinality(String)"}, {"same_as", "String"}, {"country", "LowCardinality(String)"},
	{"lat", "Float64"}, {"lon", "Float64"}, {"refs", "Map(LowCardinality(String), String)"}, {"first_seen_at", stamp},
	{"topic", "LowCardinality(String)"},
}, originColumns...)

// EntityBatch makes a batch for `entities`.
func EntityBatch(rows []EntityRow) Batch {
	b := newBatch(Entities, entityColumns, len(rows), func(i int) uint64 { return rows[i].Off }, func(i int) []any {
		r, m := &rows[i], rows[i].Mention
		refs := m.Refs
		if refs == nil {
			refs = map[string]string{}
		}
		return append([]any{m.EntityID, m.Kind, m.Name, list(r.Aliases), m.Origin, r.SameAs, m.Country, m.Lat, m.Lon, refs, r.SeenAt, r.Topic}, r.values()...)
	})
	b.merges = merges(rows)
	return b
}

var sourceColumns = append(columns{
	{"source", "LowCardinality(String)"}, {"name", "String"}, {"country", "LowCardinality(String)"},
	{"language", "LowCardinality(String)"}, {"type", "LowCardinality(String)"}, {"tier", "UInt8"},
	{"tags", "Array(LowCardinality(String))"}, {"collections", "Array(LowCardinality(String))"}, {"first_seen_at", stamp},
	{"topic", "LowCardinality(String)"},
}, originColumns...)

// SourceBatch makes a batch for `sources`.
func SourceBatch(rows []SourceRow) Batch {
	return newBatch(Sources, sourceColumns, len(rows), func(i int) uint64 { return rows[i].Off }, func(i int) []any {
		r := &rows[i]
		return append([]any{r.Source, r.Name, r.Country, r.Language, r.Type, r.Tier, list(r.Tags), list(r.Collections), r.SeenAt, r.Topic}, r.values()...)
	})
}

var fetchColumns = append(columns{
	{"feed_url", "LowCardinality(String)"}, {"at", stamp}, {"status", "UInt16"}, {"bytes", "UInt32"}, {"took_ms", "UInt32"},
	{"items", "UInt32"}, {"new_items", "UInt32"}, {"gap", "Bool"}, {"expected_items", "Float32"}, {"error", "String"},
	{"class", "LowCardinality(String)"}, {"source", "LowCardinality(String)"}, {"rate", "Float32"}, {"next_poll", stamp}, {"last_new", stamp},
	{"failures", "UInt32"}, {"recovered", "UInt32"}, {"missing", "Float32"}, {"silent", "Bool"},
}, originColumns...)

// FetchBatch makes a batch for `fetches`.
func FetchBatch(rows []FetchRow) Batch {
	return newBatch(Fetches, fetchColumns, len(rows), func(i int) uint64 { return rows[i].Off }, func(i int) []any {
		r := &rows[i]
		return append([]any{
			r.FeedURL, r.At, uint16(clamp(r.Status, 65535)), natural(r.Bytes), natural(r.TookMS), natural(r.Items), natural(r.NewItems), r.Gap,
			amount(r.Expected), r.Error, r.Class, r.Source, amount(r.Rate), moment(r.NextPoll), moment(r.LastNew),
			natural(r.Failures), natural(r.Recovered), amount(r.Missing), r.Silent,
		}, r.values()...)
	})
}

var alertColumns = append(columns{
	{"alert_id", "UInt64"}, {"rule", "LowCardinality(String)"}, {"entity_id", "String"}, {"name", "String"},
	{"entities", "Array(String)"}, {"state", "LowCardinality(String)"}, {"since", stamp}, {"at", stamp},
	{"window_s", "UInt32"}, {"observed", "Float64"}, {"expected", "Float64"}, {"low", "Float64"}, {"high", "Float64"},
	{"p", "Float64"}, {"q", "Float64"}, {"originals", "UInt32"}, {"copies", "UInt32"}, {"sources", "Array(String)"},
	{"top_articles", "Array(UInt64)"}, {"titles", "Array(String)"}, {"stories", "Array(UInt64)"},
	{"completeness", "Float32"}, {"baseline_days", "Float32"}, {"reason", "String"},
}, originColumns...)

// AlertBatch makes a batch for `alerts`.
func AlertBatch(rows []AlertRow) Batch {
	return newBatch(Alerts, alertColumns, len(rows), func(i int) uint64 { return rows[i].Off }, func(i int) []any {
		r := &rows[i]
		return append([]any{
			uint64(r.ID), r.Rule, r.EntityID, r.Name, list(r.Entities), r.State, r.Since, r.At, natural(r.WindowS),
			r.Observed, r.Expected, r.Low, r.High, r.P, r.Q, natural(r.Originals), natural(r.Copies), list(r.Sources),
			numbers(r.TopArticles), list(r.Titles), numbers(r.Stories), float32(r.Completeness), float32(r.BaselineDays), r.Reason,
		}, r.values()...)
	})
}

var changeColumns = append(columns{{"at", stamp}, {"what", "LowCardinality(String)"}, {"detail", "String"}, {"topic", "LowCardinality(String)"}}, originColumns...)

// ChangeBatch makes a batch for `changes`.
func ChangeBatch(rows []ChangeRow) Batch {
	return newBatch(Changes, changeColumns, len(rows), func(i int) uint64 { return rows[i].Off }, func(i int) []any {
		r := &rows[i]
		return append([]any{r.At, r.What, r.Detail, r.Topic}, r.values()...)
	})
}

// clamp keeps a count within what its column holds; a wrapped one would be
// worse than a wrong one.
func clamp(n, most int) int { return max(0, min(n, most)) }

// amount keeps what no sum could stand out of a column of amounts.
func amount(f float64) float32 {
	if !(f > 0) || f > math.MaxFloat32 { // NaN too
		return 0
	}
	return float32(f)
}

// moment is a time that its column can hold, else the zero of that column,
// which is 1970.
func moment(t time.Time) time.Time {
	if y := t.Year(); y < 1970 || y >= 2299 {
		return time.Unix(0, 0).UTC()
	}
	return t
}

func natural(n int) uint32 { return uint32(clamp(n, math.MaxUint32)) }

// The driver writes a nil slice as NULL, which arrays cannot be.
func list(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}

// sketch is that, or the terms, of a text.
func sketch(s []uint32) []uint32 {
	if s == nil {
		return []uint32{}
	}
	return s
}

func numbers(ids []news.ID) []uint64 {
	out := make([]uint64, len(ids))
	for i, id := range ids {
		out[i] = uint64(id)
	}
	return out
}
