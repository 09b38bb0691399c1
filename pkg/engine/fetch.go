package engine

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

const (
	maxTarball = 1 << 30
	maxLibrary = 4 << 30
)

// Fetch makes sure that the library is there and returns its path. Where it is missing, the user's
// npm fetches the pinned package from the user's registry; the tarball must have the pinned SHA-512
// before anything in it is used, and the library appears in the cache directory whole or not at all.
// Two processes may do it at once. What goes on is written to w.
func Fetch(ctx context.Context, w io.Writer, cfg Config) (string, error) {
	path, err := Locate(cfg)
	if !errors.Is(err, ErrNoLibrary) {
		return path, err
	}
	dir, err := cacheDir()
	if err != nil {
		return "", err
	}
	p, ok := pinned[platform()]
	if !ok {
		return "", fmt.Errorf("there is no pinned ClickHouse library for %s: set engine.library to a libchdb %s of your own, or point dateline at a ClickHouse server", platform(), Version)
	}
	if err := fetch(ctx, w, dir, p); err != nil {
		if errors.Is(err, syscall.ENOSPC) {
			err = fmt.Errorf("%w (about 900 MB are needed below %s)", err, filepath.Dir(dir))
		}
		return "", fmt.Errorf("fetch the embedded ClickHouse library: %w", err)
	}
	return Locate(cfg)
}

func fetch(ctx context.Context, w io.Writer, dir string, p npmPackage) error {
	parent := filepath.Dir(dir)
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return err
	}
	unlock, err := waitForLock(ctx, w, filepath.Join(parent, ".lock"))
	if err != nil {
		return err
	}
	defer unlock()
	final := filepath.Join(dir, libraryFile)
	if _, err := os.Stat(final); err == nil {
		return nil // the other process was faster
	}
	tmp, err := os.MkdirTemp(parent, ".fetch-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	fmt.Fprintf(w, "fetching %s %s with npm (once; about 170 MB) …\n", p.name, Version)
	tarball, err := npmPack(ctx, w, tmp, p.name+"@"+Version)
	if err != nil {
		return err
	}
	fmt.Fprintln(w, "checking and unpacking …")
	if err := verify(tarball, p.integrity); err != nil {
		return err
	}
	unpacked := filepath.Join(tmp, libraryFile)
	if err := unpack(tarball, unpacked); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	if err := os.Rename(unpacked, final); err != nil {
		return err
	}
	fmt.Fprintf(w, "the embedded ClickHouse library is in %s\n", final)
	return nil
}

// waitForLock takes the lock of the cache directory.
func waitForLock(ctx context.Context, w io.Writer, path string) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	for first := true; ; first = false {
		err := flock(f, syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return func() { f.Close() }, nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			f.Close()
			return nil, err
		}
		if first {
			fmt.Fprintln(w, "another process fetches the library; waiting …")
		}
		select {
		case <-ctx.Done():
			f.Close()
			return nil, ctx.Err()
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// npmPack downloads a package's tarball into dir.
func npmPack(ctx context.Context, w io.Writer, dir, spec string) (string, error) {
	npm, err := exec.LookPath("npm")
	if err != nil {
		return "", errors.New("npm is not installed: install Node.js with npm, or set engine.library to a libchdb of your own")
	}
	cmd := exec.CommandContext(ctx, npm, "pack", spec, "--pack-destination", dir, "--loglevel=error")
	cmd.Dir = dir // away from any project's .npmrc
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	done := make(chan error, 1)
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return "", fmt.Errorf("npm: %w", err)
	}
	go func() { done <- cmd.Wait() }()
	tick := time.NewTicker(10 * time.Second)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			fmt.Fprintf(w, "… %d s\n", int(time.Since(began).Seconds()))
			continue
		case err = <-done:
		}
		break
	}
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	if err != nil {
		if strings.Contains(out.String(), "ENOSPC") {
			err = syscall.ENOSPC
		}
		return "", fmt.Errorf("npm pack %s: %w\n%s", spec, err, tail(out.String(), 2000))
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.tgz"))
	if err != nil || len(files) != 1 {
		return "", fmt.Errorf("npm pack %s left %d tarballs", spec, len(files))
	}
	return files[0], nil
}

func tail(s string, n int) string { return strings.TrimSpace(s[max(0, len(s)-n):]) }

// verify compares a file with an integrity of the form "sha512-<base64>".
func verify(path, integrity string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	h := sha512.New()
	if _, err := io.Copy(h, io.LimitReader(f, maxTarball)); err != nil {
		return err
	}
	if got := "sha512-" + base64.StdEncoding.EncodeToString(h.Sum(nil)); got != integrity {
		return fmt.Errorf("the package that the registry sent is not the pinned one and was thrown away (%s, want %s)", got, integrity)
	}
	return nil
}

// unpack writes the library within the tarball to path.
func unpack(tarball, path string) error {
	f, err := os.Open(tarball)
	if err != nil {
		return err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return err
	}
	for t := tar.NewReader(z); ; {
		h, err := t.Next()
		if err == io.EOF {
			return fmt.Errorf("no %s in the package", libraryFile)
		}
		if err != nil {
			return err
		}
		if h.Typeflag != tar.TypeReg || filepath.Base(h.Name) != libraryFile {
			continue
		}
		return writeLibrary(path, io.LimitReader(t, maxLibrary))
	}
}

func writeLibrary(path string, r io.Reader) error {
	out, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o755)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, r)
	if err == nil {
		err = out.Sync()
	}
	if cerr := out.Close(); err == nil {
		err = cerr
	}
	return err
}
