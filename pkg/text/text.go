// Package text turns what publishers send into what can be counted. HTML
// becomes clean plain text, an address becomes the canonical URL and the
// source behind it, text becomes tokens, sentences and hashed terms, and the
// language of a text is told.
//
// Every function is pure and safe for concurrent use: no clock, no I/O, no
// state but embedded read-only tables. All input may be hostile: time grows
// linearly with the input, memory is bounded by a small multiple of it, and
// invalid UTF-8 is taken as it comes. Offsets are byte offsets into the very
// string that was handed in.
//
// The package does not find the article within a page, and it fetches nothing.
package text

// Span is the half-open range [Start, End) of byte offsets into a text.
type Span struct{ Start, End int32 }

// maxOffset bounds the part of a text that is looked at to what an int32 can
// address.
const maxOffset = 1<<31 - 1
