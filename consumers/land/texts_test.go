package land

import (
	"context"
	"strings"
	"testing"

	"github.com/dateline/dateline/pkg/judge"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/store"
)

// LatestTexts gives the latest text of each article that the range did not bring.
func (m *memory) LatestTexts(_ context.Context, ids []news.ID, _ int, x store.Range) (map[news.ID]string, error) {
	out, last := map[news.ID]string{}, map[news.ID]uint16{}
	for _, id := range ids {
		for _, r := range m.data[store.Articles] {
			if r.ID == id && !r.inside(store.Articles, x) && r.Revision >= last[id] {
				out[id], last[id] = r.body, r.Revision
			}
		}
	}
	return out, nil
}

func (s *seam) LatestTexts(ctx context.Context, ids []news.ID, bytes int, r store.Range) (out map[news.ID]string, err error) {
	err = s.p.do(ctx, "texts", func() (err error) {
		out, err = s.p.s.tables.LatestTexts(ctx, ids, bytes, r)
		return err
	})
	return out, err
}

// TestShortTextSpeaksItsSourcesLanguage: a flash that looks like no language
// lands in that of its source, and so is found in the report that follows; a
// restored index agrees.
func TestShortTextSpeaksItsSourcesLanguage(t *testing.T) {
	w := open(t)
	flash := prose(7, 40)
	first, guess, again := doc(1, hours(0), prose(1, 200)), doc(2, hours(.1), flash), doc(3, hours(.2), flash)
	guess.Language, guess.Guessed = "und", true
	again.Language = "en"
	other := doc(4, hours(.3), prose(4, 30))
	other.Source, other.Language, other.Guessed = "b.example", "ro", true
	w.publish(news.TopicDocuments, first, guess, again, other)
	p := w.start(w.lander())
	w.settled(news.TopicDocuments)
	p.stop()
	w.want("articles", "SELECT toString(article_id) || ' ' || language || ' ' || toString(copy_of) FROM articles ORDER BY off",
		"1 en 0", "2 en 0", "3 en 2", "4 ro 0")
	w.sameIndex(p.Lander)
	w.sound()
}

// TestTextsAreReadWhereSketchesAreNotSure lands a rewrite of every fourth word
// under another title: a sketch alone cannot tell it from an independent
// report. The text that it is compared with comes from the same batch, or from
// the store.
func TestTextsAreReadWhereSketchesAreNotSure(t *testing.T) {
	report := prose(1, 400)
	words := strings.Fields(report)
	for i := 3; i < len(words); i += 4 {
		words[i] = "re" + words[i]
	}
	for name, together := range map[string]bool{"in one batch": true, "stored": false} {
		t.Run(name, func(t *testing.T) {
			w := open(t)
			first, second := doc(1, hours(0), report), doc(2, hours(.1), strings.Join(words, " "))
			second.Source = "b.example"
			x := newIndex(w.cfg.Judge, w.store)
			x.judge.Fold(x.input(first), judge.Verdict{Kind: judge.Original, Story: 1})
			if v := x.judge.Decide(x.input(second), nil); v.Kind != judge.Original {
				t.Fatalf("the sketches tell it already: %+v", v)
			}
			w.publish(news.TopicDocuments, first)
			if together {
				w.publish(news.TopicDocuments, second)
			}
			p := w.start(w.lander())
			w.settled(news.TopicDocuments)
			if !together {
				w.publish(news.TopicDocuments, second)
				w.settled(news.TopicDocuments)
			}
			p.stop()
			w.want("articles", "SELECT toString(article_id) || ' ' || toString(copy_of) FROM articles ORDER BY off", "1 0", "2 1")
			w.sameIndex(p.Lander)
			w.sound()
		})
	}
}
