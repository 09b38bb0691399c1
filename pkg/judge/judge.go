// Package judge decides what a document is: an original, a copy of one, a
// revision of an article already known, or nothing new; and to which story it
// belongs. The land stage and the offline command share it.
//
// Decide reads the state, Fold alone changes it. The state is a fold over the
// stored articles (originals, copies and revisions; what is dropped leaves no
// trace) in the order of their offsets, and of these only over a suffix: from
// the first one seen after the newest minus Config.Copies.Window. A judge that
// folded those rows is in the same state, with the same Digest, as the one
// that decided them.
//
// The package is pure: no clock, no I/O.
package judge

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/zeebo/xxh3"

	"github.com/dateline/dateline/pkg/neardup"
	"github.com/dateline/dateline/pkg/story"
	"github.com/dateline/dateline/pkg/text"
)

// Kind is what a document turned out to be.
type Kind string

// Original and Copy are new articles, Revision is a new text of a known one;
// these three are stored. Same is dropped and counted.
const (
	Original Kind = "original"
	Copy     Kind = "copy"
	Revision Kind = "revision"
	Same     Kind = "same"
)

// Why a document is Same.
const (
	ReasonIdentical = "identical" // the text that is stored already
	ReasonPoorer    = "poorer"    // a teaser or a much shorter text
	ReasonThrottled = "throttled" // changes too often, or too many times
)

// Config tunes a Judge.
type Config struct {
	Copies        neardup.Config `yaml:"copies"`
	Stories       story.Config   `yaml:"stories"`
	RevisionEvery time.Duration  `yaml:"revision_every"` // least time between two revisions of an article, by seen_at, unless the text is a richer one; 0: none
	MaxRevisions  int            `yaml:"max_revisions"`  // of one article
}

// DefaultConfig gives measured values.
func DefaultConfig() Config {
	return Config{
		Copies: neardup.DefaultConfig(), Stories: story.DefaultConfig(),
		RevisionEvery: 10 * time.Minute, MaxRevisions: 100,
	}
}

// Pace is how often and how many times an article is revised: what decides,
// beside the texts, whether there is anything to store of a document.
type Pace struct {
	Every time.Duration `json:"every"` // as Config.RevisionEvery, in nanoseconds
	Max   int           `json:"max"`   // as Config.MaxRevisions
}

// Pace of the configuration.
func (c Config) Pace() Pace { return Pace{c.RevisionEvery, c.MaxRevisions} }

// Validate says what is out of range.
func (c Config) Validate() error {
	var errs []error
	if err := c.Copies.Validate(); err != nil {
		errs = append(errs, fmt.Errorf("copies: %w", err))
	}
	if err := c.Stories.Validate(); err != nil {
		errs = append(errs, fmt.Errorf("stories: %w", err))
	}
	if c.Stories.Window > c.Copies.Window {
		errs = append(errs, fmt.Errorf("stories: window %v: want at most that of copies, %v", c.Stories.Window, c.Copies.Window))
	}
	if c.RevisionEvery < 0 {
		errs = append(errs, fmt.Errorf("revision_every %v: want 0 or more", c.RevisionEvery))
	}
	if c.MaxRevisions < 1 || c.MaxRevisions > 65535 {
		errs = append(errs, fmt.Errorf("max_revisions %d: want 1 to 65535", c.MaxRevisions))
	}
	return errors.Join(errs...)
}

// Input is one document. Doc.ID is the article's id; Doc.Story is not read.
type Input struct {
	neardup.Doc
	Terms    story.Terms
	TextRank int    // where the text came from, richer is higher: news.TextRank
	Text     string // asked for by Read alone, where the sketches are not sure
}

// original is what stories need of the document.
func (in *Input) original() *story.Doc {
	return &story.Doc{ID: in.ID, SeenAt: in.SeenAt, TS: in.TS, Source: in.Source, Language: in.Language, Terms: in.Terms, Title: in.Title, Entities: in.Entities}
}

// Texts gives the text that is stored of an article, in its latest revision;
// "" where there is none any more.
type Texts interface {
	Text(id uint64) (string, error)
}

// Known is the latest stored revision of an article.
type Known struct {
	Revision   uint16
	BodyHash   uint64
	Words      int
	TextRank   int
	SeenAt     time.Time // of that revision
	CopyOf     uint64    // 0: an original
	Story      uint64
	Similarity float32
}

// Verdict is a decision. For a revision CopyOf, Story and Similarity are those
// of the article: a new text does not change what the article is.
type Verdict struct {
	Kind       Kind
	CopyOf     uint64  // the original, never a copy; 0: an original
	Story      uint64  // the id of the story's first article; own id when alone
	Similarity float32 // to the text it is a copy of, 0..1; 0: an original
	Revision   uint16  // 0: the first text
	Reason     string  // the rule that matched, or why it is dropped
}

// Judge holds the windows. It is for one goroutine at a time.
type Judge struct {
	cfg     Config
	pace    Pace
	copies  *neardup.Index
	reader  *neardup.Reader
	stories *story.Index
	tongues map[uint32]string // languages by the lower half of their xxh3
}

// New gives a judge that knows nothing. It panics where cfg is not valid.
func New(cfg Config) *Judge {
	if err := cfg.Validate(); err != nil {
		panic("judge: " + err.Error())
	}
	return &Judge{
		cfg: cfg, pace: cfg.Pace(), copies: neardup.NewIndex(cfg.Copies), reader: neardup.NewReader(text.AppendTermsAt), stories: story.NewIndex(cfg.Stories),
		tongues: map[uint32]string{},
	}
}

// SetPace decides at another pace than the configuration's from here on.
func (j *Judge) SetPace(p Pace) { j.pace = p }

// maxTongues is more than there are codes of languages.
const maxTongues = 1 << 12

// Knows tells whether the window holds the article; one that it does not hold
// may still be stored and has to be looked up before Decide.
func (j *Judge) Knows(id uint64) bool {
	_, ok := j.copies.Stored(id)
	return ok
}

// Decide judges one document by the sketches alone. known is the latest stored
// revision of the article where the window does not hold it, and nil where
// nothing is stored.
func (j *Judge) Decide(in *Input, known *Known) Verdict {
	if known = j.latest(in.ID, known); known != nil {
		return j.again(in, known)
	}
	return j.first(in, j.copies.Match(&in.Doc))
}

// Read judges as Decide does, and reads texts where the sketches are not sure:
// a few in a hundred documents ask for some. An error is one of texts.
func (j *Judge) Read(in *Input, known *Known, texts Texts) (Verdict, error) {
	if known = j.latest(in.ID, known); known != nil {
		return j.again(in, known), nil
	}
	m, err := j.copies.Read(&in.Doc, in.Text, j.reader, texts.Text)
	if err != nil {
		return Verdict{}, err
	}
	return j.first(in, m), nil
}

// Wants appends the ids of the articles whose texts Read would ask for, if the
// document was judged now.
func (j *Judge) Wants(dst []uint64, in *Input) []uint64 {
	if j.Knows(in.ID) {
		return dst
	}
	return j.copies.Wants(dst, &in.Doc)
}

// Speaks gives the language of the newest text of a source, for one that is too
// short to tell its own; ok is false where the window holds none.
func (j *Judge) Speaks(source string) (language string, ok bool) {
	hash, ok := j.copies.Language(source)
	if !ok {
		return "", false
	}
	language, ok = j.tongues[hash]
	return language, ok
}

func (j *Judge) latest(id uint64, known *Known) *Known {
	s, ok := j.copies.Stored(id)
	if !ok {
		return known
	}
	return &Known{
		Revision: s.Note.Revision, BodyHash: s.BodyHash, Words: s.Words, TextRank: int(s.Note.Rank), SeenAt: s.SeenAt,
		CopyOf: s.CopyOf, Story: s.Story, Similarity: s.Note.Similarity,
	}
}

// first is the verdict on an article that is not known.
func (j *Judge) first(in *Input, m neardup.Match) Verdict {
	if m.CopyOf != 0 {
		return Verdict{Kind: Copy, CopyOf: m.CopyOf, Story: m.Story, Similarity: m.Similarity, Reason: m.Reason}
	}
	id, _ := j.stories.Assign(in.original())
	return Verdict{Kind: Original, Story: id}
}

// again judges a document whose article is known.
func (j *Judge) again(in *Input, k *Known) Verdict {
	v := Verdict{Kind: Same, CopyOf: k.CopyOf, Story: k.Story, Similarity: k.Similarity, Revision: k.Revision}
	switch {
	case in.BodyHash == k.BodyHash:
		v.Reason = ReasonIdentical
	case poorer(in, k):
		v.Reason = ReasonPoorer
	case int(k.Revision) >= j.pace.Max || !richer(in, k) && in.SeenAt.Sub(k.SeenAt) < j.pace.Every:
		v.Reason = ReasonThrottled
	default:
		v.Kind, v.Revision = Revision, k.Revision+1
	}
	return v
}

// richer texts come whenever they come: the page after the teaser. There are as
// many of them as there are ranks.
func richer(in *Input, k *Known) bool { return in.TextRank > k.TextRank }

// poorer texts never replace richer ones. Among texts of one rank a third of
// the words may go in an edit; beyond that it is a cut.
func poorer(in *Input, k *Known) bool {
	if in.TextRank != k.TextRank {
		return in.TextRank < k.TextRank
	}
	return in.Words < k.Words*2/3
}

// Similarity compares a document with the text that the window holds of an
// article, 0..1.
func (j *Judge) Similarity(in *Input, id uint64) float32 { return j.copies.Similarity(&in.Doc, id) }

// Fold applies a decision: one just made, or one read back from the store.
// Same changes nothing.
func (j *Judge) Fold(in *Input, v Verdict) {
	if v.Kind == Same {
		return
	}
	d := in.Doc
	d.Story, d.Note = v.Story, neardup.Note{Similarity: v.Similarity, Revision: v.Revision, Rank: int8(in.TextRank)}
	j.copies.Add(&d, v.CopyOf)
	if hash := uint32(xxh3.HashString(d.Language)); j.tongues[hash] == "" && len(j.tongues) < maxTongues {
		j.tongues[hash] = d.Language
	}
	if v.CopyOf == 0 {
		j.stories.Add(in.original(), v.Story)
	} else {
		j.stories.Advance(d.SeenAt)
	}
}

// Len is the number of stored texts in the window.
func (j *Judge) Len() int { return j.copies.Len() }

// Digest is a hash of the whole state: equal digests, equal decisions.
func (j *Judge) Digest() uint64 {
	b := binary.LittleEndian.AppendUint64(nil, j.copies.Digest())
	b = binary.LittleEndian.AppendUint64(b, j.stories.Digest())
	return xxh3.Hash(b)
}
