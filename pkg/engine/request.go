package engine

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	maxStatement = 1 << 20          // bytes of a statement, the data of an INSERT not counted
	slotWait     = 20 * time.Second // for one of Config.Connections
	clientWait   = time.Minute      // for the next bytes from or to a client
)

// request is one statement on its way through.
type request struct {
	c      *ClickHouse
	r      *http.Request
	out    *response
	opt    options
	reader bool
	id     string
	began  time.Time
}

func (q *request) serve(ctx context.Context) error {
	q.began = time.Now()
	values := q.r.URL.Query()
	form, err := mergeForm(q.r, values)
	if q.reader, err = q.authenticated(values, err); err != nil {
		return err
	}
	if q.opt, err = parseOptions(values, q.r.Header); err != nil {
		return err
	}
	if q.opt.externalData {
		return errExternalData
	}
	if q.id = q.opt.queryID; q.id == "" {
		var id [16]byte
		rand.Read(id[:])
		q.id = hex.EncodeToString(id[:])
	}
	body := io.Reader(http.NoBody)
	if !form {
		in := &patientBody{body: q.r.Body, rc: http.NewResponseController(q.out.w)}
		defer in.done()
		if body, err = decodeBody(in, q.r.Header.Get("Content-Encoding"), q.opt.decompress); err != nil {
			return err
		}
	}
	start, err := io.ReadAll(io.LimitReader(body, maxStatement+1))
	if err != nil {
		return bodyError(err)
	}
	st, text, err := parseRequest(q.opt.query, string(start))
	if err != nil {
		return statementError(err)
	}
	if st.insert == nil && len(text) > maxStatement {
		return fail(62, "SYNTAX_ERROR", http.StatusBadRequest, "Max query size exceeded: a statement may have %d bytes", maxStatement)
	}
	q.prepareAnswer(st)
	if isHello(st.sql, q.opt) {
		return q.answer(func() (stats, error) { return stats{}, q.hello() })
	}
	var rows *spool
	if st.insert != nil {
		if q.reader {
			return errReaderStatement(st.verb)
		}
		if rows, err = spoolRows(q.c.dir(), io.MultiReader(strings.NewReader(text[st.insert.dataAt:]), body)); err != nil {
			return err
		}
		defer rows.Close()
	}
	return q.run(ctx, st, rows)
}

// authenticated answers a wrong password before anything else that is wrong.
func (q *request) authenticated(values map[string][]string, formErr error) (bool, error) {
	reader, err := q.c.authenticate(q.r, values)
	if err != nil {
		return false, err
	}
	return reader, formErr
}

// patientBody gives the client a time for each piece of its body.
type patientBody struct {
	body io.Reader
	rc   *http.ResponseController
}

func (b *patientBody) Read(p []byte) (int, error) {
	b.rc.SetReadDeadline(time.Now().Add(clientWait))
	n, err := b.body.Read(p)
	if err != nil {
		b.done()
	}
	return n, err
}

// done lifts the deadline: from now on a read is how the server notices that the client is gone.
func (b *patientBody) done() { b.rc.SetReadDeadline(time.Time{}) }

// bodyError is a request body that cannot be read to its end. Nothing of it was used.
func bodyError(err error) error {
	var f *failure
	if errors.As(err, &f) {
		return f
	}
	return fail(33, "CANNOT_READ_ALL_DATA", http.StatusBadRequest, "Request body: %v", err)
}

func statementError(err error) error {
	var u *unsupported
	if errors.As(err, &u) {
		return fail(48, "NOT_IMPLEMENTED", http.StatusNotImplemented, "%v", u)
	}
	return fail(62, "SYNTAX_ERROR", http.StatusBadRequest, "Syntax error: %v", err)
}

// prepareAnswer sets what is known of the answer before the statement has run.
func (q *request) prepareAnswer(st *statement) {
	h := q.out.w.Header()
	format := q.format(st)
	h.Set("X-ClickHouse-Query-Id", q.id)
	h.Set("X-ClickHouse-Timezone", "UTC")
	h.Set("X-ClickHouse-Format", format)
	h.Set("Content-Type", contentType(format))
	h.Set("Access-Control-Expose-Headers", "X-ClickHouse-Query-Id,X-ClickHouse-Summary,X-ClickHouse-Server-Display-Name,X-ClickHouse-Format,X-ClickHouse-Timezone,X-ClickHouse-Exception-Code,X-ClickHouse-Exception-Tag")
	if q.opt.waitEnd {
		q.out.hold = holdBackWait
	}
	if q.opt.compress {
		q.out.encode = newFrameWriter(q.opt.compressBy)
	} else if name, open := acceptedEncoding(q.r.Header); open != nil {
		h.Set("Content-Encoding", name)
		h.Set("Vary", "Accept-Encoding")
		q.out.encode = open
	}
}

// answer runs produce, which writes the result, and ends the answer.
func (q *request) answer(produce func() (stats, error)) error {
	st, err := produce()
	if err != nil {
		return err
	}
	if err := q.out.finish(st, time.Since(q.began)); err != nil {
		return &clientGone{err}
	}
	return nil
}

func (q *request) format(st *statement) string {
	switch {
	case st.format != "":
		return st.format
	case q.opt.format != "":
		return q.opt.format
	}
	return "TabSeparated"
}

// run executes a statement on a connection of its own: settings, the database and temporary tables
// end with it. (A connection costs a third of a millisecond.)
func (q *request) run(ctx context.Context, st *statement, rows *spool) error {
	if err := q.c.acquire(ctx); err != nil {
		return err
	}
	defer func() { <-q.c.slots }()
	conn, err := q.c.lib.open(q.c.args...)
	if err != nil {
		return err
	}
	defer conn.close()
	mark := q.id + "/" + strconv.FormatInt(q.began.UnixNano(), 36)
	if err := q.configure(conn, mark); err != nil {
		return err
	}
	if q.reader {
		if err := q.c.guard(conn, st, q.opt); err != nil {
			return err
		}
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	defer q.c.cancelOn(ctx, mark)()
	err = q.answer(func() (stats, error) { return q.execute(conn, st, rows, stop) })
	if ctx.Err() != nil && err != nil {
		return &clientGone{ctx.Err()}
	}
	return err
}

// acquire waits for a free slot.
func (c *ClickHouse) acquire(ctx context.Context) error {
	select {
	case c.slots <- struct{}{}:
		return nil
	default:
	}
	t := time.NewTimer(slotWait)
	defer t.Stop()
	select {
	case c.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return &clientGone{ctx.Err()}
	case <-t.C:
		return fail(202, "TOO_MANY_SIMULTANEOUS_QUERIES", http.StatusServiceUnavailable, "Too many simultaneous queries. Maximum: %d (engine.connections)", cap(c.slots))
	}
}

// configure applies settings and the database to a fresh connection.
func (q *request) configure(conn *conn, mark string) error {
	var b strings.Builder
	b.WriteString("SET log_comment = " + quoteString(mark))
	add := func(s setting) { b.WriteString(", " + s.name + " = " + quoteString(s.value)) }
	// Days and hours must not depend on where the process runs. Later settings win.
	add(setting{"session_timezone", "UTC"})
	add(setting{"async_insert", "0"}) // the answer to an INSERT says that its rows are there
	add(setting{"max_memory_usage_for_user", strconv.FormatInt(2*q.c.cfg.MaxMemory, 10)})
	if q.reader {
		limits, err := readerSettings(q.opt, q.c.cfg.MaxMemory)
		if err != nil {
			return err
		}
		for _, s := range limits {
			add(s)
		}
	} else {
		add(setting{"max_memory_usage", strconv.FormatInt(q.c.cfg.MaxMemory, 10)})
		for _, s := range q.opt.settings {
			add(s)
		}
	}
	if _, _, err := conn.exec(b.String(), "Null"); err != nil {
		return err
	}
	if q.opt.database != "" {
		if _, _, err := conn.exec("USE "+quoteName(q.opt.database), "Null"); err != nil {
			return err
		}
	}
	readonly := ""
	switch {
	case q.reader:
		readonly = "1"
	case q.r.Method != http.MethodPost: // as everywhere, GET changes nothing
		readonly = "2"
	default:
		return nil
	}
	_, _, err := conn.exec("SET readonly = "+readonly, "Null")
	return err
}

// cancelOn kills the statement that carries mark when ctx ends before the returned function is
// called, which waits until nobody tries any more.
func (c *ClickHouse) cancelOn(ctx context.Context, mark string) (done func()) {
	finished, idle := make(chan struct{}), make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(idle)
		// The statement may not have begun to run yet: again until it is over.
		for tick := 5 * time.Millisecond; ; tick = min(2*tick, time.Second) {
			c.kill(mark)
			select {
			case <-finished:
				return
			case <-time.After(tick):
			}
		}
	})
	return func() {
		close(finished)
		if !stop() {
			<-idle
		}
	}
}

func (c *ClickHouse) kill(mark string) {
	conn, err := c.lib.open(c.args...)
	if err == nil {
		defer conn.close()
		_, _, err = conn.exec("KILL QUERY WHERE Settings['log_comment'] = "+quoteString(mark)+" ASYNC", "Null")
	}
	if err != nil {
		c.log.Warn("embedded ClickHouse: cannot cancel a statement", "error", err)
	}
}
