// Package intake takes articles that do not come from a feed, as JSON records
// after article.schema.json: files of history, and what scrapers and licensed
// wires push as it happens. They go the same way as all others, with the same
// ids, so that what is sent twice, or is in a feed too, is one article.
//
// An import is history whatever its dates say: for baselines, never an alert.
// What is pushed is news unless it says otherwise or is older than LiveFor.
//
// Each record is judged by itself: a broken one is reported with its number
// and loses nothing else. Without an error all the others are stored by the
// brokers; with one some may be, and sending everything again is right.
// Memory is bounded by a batch and a record; nothing is read that the brokers
// have not kept up with.
package intake

import (
	"context"
	"io"
	"time"
)

// Importer reads files of articles.
type Importer struct {
	Out    Publisher
	Now    func() time.Time
	Report func(file string, line int, err error) // is told of each broken line; may be nil
	// Progress is told of what became of a file up to now, after each batch;
	// may be nil.
	Progress func(file string, sum Result)
}

// Import reads one file of JSON lines, gzipped or not, and publishes what it
// holds. A broken line is reported and passed over. The error is that of the
// reader or the publisher; what was published before it stands.
func (im *Importer) Import(ctx context.Context, file string, r io.Reader) (Result, error) {
	p := &pump{to: &desk{out: im.Out, now: im.Now, history: true}, report: about(im.Report, file)}
	if im.Progress != nil {
		p.flushed = func() { im.Progress(file, p.res) }
	}
	in, err := open(r)
	if err == nil {
		err = p.run(ctx, lines(in))
	}
	return p.res, named(file, err)
}

// about binds a report to its file.
func about(report func(string, int, error), file string) func(int, error) {
	if report == nil {
		return nil
	}
	return func(line int, err error) { report(file, line, err) }
}
