package newsroom

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

func (c *call) hang() {
	c.wait(holdAtMost)
	panic(http.ErrAbortHandler) // no answer, not an empty one
}

func (c *call) hangInHeader() {
	conn, ok := c.take()
	if !ok {
		return
	}
	defer c.leave(conn)
	defer c.n.held.Add(-1)
	if c.n.held.Add(1) > heldAtMost {
		return
	}
	io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\nX-Press: ro")
	io.Copy(io.Discard, conn) // until the client goes, or the deadline
}

func (c *call) hangInBody() {
	body := c.offer()
	c.rw.Header().Set("Content-Type", contentTypes[rss])
	c.rw.Header().Set("Content-Length", strconv.Itoa(len(body)))
	c.rw.Write(body[:len(body)/2])
	c.flush()
	c.wait(holdAtMost)
}

func (c *call) flush() {
	if f, ok := c.rw.(http.Flusher); ok {
		f.Flush()
	}
}

func (c *call) drip() {
	body := c.offer()
	c.rw.Header().Set("Content-Type", contentTypes[rss])
	for i := 0; i < len(body) && i < int(holdAtMost/time.Second); i++ {
		if _, err := c.rw.Write(body[i : i+1]); err != nil {
			return
		}
		c.flush()
		if !c.wait(time.Second) {
			return
		}
	}
}

// endlessBytes and bombBytes bound what a client that reads on gets.
const (
	endlessBytes = 1 << 30
	bombBytes    = 1 << 30
)

func (c *call) endless() {
	var b bytes.Buffer
	c.o.rssHead(&b, c.n.feedURL(c.o.number), c.at)
	c.rw.Header().Set("Content-Type", contentTypes[rss])
	for sent, i := 0, 0; sent < endlessBytes; sent += b.Len() {
		if sent > 0 {
			b.Reset()
		}
		for b.Len() < 64<<10 {
			i++
			fmt.Fprintf(&b, "<item><title>More of the same, part %d</title><link>https://%s/more/%d</link></item>\n", i, c.o.domain, i)
		}
		if _, err := c.rw.Write(b.Bytes()); err != nil || c.ended() {
			return
		}
	}
}

func (c *call) ended() bool {
	select {
	case <-c.n.ended:
		return true
	default:
		return false
	}
}

// bombBlock is 16 MiB of blanks, packed: gzip members may follow each other.
var bombBlock = sync.OnceValue(func() []byte { return pack(bytes.Repeat([]byte(" "), 16<<20)) })

func (c *call) gzipBomb() {
	c.rw.Header().Set("Content-Type", contentTypes[rss])
	c.rw.Header().Set("Content-Encoding", "gzip")
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	c.o.rssHead(z, c.n.feedURL(c.o.number), c.at)
	z.Close() // into memory: cannot fail
	c.rw.Write(b.Bytes())
	for sent := 0; sent < bombBytes; sent += 16 << 20 {
		if _, err := c.rw.Write(bombBlock()); err != nil || c.ended() {
			return
		}
	}
}

func (c *call) headerFlood() {
	conn, ok := c.take()
	if !ok {
		return
	}
	defer c.leave(conn)
	io.WriteString(conn, "HTTP/1.1 200 OK\r\n")
	line := "X-Press: " + strings.Repeat("stop the press, ", 500) + "\r\n"
	for range 4 << 20 / len(line) {
		if _, err := io.WriteString(conn, line); err != nil {
			return
		}
	}
	io.WriteString(conn, "Content-Length: 0\r\n\r\n")
}

func (c *call) slow() {
	if c.wait(1500 * time.Millisecond) {
		c.good()
	}
}

// raw takes the connection and writes an answer with a length of its own
// choosing and so much of the body.
func (c *call) raw(body []byte, length, sent int, abort bool) {
	conn, ok := c.take()
	if !ok {
		return
	}
	defer c.leave(conn)
	fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n", contentTypes[rss], length)
	conn.Write(body[:sent])
	if tcp, ok := conn.(*net.TCPConn); ok && abort {
		tcp.SetLinger(0) // closing sends RST
	}
}

func (c *call) reset() {
	if !c.odd() {
		c.good()
		return
	}
	body := c.offer()
	c.raw(body, len(body), len(body)/2, true)
}

func (c *call) notHTTP() {
	conn, ok := c.take()
	if !ok {
		return
	}
	defer c.leave(conn)
	io.WriteString(conn, "220 "+c.o.domain+" ESMTP at your service\r\n")
}

func (c *call) lengthLong() {
	if !c.odd() {
		c.good()
		return
	}
	body := c.offer()
	c.raw(body, len(body)+1000, len(body), false)
}

func (c *call) lengthShort() {
	c.w.mu.Lock()
	body, list := c.document()
	cut := len(body) * 6 / 10
	c.mark(list, func(it *listed) bool { return it.to <= cut })
	c.w.mu.Unlock()
	c.raw(body, cut, len(body), false)
}

// resetStream relies on net/http: a handler that panics so resets its stream.
func (c *call) resetStream() {
	if !c.odd() {
		c.good()
		return
	}
	body := c.offer()
	c.rw.Header().Set("Content-Type", contentTypes[rss])
	c.rw.Header().Set("Content-Length", strconv.Itoa(len(body)))
	c.rw.Write(body[:len(body)/2])
	c.flush()
	panic(http.ErrAbortHandler)
}

func (c *call) lie() {
	if c.req.Header.Get("If-None-Match") != "" || c.req.Header.Get("If-Modified-Since") != "" {
		c.send(http.StatusNotModified, c.req.Header.Get("If-None-Match"), "", nil)
		return
	}
	c.good()
}

func (c *call) churnETag() {
	c.w.mu.Lock()
	body, list := c.document()
	c.mark(list, nil)
	c.w.mu.Unlock()
	c.send(http.StatusOK, fmt.Sprintf(`"%016x"`, c.r.next()), "", body)
}

func (c *call) redirect(status int, to string) { http.Redirect(c.rw, c.req, to, status) }

func (c *call) loop() {
	next := map[string]string{feedFiles[rss]: hopFile + "1", hopFile + "1": hopFile + "2"}[c.file]
	if next == "" {
		next = feedFiles[rss]
	}
	c.redirect(http.StatusFound, next)
}

func (c *call) inside() {
	c.redirect(http.StatusFound, []string{"http://169.254.169.254/latest/meta-data/", "http://10.0.0.1/feed.rss", "http://[::1]:1/feed.rss"}[c.visit%3])
}

// movedVisits is how often a home that was left for good still says so.
const movedVisits = 8

func (c *call) moved() {
	if c.file == homeFile {
		c.good()
		return
	}
	c.w.mu.Lock()
	if seen(c.req) {
		c.w.bad.moves++
	}
	left := c.w.bad.moves > movedVisits
	c.w.mu.Unlock()
	switch {
	case left:
		c.refuse(http.StatusNotFound)
	case c.o.kind.Name == "moved-308":
		c.redirect(http.StatusPermanentRedirect, homeFile)
	default:
		c.redirect(http.StatusMovedPermanently, homeFile)
	}
}

func (c *call) elsewhere() {
	if c.file == homeFile {
		c.good()
		return
	}
	c.redirect(http.StatusFound, homeFile)
}

func (c *call) gone() {
	if c.visit >= 3 {
		c.refuse(http.StatusGone)
		return
	}
	c.good()
}

func (c *call) notFound() { c.refuse(http.StatusNotFound) }

func (c *call) failing() {
	if c.odd() {
		c.refuse(http.StatusInternalServerError)
		return
	}
	c.good()
}

// busy answers, then asks for a pause, then answers again.
func (c *call) busy() {
	b := c.w.bad
	c.w.mu.Lock()
	early := b.refused && c.at.Before(b.until)
	switch {
	case !seen(c.req):
	case early:
		b.impolite++
	case b.refused:
		b.refused, b.goods = false, 0
	case b.goods > 0:
		b.refused, b.until, early = true, c.at.Truncate(time.Second).Add(c.n.cfg.BadPeriod), true
	}
	until := b.until
	c.w.mu.Unlock()
	if !early {
		c.good()
		return
	}
	left := until.Sub(c.at)
	pause := strconv.Itoa(int((left + time.Second - 1) / time.Second))
	status := http.StatusTooManyRequests
	switch c.o.kind.Name {
	case "busy-date":
		pause = until.UTC().Format(http.TimeFormat)
	case "unavailable":
		status = http.StatusServiceUnavailable
	}
	c.rw.Header().Set("Retry-After", pause)
	c.refuse(status)
}

func (c *call) forbid() {
	if !strings.HasPrefix(c.req.UserAgent(), "Mozilla/5.0") {
		c.refuse(http.StatusForbidden)
		return
	}
	c.good()
}

func (c *call) locked() {
	kind, secret, _ := strings.Cut(c.o.kind.Secret, ": ")
	ok := false
	switch kind {
	case "basic":
		user, password, sent := c.req.BasicAuth()
		ok = sent && user+":"+password == secret
	case "bearer":
		ok = c.req.Header.Get("Authorization") == "Bearer "+secret
	case "cookie":
		name, value, _ := strings.Cut(secret, "=")
		cookie, err := c.req.Cookie(name)
		ok = err == nil && cookie.Value == value
	}
	if !ok {
		if kind == "basic" {
			c.rw.Header().Set("WWW-Authenticate", `Basic realm="subscribers"`)
		}
		c.refuse(http.StatusUnauthorized)
		return
	}
	c.good()
}

// blackout has its good times first.
func (c *call) blackout() {
	if int(c.at.Sub(c.n.cfg.Start)/c.n.cfg.BadPeriod)%2 == 0 {
		c.good()
		return
	}
	var b bytes.Buffer
	c.o.rssHead(&b, c.n.feedURL(c.o.number), c.at)
	b.WriteString(rssTail)
	c.send(http.StatusOK, "", "", b.Bytes())
}

func (c *call) sorry() {
	if !c.odd() {
		c.good()
		return
	}
	c.rw.Header().Set("Content-Type", "text/html; charset=utf-8")
	io.WriteString(c.rw, "<!doctype html>\n<html lang=\"en\"><head><title>Sorry</title></head><body><h1>Something went wrong</h1><p>Our editors have been told. Please try again later.</p></body></html>\n")
}
