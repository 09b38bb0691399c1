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

// TestFullDisk fills the disk under a running process, kills it, and makes room
// again. The disk is a file system in memory in a mount namespace that one
// process holds, so that it goes with it.
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
	holder := Command{Name: "disk", Env: w.env, Args: []string{"/bin/sh", "-c",
		`mount -t tmpfs -o size=200m dateline-drill "$0" && echo ready && exec sleep 1000000`, outside}}
	holder.Attr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS, Unshareflags: syscall.CLONE_NEWNS}
	if os.Getuid() != 0 {
		holder.Attr.Cloneflags |= syscall.CLONE_NEWUSER
		holder.Attr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}}
		holder.Attr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}
	}
	disk, err := w.fleet.Start(holder)
	if err != nil {
		t.Skipf("cannot make a file system of its own: %v", err)
	}
	w.until("for the file system", 10*time.Second, func() bool {
		select {
		case <-disk.Done():
			t.Skip("cannot mount a file system of its own: " + w.log("disk"))
		default:
		}
		return strings.Contains(w.log("disk"), "ready")
	})
	// The same directory, seen from here.
	w.data = filepath.Join("/proc", fmt.Sprint(disk.PID()), "root", outside)
	w.env = append(w.env, "DATELINE_DATA="+w.data)
	up := w.start("up", "up", "--feeds", w.feedsFile(nil, room))
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
	// What was acknowledged has to be on the disk, not in somebody's memory.
	up.Kill()
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	up = w.start("up", "up")
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
