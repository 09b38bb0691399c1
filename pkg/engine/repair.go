package engine

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// A MergeTree table with non_replicated_deduplication_window writes the token of an insert to its
// deduplication log before the part gets its name. A crash between the two leaves a record for
// rows that are not there, and the repeated insert, which should bring them, would be dropped.
// Until the table is opened again, the part directories tell which records are true.

// blockRange is the range of block numbers that a part covers; merging parts joins their ranges.
type blockRange struct{ first, last int64 }

// parsePartName reads "<partition>_<first>_<last>_<level>[_<mutation>]"; a partition's name holds no
// underscore.
func parsePartName(name string) (partition string, r blockRange, ok bool) {
	f := strings.Split(name, "_")
	if len(f) != 4 && len(f) != 5 {
		return "", r, false
	}
	var nums [4]int64
	for i, s := range f[1:] {
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			return "", r, false
		}
		nums[i] = n
	}
	return f[0], blockRange{nums[0], nums[1]}, true
}

// repairDeduplicationLogs drops, in every table below the data path, the records of inserts whose
// part does not exist, and a torn last line. The database must not be open.
func repairDeduplicationLogs(data string) (dropped int, err error) {
	dirs, err := filepath.Glob(filepath.Join(data, "store", "*", "*", "deduplication_logs"))
	if err != nil {
		return 0, err
	}
	for _, d := range dirs {
		n, err := repairTable(d)
		if err != nil {
			return dropped, err
		}
		dropped += n
	}
	return dropped, nil
}

func repairTable(logDir string) (dropped int, err error) {
	logs, err := filepath.Glob(filepath.Join(logDir, "deduplication_log_*.txt"))
	if err != nil || len(logs) == 0 {
		return 0, err
	}
	parts, err := partsOf(filepath.Dir(logDir))
	if err != nil {
		return 0, err
	}
	for _, path := range logs {
		raw, err := os.ReadFile(path)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return dropped, err
		}
		kept, n := trueRecords(string(raw), parts)
		if n == 0 {
			continue
		}
		if err := writeFileAtomic(path, []byte(kept)); err != nil {
			return dropped, err
		}
		dropped += n
	}
	return dropped, nil
}

// partsOf lists what block ranges the table's parts cover, by partition. Detached parts count:
// taking them out is a person's decision and does not allow their rows to come again.
func partsOf(table string) (map[string][]blockRange, error) {
	parts := map[string][]blockRange{}
	for _, dir := range []string{table, filepath.Join(table, "detached")} {
		entries, err := os.ReadDir(dir)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			if p, r, ok := parsePartName(e.Name()); ok && e.IsDir() {
				parts[p] = append(parts[p], r)
			}
		}
	}
	return parts, nil
}

// addPart marks a record that adds a block; others drop one.
const addPart = "1"

// trueRecords keeps the lines "<operation>\t<part>\t<block id>" whose part exists or was merged
// into one that does. Records that drop a block always stay.
func trueRecords(log string, parts map[string][]blockRange) (kept string, dropped int) {
	var out strings.Builder
	for line := range strings.Lines(log) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(f) != 3 || !strings.HasSuffix(line, "\n") || f[0] == addPart && !covered(f[1], parts) {
			dropped++
			continue
		}
		out.WriteString(line)
	}
	return out.String(), dropped
}

func covered(name string, parts map[string][]blockRange) bool {
	partition, r, ok := parsePartName(name)
	if !ok {
		return true // not a form we know: ClickHouse's to judge
	}
	for _, p := range parts[partition] {
		if p.first <= r.first && r.last <= p.last {
			return true
		}
	}
	return false
}
