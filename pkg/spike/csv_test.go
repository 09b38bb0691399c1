package spike

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

func runCSV(t *testing.T, in string, opt CSVOptions) (string, Summary, error) {
	t.Helper()
	if opt.Config.Budget == 0 {
		opt.Config = DefaultConfig()
	}
	var out bytes.Buffer
	sum, err := RunCSV(context.Background(), strings.NewReader(in), &out, opt)
	return out.String(), sum, err
}

// series is CSV of quiet counts with a spike at the given rows.
func series(rows int, step time.Duration, spikes ...int) string {
	s := newStream(77, 12, .2)
	var b strings.Builder
	b.WriteString("timestamp,value\n")
	for i := range rows {
		at := epoch.Add(time.Duration(i) * step)
		v := s.draw(s.at(at))
		for _, k := range spikes {
			if i == k {
				v += 300
			}
		}
		fmt.Fprintf(&b, "%s,%v\n", at.Format(time.DateTime), v)
	}
	return b.String()
}

func TestCSVEchoesRows(t *testing.T) {
	f := func(in, want string) {
		t.Helper()
		got, _, err := runCSV(t, in, CSVOptions{})
		if err != nil || got != want {
			t.Errorf("%q: %v\n got %q\nwant %q", in, err, got, want)
		}
	}
	f("timestamp,value\n2026-01-05 00:00:00,4\n2026-01-05 00:05:00,6\n",
		"timestamp,value,expected,score,alert\n2026-01-05 00:00:00,4,0.0000,0.0000,0\n2026-01-05 00:05:00,6,4.0000,0.0000,0\n")
	f("2026-01-05T00:00:00Z,4\n", "2026-01-05T00:00:00Z,4,0.0000,0.0000,0\n")
	f("TimeStamp , VALUE\r\n1767571200, 4.50 \r\n", "TimeStamp , VALUE,expected,score,alert\r\n1767571200, 4.50 ,0.0000,0.0000,0\r\n")
	f("value,note,timestamp\n4,\"a, b\",2026-01-05", "value,note,timestamp,expected,score,alert\n4,\"a, b\",2026-01-05,0.0000,0.0000,0\n")
	f("\"timestamp\",\"value\"\n\"2026-01-05 00:00\",\"7\"\n", "\"timestamp\",\"value\",expected,score,alert\n\"2026-01-05 00:00\",\"7\",0.0000,0.0000,0\n")
	f("\ufefftimestamp,value\n\n2026-01-05T01:00:00+02:00,0\n\n", "\ufefftimestamp,value,expected,score,alert\n2026-01-05T01:00:00+02:00,0,0.0000,0.0000,0\n")
	f("time,count\n1767571200000,1e3\n", "time,count,expected,score,alert\n1767571200000,1e3,0.0000,0.0000,0\n")
	f("timestamp,value\n", "timestamp,value,expected,score,alert\n")
}

func TestCSVNamesBrokenRows(t *testing.T) {
	f := func(row, want string) {
		t.Helper()
		out, sum, err := runCSV(t, "timestamp,value\n2026-01-05,1\n"+row+"\n2026-01-06,2\n", CSVOptions{})
		var broken *BrokenRows
		if !errors.As(err, &broken) || !strings.Contains(err.Error(), "line 3: ") || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want line 3 and %q", row, err, want)
		}
		if sum.Rows != 2 || sum.Broken != 1 || strings.Count(out, "\n") != 3 || !strings.Contains(out, "2026-01-06,2,") {
			t.Errorf("%q: %+v\n%s", row, sum, out)
		}
	}
	f("yesterday,1", `timestamp "yesterday" is not understood, want RFC 3339`)
	f("2026-13-01,1", "not understood")
	f("2026-01-05;7", "has 1 of 2 columns, want timestamp,value")
	f("2026-01-05,", "the value is empty")
	f("2026-01-05,many", `value "many" is not a number`)
	f("2026-01-05,-3", `value "-3" is negative, want a count`)
	f("2026-01-05,NaN", "not finite")
	f("2026-01-05,+Inf", "not finite")
	f("2026-01-05,1e999", "not finite")
	f(strings.Repeat("x", 3*maxLine), "longer than 65536 bytes")

	out, sum, err := runCSV(t, strings.Repeat("?,?\n", 20)+"2026-01-05,1\n", CSVOptions{})
	if err == nil || sum.Broken != 19 || sum.Rows != 1 || !strings.Contains(err.Error(), "19 of 20 rows left out") || !strings.Contains(err.Error(), "and 14 more") {
		t.Errorf("%+v, %v\n%s", sum, err, out)
	}
	var told []error
	_, _, err = runCSV(t, "2026-01-05,x\n2026-01-05,y\n", CSVOptions{Broken: func(err error) { told = append(told, err) }})
	if len(told) != 2 || strings.Contains(err.Error(), "line 1") {
		t.Errorf("told %v, then %v", told, err)
	}
	if _, _, err = runCSV(t, "", CSVOptions{}); err == nil || !strings.Contains(err.Error(), "timestamp,value") {
		t.Errorf("no input: %v", err)
	}
	if _, _, err = runCSV(t, "2026-01-05,1\n", CSVOptions{Step: -time.Hour}); err == nil {
		t.Error("a negative step passed")
	}
}

func TestCSVReportsItsReaderAndWriter(t *testing.T) {
	opt := CSVOptions{Config: DefaultConfig()}
	fail := errors.New("torn")
	in := io.MultiReader(strings.NewReader("2026-01-05,1\n"), iotest.ErrReader(fail))
	var out bytes.Buffer
	if sum, err := RunCSV(context.Background(), in, &out, opt); !errors.Is(err, fail) || sum.Rows != 1 || out.Len() == 0 {
		t.Errorf("torn reader: %v, %+v, %q", err, sum, out.String())
	}
	r, w := io.Pipe()
	r.CloseWithError(fail)
	if _, err := RunCSV(context.Background(), strings.NewReader("2026-01-05,1\n"), w, opt); !errors.Is(err, fail) {
		t.Errorf("torn writer: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	opt.Stream = true
	if _, err := RunCSV(ctx, strings.NewReader("2026-01-05,1\n"), io.Discard, opt); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// In a stream each row is out before the next one is in.
func TestCSVStreams(t *testing.T) {
	inR, inW := io.Pipe()
	outR, outW := io.Pipe()
	done := make(chan error, 1)
	go func() {
		_, err := RunCSV(context.Background(), inR, outW, CSVOptions{Config: DefaultConfig(), Stream: true})
		outW.Close()
		done <- err
	}()
	buf := make([]byte, 1000)
	for i := range 20 {
		row := fmt.Sprintf("%d,%d", 1767571200+300*i, i)
		io.WriteString(inW, row+"\n")
		n, err := outR.Read(buf)
		if err != nil || !strings.HasPrefix(string(buf[:n]), row+",") || buf[n-1] != '\n' {
			t.Fatalf("row %d: %q, %v", i, buf[:n], err)
		}
	}
	inW.Close()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// Cut anywhere, the output is the beginning of the whole output.
func TestCSVIsCausal(t *testing.T) {
	in := series(700, time.Hour, 300, 301, 500) + "2026-02-20 00:00:00,9\n2026-02-20 00:00:00,9\n2026-02-20 00:00:00,200\n2026-01-07 00:00:00,50\n"
	for _, step := range []time.Duration{0, time.Hour} {
		whole, sum, err := runCSV(t, in, CSVOptions{Step: step})
		if err != nil || sum.Alerts == 0 || sum.Rows != 704 {
			t.Fatalf("%+v, %v", sum, err)
		}
		lines := strings.SplitAfter(in, "\n")
		for cut := 1; cut <= len(lines); cut += 1 + cut/9 {
			part, _, err := runCSV(t, strings.Join(lines[:cut], ""), CSVOptions{Step: step})
			if err != nil || !strings.HasPrefix(whole, part) || strings.Count(part, "\n") != min(cut, len(lines)-1) {
				t.Fatalf("step %v, first %d lines: %v, another output than the whole gives", step, cut, err)
			}
		}
	}
}

func TestCSVFindsSpikes(t *testing.T) {
	for _, c := range []struct {
		step   time.Duration
		rows   int
		spikes []int
	}{
		{5 * time.Minute, 4000, []int{1500, 3300}},
		{time.Hour, 900, []int{100, 500, 800}},
		{24 * time.Hour, 200, []int{60, 150}},
	} {
		out, sum, err := runCSV(t, series(c.rows, c.step, c.spikes...), CSVOptions{})
		if err != nil {
			t.Fatal(err)
		}
		rows := strings.Split(out, "\n")[1:]
		for _, k := range c.spikes {
			cells := strings.Split(rows[k], ",")
			if score, _ := strconv.ParseFloat(cells[3], 64); cells[4] != "1" || score < 3 {
				t.Errorf("step %v: the spike in row %d: %s", c.step, k, rows[k])
			}
		}
		if sum.Alerts > len(c.spikes)+3 {
			t.Errorf("step %v: %d alerts for %d spikes", c.step, sum.Alerts, len(c.spikes))
		}
		if cells := strings.Split(rows[10], ","); cells[3] != "0.0000" || cells[4] != "0" {
			t.Errorf("step %v: warm-up: %s", c.step, rows[10])
		}
	}
}

func TestCSVStepIsInferredFromTheMedianGap(t *testing.T) {
	in := series(900, time.Hour, 500)
	inferred, _, _ := runCSV(t, in, CSVOptions{})
	given, _, _ := runCSV(t, in, CSVOptions{Step: time.Hour})
	a, b := strings.Split(inferred, "\n"), strings.Split(given, "\n")
	for i := 20; i < len(a); i++ { // the first expectations differ
		if a[i] != b[i] {
			t.Fatalf("row %d: %s with the step inferred, %s with it given", i, a[i], b[i])
		}
	}
}

func FuzzRunCSV(f *testing.F) {
	f.Add("timestamp,value\n2026-01-05 00:00:00,4\n2026-01-05 00:05:00,6\n", int64(0))
	f.Add(strings.Repeat("1767571200,1e15\n", 60), int64(1e9))
	f.Add("\"a,\"\"b\",,\r\n-1e13,0\n9e13,1\n", int64(3600e9))
	f.Add(series(80, time.Hour, 60), int64(0))
	f.Fuzz(func(t *testing.T, in string, step int64) {
		var out bytes.Buffer
		sum, err := RunCSV(context.Background(), strings.NewReader(in), &out, CSVOptions{Step: time.Duration(step), Config: DefaultConfig()})
		if err != nil {
			var broken *BrokenRows
			if errors.As(err, &broken) && broken.Broken == 0 {
				t.Errorf("no broken row, but %v", err)
			}
			return
		}
		n := 0
		for i, line := range strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n") {
			if i == 0 && strings.HasSuffix(strings.TrimSuffix(line, "\r"), ",expected,score,alert") || line == "" {
				continue
			}
			n++
			cells := strings.Split(strings.TrimSuffix(line, "\r"), ",")
			score, err := strconv.ParseFloat(cells[len(cells)-2], 64)
			if err != nil || score < 0 || math.IsInf(score, 0) || math.IsNaN(score) {
				t.Errorf("score in %q", line)
			}
		}
		if n != sum.Rows {
			t.Errorf("%d rows out, %d counted", n, sum.Rows)
		}
	})
}
