package engine

import (
	"os"
	"path/filepath"
	"testing"
)

func TestTrueRecords(t *testing.T) {
	parts := map[string][]blockRange{"202601": {{1, 1}, {3, 6}}, "all": {{2, 2}}}
	f := func(log, want string, wantDropped int) {
		t.Helper()
		if got, n := trueRecords(log, parts); got != want || n != wantDropped {
			t.Errorf("%q: %q, %d dropped", log, got, n)
		}
	}
	f("", "", 0)
	f("1\t202601_1_1_0\ta\n", "1\t202601_1_1_0\ta\n", 0)
	f("1\t202601_4_4_0\ta\n", "1\t202601_4_4_0\ta\n", 0) // merged into 3 to 6
	f("1\t202601_2_2_0\ta\n1\tall_2_2_0\tb\n", "1\tall_2_2_0\tb\n", 1)
	f("1\t202602_1_1_0\ta\n", "", 1)
	f("2\t202601_2_2_0\ta\n", "2\t202601_2_2_0\ta\n", 0)
	f("1\tall_2_2_0\ta\n1\tall_2_2_0", "1\tall_2_2_0\ta\n", 1) // torn
	f("1\tall_2_2_0_5\ta\n", "1\tall_2_2_0_5\ta\n", 0)
	f("1\tsome form to come\ta\n", "1\tsome form to come\ta\n", 0)
}

func TestRepairDeduplicationLogs(t *testing.T) {
	data := t.TempDir()
	table := filepath.Join(data, "store", "abc", "abc-def")
	log := filepath.Join(table, "deduplication_logs", "deduplication_log_1.txt")
	for _, d := range []string{"deduplication_logs", "all_1_1_0", "tmp_insert_all_2_2_0", "detached/all_3_3_0"} {
		if err := os.MkdirAll(filepath.Join(table, d), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(log, []byte("1\tall_1_1_0\ta\n1\tall_2_2_0\tb\n1\tall_3_3_0\tc\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, want := range []int{1, 0} {
		if n, err := repairDeduplicationLogs(data); n != want || err != nil {
			t.Errorf("%d dropped, want %d, %v", n, want, err)
		}
	}
	if b, _ := os.ReadFile(log); string(b) != "1\tall_1_1_0\ta\n1\tall_3_3_0\tc\n" {
		t.Errorf("%q", b)
	}
	if n, err := repairDeduplicationLogs(filepath.Join(data, "none")); n != 0 || err != nil {
		t.Error(n, err)
	}
}
