package drill

import (
	"encoding/xml"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"
)

// entry is an item of a feed.
type entry struct {
	url, title, teaser, text string
}

// papers serve feeds that a test writes.
type papers struct {
	base  string
	mu    sync.Mutex
	feeds map[string][]entry
}

func newPapers(w *world) *papers {
	p := &papers{feeds: map[string][]entry{}}
	srv := httptest.NewServer(p)
	w.Cleanup(srv.Close)
	p.base = srv.URL
	return p
}

// print replaces what a feed shows, and gives the address of the feed.
func (p *papers) print(name string, entries ...entry) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.feeds["/"+name] = entries
	return p.base + "/" + name
}

func (p *papers) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	entries, ok := p.feeds[r.URL.Path]
	p.mu.Unlock()
	if !ok {
		http.NotFound(rw, r)
		return
	}
	esc := func(s string) string {
		var sb strings.Builder
		_ = xml.EscapeText(&sb, []byte(s))
		return sb.String()
	}
	fmt.Fprintf(rw, `<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>%s</title><link>%s</link>`, esc(r.URL.Path), esc(p.base))
	for _, e := range entries {
		fmt.Fprintf(rw, "<item><title>%s</title><link>%s</link><guid>%s</guid><description>%s</description>", esc(e.title), esc(e.url), esc(e.url), esc(e.teaser))
		if e.text != "" {
			fmt.Fprintf(rw, "<content:encoded>%s</content:encoded>", esc(e.text))
		}
		fmt.Fprint(rw, "</item>")
	}
	fmt.Fprint(rw, "</channel></rss>")
}

// mood of a line.
type mood int

const (
	well mood = iota
	slow      // what comes back takes its time
	deaf      // what is sent arrives, and no answer comes back
	dead      // nobody answers
)

// line is a connection to a server that can be spoiled.
type line struct {
	addr string // to dial
	to   string

	mu    sync.Mutex
	mood  mood
	conns map[net.Conn]bool
}

func newLine(w *world, to string) *line {
	w.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		w.Fatal(err)
	}
	l := &line{addr: ln.Addr().String(), to: to, conns: map[net.Conn]bool{}}
	w.Cleanup(func() { ln.Close(); l.be(dead) })
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			go l.serve(c)
		}
	}()
	return l
}

// be changes the mood; who is connected loses the connection.
func (l *line) be(m mood) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.mood = m
	for c := range l.conns {
		c.Close()
		delete(l.conns, c)
	}
}

// lag is what a slow line adds to each piece of an answer.
const lag = 150 * time.Millisecond

func (l *line) serve(c net.Conn) {
	defer c.Close()
	l.mu.Lock()
	m := l.mood
	l.mu.Unlock()
	if m == dead {
		return
	}
	s, err := net.Dial("tcp", l.to)
	if err != nil {
		return
	}
	defer s.Close()
	l.mu.Lock()
	l.conns[c], l.conns[s] = true, true
	l.mu.Unlock()
	go func() { _, _ = io.Copy(s, c); s.Close() }()
	buf := make([]byte, 64<<10)
	for {
		n, err := s.Read(buf)
		if n > 0 && m == deaf {
			return // the answer is lost with the connection
		}
		if n > 0 && m == slow {
			time.Sleep(lag)
		}
		if n > 0 {
			if _, err := c.Write(buf[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}
