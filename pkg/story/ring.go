package story

// ring holds entries in chunks, so that it grows and shrinks with the window
// and never moves what it holds.
type ring struct {
	chunks []*[chunk]entry // from the one that holds head on
	spare  *[chunk]entry
	head   uint32 // oldest
	next   uint32 // one past the newest
}

const (
	chunkBits = 9
	chunk     = 1 << chunkBits
)

func (r *ring) len() int { return int(r.next - r.head) }

// has tells whether seq is in the window.
func (r *ring) has(seq uint32) bool { return seq-r.head < r.next-r.head }

// at is the entry seq, which has to be in the window.
func (r *ring) at(seq uint32) *entry {
	return &r.chunks[(seq-r.head&^(chunk-1))>>chunkBits][seq&(chunk-1)]
}

// push makes room for one entry; what stands there is of no meaning.
func (r *ring) push() (seq uint32, e *entry) {
	seq = r.next
	if int((seq-r.head&^(chunk-1))>>chunkBits) == len(r.chunks) {
		if r.spare == nil {
			r.spare = new([chunk]entry)
		}
		r.chunks, r.spare = append(r.chunks, r.spare), nil
	}
	r.next++
	return seq, r.at(seq)
}

func (r *ring) pop() {
	if r.head++; r.head&(chunk-1) == 0 {
		r.spare, r.chunks[0] = r.chunks[0], nil
		r.chunks = r.chunks[1:]
	}
}
