package engine

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// listen opens addr. Where the port is left to the system (0), the one used last time in dir is
// tried first, so that clients in other processes find the engine again after a restart.
func listen(ctx context.Context, addr, dir, key string) (net.Listener, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("%s: %q is no host:port", key, addr)
	}
	var lc net.ListenConfig
	remembered := filepath.Join(dir, "port")
	if port == "0" {
		if b, err := os.ReadFile(remembered); err == nil {
			if ln, err := lc.Listen(ctx, "tcp", net.JoinHostPort(host, strings.TrimSpace(string(b)))); err == nil {
				return ln, nil
			}
		}
	}
	ln, err := lc.Listen(ctx, "tcp", addr)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("%s: another program listens on %s already; stop it or choose another port (0: any free one)", key, addr)
	case err != nil:
		return nil, fmt.Errorf("%s: %w", key, err)
	}
	if port == "0" {
		_, got, _ := net.SplitHostPort(ln.Addr().String())
		if err := writeFileAtomic(remembered, []byte(got+"\n")); err != nil {
			ln.Close()
			return nil, fmt.Errorf("remember the port: %w", err)
		}
	}
	return ln, nil
}

// writeFileAtomic replaces path whole or not at all, mode 0600, and syncs what it wrote.
func writeFileAtomic(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".tmp-*")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}
