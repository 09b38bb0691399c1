package land

import (
	"context"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/dateline/dateline/pkg/store"
)

// folded is a table of articles as a month of news leaves it: a title of ten
// words, a sketch of 160 values, ten entities, a copy in three.
const folded = `INSERT INTO articles (article_id, revision, url, canonical_url, source, title, language, seen_at, ts, copy_of, similarity, story_id,
	words, text_from, entities, body_hash, sketch, epoch, part, off, landed_at)
SELECT cityHash64(number) AS id, 0, concat('https://s', toString(number % 5000), '.example/', toString(number)) AS u, u, concat('s', toString(number % 5000), '.example'),
	arrayStringConcat(arrayMap(k -> concat('w', toString(cityHash64(number, k) % 40000)), range(10)), ' '), 'en',
	toDateTime64('2026-03-02 00:00:00', 3, 'UTC') + toIntervalMillisecond(intDiv(number * 604000, {rows}) * 1000) AS at, at,
	if(number % 3 = 2, cityHash64(number - 2), 0), if(number % 3 = 2, .9, 0), if(number % 3 = 2, cityHash64(number - 2), id),
	400, 'feed', arrayMap(k -> concat('per/', toString(cityHash64(number, k, 7) % 200000)), range(10)), cityHash64(number, 1),
	arrayMap(k -> toUInt32(cityHash64(if(number % 3 = 2, number - 2, number), k, 3)), range(160)), 1, 0, number, now64(3)
FROM numbers({from}, {n})`

// BenchmarkFold restores the index from DATELINE_FOLD rows, a million by
// default: what a process does when it is given the documents for the first
// time.
func BenchmarkFold(b *testing.B) {
	rows := 1_000_000
	if n, err := strconv.Atoi(os.Getenv("DATELINE_FOLD")); err == nil {
		rows = n
	}
	w := database(b)
	w.cfg.Judge = DefaultConfig().Judge
	for from := 0; from < rows; from += 10_000 { // small, for a machine that is busy
		q := strings.NewReplacer("{rows}", strconv.Itoa(rows), "{from}", strconv.Itoa(from), "{n}", strconv.Itoa(min(10_000, rows-from))).Replace(folded)
		w.exec(q)
	}
	var digest uint64
	for b.Loop() {
		x := newIndex(w.cfg.Judge, w.store)
		cpu, wall := spent(), time.Now()
		if err := x.restore(context.Background(), 1, 0, uint64(rows)); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(spent()-cpu, "cpu-s")
		b.ReportMetric(time.Since(wall).Seconds(), "s")
		b.ReportMetric(float64(x.judge.Len()), "documents")
		if d := x.judge.Digest(); digest != 0 && d != digest {
			b.Error("another digest")
		} else {
			digest = d
		}
		bare := spent()
		n := 0
		err := w.store.Fold(context.Background(), store.Range{Epoch: 1, To: uint64(rows)}, store.Mark{Epoch: 1}, func(*store.Stored) error { n++; return nil })
		if err != nil || n != rows {
			b.Fatal(n, err)
		}
		b.ReportMetric(spent()-bare, "read-cpu-s")
	}
}

// spent is the processor time of this process, ClickHouse among it, in seconds.
func spent() float64 {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}
