package engine

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha512"
	"encoding/base64"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// fakeNPM puts an npm into PATH that packs tarball, or fails with a message, and counts its runs.
func fakeNPM(t *testing.T, tarball []byte, message string) (runs func() int) {
	t.Helper()
	dir := t.TempDir()
	write := func(name string, b []byte, mode os.FileMode) {
		if err := os.WriteFile(filepath.Join(dir, name), b, mode); err != nil {
			t.Fatal(err)
		}
	}
	write("tarball", tarball, 0o644)
	script := "#!/bin/sh\necho run >> " + dir + "/runs\n"
	if message != "" {
		script += "echo '" + message + "' >&2; exit 1\n"
	} else {
		script += "test \"$1\" = pack && test \"$3\" = --pack-destination && cp " + dir + "/tarball \"$4/p.tgz\"\n"
	}
	write("npm", []byte(script), 0o755)
	t.Setenv("PATH", dir+":/usr/bin:/bin")
	return func() int {
		b, _ := os.ReadFile(filepath.Join(dir, "runs"))
		return bytes.Count(b, []byte("run"))
	}
}

func packageOf(t *testing.T, name, content string) (tarball []byte, integrity string) {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	for _, f := range []struct{ name, content string }{{"package/package.json", "{}"}, {name, content}} {
		if err := w.WriteHeader(&tar.Header{Name: f.name, Size: int64(len(f.content)), Mode: 0o644, Typeflag: tar.TypeReg}); err != nil {
			t.Fatal(err)
		}
		io.WriteString(w, f.content)
	}
	w.Close()
	z.Close()
	sum := sha512.Sum512(b.Bytes())
	return b.Bytes(), "sha512-" + base64.StdEncoding.EncodeToString(sum[:])
}

func TestFetch(t *testing.T) {
	good, integrity := packageOf(t, "package/libchdb.so", "the library")
	empty, emptyIntegrity := packageOf(t, "package/other", "x")
	f := func(name string, tarball []byte, integrity, message, want string) {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "chdb", Version)
			runs := fakeNPM(t, tarball, message)
			var log bytes.Buffer
			err := fetch(t.Context(), &log, dir, npmPackage{"@x/y", integrity})
			if want == "" {
				b, _ := os.ReadFile(filepath.Join(dir, libraryFile))
				if err != nil || string(b) != "the library" {
					t.Fatalf("%v %q", err, b)
				}
				if err := fetch(t.Context(), &log, dir, npmPackage{"@x/y", integrity}); err != nil || runs() != 1 {
					t.Errorf("fetched again: %v, %d runs", err, runs())
				}
			} else {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("%v, want %q", err, want)
				}
				if _, err := os.Stat(filepath.Join(dir, libraryFile)); err == nil {
					t.Error("a library lies there all the same")
				}
			}
			left, _ := filepath.Glob(filepath.Join(filepath.Dir(dir), ".fetch-*"))
			if len(left) > 0 {
				t.Errorf("left over: %v", left)
			}
		})
	}
	f("good", good, integrity, "", "")
	f("tampered", append(bytes.Clone(good), 0), integrity, "", "not the pinned one")
	f("without library", empty, emptyIntegrity, "", "no libchdb.so")
	f("registry", good, integrity, "npm error 404 Not Found", "404 Not Found")
	f("disk full", good, integrity, "npm error ENOSPC", "no space left")

	t.Run("no npm", func(t *testing.T) {
		t.Setenv("PATH", t.TempDir())
		if err := fetch(t.Context(), io.Discard, filepath.Join(t.TempDir(), "v"), npmPackage{"@x/y", integrity}); err == nil || !strings.Contains(err.Error(), "npm is not installed") {
			t.Error(err)
		}
	})
	t.Run("two at once", func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "v")
		runs := fakeNPM(t, good, "")
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				if err := fetch(context.Background(), io.Discard, dir, npmPackage{"@x/y", integrity}); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if runs() != 1 {
			t.Errorf("%d runs", runs())
		}
	})
}

func TestLocate(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv("HOME", t.TempDir())
	if _, err := Locate(Config{}); err == nil || !strings.Contains(err.Error(), "dateline engine fetch") {
		t.Error(err)
	}
	if _, err := Locate(Config{Library: "/nowhere/libchdb.so"}); err == nil || !strings.Contains(err.Error(), "engine.library") {
		t.Error(err)
	}
	path := filepath.Join(t.TempDir(), "lib")
	os.WriteFile(path, nil, 0o644)
	if got, err := Locate(Config{Library: path}); got != path || err != nil {
		t.Error(got, err)
	}
}
