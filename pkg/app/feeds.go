package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/feed"
	"github.com/dateline/dateline/pkg/news"
	"golang.org/x/sync/errgroup"
)

// FeedsAdded says what became of a list of feeds.
type FeedsAdded struct {
	Added, Known int
	Refused      []error
}

// AddFeeds subscribes to feeds. One that is there already keeps its state, and
// gets a new title and tags where some are given. With again it counts as
// added anew, so that one that its publisher had retired is tried once more.
func (a *App) AddFeeds(ctx context.Context, list []feed.Outline, again bool) (FeedsAdded, error) {
	return a.AddFeedsWith(ctx, list, again, FeedSettings{})
}

// FeedSettings is what a person says of feeds beside their address; nil leaves
// it as it is. Lists that are handed on (OPML) hold none of it.
type FeedSettings struct {
	FullText *string // news.FullTextAlways, news.FullTextNever, or empty: by rule
	Secret   *string // name of a file in fetch.secrets; empty: none
}

func (s FeedSettings) validate() error {
	if t := s.FullText; t != nil && *t != "" && *t != news.FullTextAlways && *t != news.FullTextNever {
		return fmt.Errorf("full text is %q, want %s, %s, or nothing: by poll.full_text", *t, news.FullTextAlways, news.FullTextNever)
	}
	// The file itself is the poller's, which may run on another machine.
	if n := s.Secret; n != nil && (strings.ContainsAny(*n, "/\\:@ \t\r\n") || strings.HasPrefix(*n, ".")) {
		return errors.New("what was given cannot name a secret: want the bare name of a file in the folder fetch.secrets, not what is in it")
	}
	return nil
}

func (s FeedSettings) empty() bool { return s.FullText == nil && s.Secret == nil }

func (s FeedSettings) apply(f *news.Feed) {
	if s.FullText != nil {
		f.FullText = *s.FullText
	}
	if s.Secret != nil {
		f.Secret = *s.Secret
	}
}

// AddFeedsWith is AddFeeds for feeds with settings of their own.
func (a *App) AddFeedsWith(ctx context.Context, list []feed.Outline, again bool, set FeedSettings) (FeedsAdded, error) {
	var res FeedsAdded
	if err := set.validate(); err != nil {
		return res, err
	}
	have, err := a.feedsByURL(ctx)
	if err != nil {
		return res, err
	}
	var msgs []bus.Message
	now := a.Now().UTC().Truncate(time.Second)
	for _, o := range list {
		u, err := feedURL(o.URL)
		if err != nil {
			res.Refused = append(res.Refused, err)
			continue
		}
		f, known := have[u]
		if known {
			res.Known++
			if !again && set.empty() && (o.Title == "" || o.Title == f.Title) && (len(o.Tags) == 0 || slices.Equal(o.Tags, f.Tags)) {
				continue
			}
			if again {
				f.Added = now
			}
		} else {
			res.Added++
			f = &news.Feed{V: news.Version, URL: u, Added: now}
			have[u] = f
		}
		f.Title, f.Tags = cmp.Or(o.Title, f.Title), firstTags(o.Tags, f.Tags)
		set.apply(f)
		msgs = append(msgs, bus.Message{Topic: news.TopicFeeds, Key: []byte(u), Value: news.Encode(f)})
	}
	return res, a.publish(ctx, msgs)
}

func firstTags(a, b []string) []string {
	if len(a) > 0 {
		return a
	}
	return b
}

// feedURL checks an address, and gives the form under which the feed is known.
func feedURL(raw string) (string, error) {
	raw = strings.TrimSpace(raw)
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return "", fmt.Errorf("%q is no feed address; want http://… or https://…", raw)
	}
	u.Fragment = ""
	return u.String(), nil
}

func (a *App) publish(ctx context.Context, msgs []bus.Message) error {
	for chunk := range slices.Chunk(msgs, 1000) {
		if err := a.Bus.Publish(ctx, chunk...); err != nil {
			return err
		}
	}
	return nil
}

// RemoveFeeds ends subscriptions, and gives those that there were not.
func (a *App) RemoveFeeds(ctx context.Context, urls []string) (unknown []string, err error) {
	have, err := a.feedsByURL(ctx)
	if err != nil {
		return nil, err
	}
	var msgs []bus.Message
	for _, raw := range urls {
		u, err := feedURL(raw)
		if err != nil || have[u] == nil {
			unknown = append(unknown, raw)
			continue
		}
		msgs = append(msgs, bus.Message{Topic: news.TopicFeeds, Key: []byte(u)}, bus.Message{Topic: news.TopicFeedState, Key: []byte(u)})
	}
	return unknown, a.publish(ctx, msgs)
}

// Feeds lists the subscriptions by address.
func (a *App) Feeds(ctx context.Context) ([]*news.Feed, error) {
	have, err := a.feedsByURL(ctx)
	if err != nil {
		return nil, err
	}
	var out []*news.Feed
	for _, f := range have {
		out = append(out, f)
	}
	slices.SortFunc(out, func(x, y *news.Feed) int { return cmp.Compare(x.URL, y.URL) })
	return out, nil
}

func (a *App) feedsByURL(ctx context.Context) (map[string]*news.Feed, error) {
	var mu sync.Mutex
	out := map[string]*news.Feed{}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(8)
	for p := range partitions(news.TopicFeeds) {
		g.Go(func() error {
			_, err := a.Bus.ReadAll(ctx, news.TopicFeeds, p, func(m bus.Message) error {
				mu.Lock()
				defer mu.Unlock()
				if len(m.Value) == 0 {
					delete(out, string(m.Key))
					return nil
				}
				f, err := news.Decode[news.Feed](m.Value)
				if errors.Is(err, news.ErrNewer) {
					return err
				}
				if err != nil {
					a.log.Warn("a subscription cannot be read", "partition", p, "offset", m.Offset, "err", err)
					return nil
				}
				out[f.URL] = f
				return nil
			})
			return err
		})
	}
	return out, g.Wait()
}

func partitions(topic string) int {
	for _, t := range news.Topics {
		if t.Name == topic {
			return t.Partitions
		}
	}
	return 0
}
