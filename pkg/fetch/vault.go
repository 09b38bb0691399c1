package fetch

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"
)

// Vault gives the Access that feeds name, from the files of one folder. A file
// is read when it is first asked for, and again once it has changed. It is
// safe for concurrent use.
type Vault struct {
	dir string

	mu       sync.Mutex
	known    map[string]*vaultFile
	warnings []string
}

type vaultFile struct {
	modified time.Time
	size     int64
	mode     fs.FileMode
	access   *Access
	err      error
}

// maxSecrets is how many files a Vault remembers.
const maxSecrets = 10_000

// NewVault gives the secrets in a folder. The folder need not be there before
// the first Access; an empty dir stands for no folder.
func NewVault(dir string) *Vault { return &Vault{dir: dir, known: map[string]*vaultFile{}} }

// Access gives what the file of this name holds, nil for an empty name. The
// same pointer comes back while the file stays as it is. An error says what to
// do, and nothing of what the file holds.
func (v *Vault) Access(name string) (*Access, error) {
	if name == "" {
		return nil, nil
	}
	if err := checkSecretName(name); err != nil {
		return nil, err
	}
	if v.dir == "" {
		return nil, fmt.Errorf("the feed names the secret %q, but no folder of secrets is set; set fetch.secrets", name)
	}
	path := filepath.Join(v.dir, name)
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("there is no secret %q; put a file of this name into the folder fetch.secrets", name)
	case err != nil:
		return nil, fmt.Errorf("the secret %q cannot be read: %w", name, err)
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("the secret %q is no file", name)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	f := v.known[name]
	if f == nil || !f.modified.Equal(info.ModTime()) || f.size != info.Size() || f.mode != info.Mode() {
		f = &vaultFile{modified: info.ModTime(), size: info.Size(), mode: info.Mode()}
		f.access, f.err = readSecret(path, name)
		if len(v.known) >= maxSecrets {
			clear(v.known)
		}
		v.known[name] = f
		if info.Mode()&0o077 != 0 && runtime.GOOS != "windows" && len(v.warnings) < 100 {
			v.warnings = append(v.warnings, fmt.Sprintf("the secret %q may be read by other users of this machine (mode %04o); chmod 600 it", name, info.Mode().Perm()))
		}
	}
	return f.access, f.err
}

// Warnings gives what is worth a line in the log and was not given before.
func (v *Vault) Warnings() []string {
	v.mu.Lock()
	defer v.mu.Unlock()
	w := v.warnings
	v.warnings = nil
	return w
}

func checkSecretName(name string) error {
	ok := len(name) <= 128 && name[0] != '.'
	for _, r := range name {
		ok = ok && (r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._-", r))
	}
	if !ok {
		return fmt.Errorf("%.40q cannot name a secret; it is the bare name of a file in the folder fetch.secrets: letters, digits, . _ and -, not beginning with a dot", name)
	}
	return nil
}

func readSecret(path, name string) (*Access, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("the secret %q cannot be read: %w", name, err)
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, maxSecret+1))
	if err != nil {
		return nil, fmt.Errorf("the secret %q cannot be read: %w", name, err)
	}
	if len(raw) > maxSecret {
		return nil, fmt.Errorf("the secret %q is larger than %d bytes", name, maxSecret)
	}
	a, err := parseSecret(name, raw)
	if err != nil {
		return nil, fmt.Errorf("the secret %q cannot be used: %w", name, err)
	}
	return a, nil
}
