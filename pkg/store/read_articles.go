package store

import (
	"context"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/revision"
)

// Headline is one article in a list.
type Headline struct {
	ID       news.ID   `json:"id"`
	Title    string    `json:"title"`
	URL      string    `json:"url"`
	Source   string    `json:"source"`
	Language string    `json:"language"`
	TS       time.Time `json:"ts"`
	SeenAt   time.Time `json:"seen_at"`
	LandedAt time.Time `json:"landed_at"`
	CopyOf   news.ID   `json:"copy_of"` // empty for an original
	StoryID  news.ID   `json:"story_id"`
	Revision uint16    `json:"revision"`
	Backlog  bool      `json:"backlog"`
	Words    uint32    `json:"words"`
}

func scanHeadline(r driver.Rows, h *Headline) error {
	return r.Scan((*uint64)(&h.ID), &h.Title, &h.URL, &h.Source, &h.Language, &h.TS, &h.SeenAt, &h.LandedAt,
		(*uint64)(&h.CopyOf), (*uint64)(&h.StoryID), &h.Revision, &h.Backlog, &h.Words)
}

// RecentStatement is the query behind Recent.
func RecentStatement(limit int, live bool) Statement {
	return Statement{"recent", map[string]any{"limit": atMost(limit, 30), "live": live}}
}

// Recent gives the articles that landed last, revisions included, newest
// first; only live ones, no first fills and imports, where live is set.
func (s *Store) Recent(ctx context.Context, limit int, live bool) ([]Headline, error) {
	return read(ctx, s, RecentStatement(limit, live), scanHeadline)
}

// ArticlesStatement is the query behind EntityArticles.
func (q EntityQuery) ArticlesStatement() Statement { return Statement{"entity_articles", q.params(30)} }

// EntityArticles gives the newest articles that name an entity.
func (s *Store) EntityArticles(ctx context.Context, q EntityQuery) ([]Headline, error) {
	return read(ctx, s, q.ArticlesStatement(), scanHeadline)
}

// StoryStatement is the query behind Story.
func StoryStatement(id news.ID, limit int) Statement {
	return Statement{"story", map[string]any{"story": uint64(id), "limit": atMost(limit, 200)}}
}

// Story gives the articles of a story as they came, or ErrNotFound.
func (s *Store) Story(ctx context.Context, id news.ID, limit int) ([]Headline, error) {
	out, err := read(ctx, s, StoryStatement(id, limit), scanHeadline)
	if err == nil && len(out) == 0 {
		err = fmt.Errorf("story %s: %w", id, ErrNotFound)
	}
	return out, err
}

// CopiesStatement is the query behind Copies.
func CopiesStatement(id news.ID, limit int) Statement {
	return Statement{"copies", map[string]any{"article": uint64(id), "limit": atMost(limit, 200)}}
}

// Copies gives the copies of an original as they came.
func (s *Store) Copies(ctx context.Context, id news.ID, limit int) ([]Headline, error) {
	return read(ctx, s, CopiesStatement(id, limit), scanHeadline)
}

// ArticleText is one stored revision of an article, with its text.
type ArticleText struct {
	Headline
	Canonical  string     `json:"canonical_url"`
	Via        string     `json:"via,omitempty"`
	FeedURL    string     `json:"feed_url,omitempty"`
	Author     string     `json:"author,omitempty"`
	Published  *time.Time `json:"published_at"` // nil where the feed named no date
	Similarity float32    `json:"similarity"`
	TextFrom   string     `json:"text_from"`
	Summary    string     `json:"summary"`
	Text       string     `json:"text"`
	Entities   []string   `json:"entities"` // that the revision names
	Model      string     `json:"model"`
	Epoch      uint32     `json:"epoch"`
	Part       uint16     `json:"part"`
	Off        uint64     `json:"off"`
}

// Body is the text, or what the feed gave in its place.
func (a *ArticleText) Body() string {
	if a.Text == "" {
		return a.Summary
	}
	return a.Text
}

// Comparable is what a revision is compared by.
func (a *ArticleText) Comparable() revision.Text {
	return revision.Text{Title: a.Title, Body: a.Body(), Entities: a.Entities}
}

// ArticleStatement is the query behind Article.
func ArticleStatement(id news.ID) Statement {
	return Statement{"article", map[string]any{"article": uint64(id)}}
}

// Article gives every stored revision of an article, oldest first, or
// ErrNotFound.
func (s *Store) Article(ctx context.Context, id news.ID) ([]ArticleText, error) {
	out, err := read(ctx, s, ArticleStatement(id), func(r driver.Rows, a *ArticleText) error {
		return r.Scan((*uint64)(&a.ID), &a.Revision, &a.URL, &a.Canonical, &a.Source, &a.Via, &a.FeedURL, &a.Title, &a.Author,
			&a.Language, &a.Published, &a.SeenAt, &a.LandedAt, &a.TS, (*uint64)(&a.CopyOf), &a.Similarity,
			(*uint64)(&a.StoryID), &a.Words, &a.TextFrom, &a.Backlog, &a.Summary, &a.Text, &a.Entities, &a.Model, &a.Epoch, &a.Part, &a.Off)
	})
	if err == nil && len(out) == 0 {
		err = fmt.Errorf("article %s: %w", id, ErrNotFound)
	}
	return out, err
}

// ArticleAt gives the article whose address, as published or canonical, this
// is, or ErrNotFound. Every row is looked at.
func (s *Store) ArticleAt(ctx context.Context, url string) (news.ID, error) {
	id, err := one(ctx, s, Statement{"article_at", map[string]any{"url": url}}, func(r driver.Rows, id *news.ID) error {
		return r.Scan((*uint64)(id))
	})
	if err != nil {
		return 0, fmt.Errorf("article at %s: %w", url, err)
	}
	return id, nil
}
