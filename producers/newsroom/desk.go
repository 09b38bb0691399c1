package newsroom

import (
	"math"
	"sort"
	"time"
)

// piece is one publication as decided, before it is written. Its text follows
// from it and, for all but originals, from the piece it was made of.
type piece struct {
	id, seed, event uint64
	at, first       int64 // Unix nanoseconds: of this version, of the first one
	outlet          int32
	base            int32 // index of the article's first version
	of              int32 // what a copy or rewrite was made of; the version before a revision; -1
	revision        uint16
	kind            pieceKind
	beat            uint8
	planted         bool
}

type pieceKind uint8

const (
	kindOriginal pieceKind = iota
	kindCopy
	kindRewrite
	kindRevision
)

func (k pieceKind) String() string {
	return [...]string{Original, Copy, Rewrite, Revision}[k]
}

const (
	wireOutlet   = 0
	wireShare    = .3 // of originals
	wireMemory   = 48 // wire stories that may still be copied
	wireAge      = 6 * time.Hour
	recentMemory = 256 // articles that may still be revised
	maxRevisions = 3
)

// desk decides what is published next. It is not safe for concurrent use.
type desk struct {
	w      *world
	cfg    *Config
	r      rng
	stream uint64 // keeps addresses of history and of the live stream apart
	n      int32  // pieces so far

	outlets int       // that invent what they publish
	rates   []float64 // of all but the wire agency, summed up; nil: the usual ones
	bad     []int32   // outlets with bad servers, served in turn
	nextBad int

	minute  int64
	running []runningEvent
	total   float64
	wire    []wireStory
	recent  []piece // newest versions
}

type wireStory struct {
	piece   piece
	index   int32
	worth   int // how many outlets may take it
	copiers []int32
}

func newDesk(w *world, cfg *Config, stream uint64) *desk {
	d := &desk{w: w, cfg: cfg, r: rng{mix(w.seed, 31, stream)}, stream: stream, outlets: cfg.Outlets}
	if cfg.Spread > 0 {
		r, sum := &rng{mix(w.seed, 33)}, 0.0
		for range d.outlets - 1 {
			sum += math.Exp(cfg.Spread * r.normal())
			d.rates = append(d.rates, sum)
		}
	}
	return d
}

// local draws an outlet that is not the wire agency.
func (d *desk) local() int32 {
	if d.rates == nil {
		return int32(1 + d.r.zipfish(d.outlets-1))
	}
	u := d.r.unit() * d.rates[len(d.rates)-1]
	return int32(1 + min(sort.SearchFloat64s(d.rates, u), len(d.rates)-1))
}

// next decides what is published at a moment; moments must not go back.
func (d *desk) next(at time.Time) piece {
	index := d.n
	p := d.piece(at)
	if len(d.bad) > 0 && d.r.unit()*float64(len(d.bad)+d.outlets) < float64(len(d.bad)) {
		p.outlet = d.bad[d.nextBad%len(d.bad)]
		d.nextBad++
		p.event = d.draw(at)
		return p // nobody copies it, and it is never revised
	}
	draw := d.r.unit()
	switch c := d.cfg; {
	case draw < c.RevisionShare && d.revise(&p, index):
	case draw >= c.RevisionShare && draw < c.RevisionShare+c.CopyShare && d.carry(&p, kindCopy):
	case draw >= c.RevisionShare+c.CopyShare && draw < c.RevisionShare+c.CopyShare+c.RewriteShare && d.carry(&p, kindRewrite):
	default:
		d.report(&p, at)
		if p.outlet == wireOutlet && d.outlets > 1 {
			if len(d.wire) == wireMemory {
				d.wire = append(d.wire[:0], d.wire[1:]...)
			}
			d.wire = append(d.wire, wireStory{piece: p, index: index, worth: 2 + int(d.r.exp()*8)})
		}
	}
	if p.kind != kindRevision {
		if len(d.recent) == recentMemory {
			d.recent = append(d.recent[:0], d.recent[recentMemory/4:]...)
		}
		d.recent = append(d.recent, p)
	}
	return p
}

// to decides an original of a given outlet.
func (d *desk) to(outlet int32, at time.Time) piece {
	p := d.piece(at)
	p.outlet, p.event = outlet, d.draw(at)
	return p
}

// piece begins the next piece. Its number has twelve digits at most, and
// another one in another run of the newsroom at another time.
func (d *desk) piece(at time.Time) piece {
	p := piece{seed: d.r.next(), at: at.UnixNano(), first: at.UnixNano(), base: d.n, of: -1}
	p.id = mix(d.w.seed, d.stream, uint64(d.n), uint64(p.at)) % 1e12
	d.n++
	return p
}

// report makes p an original about something that goes on.
func (d *desk) report(p *piece, at time.Time) {
	if d.r.unit() >= wireShare && d.outlets > 1 {
		p.outlet = d.local()
	}
	spike := d.cfg.spikeShare(at)
	switch draw := d.r.unit(); {
	case draw < spike:
		p.event, p.planted = mix(d.w.seed, 23), true
	case draw < spike+(1-spike)*focusShare:
		p.event, p.planted = d.w.focusEvent(at), true
	case draw < spike+(1-spike)*eventShare:
		p.event = d.draw(at)
	default:
		p.event = mix(d.w.seed, 24, p.id)
	}
}

// draw picks a running event by its weight.
func (d *desk) draw(at time.Time) uint64 {
	if minute := at.Unix() / 60; minute != d.minute || len(d.running) == 0 {
		d.minute, d.total = minute, 0
		d.running = d.w.running(at, d.running)
		for _, e := range d.running {
			d.total += e.weight
		}
	}
	pick := d.r.unit() * d.total
	for _, e := range d.running {
		if pick -= e.weight; pick < 0 {
			return e.key
		}
	}
	return d.running[len(d.running)-1].key
}

// carry makes p a copy or a rewrite of a recent wire story that its outlet has
// not carried yet; false when there is none.
func (d *desk) carry(p *piece, kind pieceKind) bool {
	for len(d.wire) > 0 && p.at-d.wire[0].piece.at > int64(wireAge) {
		d.wire = append(d.wire[:0], d.wire[1:]...)
	}
	if len(d.wire) == 0 {
		return false
	}
	for try := 0; try < 4; try++ {
		story := &d.wire[d.r.intn(len(d.wire))]
		p.outlet = d.local()
		taken := len(story.copiers) >= story.worth
		for _, c := range story.copiers {
			taken = taken || c == p.outlet
		}
		if taken {
			continue
		}
		story.copiers = append(story.copiers, p.outlet)
		p.kind, p.of = kind, story.index
		p.event, p.planted = story.piece.event, story.piece.planted
		return true
	}
	p.outlet = wireOutlet
	return false
}

// revise makes p the next version of a recent article; false when there is none.
func (d *desk) revise(p *piece, index int32) bool {
	for try := 0; try < 4 && len(d.recent) > 0; try++ {
		last := &d.recent[d.r.intn(len(d.recent))]
		if last.revision >= maxRevisions {
			continue
		}
		seed, at := p.seed, p.at
		before := last.base
		if last.revision > 0 {
			before = last.of
		}
		*p = *last
		p.kind, p.revision, p.of, p.seed, p.at = kindRevision, last.revision+1, before, seed, at
		// The next revision builds on this one: of is kept as its index.
		last.revision, last.of = p.revision, index
		return true
	}
	return false
}

// firstAt is when the article came out, whichever version p is.
func (p *piece) firstAt() time.Time { return time.Unix(0, p.first).UTC() }
