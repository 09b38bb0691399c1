package neardup

// ring holds entries in chunks, so that it grows and shrinks with the window
// and never moves what it holds.
type ring struct {
	chunks []*block // from the one that holds head on
	spare  *block
	head   uint32 // oldest
	next   uint32 // one past the newest
}

const (
	chunkBits = 10
	chunk     = 1 << chunkBits
)

// block is one chunk. The links stand apart, since a walk along a posting list
// reads nothing else.
type block struct {
	links   [chunk][postings]uint32
	entries [chunk]entry
}

// A link names a posting: an entry and which of its keys. seqBits of the
// entry's number are enough to tell it from all others of the window.
const (
	keyBits = 4
	seqBits = 32 - keyBits
)

func link(seq uint32, key int) uint32 { return seq<<keyBits | uint32(key) }

// entryOf gives the number of the entry that a link names.
func (r *ring) entryOf(link uint32) uint32 {
	back := (r.next - link>>keyBits) & (1<<seqBits - 1)
	return r.next - back
}

func (r *ring) len() int { return int(r.next - r.head) }

// has tells whether seq is in the window.
func (r *ring) has(seq uint32) bool { return seq-r.head < r.next-r.head }

func (r *ring) block(seq uint32) *block {
	return r.chunks[(seq-r.head&^(chunk-1))>>chunkBits]
}

// at is the entry seq, which has to be in the window.
func (r *ring) at(seq uint32) *entry { return &r.block(seq).entries[seq&(chunk-1)] }

// links are those of the entry seq to the entries before with the same keys; a
// link to itself stands for none.
func (r *ring) links(seq uint32) *[postings]uint32 { return &r.block(seq).links[seq&(chunk-1)] }

// push makes room for one entry; what stands there is of no meaning.
func (r *ring) push() (seq uint32, e *entry) {
	seq = r.next
	if int((seq-r.head&^(chunk-1))>>chunkBits) == len(r.chunks) {
		if r.spare == nil {
			r.spare = new(block)
		}
		r.chunks = append(r.chunks, r.spare)
		r.spare = nil
	}
	r.next++
	return seq, r.at(seq)
}

func (r *ring) pop() {
	r.head++
	if r.head&(chunk-1) == 0 {
		r.spare = r.chunks[0]
		r.chunks[0] = nil
		r.chunks = r.chunks[1:]
	}
}
