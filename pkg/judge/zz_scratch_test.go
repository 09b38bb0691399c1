package judge_test

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/dateline/dateline/pkg/judge"
	"github.com/dateline/dateline/pkg/neardup"
	"github.com/dateline/dateline/pkg/text"
)

func cpuNow() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func TestScratchAll(t *testing.T) {
	set := os.Getenv("ALLSET")
	if set == "" { t.Skip() }
	f, err := os.Open("/work/shared/data/" + collections[set])
	if err != nil { t.Fatal(err) }
	z, _ := gzip.NewReader(f)
	d := json.NewDecoder(bufio.NewReaderSize(z, 1<<20))
	sk := neardup.NewSketcher(text.AppendTerms)
	j := judge.New(judge.DefaultConfig())
	texts := shelf{}
	ids := map[uint64]string{}
	out, _ := os.Create("/tmp/h-copies/all." + set + ".tsv")
	defer out.Close()
	var n, asked, wanted, changed, copies int
	var cpuRead, cpuDecide, cpuSketch time.Duration
	for i := uint64(1); ; i++ {
		var a struct { ID any; Title, Text, Source, Date string }
		if err := d.Decode(&a); err == io.EOF { break } else if err != nil { t.Fatal(err) }
		if a.Source == "" { a.Source = "Reuters" }
		at, _ := time.Parse("2006-01-02", a.Date[:min(10, len(a.Date))])
		c0 := cpuNow()
		in := dated(i, a.Title, a.Text, a.Source, at, sk)
		in.SeenAt = time.UnixMilli(int64(i))
		ids[i] = fmt.Sprint(a.ID)
		c1 := cpuNow()
		v0 := j.Decide(in, nil)
		c2 := cpuNow()
		w := j.Wants(nil, in)
		c3 := cpuNow()
		v, _ := j.Read(in, nil, texts)
		c4 := cpuNow()
		cpuSketch += c1 - c0
		cpuDecide += c2 - c1
		cpuRead += c4 - c3
		n++
		if len(w) > 0 { asked++; wanted += len(w) }
		if v0.CopyOf != v.CopyOf { changed++ }
		if v.CopyOf != 0 {
			copies++
			fmt.Fprintf(out, "%s\t%s\t%.3f\t%s\t%v\n", ids[i], ids[v.CopyOf], v.Similarity, v.Reason, v0.CopyOf != 0)
		}
		j.Fold(in, v)
		texts[i] = a.Text
	}
	t.Logf("%s: %d docs, %d ask (%.2f %%) for %d texts, %d decisions changed, %d copies; cpu a doc: sketch %v decide %v read %v", set, n, asked, 100*float64(asked)/float64(n), wanted, changed, copies,
		cpuSketch/time.Duration(n), cpuDecide/time.Duration(n), cpuRead/time.Duration(n))
}
