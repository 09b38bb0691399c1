package engine_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// Every name in functions.txt exists in the library, and nothing there reaches outside the query.
func TestFunctionList(t *testing.T) {
	w, _, _ := newClient(t)
	// Names that the parser gives to syntax and the library does not list.
	known := map[string]bool{"lambda": true, "exists": true, "untuple": true, "grouping": true}
	for _, table := range []string{"functions", "table_functions"} {
		for name := range strings.Lines(w.must("SELECT name FROM system." + table)) {
			known[strings.TrimSpace(name)] = true
		}
	}
	b, err := os.ReadFile("functions.txt")
	if err != nil {
		t.Fatal(err)
	}
	outside := regexp.MustCompile(`(?i)^(ai[A-Z].*|file.*|.*url|url|dict.*|dictionary|join(get|getornull)|s3.*|gcs|hdfs.*|remote.*|cluster.*|.*mysql|postgresql|mongodb|redis|sqlite|odbc|jdbc|executable|input|merge|loop|azure.*|iceberg.*|deltalake.*|hudi.*|paimon.*|catboost.*|evalml.*|region.*|sleep.*|zookeeper.*|demangle|addressto.*|getmacro|.*serversetting|showcertificate|hascolumnintable|getclienthttpheader|flamegraph|logtrace)$`)
	section, n := "", 0
	for line := range strings.Lines(string(b)) {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		if line[0] == '[' {
			section = line
			continue
		}
		for _, name := range strings.Fields(line) {
			n++
			if !known[name] {
				t.Errorf("%s %s: the library has no such function", section, name)
			}
			if outside.MatchString(name) && section != "[url]" && !strings.HasPrefix(name, "aes_") {
				t.Errorf("%s %s reaches outside the query", section, name)
			}
		}
	}
	if n < 1000 {
		t.Errorf("%d functions", n)
	}
}
