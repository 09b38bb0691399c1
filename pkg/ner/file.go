package ner

import (
	"bufio"
	"bytes"
	"cmp"
	"crypto/sha256"
	_ "embed"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/klauspost/compress/zstd"
)

// magic opens a model file; its number changes with templates and layout.
const magic = "DLNER01\n"

//go:embed data/model.bin
var embedded []byte

// Load reads the model that is part of the program: well under a second, some
// 45 MB.
func Load() (*Model, error) { return Read(bytes.NewReader(embedded)) }

// limits on what a file may ask for.
const (
	maxRows    = 1 << 23
	maxEntries = 1 << 23
)

// Read reads a model as Write leaves it.
func Read(r io.Reader) (*Model, error) {
	head := make([]byte, len(magic))
	if _, err := io.ReadFull(r, head); err != nil || string(head) != magic {
		return nil, fmt.Errorf("read name model: this is no model of this version")
	}
	z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1))
	if err != nil {
		return nil, fmt.Errorf("read name model: %w", err)
	}
	defer z.Close()
	sum := sha256.New()
	in := modelReader{r: bufio.NewReaderSize(io.TeeReader(z, sum), 1<<16)}
	m := in.model()
	if in.err != nil {
		return nil, fmt.Errorf("read name model: %w", in.err)
	}
	m.version = fmt.Sprintf("crf-1.%x", sum.Sum(nil)[:4])
	return m, nil
}

type modelReader struct {
	r   *bufio.Reader
	err error
}

func (in *modelReader) int() int64 {
	v, err := binary.ReadVarint(in.r)
	if err != nil && in.err == nil {
		in.err = err
	}
	return v
}

func (in *modelReader) count(limit int64) int {
	n := in.int()
	if (n < 0 || n > limit) && in.err == nil {
		in.err = fmt.Errorf("%d rows", n)
	}
	if in.err != nil {
		return 0
	}
	return int(n)
}

func (in *modelReader) bytes(n int) []byte {
	b := make([]byte, n)
	if _, err := io.ReadFull(in.r, b); err != nil && in.err == nil {
		in.err = err
	}
	return b
}

// keys reads ascending numbers of 40 bits as their differences.
func (in *modelReader) keys(n int) []uint64 {
	keys := make([]uint64, n)
	last := int64(0)
	for i := range keys {
		last += in.int()
		keys[i] = uint64(last) << 24
	}
	return keys
}

func (in *modelReader) model() *Model {
	m := &Model{}
	m.unit = math.Float64frombits(uint64(in.int()))
	m.sharp = math.Float64frombits(uint64(in.int()))
	m.bias = int32(in.int())
	for c := range m.trans {
		for a := range m.trans[c] {
			for b := range m.trans[c][a] {
				m.trans[c][a][b] = int32(in.int())
			}
		}
	}
	n := in.count(maxEntries)
	keys := in.keys(n)
	gaz := in.bytes(2 * n)
	var clus [3][]byte
	for i := range clus {
		clus[i] = in.bytes(2 * n)
	}
	m.lex = newLexicon(n)
	for i, k := range keys {
		e := m.lex.put(k)
		e.gaz = gazClass(binary.LittleEndian.Uint16(gaz[2*i:]))
		for c := range clus {
			e.clus[c] = binary.LittleEndian.Uint16(clus[c][2*i:])
		}
	}
	n = in.count(maxRows)
	keys = in.keys(n)
	var w [tags][]byte
	for t := range w {
		w[t] = in.bytes(n)
	}
	m.allocate(n)
	var r [tags]int8
	for i, k := range keys {
		for t := range w {
			r[t] = int8(w[t][i])
		}
		m.insert(k, &r)
	}
	return m
}

// Write writes a model that Train has made: the same model always as the same
// bytes. One that was read cannot be written again.
func (m *Model) Write(w io.Writer) error {
	if len(m.rows) == 0 {
		return fmt.Errorf("write name model: it was not trained here, copy its file")
	}
	var b []byte
	put := func(v int64) { b = binary.AppendVarint(b, v) }
	put(int64(math.Float64bits(m.unit)))
	put(int64(math.Float64bits(m.sharp)))
	put(int64(m.bias))
	for c := range m.trans {
		for a := range m.trans[c] {
			for _, v := range m.trans[c][a] {
				put(int64(v))
			}
		}
	}
	b = m.lex.append(b)
	b = m.appendRows(b)
	if _, err := io.WriteString(w, magic); err != nil {
		return fmt.Errorf("write name model: %w", err)
	}
	z, err := zstd.NewWriter(w, zstd.WithEncoderLevel(zstd.SpeedBestCompression), zstd.WithEncoderConcurrency(1))
	if err != nil {
		return fmt.Errorf("write name model: %w", err)
	}
	if _, err := z.Write(b); err != nil {
		return fmt.Errorf("write name model: %w", err)
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("write name model: %w", err)
	}
	return nil
}

// keyed is an entry with the 40 bits of its hash that are kept.
type keyed[T any] struct {
	short uint64
	v     T
}

func appendKeys[T any](b []byte, rows []keyed[T]) []byte {
	slices.SortFunc(rows, func(x, y keyed[T]) int { return cmp.Compare(x.short, y.short) })
	last := uint64(0)
	for _, r := range rows {
		b = binary.AppendVarint(b, int64(r.short-last))
		last = r.short
	}
	return b
}

func (l *lexicon) append(b []byte) []byte {
	var rows []keyed[*lexEntry]
	for i := range l.slots {
		if e := &l.slots[i]; e.used {
			rows = append(rows, keyed[*lexEntry]{uint64(e.top)<<32 | uint64(e.key), e})
		}
	}
	b = binary.AppendVarint(b, int64(len(rows)))
	b = appendKeys(b, rows)
	for _, r := range rows {
		b = binary.LittleEndian.AppendUint16(b, uint16(r.v.gaz))
	}
	for c := range 3 {
		for _, r := range rows {
			b = binary.LittleEndian.AppendUint16(b, r.v.clus[c])
		}
	}
	return b
}

func (m *Model) appendRows(b []byte) []byte {
	rows := slices.Clone(m.rows)
	b = binary.AppendVarint(b, int64(len(rows)))
	b = appendKeys(b, rows)
	for t := range tags {
		for i := range rows {
			b = append(b, byte(rows[i].v[t]))
		}
	}
	return b
}
