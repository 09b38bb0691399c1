package intake

import (
	"bufio"
	"compress/gzip"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
)

// reader makes records of a body.
type reader struct {
	gzip  bool
	json  bool // one value after the other, or an array; else lines
	limit int  // bytes, unpacked
}

// reading tells how a body has to be read, or what is wrong with its headers.
// Types that a form can send are refused.
func reading(h http.Header) (reader, string) {
	var rd reader
	kind, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	switch {
	case err != nil && h.Get("Content-Type") != "", kind == "":
		return rd, "say what is sent: Content-Type: application/x-ndjson for JSON lines, application/json for an object or an array"
	case kind == "application/json":
		rd.json = true
	case kind != "application/x-ndjson" && kind != "application/ndjson" && kind != "application/jsonl" && kind != "application/x-jsonlines":
		return rd, fmt.Sprintf("Content-Type is %.100q; want application/x-ndjson for JSON lines, application/json for an object or an array", kind)
	}
	if cs := params["charset"]; cs != "" && !strings.EqualFold(cs, "utf-8") {
		return rd, fmt.Sprintf("charset is %.100q; JSON is sent in UTF-8", cs)
	}
	switch enc := strings.ToLower(h.Get("Content-Encoding")); enc {
	case "", "identity":
	case "gzip", "x-gzip":
		rd.gzip = true
	default:
		return rd, fmt.Sprintf("Content-Encoding is %.100q; want gzip or none", enc)
	}
	return rd, ""
}

var errBody = fmt.Errorf("the body is larger than %d MB unpacked; send it in parts", MaxBody>>20)

func (rd reader) open(body io.Reader) (func() (Line, error), error) {
	in := bufio.NewReaderSize(body, 64<<10)
	if rd.gzip {
		z, err := gzip.NewReader(in)
		if err != nil {
			return nil, fmt.Errorf("the body is no gzip: %w", err)
		}
		in = bufio.NewReaderSize(&bounded{z, rd.limit}, 64<<10)
	}
	if rd.json {
		return records(in), nil
	}
	return lines(in), nil
}

// bounded fails where more than left bytes come.
type bounded struct {
	in   io.Reader
	left int
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left < 0 {
		return 0, errBody
	}
	n, err := b.in.Read(p[:min(len(p), b.left+1)])
	if b.left -= n; b.left < 0 {
		return 0, errBody
	}
	return n, err
}
