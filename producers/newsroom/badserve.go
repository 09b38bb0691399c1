package newsroom

import (
	"bytes"
	"net"
	"net/http"
	"strconv"
	"time"
)

// call is one request for the feed of a bad server.
type call struct {
	n     *Newsroom
	rw    http.ResponseWriter
	req   *http.Request
	o     *outlet
	w     *window
	file  string
	side  int // which of the outlet's feeds is asked for
	at    time.Time
	visit int  // its number, from 0: HEAD and peeks do not count
	r     *rng // of this visit
}

// holdAtMost is how long a bad server keeps a connection that stands still,
// heldAtMost how many such connections a newsroom keeps at once.
const (
	holdAtMost = 10 * time.Minute
	heldAtMost = 2000
)

// serveBad answers a request to a bad server; false when it has no such file.
func (n *Newsroom) serveBad(rw http.ResponseWriter, req *http.Request, number int) bool {
	c := &call{n: n, rw: rw, req: req, o: &n.world.outlets[number], w: &n.windows[number], file: req.PathValue("file"), at: n.cfg.Now()}
	switch c.file {
	case feedFiles[rss], homeFile, hopFile + "1", hopFile + "2":
	default:
		for i := range max(c.o.kind.feeds-1, 0) {
			if c.file == sideFile(i+1) {
				c.side = i + 1
			}
		}
		if c.side == 0 {
			return false
		}
	}
	c.w.mu.Lock()
	c.visit = c.w.bad.visits
	if seen(req) {
		c.w.bad.visits++
	}
	c.w.mu.Unlock()
	c.r = &rng{mix(c.o.bodySeed, 36, uint64(c.visit))}
	if c.o.kind.answer != nil {
		c.o.kind.answer(c)
	} else {
		c.good()
	}
	n.shelf.sweep()
	return true
}

const (
	homeFile = "home.rss" // where moved feeds live
	hopFile  = "hop"
)

func sideFile(i int) string { return "section-" + strconv.Itoa(i) + ".rss" }

// odd says that this visit is one of those that go wrong.
func (c *call) odd() bool { return c.visit%2 == 1 }

// document writes the feed as this visit gets it. The caller holds the lock.
func (c *call) document() ([]byte, []listed) {
	w, k := c.w, c.o.kind
	c.n.load(w)
	list := make([]listed, 0, len(w.items)+1)
	for i := len(w.items) - 1; i >= 0; i-- {
		it := &w.items[i]
		list = append(list, listed{article: *it.article, version: it.version, date: it.published.Format(time.RFC1123Z)})
	}
	if k.arrange != nil {
		list = k.arrange(c, list)
	}
	var b bytes.Buffer
	c.o.rssHead(&b, c.n.feedURL(c.o.number), w.changed)
	for i := range list {
		list[i].from = b.Len()
		c.o.rssItem(&b, &list[i].article, list[i].date)
		list[i].to = b.Len()
	}
	b.WriteString(rssTail)
	body := b.Bytes()
	if k.spoil != nil {
		body = k.spoil(c, body, list)
	}
	c.n.shelf.note(w)
	return body, list
}

// mark notes which items went out whole; the rest were offered. An item of
// version -1 counts for nothing. The caller holds the lock.
func (c *call) mark(list []listed, whole func(*listed) bool) {
	if !seen(c.req) {
		return
	}
	w := c.w
	var full, half []int32
	for i := range list {
		switch {
		case list[i].version < 0:
		case whole == nil || whole(&list[i]):
			full = append(full, list[i].version)
		default:
			half = append(half, list[i].version)
		}
	}
	c.n.ledger.offered(half)
	if len(full) == 0 && len(list) > 0 {
		return // nothing of it could be read
	}
	out := map[int32]bool{}
	items := make([]item, 0, len(full))
	for _, v := range full {
		out[v] = true
		items = append(items, item{version: v})
	}
	c.n.ledger.served(c.o.number, items, int(w.missed), !w.asked, c.at)
	w.missed, w.asked = 0, true
	for i := range w.items {
		w.items[i].served = w.items[i].served || out[w.items[i].version]
	}
}

func nothing(*listed) bool { return false }

// good answers as a server should, with what the kind makes of the document.
func (c *call) good() {
	w := c.w
	w.mu.Lock()
	at := w.modified()
	etag, modified := "", ""
	if c.o.validators&1 != 0 {
		etag = `"` + w.etag() + strconv.Itoa(c.side) + `"`
		if !c.at.Before(at) {
			modified = at.Format(http.TimeFormat)
		}
	}
	w.bad.goods++
	if unchanged(c.req, etag, modified, at) {
		w.mu.Unlock()
		c.send(http.StatusNotModified, etag, modified, nil)
		return
	}
	body, list := c.document()
	if c.o.kind.spoil == nil { // else it has marked what it left whole
		c.mark(list, nil)
	}
	w.mu.Unlock()
	c.send(http.StatusOK, etag, modified, body)
}

// send writes a whole answer.
func (c *call) send(status int, etag, modified string, body []byte) {
	h := c.rw.Header()
	if etag != "" {
		h.Set("ETag", etag)
	}
	if modified != "" {
		h.Set("Last-Modified", modified)
	}
	if status == http.StatusNotModified {
		c.rw.WriteHeader(status)
		return
	}
	h.Set("Content-Type", contentTypes[rss])
	h.Set("Content-Length", strconv.Itoa(len(body)))
	c.rw.WriteHeader(status)
	if c.req.Method != http.MethodHead {
		c.rw.Write(body) // a client that went away is its own affair
	}
}

// offer makes the document of an answer that nobody need be able to read.
func (c *call) offer() []byte {
	c.w.mu.Lock()
	defer c.w.mu.Unlock()
	body, list := c.document()
	c.mark(list, nothing)
	return body
}

// wait keeps the connection for a while; false when the client went, the
// newsroom ended or too many are waiting.
func (c *call) wait(d time.Duration) bool {
	defer c.n.held.Add(-1)
	if c.n.held.Add(1) > heldAtMost {
		return false
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-c.req.Context().Done():
	case <-c.n.ended:
	}
	return false
}

// take takes the connection over, or answers 500 where that cannot be done. It
// is closed when the newsroom ends.
func (c *call) take() (net.Conn, bool) {
	h, ok := c.rw.(http.Hijacker)
	if !ok {
		http.Error(c.rw, "this bad server needs a connection of HTTP/1.1", http.StatusInternalServerError)
		return nil, false
	}
	conn, _, err := h.Hijack()
	if err != nil {
		return nil, false
	}
	conn.SetDeadline(time.Now().Add(holdAtMost))
	c.n.holding.Store(conn, nil)
	select {
	case <-c.n.ended: // too late to be closed with the others
		conn.Close()
	default:
	}
	return conn, true
}

// leave ends a connection that was taken over.
func (c *call) leave(conn net.Conn) {
	c.n.holding.Delete(conn)
	conn.Close()
}

// refuse answers with a status and a sentence.
func (c *call) refuse(status int) {
	http.Error(c.rw, strconv.Itoa(status)+" "+http.StatusText(status), status)
}
