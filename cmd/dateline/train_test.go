package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTrainNER(t *testing.T) {
	dir := t.TempDir()
	gold, silver, out := filepath.Join(dir, "gold.tsv"), filepath.Join(dir, "silver.jsonl"), filepath.Join(dir, "model.bin")
	var lines strings.Builder
	for i := range 40 {
		fmt.Fprintf(&lines, "Minister\tO\nBarwin%c\tB-PER\nspoke\tO\nin\tO\nMarov%c\tB-LOC\n.\tO\n\n", 'a'+i%5, 'a'+i%7)
	}
	for path, s := range map[string]string{gold: lines.String(),
		silver: `{"source":"x","text":"Minister Barwink spoke.","spans":[[9,16,"PER"]],"unsure":[]}` + "\n"} {
		if err := os.WriteFile(path, []byte(s), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run := func(want int, args ...string) (string, string) {
		t.Helper()
		var stdout, stderr bytes.Buffer
		if code := Run(t.Context(), append([]string{"train", "ner"}, args...), strings.NewReader(""), &stdout, &stderr); code != want {
			t.Fatalf("%v: exit %d, want %d: %s", args, code, want, stderr.String())
		}
		return stdout.String(), stderr.String()
	}
	table, _ := run(exitOK, "--train", gold+"*2", "--silver", silver, "--dev", gold, "--out", out, "--cut", "1", "--epochs", "3")
	if !strings.Contains(table, "gold.tsv") || !strings.Contains(table, "F1 100.0") {
		t.Errorf("training printed %s", table)
	}
	again, _ := run(exitOK, "--model", out, "--dev", gold)
	if a, _, _ := strings.Cut(table, "  P "); !strings.HasPrefix(again, a) {
		t.Errorf("the model measures %q, was %q", again, a)
	}
	run(exitUsage)
	run(exitUsage, "--train", gold, "--policy", "none")
	run(exitUsage, "--train", gold+"*much")
	if _, said := run(exitError, "--train", gold, "--silver", gold); !strings.Contains(said, "line 1") {
		t.Errorf("a wrong file: %s", said)
	}
	run(exitError, "--model", gold, "--dev", gold)
}
