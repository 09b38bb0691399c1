package bench

import (
	"net/http"
	"runtime"
	"syscall"
	"time"

	"github.com/dateline/dateline/pkg/entity"
	"github.com/dateline/dateline/pkg/feed"
	"github.com/dateline/dateline/pkg/judge"
	"github.com/dateline/dateline/pkg/neardup"
	"github.com/dateline/dateline/pkg/story"
	"github.com/dateline/dateline/pkg/text"
	"github.com/dateline/dateline/producers/newsroom"
)

// stageArticles is how many articles the stages are measured on.
const stageArticles = 3000

// threadTime is the CPU time of this thread.
func threadTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_THREAD, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// stages measures what each core costs on one thread, over articles of the
// newsroom as its feeds give them.
func stages(res *Result) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	room, err := newsroom.New(newsroom.Config{Seed: 2, Outlets: outlets, Window: 60})
	if err != nil {
		return err
	}
	defer room.Close()
	room.Publish(stageArticles)
	type doc struct{ title, html, text string }
	var docs []doc
	var bodies [][]byte
	var addrs []string
	for _, f := range room.Feeds() {
		b, err := get(room, f.URL)
		if err != nil {
			return err
		}
		bodies, addrs = append(bodies, b), append(addrs, f.URL)
	}
	per := func(name, note string, f func()) {
		start := threadTime()
		f()
		spent := threadTime() - start
		res.add("CPU, "+name, spent.Seconds()*1000/float64(max(len(docs), 1)), "ms/article", note)
	}
	parse := func() {
		for i, b := range bodies {
			var f *feed.Feed
			if f, err = feed.Parse(b, feed.Options{BaseURL: addrs[i]}); err != nil {
				return
			}
			for _, it := range f.Items {
				html := it.Content
				if len(html) < len(it.Summary) {
					html = it.Summary
				}
				docs = append(docs, doc{title: it.Title, html: html})
			}
		}
	}
	start := threadTime()
	parse()
	spent := threadTime() - start
	if err != nil {
		return err
	}
	res.add("CPU, parse", spent.Seconds()*1000/float64(len(docs)), "ms/article", "feed bytes to items; each item once")
	per("clean text", "", func() {
		for i := range docs {
			docs[i].text = text.FromHTML(docs[i].html, 256<<10)
		}
	})
	languages := text.NewDetector()
	per("language", "", func() {
		for i := range docs {
			languages.Detect(docs[i].title + "\n" + docs[i].text)
		}
	})
	t, err := entity.Load()
	if err != nil {
		return err
	}
	p := entity.NewPipeline(t, entity.Options{})
	names := make([][]string, len(docs))
	per("entities", "tokens, tagging and linking", func() {
		for i := range docs {
			for _, m := range p.Count(docs[i].title, docs[i].text) {
				names[i] = append(names[i], m.EntityID)
			}
		}
	})
	inputs := make([]judge.Input, len(docs))
	sketcher, weigher := neardup.NewSketcher(text.AppendTerms), story.NewWeigher(text.AppendTerms)
	var terms []uint64
	var at []int32
	now := time.Now()
	per("sketch", "terms included", func() {
		for i := range docs {
			terms, at = text.AppendTermsAt(terms[:0], at[:0], docs[i].text)
			in := &inputs[i]
			in.ID, in.SeenAt, in.TS, in.Source, in.Language = uint64(i+1), now, now, "a.example", "en"
			in.Words, in.BodyHash, in.Entities = len(terms), text.BodyHash(docs[i].text), names[i]
			in.Sketch = sketcher.Append(nil, terms, at, docs[i].text)
			in.Title = text.AppendTerms(nil, docs[i].title)
			in.Terms = weigher.Append(nil, in.Title, terms, at, docs[i].text, in.Language)
		}
	})
	j := judge.New(judge.DefaultConfig())
	per("judge", "copies and stories", func() {
		for i := range inputs {
			j.Fold(&inputs[i], j.Decide(&inputs[i], nil))
		}
	})
	return nil
}

// get reads a feed of the newsroom without counting as a poll.
func get(room *newsroom.Newsroom, addr string) ([]byte, error) {
	req, err := http.NewRequest(http.MethodGet, addr+"?peek=1", nil)
	if err != nil {
		return nil, err
	}
	rec := &recorder{header: http.Header{}}
	room.Handler().ServeHTTP(rec, req)
	return rec.body, nil
}

// recorder keeps an answer in memory.
type recorder struct {
	header http.Header
	body   []byte
}

func (r *recorder) Header() http.Header { return r.header }
func (r *recorder) WriteHeader(int)     {}
func (r *recorder) Write(b []byte) (int, error) {
	r.body = append(r.body, b...)
	return len(b), nil
}
