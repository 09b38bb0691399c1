package app

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"

	"github.com/klauspost/compress/zstd"
)

// pieceBytes is the size of a file before compression, about: what one insert
// takes.
const pieceBytes = 64 << 20

// pieces writes lines into a row of compressed files, so that none of them is
// larger than an insert may be. A file begins and ends with a line.
type pieces struct {
	dir, base, ending string

	files []BackedFile
	f     *os.File
	sum   hash.Hash
	zw    *zstd.Encoder
	raw   int64
}

// Write takes text, in whatever portions; it goes on in a new file after a line.
func (p *pieces) Write(b []byte) (int, error) {
	n := len(b)
	for len(b) > 0 {
		if p.f == nil {
			if err := p.open(); err != nil {
				return 0, err
			}
		}
		part := b
		if p.raw >= pieceBytes {
			if i := bytes.IndexByte(b, '\n'); i >= 0 {
				part = b[:i+1]
			}
		}
		if _, err := p.zw.Write(part); err != nil {
			return 0, err
		}
		full := p.raw >= pieceBytes && part[len(part)-1] == '\n'
		p.raw += int64(len(part))
		b = b[len(part):]
		if full {
			if err := p.end(); err != nil {
				return 0, err
			}
		}
	}
	return n, nil
}

// line writes a value as a line of JSON.
func (p *pieces) line(v any) error {
	b, err := json.Marshal(v)
	if err == nil {
		_, err = p.Write(append(b, '\n'))
	}
	return err
}

func (p *pieces) open() (err error) {
	name := fmt.Sprintf("%s.%04d%s", p.base, len(p.files), p.ending)
	if p.f, err = os.OpenFile(filepath.Join(p.dir, name), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600); err != nil {
		return err
	}
	p.files = append(p.files, BackedFile{Name: filepath.ToSlash(name)})
	p.sum, p.raw = sha256.New(), 0
	p.zw, err = zstd.NewWriter(io.MultiWriter(p.f, p.sum), zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedDefault))
	return err
}

func (p *pieces) end() error {
	err := p.zw.Close()
	last := &p.files[len(p.files)-1]
	if info, serr := p.f.Stat(); serr == nil {
		last.Bytes = info.Size()
	}
	last.SHA256 = hex.EncodeToString(p.sum.Sum(nil))
	err = errors.Join(err, p.f.Sync(), p.f.Close())
	p.f = nil
	return err
}

// Close ends the last file, and gives all of them.
func (p *pieces) Close() ([]BackedFile, error) {
	if p.f == nil {
		return p.files, nil
	}
	return p.files, p.end()
}

// errDamaged says that a file of a backup is not as it was written.
var errDamaged = errors.New("is damaged")

// check reads a file whole, and compares it with what the manifest says.
func (f BackedFile) check(dir string) error {
	if !filepath.IsLocal(filepath.FromSlash(f.Name)) {
		return fmt.Errorf("%q lies outside the backup", f.Name)
	}
	in, err := os.Open(filepath.Join(dir, filepath.FromSlash(f.Name)))
	if err != nil {
		return err
	}
	defer in.Close()
	sum := sha256.New()
	n, err := io.Copy(sum, in)
	switch {
	case err != nil:
		return err
	case n != f.Bytes:
		return fmt.Errorf("%s %w: it has %d bytes, want %d", f.Name, errDamaged, n, f.Bytes)
	case hex.EncodeToString(sum.Sum(nil)) != f.SHA256:
		return fmt.Errorf("%s %w: its SHA-256 is another one", f.Name, errDamaged)
	}
	return nil
}

// text opens a file for reading what is in it.
func (f BackedFile) text(dir string) (io.ReadCloser, error) {
	in, err := os.Open(filepath.Join(dir, filepath.FromSlash(f.Name)))
	if err != nil {
		return nil, err
	}
	zr, err := zstd.NewReader(in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(64<<20))
	if err != nil {
		return nil, errors.Join(err, in.Close())
	}
	return unpacked{zr.IOReadCloser(), in}, nil
}

// unpacked closes both the decoder and its file.
type unpacked struct {
	io.ReadCloser
	f *os.File
}

func (u unpacked) Close() error { return errors.Join(u.ReadCloser.Close(), u.f.Close()) }

func writeNote(name string, v any) error {
	b, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		return err
	}
	tmp := name + ".new"
	f, err := os.OpenFile(tmp, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(append(b, '\n'))
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(tmp, name)
}

func readNote(name string, v any) error {
	b, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	return json.Unmarshal(b, v)
}
