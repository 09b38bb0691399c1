package land

import "github.com/prometheus/client_golang/prometheus"

type metrics struct {
	landed  *prometheus.CounterVec // topic, result
	dead    *prometheus.CounterVec // topic
	retries *prometheus.CounterVec // topic
	replays *prometheus.CounterVec // topic
	gaps    *prometheus.CounterVec // topic
	stopped *prometheus.GaugeVec   // topic, partition
	lag     *prometheus.GaugeVec   // topic, partition
	batch   *prometheus.HistogramVec
	index   prometheus.Gauge
	held    *prometheus.CounterVec // what
	clocks  *prometheus.CounterVec // side
}

func newMetrics(reg prometheus.Registerer) *metrics {
	m := &metrics{
		landed:  prometheus.NewCounterVec(prometheus.CounterOpts{Name: "dateline_land_messages_total", Help: "Messages landed, by what they were decided to be."}, []string{"topic", "result"}),
		dead:    prometheus.NewCounterVec(prometheus.CounterOpts{Name: "dateline_land_dead_letters_total", Help: "Messages that went to the dead letters."}, []string{"topic"}),
		retries: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "dateline_land_retries_total", Help: "Batches that had to be tried again."}, []string{"topic"}),
		replays: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "dateline_land_replays_total", Help: "Ranges that were found pending and finished."}, []string{"topic"}),
		gaps:    prometheus.NewCounterVec(prometheus.CounterOpts{Name: "dateline_land_missing_total", Help: "Offsets that were not in the log any more when they were to be landed."}, []string{"topic"}),
		stopped: prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "dateline_land_stopped", Help: "1 where a partition stands still until somebody has looked: a newer message, or a log that was recreated."}, []string{"topic", "partition"}),
		lag:     prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "dateline_land_lag", Help: "Messages that wait to be landed."}, []string{"topic", "partition"}),
		batch:   prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "dateline_land_batch_seconds", Help: "Time from a batch read to its rows inserted.", Buckets: prometheus.ExponentialBuckets(0.005, 2, 12)}, []string{"topic"}),
		index:   prometheus.NewGauge(prometheus.GaugeOpts{Name: "dateline_land_index_documents", Help: "Documents in the index of copies and stories."}),
	}
	m.held = prometheus.NewCounterVec(prometheus.CounterOpts{Name: "dateline_land_held_total", Help: "Texts that came too soon after a revision, by what became of them: held, offered again, replaced by a newer one, lost for want of room."}, []string{"what"})
	m.clocks = prometheus.NewCounterVec(prometheus.CounterOpts{Name: "dateline_land_clocks_total", Help: "Documents whose time was set to now, because the clock of their poller cannot be right, by the side on which it is: ahead or behind."}, []string{"side"})
	reg.MustRegister(m.clocks, m.held, m.landed, m.dead, m.retries, m.replays, m.gaps, m.stopped, m.lag, m.batch, m.index)
	return m
}
