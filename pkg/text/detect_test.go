package text

import (
	"bufio"
	"os"
	"strings"
	"testing"
)

func languageSamples(t testing.TB) [][]string {
	t.Helper()
	f, err := os.Open("testdata/languages.tsv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var rows [][]string
	for sc := bufio.NewScanner(f); sc.Scan(); {
		rows = append(rows, strings.Split(sc.Text(), "\t"))
	}
	return rows
}

func TestDetect(t *testing.T) {
	d := NewDetector()
	short, long := 0, 0
	rows := languageSamples(t)
	for _, r := range rows {
		if got, conf := d.Detect(r[1]); got == r[0] {
			short++
		} else {
			t.Logf("headline: %s (%.2f), want %s: %s", got, conf, r[0], r[1])
		}
		if got, conf := d.Detect(r[2]); got == r[0] && conf > 0 && conf <= 1 {
			long++
		} else {
			t.Errorf("text: %s (%.2f), want %s: %s", got, conf, r[0], r[2])
		}
	}
	t.Logf("headlines %d, texts %d of %d", short, long, len(rows))
	if short < len(rows)*9/10 {
		t.Errorf("headlines: %d of %d", short, len(rows))
	}
}
