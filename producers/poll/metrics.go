package poll

import (
	"github.com/dateline/dateline/pkg/rhythm"
	"github.com/prometheus/client_golang/prometheus"
)

type metrics struct {
	fetches  *prometheus.CounterVec // result
	articles *prometheus.CounterVec // kind
	gaps     prometheus.Counter
	feeds    prometheus.Gauge
	silent   prometheus.Gauge
	lag      prometheus.Histogram
}

func newMetrics(reg prometheus.Registerer, b *rhythm.Budget) *metrics {
	m := &metrics{
		fetches:  prometheus.NewCounterVec(prometheus.CounterOpts{Name: "dateline_poll_fetches_total", Help: "Fetches of feeds, by result or class of error."}, []string{"result"}),
		articles: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "dateline_poll_articles_total", Help: "Items published, by kind: new, changed, backlog; left out: nameless, beyond (too many or too old), repeated (known under another name)."}, []string{"kind"}),
		gaps:     prometheus.NewCounter(prometheus.CounterOpts{Name: "dateline_poll_gaps_total", Help: "Polls after which items may have been missed."}),
		feeds:    prometheus.NewGauge(prometheus.GaugeOpts{Name: "dateline_poll_feeds", Help: "Feeds that this process polls."}),
		silent:   prometheus.NewGauge(prometheus.GaugeOpts{Name: "dateline_poll_silent_feeds", Help: "Feeds of this process that bring less than they ever did."}),
		lag:      prometheus.NewHistogram(prometheus.HistogramOpts{Name: "dateline_poll_lag_seconds", Help: "How late a poll starts, waits for its host included.", Buckets: []float64{.01, .03, .1, .3, 1, 2, 3, 5, 10, 30, 60, 300}}),
	}
	price := prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "dateline_poll_price", Help: "Item-hours of delay that a fetch is worth; above poll.price the budget is short."}, b.Price)
	reg.MustRegister(m.fetches, m.articles, m.gaps, m.feeds, m.silent, m.lag, price)
	return m
}
