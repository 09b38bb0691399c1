package app_test

import (
	"bytes"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/dateline/dateline/"

// drivers are imported by one package each, tests aside.
var drivers = map[string]string{
	"github.com/segmentio/kafka-go":        "pkg/bus",
	"github.com/ClickHouse/clickhouse-go":  "pkg/store",
	"github.com/mmcdole/gofeed":            "pkg/feed",
	"github.com/twmb/franz-go":             "pkg/engine",
	"github.com/ebitengine/purego":         "pkg/engine",
	"github.com/RadhiFadlillah/whatlanggo": "pkg/text",
	"github.com/goccy/go-yaml":             "pkg/app",
	"github.com/spf13/cobra":               "cmd/dateline",
	"code.dny.dev/ssrf":                    "pkg/fetch",
	"github.com/markusmobius":              "producers/page",
}

// maxLines is how long a file may get before there are two in it.
const maxLines = 400

// top is what the top of the repository holds, beside dot files, what tools
// expect there, and what `make` builds.
var top = []string{
	"cmd", "consumers", "deploy", "docs", "pkg", "producers",
	"CHANGELOG.md", "CONTRIBUTING.md", "Dockerfile", "LICENSE", "Makefile", "NOTICE", "README.md", "SECURITY.md", "go.mod", "go.sum",
	"cover.html", "cover.prof", "data", "dateline",
}

func TestLayout(t *testing.T) {
	root := filepath.Join("..", "..")
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if n := e.Name(); !strings.HasPrefix(n, ".") && !slices.Contains(top, n) {
			t.Errorf("%s stands at the top of the repository; it belongs to a package, to docs or to deploy", n)
		}
	}
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name := d.Name(); path != root && (strings.HasPrefix(name, ".") || name == "node_modules" || name == "data") {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(path, ".go") {
			return nil
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		checkFile(t, path, filepath.ToSlash(rel))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func checkFile(t *testing.T, path, rel string) {
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	test := strings.HasSuffix(rel, "_test.go")
	if n := bytes.Count(raw, []byte("\n")); n > maxLines && !test {
		t.Errorf("%s has %d lines, want at most %d", rel, n, maxLines)
	}
	f, err := parser.ParseFile(token.NewFileSet(), path, raw, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	if slices.Contains([]string{"util", "utils", "common", "helpers", "models", "types"}, f.Name.Name) {
		t.Errorf("%s: package %s says nothing about what is in it", rel, f.Name.Name)
	}
	if test {
		return
	}
	dir := filepath.ToSlash(filepath.Dir(rel))
	for _, spec := range f.Imports {
		imp, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		for driver, owner := range drivers {
			if strings.HasPrefix(imp, driver) && dir != owner {
				t.Errorf("%s imports %s, which belongs to %s alone", rel, imp, owner)
			}
		}
		own, inside := strings.CutPrefix(imp, module)
		if dir == "pkg/news" && (inside || strings.Contains(imp, ".")) {
			t.Errorf("%s imports %s; the domain knows the standard library alone", rel, imp)
		}
		if !inside {
			continue
		}
		stage := strings.HasPrefix(own, "consumers/") || strings.HasPrefix(own, "producers/")
		switch {
		case strings.HasPrefix(dir, "pkg/") && !strings.HasPrefix(dir, "pkg/app") && stage:
			t.Errorf("%s imports %s; only pkg/app sees the stages", rel, own)
		case (strings.HasPrefix(dir, "consumers/") || strings.HasPrefix(dir, "producers/")) && (stage || strings.HasPrefix(own, "pkg/app")):
			t.Errorf("%s imports %s; stages do not know each other", rel, own)
		}
	}
}
