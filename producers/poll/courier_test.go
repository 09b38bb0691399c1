package poll

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/news"
)

// topicLog keeps what is published, and refuses what is marked as poison.
type topicLog struct {
	calls int
	msgs  []string
}

func (l *topicLog) Publish(_ context.Context, msgs ...bus.Message) error {
	l.calls++
	for _, m := range msgs {
		if string(m.Value) == "poison" {
			return errors.New("message is too large")
		}
	}
	for _, m := range msgs {
		l.msgs = append(l.msgs, fmt.Sprintf("%s %s %s", m.Topic, m.Key, m.Value))
	}
	return nil
}

type landlord bool

func (l landlord) owns(context.Context) bool { return bool(l) }

func msg(topic, key, value string) bus.Message {
	return bus.Message{Topic: topic, Key: []byte(key), Value: []byte(value)}
}

// working runs a courier in a bubble in which time passes at once.
func working(t *testing.T, f func(t *testing.T, c *courier, l *topicLog)) {
	synctest.Test(t, func(t *testing.T) {
		l := &topicLog{}
		c := newCourier(l, slog.New(slog.DiscardHandler))
		ctx, stop := context.WithCancel(context.Background())
		done := make(chan struct{})
		go func() { c.run(ctx); close(done) }()
		f(t, c, l)
		stop()
		<-done
	})
}

func TestCourierNotes(t *testing.T) {
	working(t, func(t *testing.T, c *courier, l *topicLog) {
		ctx, now := t.Context(), time.Now()
		lost, cancel := context.WithCancel(ctx)
		for i := range 3 {
			c.leave(ctx, landlord(true), now, msg(news.TopicFeedState, "a", fmt.Sprint("state ", i)), msg(news.TopicFetches, "a", fmt.Sprint("fetch ", i)))
		}
		c.leave(ctx, landlord(false), now, msg(news.TopicFeedState, "b", "young"))
		c.leave(ctx, landlord(false), now.Add(-time.Minute), msg(news.TopicFeedState, "c", "of a partition that has moved while this process stood still"))
		c.leave(ctx, landlord(true), now.Add(-time.Minute), msg(news.TopicFeedState, "d", "old, and its own"))
		c.leave(lost, landlord(true), now, msg(news.TopicFeedState, "e", "of a partition that has moved"))
		c.leave(ctx, nil, time.Time{}, msg(news.TopicFeedState, "b", ""))
		cancel()
		if err := c.flush(ctx); err != nil {
			t.Error(err)
		}
		want := []string{"feed-state a state 2", "fetches a fetch 0", "fetches a fetch 1", "fetches a fetch 2", "feed-state b ", "feed-state d old, and its own"}
		if !slices.Equal(l.msgs, want) || l.calls != 1 {
			t.Errorf("%d calls, %q\nwant %q", l.calls, l.msgs, want)
		}
	})
}

// What can never be stored keeps nothing else back.
func TestCourierPoison(t *testing.T) {
	working(t, func(t *testing.T, c *courier, l *topicLog) {
		ctx := t.Context()
		results := make(chan string, 3)
		for _, v := range []string{"one", "poison", "two"} {
			go func() { results <- fmt.Sprint(v, " ", c.send(ctx, []bus.Message{msg(news.TopicArticles, "x", v)})) }()
		}
		var got []string
		for range 3 {
			got = append(got, <-results)
		}
		slices.Sort(got)
		if want := []string{"one <nil>", "poison message is too large", "two <nil>"}; !slices.Equal(got, want) {
			t.Errorf("%q", got)
		}
		c.leave(ctx, nil, time.Now(), msg(news.TopicFetches, "a", "poison"))
		c.leave(ctx, nil, time.Now(), msg(news.TopicFetches, "b", "fine"))
		if err := c.flush(ctx); err != nil || !slices.Contains(l.msgs, "fetches b fine") {
			t.Errorf("%v, %q", err, l.msgs)
		}
		if strings.Contains(strings.Join(l.msgs, "\n"), "poison") {
			t.Error("poison is stored")
		}
	})
}

// Nobody waits for ever for a partition that is lost.
func TestCourierLost(t *testing.T) {
	working(t, func(t *testing.T, c *courier, l *topicLog) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := c.send(ctx, []bus.Message{msg(news.TopicArticles, "x", "one")}); !errors.Is(err, errMoved) {
			t.Error(err)
		}
		if err := c.flush(ctx); !errors.Is(err, errMoved) {
			t.Error(err)
		}
		if err := c.flush(t.Context()); err != nil || len(l.msgs) != 0 {
			t.Errorf("%v, %q", err, l.msgs)
		}
	})
}
