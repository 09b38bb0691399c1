package alert

import (
	"fmt"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"log/slog"
)

// BenchmarkClose tests windows of an hour in which every one of 50,000
// entities is active, with 60 days of history behind them. The baselines are
// loaded before the clock starts, which is reported as load-s.
func BenchmarkClose(b *testing.B) {
	w := newWorld(b)
	const entities, perEntity = 50_000, 60
	live := t0.Add(-60 * day)
	fill := func(rows int, from time.Time, span time.Duration) {
		for done := 0; done < rows; done += 500_000 {
			q := fmt.Sprintf(`INSERT INTO mentions (entity_id, kind, article_id, source, language, ts, seen_at, original, n, landed_at)
				SELECT 'per/entity-' || toString(number %% %d), 'PER', cityHash64(number, %d), 'outlet' || toString(intDiv(number, %d) %% 20) || '.example', 'en',
					toDateTime64(%d + (cityHash64(number) %% %d) / 1000, 3, 'UTC') AS t, t, true, 1, t
				FROM numbers(%d, %d)`, entities, from.Unix(), entities, from.Unix(), span.Milliseconds(), done, min(500_000, rows-done))
			if err := w.store.Exec(b.Context(), q); err != nil {
				b.Fatal(err)
			}
		}
		q := fmt.Sprintf(`INSERT INTO articles (article_id, source, title, seen_at, ts, landed_at)
			SELECT number, 'outlet' || toString(number %% 20) || '.example', 'T', toDateTime64(%d + number %% %d, 3, 'UTC') AS t, t, t FROM numbers(%d)`,
			from.Unix(), int(span.Seconds()), max(1000, rows/20))
		if err := w.store.Exec(b.Context(), q); err != nil {
			b.Fatal(err)
		}
	}
	fill(entities*perEntity, live, 60*day)
	cfg := testConfig()
	cfg.Windows = []time.Duration{time.Hour}
	a := New(cfg, w.bus, w.store, nil, slog.New(slog.DiscardHandler), prometheus.NewRegistry(), func() time.Time { return t0 })
	e := &evaluation{Alerter: a, history: newHistory(cfg, w.store), episodes: map[string]*episode{}}
	closeAt := func(end time.Time) {
		fill(entities*6, end.Add(-time.Hour), time.Hour)
		b.StartTimer()
		began := time.Now()
		if err := e.history.refresh(b.Context(), end); err != nil {
			b.Fatal(err)
		}
		tests, active, err := e.testWindow(b.Context(), 0, end)
		if err != nil {
			b.Fatal(err)
		}
		correct(tests, active)
		if _, err := e.step(b.Context(), end, nil); err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		if len(tests) != entities || e.history.kept != entities {
			b.Fatalf("%d tests, %d baselines", len(tests), e.history.kept)
		}
		b.Logf("closed %v in %v", end, time.Since(began))
	}
	b.StopTimer()
	began := time.Now()
	closeAt(t0.Add(time.Hour))
	b.ReportMetric(time.Since(began).Seconds(), "load-s")
	b.ResetTimer()
	for i := range b.N {
		closeAt(t0.Add(time.Duration(2+i) * time.Hour))
	}
}
