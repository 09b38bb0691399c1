package store

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Retention says for how many days after they were first seen rows are kept; 0
// is for ever. What decides whether an article is new are the rows of
// `articles`: where these expire, an article that is listed again after that
// counts as new.
type Retention struct {
	TextDays     int `yaml:"text_days"`     // text, summary, sketch and terms of articles, whose rows stay
	ArticlesDays int `yaml:"articles_days"` // rows of articles
	MentionsDays int `yaml:"mentions_days"`
	FetchesDays  int `yaml:"fetches_days"`
	AlertsDays   int `yaml:"alerts_days"`
}

// Days that rows have to stay for at least, beside what the index and the
// baselines of alerts look back on.
const (
	logDays   = 7  // messages wait in Kafka for so long, and are looked up by what they left
	spareDays = 1  // expiry counts from the start of a day's work, not of a day
	alertDays = 30 // messages of alerts are kept, and a repeat has to be known
)

// Validate tells which retention is too short. window is how far the index of
// copies looks back, baseline how far alerts do.
func (r Retention) Validate(window, baseline time.Duration) error {
	days := func(d time.Duration) int { return int((d + 24*time.Hour - 1) / (24 * time.Hour)) }
	index := days(window) + logDays + spareDays
	counted := max(index, days(baseline)+spareDays)
	var errs []error
	for _, c := range []struct {
		key         string
		days, least int
		why         string
	}{
		{"text_days", r.TextDays, index, "copies are judged by the texts of the window of land.judge.copies.window, after as long in Kafka"},
		{"articles_days", r.ArticlesDays, counted, "the index of copies and the baselines of alerts (alert.baseline_days) rest on them"},
		{"mentions_days", r.MentionsDays, counted, "the baselines of alerts (alert.baseline_days) rest on them"},
		{"fetches_days", r.FetchesDays, 2*logDays + spareDays, "the health of feeds is judged by a week of them"},
		{"alerts_days", r.AlertsDays, alertDays + spareDays, "an alert that comes twice is known by them"},
	} {
		if c.days != 0 && c.days < c.least {
			errs = append(errs, fmt.Errorf("clickhouse.retention.%s is %d, want 0 (for ever) or %d or more: %s", c.key, c.days, c.least, c.why))
		}
	}
	if r.ArticlesDays != 0 && (r.MentionsDays == 0 || r.MentionsDays > r.ArticlesDays) {
		errs = append(errs, fmt.Errorf("clickhouse.retention.articles_days is %d: mentions would stay without their articles; set mentions_days to %d or less", r.ArticlesDays, r.ArticlesDays))
	}
	return errors.Join(errs...)
}

// Whole is the time from which on nothing has expired at a time: where an audit
// begins that is to find every row, and what it points to. Zero: everything is
// there. window is how far the index of copies looks back.
func (r Retention) Whole(now time.Time, window time.Duration) time.Time {
	from := time.Time{}
	for _, days := range []int{r.ArticlesDays, r.MentionsDays, r.FetchesDays, r.AlertsDays} {
		if t := now.AddDate(0, 0, -days); days != 0 && t.After(from) {
			from = t
		}
	}
	if !from.IsZero() {
		from = from.Add(24*time.Hour + window) // a copy points to an original that was seen so long before
	}
	return from
}

// expiry is one thing that expires: rows of a table, or values of a column.
type expiry struct {
	table, column, clock string
	days                 int
}

func (x expiry) String() string {
	if x.column != "" {
		return x.table + "." + x.column
	}
	return x.table
}

func (r Retention) expiries() []expiry {
	return []expiry{
		{Articles, "text", "seen_at", r.TextDays}, {Articles, "summary", "seen_at", r.TextDays}, {Articles, "sketch", "seen_at", r.TextDays}, {Articles, "terms", "seen_at", r.TextDays},
		{Articles, "", "seen_at", r.ArticlesDays}, {Mentions, "", "seen_at", r.MentionsDays}, {Fetches, "", "at", r.FetchesDays}, {Alerts, "", "at", r.AlertsDays},
	}
}

// ApplyRetention makes ClickHouse keep rows for as long as the configuration
// says, and notes what it changed in `changes`. It does nothing where that is
// so already. A TTL of another form that somebody has set stays unless the
// configuration sets one. Rows go in the background, with merges.
func (s *Store) ApplyRetention(ctx context.Context) error {
	if todo, err := s.pendingExpiries(ctx); err != nil || len(todo) == 0 {
		return err
	}
	unlock, err := s.lockMigrations(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	todo, err := s.pendingExpiries(ctx)
	if err != nil {
		return err
	}
	for _, p := range todo {
		if err := s.conn.Exec(ctx, p.alter()); err != nil {
			return fmt.Errorf("retention of %v: %w", p.expiry, err)
		}
		detail := fmt.Sprintf("%v is kept %s, was kept %s", p.expiry, span(p.days), span(p.was))
		if err := s.conn.Exec(ctx, "INSERT INTO changes (at, what, detail, topic, landed_at) VALUES (now64(3), 'retention', ?, 'configuration', now64(3))", detail); err != nil {
			return fmt.Errorf("note a change of retention: %w", err)
		}
	}
	return nil
}

func span(days int) string {
	if days == 0 {
		return "for ever"
	}
	return fmt.Sprintf("%d days", days)
}

// pending is an expiry that is not in force.
type pending struct {
	expiry
	was int // days in force
}

func (p pending) alter() string {
	ttl := fmt.Sprintf("TTL toDateTime(%s) + toIntervalDay(%d)", p.clock, p.days)
	switch {
	case p.column == "" && p.days == 0:
		return "ALTER TABLE " + p.table + " REMOVE TTL"
	case p.column == "":
		return "ALTER TABLE " + p.table + " MODIFY " + ttl
	case p.days == 0:
		return "ALTER TABLE " + p.table + " MODIFY COLUMN " + p.column + " REMOVE TTL"
	}
	return "ALTER TABLE " + p.table + " MODIFY COLUMN " + p.column + " " + ttl
}

func (s *Store) pendingExpiries(ctx context.Context) ([]pending, error) {
	var out []pending
	for _, x := range s.cfg.Retention.expiries() {
		made, err := s.Strings(ctx, "SELECT create_table_query FROM system.tables WHERE database = currentDatabase() AND name = ?", x.table)
		if err != nil {
			return nil, fmt.Errorf("retention in force of %v: %w", x, err)
		}
		if was := x.inForce(strings.Join(made, "")); was != x.days {
			out = append(out, pending{x, was})
		}
	}
	return out, nil
}

// inForce finds the days in what makes the table; 0 where it has no TTL of
// this form.
func (x expiry) inForce(create string) int {
	columns, rest, _ := strings.Cut(create, " ENGINE = ")
	if x.column != "" {
		_, rest, _ = strings.Cut(columns, "`"+x.column+"` ")
		rest, _, _ = strings.Cut(rest, "`")
	}
	m := regexp.MustCompile(`TTL toDateTime\(` + x.clock + `\) \+ toIntervalDay\((\d+)\)`).FindStringSubmatch(rest)
	if m == nil {
		return 0
	}
	days, _ := strconv.Atoi(m[1])
	return days
}
