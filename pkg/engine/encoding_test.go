package engine

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
)

func TestFrames(t *testing.T) {
	text := strings.Repeat("some rows\n", 300_000) // several frames
	for _, method := range []string{"LZ4", "ZSTD", "none"} {
		var b bytes.Buffer
		w, err := newFrameWriter(method)(&b)
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(w, text)
		io.WriteString(w, "end")
		w.Close()
		read := func(p []byte) (string, error) {
			r, err := decodeBody(bytes.NewReader(p), "", true)
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(r)
			if n, again := r.Read(make([]byte, 10)); n != 0 || again == nil {
				t.Errorf("%s: reads on past its end: %d %v", method, n, again)
			}
			return string(got), err
		}
		if got, err := read(b.Bytes()); err != nil || got != text+"end" {
			t.Errorf("%s: %d bytes, %v", method, len(got), err)
		}
		if _, err := read(b.Bytes()[:b.Len()-1]); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%s: cut short: %v", method, err)
		}
		broken := bytes.Clone(b.Bytes())
		broken[40] ^= 1
		if _, err := read(broken); err == nil {
			t.Errorf("%s: a flipped bit went unnoticed", method)
		}
	}
}

func FuzzDecodeBody(f *testing.F) {
	var b bytes.Buffer
	w, _ := newFrameWriter("LZ4")(&b)
	io.WriteString(w, "rows")
	f.Add(b.Bytes(), "", true)
	f.Add([]byte("\x1f\x8b"), "gzip", false)
	f.Add([]byte("(\xb5/\xfd"), "zstd", true)
	f.Fuzz(func(t *testing.T, p []byte, coding string, frames bool) {
		r, err := decodeBody(bytes.NewReader(p), coding, frames)
		if err != nil {
			return
		}
		io.Copy(io.Discard, io.LimitReader(r, 8<<20))
	})
}
