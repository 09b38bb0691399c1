package engine

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

// Version is the pinned release of libchdb; it holds ClickHouse 26.5.
const Version = "26.5.3"

// pinned names the npm package that carries the library for a platform, and what npm's registry
// says of its tarball (Subresource Integrity form). A platform that is not in the table runs
// dateline against a ClickHouse of its own, or with a library named by engine.library.
var pinned = map[string]npmPackage{
	"linux/amd64": {
		"@chdb/lib-linux-x64-gnu",
		"sha512-fPrLmRt5Moor9yGz4mazbrNje4t7X9KB2mTGkXFWRxRBs2iKy8yh6jx11xsa0Qr3iDFMU/yHqd+bVdYJXu3QaQ==",
	},
}

type npmPackage struct{ name, integrity string }

const libraryFile = "libchdb.so"

// ErrNoLibrary is wrapped by the error of [Locate] when the library has not been fetched.
var ErrNoLibrary = errors.New("the embedded ClickHouse library is not there")

// Locate finds the library: Config.Library, else in the user's cache directory.
func Locate(cfg Config) (string, error) {
	if cfg.Library != "" {
		if _, err := os.Stat(cfg.Library); err != nil {
			return "", fmt.Errorf("engine.library: %w", err)
		}
		return cfg.Library, nil
	}
	dir, err := cacheDir()
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, libraryFile)
	if _, err := os.Stat(path); err != nil {
		return "", fmt.Errorf("%w (looked for %s): run `dateline engine fetch` or `make` once", ErrNoLibrary, path)
	}
	return path, nil
}

// cacheDir is where a fetched library of the pinned version lies.
func cacheDir() (string, error) {
	base, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("find the cache directory: %w", err)
	}
	return filepath.Join(base, "dateline", "chdb", Version), nil
}

func platform() string { return runtime.GOOS + "/" + runtime.GOARCH }
