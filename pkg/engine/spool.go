package engine

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"syscall"
)

// spool holds the rows of an INSERT until all are there: a body that breaks off never inserts a
// part of itself. Small ones stay in memory.
type spool struct{ f *os.File }

const (
	spoolInMemory = 32 << 20
	spoolLimit    = 4 << 30
)

// spoolRows reads body to its end.
func spoolRows(dir string, body io.Reader) (_ *spool, err error) {
	f, err := memoryFile()
	if err != nil {
		return nil, fmt.Errorf("buffer the rows: %w", err)
	}
	defer func() {
		if err != nil {
			f.Close()
		}
	}()
	src := &bodyReader{r: body}
	n, err := io.CopyN(f, src, spoolInMemory)
	if err == nil {
		if f, err = moveToDisk(dir, f); err != nil {
			return nil, spoolError(src, err)
		}
		n, err = io.CopyN(f, src, spoolLimit-n)
		if err == nil {
			return nil, fail(12, "PARAMETER_OUT_OF_BOUND", http.StatusRequestEntityTooLarge, "an INSERT may carry at most %d bytes", int64(spoolLimit))
		}
	}
	if !errors.Is(err, io.EOF) || src.err != nil && src.err != io.EOF {
		return nil, spoolError(src, err)
	}
	return &spool{f}, nil
}

// bodyReader remembers whether the body failed, or the place where it is kept.
type bodyReader struct {
	r   io.Reader
	err error
}

func (b *bodyReader) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	if err != nil {
		b.err = err
	}
	return n, err
}

func spoolError(src *bodyReader, err error) error {
	switch {
	case src.err != nil && src.err != io.EOF:
		return bodyError(src.err)
	case errors.Is(err, syscall.ENOSPC):
		return fail(243, "NOT_ENOUGH_SPACE", http.StatusInsufficientStorage, "no space left for the rows of this INSERT")
	}
	return fmt.Errorf("buffer the rows: %w", err)
}

// moveToDisk continues a memory file as an unlinked file in dir.
func moveToDisk(dir string, mem *os.File) (*os.File, error) {
	defer mem.Close()
	f, err := os.CreateTemp(dir, ".insert-*")
	if err != nil {
		return mem, err
	}
	os.Remove(f.Name())
	if _, err = mem.Seek(0, io.SeekStart); err == nil {
		_, err = io.Copy(f, mem)
	}
	return f, err
}

func (s *spool) Close() error { return s.f.Close() }
