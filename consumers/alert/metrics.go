package alert

import "github.com/prometheus/client_golang/prometheus"

type metrics struct {
	ticks     *prometheus.CounterVec // result
	seconds   prometheus.Histogram
	windows   *prometheus.CounterVec // window
	tests     *prometheus.CounterVec // window
	alerts    *prometheus.CounterVec // state
	skipped   prometheus.Counter
	lag       prometheus.Gauge
	baselines prometheus.Gauge
}

func newMetrics(reg prometheus.Registerer) *metrics {
	m := &metrics{
		ticks:     prometheus.NewCounterVec(prometheus.CounterOpts{Name: "dateline_alert_ticks_total", Help: "Looks at what has closed: idle, tested or failed."}, []string{"result"}),
		seconds:   prometheus.NewHistogram(prometheus.HistogramOpts{Name: "dateline_alert_tick_seconds", Help: "Duration of ticks in which windows were tested.", Buckets: prometheus.ExponentialBuckets(.005, 2, 14)}),
		windows:   prometheus.NewCounterVec(prometheus.CounterOpts{Name: "dateline_alert_windows_total", Help: "Windows that were closed and tested."}, []string{"window"}),
		tests:     prometheus.NewCounterVec(prometheus.CounterOpts{Name: "dateline_alert_tests_total", Help: "Entities tested whose count passed the floors."}, []string{"window"}),
		alerts:    prometheus.NewCounterVec(prometheus.CounterOpts{Name: "dateline_alert_alerts_total", Help: "Alerts published, by state; joined are rises told with another entity's alert."}, []string{"state"}),
		skipped:   prometheus.NewCounter(prometheus.CounterOpts{Name: "dateline_alert_skipped_seconds_total", Help: "Time that was not tested because it was too long ago."}),
		lag:       prometheus.NewGauge(prometheus.GaugeOpts{Name: "dateline_alert_watermark_lag_seconds", Help: "How far the watermark is behind the clock."}),
		baselines: prometheus.NewGauge(prometheus.GaugeOpts{Name: "dateline_alert_baselines", Help: "Baselines in memory."}),
	}
	reg.MustRegister(m.ticks, m.seconds, m.windows, m.tests, m.alerts, m.skipped, m.lag, m.baselines)
	return m
}
