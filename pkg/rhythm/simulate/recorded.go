package simulate

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/dateline/dateline/pkg/feed"
)

// Processes of recorded feeds.
const (
	Newswire = "newswire, 1987"     // a wire's stories with their seconds, split by topic and country
	Outlets  = "outlets, 2012-2020" // articles by outlet; days are recorded, hours drawn
	Samples  = "feed documents"     // the dates in real feed documents
	leastOf  = 30                   // stories that make a newswire's topic a feed
	eraDays  = 165                  // of an outlet's years make a feed
	leastEra = 8                    // articles in them
	recordTo = 44 * 24 * 60 * 60    // seconds after Start of the last recorded item
	week     = 7 * 24 * 60 * 60
)

// Recorded reads feeds with real dates from a folder of test data:
// corpus/reuters21578.jsonl.gz {date, topics, places}, corpus/articles.jsonl.gz
// {date, source}, and feed documents below feeds. All are moved by whole weeks so
// that they end where a full simulation does.
func Recorded(dir string) ([]*Feed, error) {
	wire, err := newswire(filepath.Join(dir, "corpus", "reuters21578.jsonl.gz"))
	if err != nil {
		return nil, err
	}
	outlets, err := outlets(filepath.Join(dir, "corpus", "articles.jsonl.gz"))
	if err != nil {
		return nil, err
	}
	samples, err := samples(filepath.Join(dir, "feeds"))
	if err != nil {
		return nil, err
	}
	return slices.Concat(wire, outlets, samples), nil
}

// lines decodes every line of a gzipped file of JSON lines.
func lines[T any](path string, each func(T)) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	s := bufio.NewScanner(z)
	s.Buffer(nil, 16<<20)
	for s.Scan() {
		var v T
		if err := json.Unmarshal(s.Bytes(), &v); err != nil {
			return fmt.Errorf("read %s: %w", path, err)
		}
		each(v)
	}
	return s.Err()
}

// newswire takes the six weeks of 1987 that the collection covers almost without
// a hole, 26 February to 9 April.
func newswire(path string) ([]*Feed, error) {
	type story struct {
		Date           string
		Topics, Places []string
	}
	from := time.Date(1987, 2, 26, 0, 0, 0, 0, time.UTC)
	to := time.Date(1987, 4, 10, 0, 0, 0, 0, time.UTC)
	// The Thursday after Start is where the record begins.
	move := Start.Unix() + 3*86400 - from.Unix()
	if move%week != 0 {
		return nil, fmt.Errorf("the record would not keep its days of the week")
	}
	byTag := map[string][]int64{}
	err := lines(path, func(s story) {
		t, err := time.Parse("2006-01-02T15:04:05", s.Date)
		if err != nil || t.Before(from) || !t.Before(to) {
			return
		}
		tags := append([]string{"all"}, s.Topics...)
		for _, p := range s.Places {
			tags = append(tags, "in "+p)
		}
		for _, tag := range tags {
			byTag[tag] = append(byTag[tag], t.Unix()+move)
		}
	})
	if err != nil {
		return nil, err
	}
	return recorded(Newswire, byTag, leastOf), nil
}

// outlets cuts every outlet's years into stretches as long as a simulation.
func outlets(path string) ([]*Feed, error) {
	type article struct{ Date, Source string }
	shape := newsroom(rand.New(rand.NewPCG(1, 1)))
	top := 0.0
	for h := range 168 {
		top = max(top, shape(float64(h*3600)))
	}
	byEra := map[string][]int64{}
	epoch := time.Date(2012, 1, 2, 0, 0, 0, 0, time.UTC) // a Monday
	rng := rand.New(rand.NewPCG(2, 2))
	err := lines(path, func(a article) {
		t, err := time.Parse(time.DateOnly, a.Date)
		if err != nil || t.Before(epoch) {
			return
		}
		s := t.Unix()
		for { // an hour of that day, as a newsroom would have it
			s = t.Unix() + rng.Int64N(86400)
			if rng.Float64()*top < shape(float64(s)) {
				break
			}
		}
		era := (s - epoch.Unix()) / (eraDays * 86400)
		begin := epoch.Unix() + era*eraDays*86400
		// Weeks stay weeks; the stretch ends where the simulation does.
		move := Start.Unix() + recordTo - eraDays*86400 - begin
		move -= move % week
		byEra[fmt.Sprintf("%s %d", a.Source, era)] = append(byEra[fmt.Sprintf("%s %d", a.Source, era)], s+move)
	})
	if err != nil {
		return nil, err
	}
	return recorded(Outlets, byEra, leastEra), nil
}

// samples takes the dates of feed documents; the newest is the last.
func samples(dir string) ([]*Feed, error) {
	byDoc := map[string][]int64{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, ".expected.json") {
			return err
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		doc, err := feed.Parse(raw, feed.Options{})
		if err != nil {
			return nil // not a feed
		}
		var dates []int64
		for i := range doc.Items {
			if t := doc.Items[i].Published; !t.IsZero() {
				dates = append(dates, t.Unix())
			}
		}
		if len(dates) < 5 {
			return nil
		}
		move := Start.Unix() + recordTo - slices.Max(dates)
		move -= move % week
		for i := range dates {
			dates[i] += move
		}
		byDoc[path] = dates
		return nil
	})
	if err != nil {
		return nil, err
	}
	return recorded(Samples, byDoc, 5), nil
}

// recorded makes feeds of times by name, those with few left out.
func recorded(process string, times map[string][]int64, least int) []*Feed {
	names := make([]string, 0, len(times))
	for name, t := range times {
		if len(t) >= least {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	feeds := make([]*Feed, 0, len(names))
	for _, name := range names {
		h := fnv.New64a()
		h.Write([]byte(name))
		rng := rand.New(rand.NewPCG(h.Sum64(), 3))
		f := &Feed{Process: process, Window: 10 + rng.IntN(31), First: rng.Int64N(86400)}
		t := times[name]
		slices.Sort(t)
		for _, s := range t {
			f.Items = append(f.Items, Item{At: s, Date: s})
		}
		feeds = append(feeds, f)
	}
	return feeds
}
