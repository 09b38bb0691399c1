package spike

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Five real series of mentions with labelled windows. A regression check: the
// labels are arguable and reward a cooldown, so the bars are low.
func TestRealSeries(t *testing.T) {
	root := os.Getenv("DATELINE_TESTDATA")
	if root == "" {
		t.Skip("set DATELINE_TESTDATA to the folder that holds spikes/windows.json")
	}
	dir := filepath.Join(root, "spikes")
	raw, err := os.ReadFile(filepath.Join(dir, "windows.json"))
	if err != nil {
		t.Fatal(err)
	}
	var windows map[string][][2]string
	if err := json.Unmarshal(raw, &windows); err != nil {
		t.Fatal(err)
	}
	found, all, wrong, weeks := 0, 0, 0, 0.
	for name, labels := range windows {
		f, err := os.Open(filepath.Join(dir, name+".gz"))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		in, err := gzip.NewReader(f)
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		sum, err := RunCSV(context.Background(), in, &out, CSVOptions{Config: DefaultConfig()})
		if err != nil {
			t.Fatal(err)
		}
		rows := strings.Split(strings.TrimSpace(out.String()), "\n")[1:]
		if len(rows) != sum.Rows {
			t.Fatalf("%s: %d rows out, %d counted", name, len(rows), sum.Rows)
		}
		hit := make([]bool, len(labels))
		miss := 0
		for i, row := range rows {
			cells := strings.Split(row, ",")
			if cells[4] != "1" || i < len(rows)*15/100 { // the labels start after 15 %
				continue
			}
			at, _ := time.Parse(time.DateTime, cells[0])
			inside := false
			for w, label := range labels {
				from, _ := time.Parse("2006-01-02 15:04:05.000000", label[0])
				to, _ := time.Parse("2006-01-02 15:04:05.000000", label[1])
				if !at.Before(from) && !at.After(to) {
					hit[w], inside = true, true
				}
			}
			if !inside {
				miss++
			}
		}
		n := 0
		for _, h := range hit {
			if h {
				n++
			}
		}
		span := float64(len(rows)) * .85 * 5 / 60 / 24 / 7
		t.Logf("%s: %d of %d windows, %.2f alerts a week outside", name, n, len(labels), float64(miss)/span)
		found, all, wrong, weeks = found+n, all+len(labels), wrong+miss, weeks+span
	}
	t.Logf("all: %d of %d windows, %.2f alerts a week outside", found, all, float64(wrong)/weeks)
	if found*2 < all || float64(wrong)/weeks > 4 {
		t.Errorf("%d of %d windows, %.2f alerts a week outside: want half of them, at most 4", found, all, float64(wrong)/weeks)
	}
}
