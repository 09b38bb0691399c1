package enrich

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/engine/enginetest"
	"github.com/dateline/dateline/pkg/entity"
	"github.com/dateline/dateline/pkg/news"
)

// stage is a broker with an enricher that can be started again.
type stage struct {
	t   *testing.T
	bus *bus.Bus
}

func newStage(t *testing.T) *stage {
	t.Helper()
	cfg := bus.DefaultConfig()
	cfg.Brokers, cfg.Session = enginetest.StartKafka(t), 2*time.Second
	b, err := bus.New(cfg, quiet)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	if err := b.EnsureTopics(context.Background(), news.Topics); err != nil {
		t.Fatal(err)
	}
	return &stage{t, b}
}

func (s *stage) publish(topic, key string, v any) {
	s.t.Helper()
	raw, ok := v.([]byte)
	if !ok {
		raw = news.Encode(v)
	}
	if err := s.bus.Publish(context.Background(), bus.Message{Topic: topic, Key: []byte(key), Value: raw, Headers: map[string]string{"trace": "x"}}); err != nil {
		s.t.Fatal(err)
	}
}

func (s *stage) start(o entity.Options) (stop func() error) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	e := enricher(s.t, s.bus, o)
	go func() { done <- e.Run(ctx) }()
	return sync.OnceValue(func() error { cancel(); return <-done })
}

func (s *stage) read(topic string) []bus.Message {
	s.t.Helper()
	var out []bus.Message
	if _, err := s.bus.ReadAll(context.Background(), topic, 0, func(m bus.Message) error { out = append(out, m); return nil }); err != nil {
		s.t.Fatal(err)
	}
	return out
}

func (s *stage) until(what string, f func() bool) {
	s.t.Helper()
	limit := time.NewTimer(60 * time.Second)
	defer limit.Stop()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !f() {
		select {
		case <-tick.C:
		case <-limit.C:
			s.t.Fatal("not reached: " + what)
		}
	}
}

func (s *stage) documents(n int) []*news.Document {
	s.t.Helper()
	s.until(fmt.Sprint(n, " documents"), func() bool { return len(s.read(news.TopicDocuments)) >= n })
	var out []*news.Document
	for _, m := range s.read(news.TopicDocuments) {
		d, err := news.Decode[news.Document](m.Value)
		if err != nil || m.Headers["trace"] != "x" || m.Headers["stage"] != GroupName {
			s.t.Fatal(err, m.Headers)
		}
		out = append(out, d)
	}
	return out
}

// fragile panics on one title.
type fragile struct{ entity.Tagger }

func (f fragile) TagDocument(a, b []entity.Mention, title, text string) ([]entity.Mention, []entity.Mention) {
	if title == "panic" {
		panic("tagger")
	}
	return f.Tagger.TagDocument(a, b, title, text)
}

func TestStage(t *testing.T) {
	s := newStage(t)
	o := entity.Options{NewTagger: func(*entity.Tables) entity.Tagger { return fragile{entity.NewNames()} }, Model: "fragile"}
	about := func(id news.ID) *news.Article {
		a := article("Visit", "", "President Zorvan Quill visited the harbour. Quill spoke.")
		a.ID = id
		return a
	}
	s.publish(news.TopicKnowledge, "alias/per/zorvan-quill", &news.Knowledge{V: 1, Type: "alias", Name: "per/zorvan-quill", Value: map[string]string{"entity_id": "per/the-one"}})
	s.publish(news.TopicArticles, "k", about(1))
	s.publish(news.TopicArticles, "k", []byte("?"))
	bad := about(2)
	bad.Title = "panic"
	s.publish(news.TopicArticles, "k", bad)
	s.publish(news.TopicArticles, "k", about(3))
	stop := s.start(o)
	ds := s.documents(2)
	names := func(d *news.Document) (out []string) {
		for _, m := range d.Mentions {
			out = append(out, m.EntityID)
		}
		return out
	}
	if ds[0].ID != 1 || ds[1].ID != 3 || !slices.Contains(names(ds[0]), "per/the-one") || ds[0].Knowledge != 1 || ds[0].Model != "fragile" {
		t.Errorf("documents %+v %+v", ds[0], ds[1])
	}
	s.until("two dead letters", func() bool { return len(s.read(news.TopicDeadLetters)) == 2 })
	dead := s.read(news.TopicDeadLetters)
	if !strings.Contains(dead[1].Headers["error"], "panicked: tagger") || dead[0].Headers["stage"] != GroupName {
		t.Errorf("dead letters %v", dead)
	}
	// What comes to be known is applied from then on.
	s.publish(news.TopicKnowledge, "alias/per/zorvan-quill", &news.Knowledge{V: 1, Type: "alias", Name: "per/zorvan-quill", Value: map[string]string{"entity_id": "per/another"}})
	n := 2
	s.until("the second alias is applied", func() bool {
		s.publish(news.TopicArticles, "k", about(news.ID(100+n)))
		n++
		ds := s.documents(n)
		last := ds[len(ds)-1]
		return last.Knowledge == 2 && slices.Contains(names(last), "per/another")
	})
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	// A fresh process goes on where the last one was.
	s.publish(news.TopicArticles, "k", about(4))
	newer := bytes.Replace(news.Encode(about(5)), []byte(`"v":1`), []byte(`"v":2`), 1)
	s.publish(news.TopicArticles, "k", newer)
	s.publish(news.TopicArticles, "k", about(6))
	stop = s.start(o)
	ds = s.documents(n + 1)
	if len(ds) != n+1 || ds[n].ID != 4 {
		t.Errorf("%d documents, want %d", len(ds), n+1)
	}
	end := s.articlesEnd()
	s.until("the offset stands before the newer message", func() bool { return s.committed() == end-2 })
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	if ds = s.documents(n + 1); len(ds) != n+1 {
		t.Errorf("%d documents, want %d: nothing comes after a newer message", len(ds), n+1)
	}
	if dead := s.read(news.TopicDeadLetters); len(dead) != 2 {
		t.Errorf("%d dead letters, want 2", len(dead))
	}
	// The same offset in another log is no place to go on from.
	if part := s.partition(); part >= 0 {
		m := s.messages(part)
		if fingerprint(m[0]) == fingerprint(m[1]) {
			t.Error("two messages have one fingerprint")
		}
	}
}

// partition is where messages with the key k are.
func (s *stage) partition() int {
	for p := range 16 {
		if _, end, err := s.bus.Bounds(context.Background(), news.TopicArticles, p); err == nil && end > 0 {
			return p
		}
	}
	s.t.Fatal("no articles")
	return -1
}

func (s *stage) messages(p int) (out []bus.Message) {
	if _, err := s.bus.ReadAll(context.Background(), news.TopicArticles, p, func(m bus.Message) error { out = append(out, m); return nil }); err != nil {
		s.t.Fatal(err)
	}
	return out
}

func (s *stage) articlesEnd() int64 {
	_, end, err := s.bus.Bounds(context.Background(), news.TopicArticles, s.partition())
	if err != nil {
		s.t.Fatal(err)
	}
	return end
}

func (s *stage) committed() int64 {
	off, _, err := s.bus.Committed(context.Background(), GroupName, news.TopicArticles, s.partition())
	if err != nil {
		s.t.Fatal(err)
	}
	return off
}

// TestKnowledgeNewer: without what it says no document is right, so the stage
// ends.
func TestKnowledgeNewer(t *testing.T) {
	s := newStage(t)
	e := enricher(t, s.bus, entity.Options{})
	done := make(chan error, 1)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() { done <- e.Run(ctx) }()
	s.publish(news.TopicArticles, "k", article("T", "", "Text."))
	s.documents(1)
	s.publish(news.TopicKnowledge, "x/y", []byte(`{"v":2,"type":"x","name":"y"}`))
	if err := <-done; err == nil || !strings.Contains(err.Error(), "newer") {
		t.Errorf("ended with %v", err)
	}
}
