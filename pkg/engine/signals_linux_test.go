package engine

import (
	"errors"
	"os"
	"os/signal"
	"syscall"
	"testing"
)

// The library takes over signals that the Go runtime lives by; all must be Go's again.
func TestSignalHandlersSurvive(t *testing.T) {
	path, err := Locate(DefaultConfig())
	if errors.Is(err, ErrNoLibrary) && os.Getenv("CI") == "" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	before := saveSignalHandlers()
	lib, err := loadLibrary(path)
	if err != nil {
		t.Fatal(err)
	}
	dir := "--path=" + t.TempDir()
	for range 3 {
		c, err := lib.open(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer c.close()
		if out, _, err := c.exec("SELECT {a:UInt8} + 1", "TSV", param{"a", "1"}); string(out) != "2\n" || err != nil {
			t.Errorf("%q %v", out, err)
		}
	}
	if left := before.changed(); len(left) > 0 {
		t.Errorf("changed: %v", left)
	}
	func() {
		defer func() {
			if recover() == nil {
				t.Error("a nil dereference went unnoticed")
			}
		}()
		var p *stats
		p.readRows++
	}()
	ch := make(chan os.Signal, 1)
	signal.Notify(ch, syscall.SIGTERM)
	defer signal.Stop(ch)
	syscall.Kill(os.Getpid(), syscall.SIGTERM)
	<-ch
	if _, err := lib.open("--path=/proc/nowhere"); err == nil {
		t.Error("a second path was opened beside the first")
	}
}
