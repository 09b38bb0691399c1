package drill

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

// wire publishes numbered articles with `dateline publish`, a file at a time,
// and again whatever file the command did not come to the end of. Each file
// begins with some lines of the one before, so that much is sent twice anyway.
type wire struct {
	w     *world
	seed  uint64
	total int
	file  string
	done  chan struct{}

	mu     sync.Mutex
	now    *Process
	wanted int // articles
	begun  int // articles of which the command has been told
	sent   int
	killed int
	runs   int
}

const (
	wireFile   = 5000 // lines
	wireRepeat = 50   // of them, of the file before
	// wireAhead is how many articles may be under way, so that a drill is not
	// about a backlog alone.
	wireAhead = 40000
)

func startWire(w *world, seed uint64, total int) *wire {
	x := &wire{w: w, seed: seed, total: total, file: filepath.Join(w.TempDir(), "wire.jsonl"), done: make(chan struct{})}
	go x.run()
	return x
}

// run ends with the last article, or with the fleet.
func (x *wire) run() {
	defer close(x.done)
	for from := 0; from < x.end(); from += wireFile {
		to := min(x.end(), from+wireFile)
		for x.ahead(from) {
			if x.w.fleet.pause(restartPause) {
				return
			}
		}
		if !x.begin(from, to) {
			return
		}
		if err := x.write(max(0, from-wireRepeat), to); err != nil {
			x.w.Errorf("wire: %v", err)
			return
		}
		for !x.publish() {
			if x.w.fleet.pause(restartPause / 4) {
				return
			}
		}
		x.mu.Lock()
		x.sent = to
		x.mu.Unlock()
	}
}

// begin notes that articles [from, to) are to be sent, unless the wire was cut.
func (x *wire) begin(from, to int) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	if from >= x.total {
		return false
	}
	x.begun = to
	return true
}

func (x *wire) end() int { x.mu.Lock(); defer x.mu.Unlock(); return x.total }

// ahead tells whether the wire has to wait.
func (x *wire) ahead(from int) bool {
	x.mu.Lock()
	wait := from >= x.wanted && from < x.total
	x.mu.Unlock()
	return wait || from-x.w.landed() > wireAhead
}

// publish runs the command once, and tells whether it came to its end.
func (x *wire) publish() bool {
	p, err := x.w.fleet.Start(x.w.command("publish", "publish", x.file))
	if err != nil {
		return false
	}
	x.mu.Lock()
	x.now = p
	x.runs++
	x.mu.Unlock()
	<-p.Done()
	code, by, _ := p.Exit(x.w.Context())
	x.mu.Lock()
	defer x.mu.Unlock()
	x.now = nil
	if by == syscall.SIGKILL {
		x.killed++
	}
	return code == 0
}

// goal has the wire go on up to some number of articles.
func (x *wire) goal(n int) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.wanted = max(x.wanted, n)
}

// cut ends the wire with the file that it is at, and gives the number of its
// articles.
func (x *wire) cut() int {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.total = min(x.total, max(x.sent, x.begun))
	return x.total
}

// kill kills the command where it runs, and tells whether it has; with wait the
// command is made to run, unless all is published.
func (x *wire) kill(wait bool) bool {
	x.w.Helper()
	var p *Process
	running := func() bool {
		x.mu.Lock()
		defer x.mu.Unlock()
		if p = x.now; p == nil && wait && x.sent < x.total {
			x.wanted = max(x.wanted, x.sent+1)
			return false
		}
		return true
	}
	x.w.until("for the wire to publish", patience, running)
	if p == nil {
		return false
	}
	_ = p.Signal(syscall.SIGKILL) // it may just have ended
	if !wait {
		return true
	}
	<-p.Done()
	if _, by, _ := p.Exit(x.w.Context()); by == syscall.SIGKILL {
		return true
	}
	return x.kill(true)
}

func (x *wire) published() int { x.mu.Lock(); defer x.mu.Unlock(); return x.sent }
func (x *wire) kills() int     { x.mu.Lock(); defer x.mu.Unlock(); return x.killed }
func (x *wire) started() int   { x.mu.Lock(); defer x.mu.Unlock(); return x.runs }

// finish waits until all is published and landed, or until that must have
// happened; verify says then what is missing.
func (x *wire) finish(d time.Duration) {
	x.w.Helper()
	x.goal(x.total)
	deadline := time.After(d)
	select {
	case <-x.done:
	case <-deadline:
		x.w.Fatalf("waited %v in vain for the wire to publish", d)
	}
	sql := "SELECT toFloat64(uniqExact(article_id)) FROM articles WHERE " + ofWire
	for x.w.number(sql) < x.total {
		select {
		case <-deadline:
			return
		case <-time.After(restartPause):
		}
	}
}

// Articles of the wire and their numbers, in SQL.
const (
	ofWire   = "startsWith(source, 'numbered')"
	wireName = "toInt64OrZero(extract(url, '-([0-9]+)$'))"
)

// original is the number of the article whose text another number has: every
// tenth is a copy of one of those before it, in another paper.
func original(n int) int {
	if n%10 == 9 && n >= 10 {
		return n - 1 - n/10%8
	}
	return n
}

// originalSQL is the same of n, in SQL.
const originalSQL = "if(n % 10 = 9 AND n >= 10, n - 1 - intDiv(n, 10) % 8, n)"

// write writes the file of articles [from, to).
func (x *wire) write(from, to int) error {
	f, err := os.Create(x.file)
	if err != nil {
		return err
	}
	defer f.Close()
	buf := bufio.NewWriter(f)
	enc := json.NewEncoder(buf)
	for n := from; n < to; n++ {
		o := original(n)
		line := map[string]string{
			"url": fmt.Sprintf("https://numbered%d.test/%d/report-%d", n%50, x.seed, n), "title": fmt.Sprintf("Report %d", o), "text": x.text(o),
		}
		if err := enc.Encode(line); err != nil {
			return err
		}
	}
	return buf.Flush()
}

var (
	wireGiven  = strings.Fields("Anna Boris Clara David Elena Frank Greta Hugo Irene Jakob Karin Leo Maria Nils Olga Paul Rosa Simon Tessa Victor")
	wireFamily = strings.Fields("Adler Brandt Castell Dorn Ebner Falk Gruber Hollis Iversen Jansen Keller Lindt Moreau Norden Okafor Peters Quinn Reuter Sauer Tanaka")
	wirePlaces = strings.Fields("Berlin Cairo Dublin Geneva Helsinki Istanbul Jakarta Lagos Madrid Nairobi Oslo Paris Quito Rome Seoul Tokyo Vienna Warsaw Zagreb Zurich")
)

// text writes some forty words, mostly its own.
func (x *wire) text(n int) string {
	r := rand.New(rand.NewPCG(x.seed, uint64(n)))
	word := func() string {
		var sb strings.Builder
		for range 2 + r.IntN(2) {
			sb.WriteByte("bcdfglmnprst"[r.IntN(12)])
			sb.WriteByte("aeiou"[r.IntN(5)])
		}
		return sb.String()
	}
	pick := func(list []string) string { return list[r.IntN(len(list))] }
	var sb strings.Builder
	for range 2 {
		fmt.Fprintf(&sb, "%s %s said in %s that the %s and the %s of the %s would be %s before %s, and that %d %s had been %s by the %s. ",
			pick(wireGiven), pick(wireFamily), pick(wirePlaces), word(), word(), word(), word(), word(), 10+r.IntN(90000), word(), word(), word())
	}
	return sb.String()
}

// verify looks whether every article of the wire is there once, with the text
// of its number, and whether copies are marked.
func (x *wire) verify() {
	w := x.w
	w.Helper()
	numbered := "(SELECT " + wireName + " AS n, article_id, copy_of, title, revision FROM articles WHERE " + ofWire + ")"
	for what, sql := range map[string]string{
		"articles of the wire are lost":                fmt.Sprintf("SELECT number AS n FROM numbers(%d) WHERE number NOT IN (SELECT toUInt64(n) FROM %s)", x.total, numbered),
		"articles of the wire are there twice":         fmt.Sprintf("SELECT n FROM %s GROUP BY n HAVING count() != 1 OR max(revision) > 0", numbered),
		"articles of the wire were never written":      fmt.Sprintf("SELECT n FROM %s WHERE n < 0 OR n >= %d", numbered, x.total),
		"articles of the wire have the text of others": fmt.Sprintf("SELECT n FROM %s WHERE title != concat('Report ', toString(%s))", numbered, originalSQL),
	} {
		rows := w.query("SELECT toFloat64(count()), toString(groupArray(5)(n)) FROM (" + sql + ")")
		if n := rows[0][0].(float64); n != 0 {
			w.Errorf("%.0f %s, such as %s", n, what, rows[0][1])
		}
	}
	cluster := "(SELECT n, if(copy_of = 0, article_id, copy_of) AS c FROM " + numbered + ")"
	r := w.query(fmt.Sprintf("SELECT toFloat64(count()), toFloat64(countIf(a.c = b.c)) FROM (SELECT n, %s AS o, c FROM %s WHERE n != o) AS a INNER JOIN %s AS b ON a.o = b.n", originalSQL, cluster, cluster))[0]
	w.Logf("%d articles by wire; marked as copies: %.0f of %.0f", x.total, r[1], r[0])
	if all := r[0].(float64); all > 0 && r[1].(float64) < .95*all {
		w.Errorf("only %.0f of %.0f copies of the wire are marked", r[1], all)
	}
}
