package store_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/dateline/dateline/pkg/store"
)

// BenchmarkFeeds measures what is asked of 100,000 feeds with 200 polls each
// over ten days; set DATELINE_BENCH to run it.
func BenchmarkFeeds(b *testing.B) {
	if os.Getenv("DATELINE_BENCH") == "" {
		b.Skip("set DATELINE_BENCH to fill 20 million polls first")
	}
	s := open(b)
	ctx := context.Background()
	now := time.Now().UTC()
	began := time.Now()
	const q = `INSERT INTO fetches (feed_url, at, status, bytes, took_ms, items, new_items, gap, expected_items, error, class, source, rate, next_poll, last_new, failures, recovered,
			missing, silent, epoch, part, off, landed_at)
		SELECT 'https://site' || toString(i) || '.example/rss/feed.xml', now64(3) - INTERVAL 10 DAY + toIntervalMillisecond(toUInt64(k * 4320000 + cityHash64(i) % 4320000)) AS at,
			multiIf(bad, 0, h % 10 < 6, 304, 200) AS status, if(status = 200, 20000 + h % 60000, 0), 40 + h % 900, if(status = 200, 30, 0), if(status = 200, h % 4, 0), h % 3000 = 7, 1.2,
			if(bad, 'site' || toString(i) || '.example did not answer in time; it may be down or overloaded, trying again later', ''), if(bad, 'timeout', if(status = 304, 'not_modified', 'ok')),
			'site' || toString(i) || '.example', 1, at + INTERVAL 72 MINUTE, at - toIntervalMinute(h % 100), bad, if(bad, 0, h % 100 = 6), 1, i % 500 = 3, 1, i % 8, number, at
		FROM (SELECT number, intDiv(number, 100000) AS k, number % 100000 AS i, cityHash64(number) AS h, i % 50 = 1 OR h % 100 = 5 AS bad FROM numbers({from}, 100000))
		SETTINGS max_block_size = 50000, min_insert_block_size_rows = 50000, min_insert_block_size_bytes = 0, max_threads = 1, max_insert_threads = 1`
	for n := 0; n < 20_000_000; n += 100_000 {
		if err := s.Exec(ctx, strings.Replace(q, "{from}", fmt.Sprint(n), 1)); err != nil {
			b.Fatal(err)
		}
	}
	b.Logf("filled at %.0f polls a second", 20e6/time.Since(began).Seconds())
	var page []string
	for i := range 50 {
		page = append(page, fmt.Sprintf("https://site%d.example/rss/feed.xml", i*1999))
	}
	sql := func(q string) func() error {
		return func() error { return s.Query(ctx, q, discard{}) }
	}
	for _, c := range []struct {
		name string
		read func() error
	}{
		{"FeedBriefs", func() error { _, err := s.FeedBriefs(ctx, now); return err }},
		{"FeedDetailsOfAPage", func() error { _, err := s.FeedDetails(ctx, now, page); return err }},
		{"FeedDetailsOfOne", func() error { _, err := s.FeedDetails(ctx, now, page[:1]); return err }},
		{"FeedPolls", func() error { _, err := s.FeedPolls(ctx, store.FeedPollsQuery{Feed: page[1]}); return err }},
		{"FeedYield", func() error {
			_, err := s.FeedYield(ctx, store.FeedYieldQuery{Feed: page[1], From: now.AddDate(0, 0, -7), To: now, Step: time.Hour})
			return err
		}},
		{"Intake", func() error { _, err := s.Intake(ctx, now); return err }},
		{"CompletenessDay", func() error { _, err := s.Completeness(ctx, now.AddDate(0, 0, -1), now); return err }},
		{"StatesBySQL", sql("SELECT state, count() FROM feed_states(now = now()) GROUP BY state")},
		{"FeedHealthWhole", sql("SELECT count(), sum(new_24h), sum(new_7d), max(advice) FROM feed_health")},
		{"SourceHealthWhole", sql("SELECT count(), sum(new_24h) FROM source_health")},
		{"CompletenessHourlyDay", sql("SELECT count(), sum(covered) FROM completeness_hourly WHERE hour >= now() - INTERVAL 1 DAY")},
		{"CompletenessHourlyWhole", sql("SELECT count(), sum(covered) FROM completeness_hourly")},
	} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				if err := c.read(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

type discard struct{}

func (discard) Columns([]store.Column) error { return nil }
func (discard) Row([]any) error              { return nil }
func (discard) Close() error                 { return nil }
