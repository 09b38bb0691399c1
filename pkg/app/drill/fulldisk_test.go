package drill

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/producers/newsroom"
	"github.com/segmentio/kafka-go"
)

// TestFullDisk fills the disk under a running process, kills it, and makes room
// again. The disk is a file system in memory in a mount namespace that one
// process holds, so that it goes with it.
func TestFullDisk(t *testing.T) {
	if testing.Short() {
		t.Skip("starts many processes")
	}
	t.Parallel()
	w := newWorld(t)
	outside := w.data
	room := w.room(newsroom.Config{Seed: 6, Outlets: 8, Words: 80, Window: 800})
	room.Publish(20)
	if err := os.MkdirAll(outside, 0o700); err != nil {
		t.Fatal(err)
	}
	holder := Command{Name: "disk", Env: w.env, Args: []string{"/bin/sh", "-c",
		`mount -t tmpfs -o size=300m dateline-drill "$0" && echo ready && exec sleep 1000000`, outside}}
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
	start := func(args ...string) *Process {
		t.Helper()
		c := w.command("up", append([]string{"up", "--data", outside}, args...)...)
		enter := []string{"nsenter", "--mount", "--target", fmt.Sprint(disk.PID()), "--"}
		if os.Getuid() != 0 {
			enter = []string{"nsenter", "--user", "--preserve-credentials", "--mount", "--target", fmt.Sprint(disk.PID()), "--"}
		}
		c.Args = append(enter, c.Args...)
		p, err := w.fleet.Start(c)
		if err != nil {
			t.Skipf("cannot enter a file system of its own: %v", err)
		}
		return p
	}
	up := start("--feeds", w.feedsFile(nil, room))
	stop := w.press(room)
	defer func() { stop() }()
	w.moves(patience)

	filler := filepath.Join(w.data, "filler")
	if out, err := exec.Command("dd", "if=/dev/zero", "of="+filler, "bs=1M").CombinedOutput(); err == nil || !strings.Contains(string(out), "No space left") {
		t.Fatalf("the disk is not full: %v\n%s", err, out)
	}
	w.until("for a word about the full disk", patience, func() bool {
		log := strings.ToLower(w.log("up"))
		return strings.Contains(log, "no space left") || strings.Contains(log, "not enough space") || strings.Contains(log, "cannot reserve")
	})
	t.Log("with a full disk: " + firstWith(w.log("up"), "pace"))
	if _, errOut, code := w.run("doctor"); code == 0 {
		t.Errorf("doctor finds nothing wrong with a full disk: %s", errOut)
	}
	// Whoever publishes now is refused, or can rely on what he is told.
	acknowledged := w.publishFetches(200)
	t.Logf("with a full disk %d of 200 messages were acknowledged", acknowledged)
	// What was acknowledged has to be on the disk, not in somebody's memory.
	up.Kill()
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	up = start()
	w.moves(patience)
	w.until("for what was acknowledged to land", patience, func() bool {
		return w.number("SELECT toFloat64(uniqExact(feed_url)) FROM fetches WHERE feed_url LIKE '%drill.example%'") >= acknowledged
	})
	stop()
	w.waitLanded(patience, room)
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

// publishFetches publishes small messages as fast as it can, each of another
// feed, and counts those that were acknowledged.
func (w *world) publishFetches(n int) (acknowledged int) {
	w.Helper()
	wr := &kafka.Writer{Addr: kafka.TCP(w.brokers()...), Topic: "dateline.fetches", RequiredAcks: kafka.RequireAll, BatchTimeout: time.Millisecond, MaxAttempts: 1}
	defer wr.Close()
	for i := range n {
		f := news.Fetch{V: news.Version, FeedURL: fmt.Sprintf("https://drill.example/%d", i), At: time.Now().UTC()}
		ctx, cancel := context.WithTimeout(w.Context(), 5*time.Second)
		if wr.WriteMessages(ctx, kafka.Message{Value: news.Encode(&f)}) == nil {
			acknowledged++
		}
		cancel()
	}
	return acknowledged
}
