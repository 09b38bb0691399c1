package engine

import (
	"bytes"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"unsafe"

	"github.com/ebitengine/purego"
)

// library is libchdb's C interface. Strings go in with their length, so they may hold any byte.
// (Its own streaming calls are not used: see request.stream.)
type library struct {
	path string

	connect      func(argc int32, argv unsafe.Pointer) unsafe.Pointer
	closeConn    func(conn unsafe.Pointer)
	query        func(conn, sql unsafe.Pointer, sqlLen uintptr, format unsafe.Pointer, formatLen uintptr, names, nameLens, values, valueLens unsafe.Pointer, n uintptr) unsafe.Pointer
	buffer       func(result unsafe.Pointer) unsafe.Pointer
	length       func(result unsafe.Pointer) uintptr
	errorText    func(result unsafe.Pointer) unsafe.Pointer
	rowsRead     func(result unsafe.Pointer) uint64
	bytesRead    func(result unsafe.Pointer) uint64
	rowsWritten  func(result unsafe.Pointer) uint64
	bytesWritten func(result unsafe.Pointer) uint64
	destroy      func(result unsafe.Pointer)
}

// The library can be loaded once a process and never unloaded: it starts threads which outlive
// the last connection.
var loaded struct {
	sync.Mutex
	lib *library
}

func loadLibrary(path string) (*library, error) {
	loaded.Lock()
	defer loaded.Unlock()
	if l := loaded.lib; l != nil {
		if l.path != path {
			return nil, fmt.Errorf("this process has loaded %s already and cannot load %s beside it", l.path, path)
		}
		return l, nil
	}
	handlers := saveSignalHandlers()
	defer handlers.restore()
	h, err := purego.Dlopen(path, purego.RTLD_NOW|purego.RTLD_GLOBAL)
	if err != nil {
		return nil, fmt.Errorf("load %s: %w", path, err)
	}
	l := &library{path: path}
	for _, f := range []struct {
		name string
		fn   any
	}{
		{"chdb_connect", &l.connect},
		{"chdb_close_conn", &l.closeConn},
		{"chdb_query_with_params_n", &l.query},
		{"chdb_result_buffer", &l.buffer},
		{"chdb_result_length", &l.length},
		{"chdb_result_error", &l.errorText},
		{"chdb_result_rows_read", &l.rowsRead},
		{"chdb_result_bytes_read", &l.bytesRead},
		{"chdb_result_rows_written", &l.rowsWritten},
		{"chdb_result_bytes_written", &l.bytesWritten},
		{"chdb_destroy_query_result", &l.destroy},
	} {
		sym, err := purego.Dlsym(h, f.name)
		if err != nil {
			return nil, fmt.Errorf("%s is not a libchdb that dateline can use (pinned version: %s): %w", path, Version, err)
		}
		purego.RegisterFunc(f.fn, sym)
	}
	loaded.lib = l
	return l, nil
}

// conn is one connection; it runs one statement at a time.
type conn struct {
	lib    *library
	handle unsafe.Pointer // chdb_connection *, what close takes
	ptr    unsafe.Pointer // chdb_connection, what queries take
}

var opening sync.Mutex

// open connects with clickhouse-local's command line arguments ("--path=…"). The library puts its
// own handlers on Go's signals when it connects; they are put back before open returns.
func (l *library) open(args ...string) (*conn, error) {
	var pin runtime.Pinner
	defer pin.Unpin()
	argv := make([]unsafe.Pointer, 0, len(args)+2)
	for _, a := range append([]string{"clickhouse"}, args...) {
		b := append([]byte(a), 0)
		pin.Pin(&b[0])
		argv = append(argv, unsafe.Pointer(&b[0]))
	}
	argv = append(argv, nil)
	pin.Pin(&argv[0])

	// Two at once would take each other's changes for Go's handlers.
	opening.Lock()
	defer opening.Unlock()
	handlers := saveSignalHandlers()
	h := l.connect(int32(len(argv)-1), unsafe.Pointer(&argv[0]))
	handlers.restore()
	if left := handlers.changed(); len(left) > 0 {
		return nil, fmt.Errorf("the embedded ClickHouse keeps hold of the signals %v", left)
	}
	if h == nil {
		return nil, errors.New("the embedded ClickHouse did not start (its own message stands on stderr)")
	}
	return &conn{lib: l, handle: h, ptr: *(*unsafe.Pointer)(h)}, nil
}

func (c *conn) close() { c.lib.closeConn(c.handle) }

// param is a value for a {name:Type} placeholder, in ClickHouse's escaped text form.
type param struct{ name, value string }

// stats counts what a statement read and wrote.
type stats struct {
	readRows, readBytes, writtenRows, writtenBytes uint64
}

func (c *conn) stats(r unsafe.Pointer) stats {
	return stats{c.lib.rowsRead(r), c.lib.bytesRead(r), c.lib.rowsWritten(r), c.lib.bytesWritten(r)}
}

// call passes Go's memory to the library, pinned for as long as the call lasts.
func (c *conn) call(sql, format string, params []param) unsafe.Pointer {
	var pin runtime.Pinner
	defer pin.Unpin()
	bytesOf := func(s string) unsafe.Pointer {
		b := make([]byte, len(s)+1)
		copy(b, s)
		pin.Pin(&b[0])
		return unsafe.Pointer(&b[0])
	}
	q, fm := bytesOf(sql), bytesOf(format)
	if len(params) == 0 {
		return c.lib.query(c.ptr, q, uintptr(len(sql)), fm, uintptr(len(format)), nil, nil, nil, nil, 0)
	}
	n := len(params)
	names, values := make([]unsafe.Pointer, n), make([]unsafe.Pointer, n)
	nameLens, valueLens := make([]uintptr, n), make([]uintptr, n)
	for i, p := range params {
		names[i], nameLens[i] = bytesOf(p.name), uintptr(len(p.name))
		values[i], valueLens[i] = bytesOf(p.value), uintptr(len(p.value))
	}
	pin.Pin(&names[0])
	pin.Pin(&values[0])
	pin.Pin(&nameLens[0])
	pin.Pin(&valueLens[0])
	return c.lib.query(c.ptr, q, uintptr(len(sql)), fm, uintptr(len(format)),
		unsafe.Pointer(&names[0]), unsafe.Pointer(&nameLens[0]), unsafe.Pointer(&values[0]), unsafe.Pointer(&valueLens[0]), uintptr(n))
}

// exec runs a statement and returns its whole output.
func (c *conn) exec(sql, format string, params ...param) ([]byte, stats, error) {
	r := c.call(sql, format, params)
	if r == nil {
		return nil, stats{}, errNoResult
	}
	defer c.lib.destroy(r)
	if err := c.resultError(r); err != nil {
		return nil, stats{}, err
	}
	return bytes.Clone(c.output(r)), c.stats(r), nil
}

var errNoResult = errors.New("the embedded ClickHouse returned no result")

func (c *conn) output(r unsafe.Pointer) []byte {
	n := c.lib.length(r)
	if n == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(c.lib.buffer(r)), n)
}

func (c *conn) resultError(r unsafe.Pointer) error {
	p := c.lib.errorText(r)
	if p == nil {
		return nil
	}
	n := 0
	for *(*byte)(unsafe.Add(p, n)) != 0 {
		n++
	}
	if n == 0 {
		return nil
	}
	return &serverError{text: string(unsafe.Slice((*byte)(p), n))}
}

// serverError is ClickHouse's own message: "Code: 60. DB::Exception: … (UNKNOWN_TABLE)".
type serverError struct{ text string }

func (e *serverError) Error() string { return e.text }
