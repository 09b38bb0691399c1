package news

import "time"

// Names of the topics, without the configured prefix.
const (
	TopicFeeds       = "feeds"
	TopicFeedState   = "feed-state"
	TopicKnowledge   = "knowledge"
	TopicArticles    = "articles"
	TopicDocuments   = "documents"
	TopicFetches     = "fetches"
	TopicAlerts      = "alerts"
	TopicDeadLetters = "dead-letters"
)

// Topic is the shape that a topic must have.
type Topic struct {
	Name       string
	Partitions int
	Compacted  bool
	Retention  time.Duration // for topics that are not compacted
}

const day = 24 * time.Hour

// Topics lists every topic of an edition. documents has one partition on
// purpose: one judge in one order makes identity, copies and stories exact.
var Topics = []Topic{
	{Name: TopicFeeds, Partitions: 64, Compacted: true},
	{Name: TopicFeedState, Partitions: 64, Compacted: true},
	{Name: TopicKnowledge, Partitions: 1, Compacted: true},
	{Name: TopicArticles, Partitions: 16, Retention: 7 * day},
	{Name: TopicDocuments, Partitions: 1, Retention: 7 * day},
	{Name: TopicFetches, Partitions: 8, Retention: 3 * day},
	{Name: TopicAlerts, Partitions: 1, Retention: 30 * day},
	{Name: TopicDeadLetters, Partitions: 1, Retention: 30 * day},
}
