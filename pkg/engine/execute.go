package engine

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
)

// execute runs the statement and writes its output; stop cancels it.
func (q *request) execute(conn *conn, st *statement, rows *spool, stop func()) (stats, error) {
	format := q.format(st)
	switch {
	case st.insert != nil:
		_, s, err := conn.exec(q.insertSQL(st.insert, rows), "Null", q.opt.params...)
		return s, err
	case st.verb == "SELECT", st.verb == "WITH", st.verb == "FROM":
		return q.stream(conn, st, stop)
	}
	out, s, err := conn.exec(st.sql, format, q.opt.params...)
	if err != nil {
		return s, err
	}
	if _, err := q.out.Write(out); err != nil {
		return s, &clientGone{err}
	}
	return s, nil
}

// stream lets the library write a query's result into a pipe, as clickhouse-client does for INTO
// OUTFILE: any format comes as one document and no faster than the client takes it. (The library's
// own streaming writes a document for each block.)
func (q *request) stream(conn *conn, st *statement, stop func()) (stats, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return stats{}, fmt.Errorf("pipe for the result: %w", err)
	}
	copied := make(chan error, 1)
	go func() {
		_, err := io.Copy(q.out, r)
		if err != nil {
			stop()
			// To the end: a pipe without a reader would kill the process with SIGPIPE.
			io.Copy(io.Discard, r)
		}
		r.Close()
		copied <- err
	}()
	query, clause := st.sql, "FORMAT "+q.format(st)
	if st.format != "" {
		query, clause = st.sql[:st.formatAt], st.sql[st.formatAt:]
	}
	_, s, err := conn.exec(query+"\nINTO OUTFILE "+quoteString(fdPath(w))+" APPEND COMPRESSION 'none' "+clause, "Null", q.opt.params...)
	w.Close()
	if gone := <-copied; gone != nil {
		return s, &clientGone{gone}
	}
	return s, err
}

// fdPath is where the library, in this process, can open f.
func fdPath(f *os.File) string { return "/proc/self/fd/" + strconv.Itoa(int(f.Fd())) }

// insertSQL reads the spooled rows the way clickhouse-client reads a file: names, defaults and the
// deduplication token work as in an INSERT over the network.
func (q *request) insertSQL(ins *insertion, rows *spool) string {
	format := ins.format
	if format == "" {
		if format = q.opt.format; format == "" {
			format = "Values"
		}
	}
	return ins.target + " FROM INFILE " + quoteString(fdPath(rows.f)) + " COMPRESSION 'none' " + ins.settings + " FORMAT " + format
}

// contentType is what ClickHouse sends for a format.
func contentType(format string) string {
	f := strings.ToLower(format)
	header := "absent"
	if strings.Contains(f, "withnames") {
		header = "present"
	}
	switch {
	case strings.HasPrefix(f, "tabseparated"), strings.HasPrefix(f, "tsv"):
		return "text/tab-separated-values; charset=UTF-8"
	case strings.HasPrefix(f, "csv"):
		return "text/csv; charset=UTF-8; header=" + header
	case strings.HasSuffix(f, "eachrow"), f == "jsonlines", f == "ndjson":
		return "application/x-ndjson; charset=UTF-8"
	case strings.HasPrefix(f, "json"):
		return "application/json; charset=UTF-8"
	case f == "xml":
		return "application/xml; charset=UTF-8"
	case f == "native", strings.HasPrefix(f, "rowbinary"), f == "parquet", f == "arrow", f == "arrowstream", f == "orc", f == "avro", f == "msgpack":
		return "application/octet-stream"
	}
	return "text/plain; charset=UTF-8"
}
