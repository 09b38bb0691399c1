package drill

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/dateline/dateline/producers/newsroom"
)

// TestFullDisk fills the disk under a running process, and makes room again.
// The disk is a file system in memory that only the process and its mount
// namespace know, so that it goes with them.
func TestFullDisk(t *testing.T) {
	if testing.Short() {
		t.Skip("starts many processes")
	}
	w := newWorld(t)
	outside := w.data
	room := w.room(newsroom.Config{Seed: 6, Outlets: 8, Words: 80, Window: 800})
	room.Publish(20)
	if err := os.MkdirAll(outside, 0o700); err != nil {
		t.Fatal(err)
	}
	cmd := w.command("up", "up", "--feeds", w.feedsFile(nil, room))
	cmd.Args = append([]string{"/bin/sh", "-c", `mount -t tmpfs -o size=200m dateline-drill "$0" || exit 77; exec "$@"`, outside}, cmd.Args...)
	cmd.Attr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS, Unshareflags: syscall.CLONE_NEWNS}
	if os.Getuid() != 0 {
		cmd.Attr.Cloneflags |= syscall.CLONE_NEWUSER
		cmd.Attr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}}
		cmd.Attr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}
	}
	up, err := w.fleet.Start(cmd)
	if err != nil {
		t.Skipf("cannot make a file system of its own: %v", err)
	}
	// The same directory, seen from here.
	w.data = filepath.Join("/proc", fmt.Sprint(up.PID()), "root", outside)
	w.env = append(w.env, "DATELINE_DATA="+w.data)
	w.until("for the first articles", time.Minute, func() bool {
		select {
		case <-up.Done():
			if code, _, _ := up.Exit(t.Context()); code == 77 {
				t.Skip("cannot mount a file system of its own: " + w.log("up"))
			}
			t.Fatal("up has ended: " + w.log("up"))
		default:
		}
		return w.landed() > 0
	})
	stop := w.press(room)
	defer func() { stop() }()
	w.moves(time.Minute)

	filler := filepath.Join(w.data, "filler")
	if out, err := exec.Command("dd", "if=/dev/zero", "of="+filler, "bs=1M").CombinedOutput(); err == nil || !strings.Contains(string(out), "No space left") {
		t.Fatalf("the disk is not full: %v\n%s", err, out)
	}
	w.until("for a word about the full disk", time.Minute, func() bool {
		log := strings.ToLower(w.log("up"))
		return strings.Contains(log, "no space left") || strings.Contains(log, "not enough space") || strings.Contains(log, "cannot reserve")
	})
	t.Log("with a full disk: " + firstWith(w.log("up"), "pace"))
	if _, errOut, code := w.run("doctor"); code == 0 {
		t.Errorf("doctor finds nothing wrong with a full disk: %s", errOut)
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	// Either it goes on by itself, or it has ended with a word and the next
	// start does; the file system would go with the process, so it must stay.
	select {
	case <-up.Done():
		t.Fatal("up has ended: " + w.log("up"))
	default:
	}
	w.moves(time.Minute)
	stop()
	w.waitLanded(time.Minute, room)
	w.verifyAudit()
	w.verifyLedger([]*newsroom.Newsroom{room}, nil)
	w.verifyRows()
	w.end(up)
}

// firstWith gives the first line that holds a word.
func firstWith(log, word string) string {
	for line := range strings.Lines(log) {
		if strings.Contains(line, word) {
			return line
		}
	}
	return ""
}
