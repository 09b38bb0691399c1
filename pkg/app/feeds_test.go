package app

import (
	"strings"
	"testing"

	"github.com/dateline/dateline/pkg/news"
)

func TestFeedSettings(t *testing.T) {
	str := func(s string) *string { return &s }
	f := func(ok bool, s FeedSettings) {
		t.Helper()
		err := s.validate()
		if (err == nil) != ok {
			t.Errorf("%+v: %v", s, err)
		}
		if err != nil && s.Secret != nil && strings.Contains(err.Error(), *s.Secret) {
			t.Errorf("the error prints what may be a password: %v", err)
		}
	}
	f(true, FeedSettings{})
	f(true, FeedSettings{FullText: str(news.FullTextAlways), Secret: str("example-org")})
	f(true, FeedSettings{FullText: str(""), Secret: str("")})
	f(false, FeedSettings{FullText: str("sometimes")})
	f(false, FeedSettings{Secret: str("../passwords")})
	f(false, FeedSettings{Secret: str("Bearer abc")})
	f(false, FeedSettings{Secret: str("user:pass")})

	feed := &news.Feed{FullText: news.FullTextNever, Secret: "a"}
	FeedSettings{}.apply(feed)
	if feed.FullText != news.FullTextNever || feed.Secret != "a" {
		t.Errorf("what was not said has changed: %+v", feed)
	}
	FeedSettings{FullText: str(""), Secret: str("b")}.apply(feed)
	if feed.FullText != "" || feed.Secret != "b" {
		t.Errorf("%+v", feed)
	}
}
