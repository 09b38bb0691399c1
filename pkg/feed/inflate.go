package feed

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
)

var gzipMagic = []byte("\x1f\x8b\x08")

// inflate gives what a gzip file holds, at most max bytes of it; other
// documents come back as they are. A file that was cut gives what there is.
func inflate(b []byte, max int) (out []byte, warning string, err error) {
	if !bytes.HasPrefix(b, gzipMagic) {
		return b, "", nil
	}
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, "", fmt.Errorf("%w: damaged gzip: %v", ErrNotFeed, err)
	}
	out, err = io.ReadAll(io.LimitReader(z, int64(max)+1))
	if len(out) > max {
		return nil, "", fmt.Errorf("%w: more than %d bytes once unpacked; ask the publisher for a shorter feed or raise the limit", ErrTooLarge, max)
	}
	switch {
	case err == nil:
		return out, "", nil
	case len(out) > 0 && (errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, gzip.ErrChecksum) || errors.Is(err, gzip.ErrHeader)):
		return out, "damaged gzip: " + err.Error(), nil // what follows the last whole item is salvaged
	}
	return nil, "", fmt.Errorf("%w: damaged gzip: %v", ErrNotFeed, err)
}
