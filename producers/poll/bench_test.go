package poll_test

import (
	"context"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/dateline/dateline/producers/newsroom"
	"github.com/dateline/dateline/producers/poll"
)

// BenchmarkFetch polls feeds of the newsroom as fast as it can, about half of
// which have not changed: server, broker and poller share the machine.
func BenchmarkFetch(b *testing.B) {
	const feeds = 2000
	r := newRigOf(b, 64)
	n := openNewsroom(b, newsroom.Config{Seed: 7, Outlets: feeds, Window: 20, Words: 60})
	n.Publish(feeds)
	r.subscribe(urls(n)...)
	cfg := quick()
	cfg.Workers = 64
	p := r.poll(cfg, client(b))
	fetched := func() float64 { return p.metric(b, "dateline_poll_fetches_total", "") }
	r.until("every feed was asked", func() bool { return fetched() >= feeds })
	ctx, stop := context.WithCancel(b.Context())
	defer stop()
	go func() {
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		last := fetched()
		for ctx.Err() == nil {
			<-tick.C
			now := fetched()
			n.Publish(max(1, int(.7*(now-last)))) // half of the feeds, about
			last = now
		}
	}()
	b.ResetTimer()
	from, old, cpu := fetched(), p.metric(b, "dateline_poll_fetches_total", "not_modified"), cpuTime()
	for fetched() < from+float64(b.N) {
		time.Sleep(5 * time.Millisecond)
	}
	done := fetched() - from
	b.ReportMetric(done/b.Elapsed().Seconds(), "fetches/s")
	b.ReportMetric(100*(p.metric(b, "dateline_poll_fetches_total", "not_modified")-old)/done, "%304")
	b.ReportMetric((cpuTime()-cpu).Seconds()*1e3/done, "cpu-ms/fetch")
	b.StopTimer()
	p.stop()
}

func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkKnown measures what a feed costs that waits for its next poll, and
// how long a start takes with states that have been written several times.
func BenchmarkKnown(b *testing.B) {
	const feeds = 20_000
	for b.Loop() {
		r := newRigOf(b, 64)
		r.remember(feeds, 40, 3)
		runtime.GC()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		began := time.Now()
		p := r.poll(poll.Config{MinInterval: time.Hour, MaxInterval: 24 * time.Hour, Workers: 16}, client(b))
		r.until("every feed is known", func() bool { return p.metric(b, "dateline_poll_feeds", "") == feeds })
		b.ReportMetric(time.Since(began).Seconds(), "s-start")
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/feeds, "B/feed")
		p.stop()
	}
}
