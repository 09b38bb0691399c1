// Package intake takes articles that do not come from a feed: files of JSON
// lines with their own dates. They go the same way as all others, with the
// same ids, marked backlog: they are history for baselines, never an alert.
package intake

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/news"
)

// Bounds of what one line may bring.
const (
	MaxLine = 8 << 20   // bytes; a longer line is broken
	MaxText = 600 << 10 // bytes of text kept of one article
)

// Publisher stores messages, all or with an error.
type Publisher interface {
	Publish(ctx context.Context, msgs ...bus.Message) error
}

// Result says what became of a file.
type Result struct {
	Lines     int // that were not blank
	Published int
	Broken    int
}

// Importer reads files of articles.
type Importer struct {
	Out    Publisher
	Now    func() time.Time
	Report func(file string, line int, err error) // is told of each broken line; may be nil
}

// Import reads one file of JSON lines, gzipped or not, and publishes what it
// holds. A broken line is reported and passed over. The error is that of the
// reader or the publisher; what was published before it stands.
func (im *Importer) Import(ctx context.Context, file string, r io.Reader) (Result, error) {
	var res Result
	in, err := open(r)
	if err != nil {
		return res, fmt.Errorf("%s: %w", file, err)
	}
	var batch []bus.Message
	size := 0
	flush := func() error {
		if len(batch) == 0 {
			return nil
		}
		if err := im.Out.Publish(ctx, batch...); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		res.Published += len(batch)
		batch, size = batch[:0], 0
		return nil
	}
	for no := 1; ; no++ {
		line, err := readLine(in)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil && !errors.Is(err, errLong) {
			err = errors.Join(fmt.Errorf("%s: line %d: %w", file, no, err), flush())
			return res, err
		}
		if no == 1 {
			line = bytes.TrimPrefix(line, []byte("\ufeff"))
		}
		if err == nil && len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		res.Lines++
		var a *news.Article
		if err == nil {
			a, err = im.article(line)
		}
		if err != nil {
			res.Broken++
			if im.Report != nil {
				im.Report(file, no, err)
			}
			continue
		}
		m := bus.Message{
			Topic: news.TopicArticles, Key: []byte(a.ID.String()), Value: a.EncodeFit(), Time: a.SeenAt,
			Headers: map[string]string{"stage": "intake", "trace": a.ID.String()},
		}
		batch, size = append(batch, m), size+len(m.Value)
		if len(batch) >= 500 || size >= 4<<20 {
			if err := flush(); err != nil {
				return res, err
			}
		}
	}
	err = flush()
	return res, err
}

// open unpacks gzip, told by its first bytes.
func open(r io.Reader) (*bufio.Reader, error) {
	in := bufio.NewReaderSize(r, 1<<20)
	if head, _ := in.Peek(2); len(head) == 2 && head[0] == 0x1f && head[1] == 0x8b {
		z, err := gzip.NewReader(in)
		if err != nil {
			return nil, err
		}
		return bufio.NewReaderSize(z, 1<<20), nil
	}
	return in, nil
}

var errLong = fmt.Errorf("line is longer than %d MB", MaxLine>>20)

// readLine reads one line of any length, and keeps at most MaxLine of it.
func readLine(in *bufio.Reader) ([]byte, error) {
	var line []byte
	long := false
	for {
		part, err := in.ReadSlice('\n')
		if len(line)+len(part) > MaxLine {
			long, line = true, line[:0]
		} else if !long {
			line = append(line, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err == nil, errors.Is(err, io.EOF) && (len(line) > 0 || long):
			if long {
				return nil, errLong
			}
			return line, nil
		}
		return nil, err
	}
}
