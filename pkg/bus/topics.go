package bus

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/dateline/dateline/pkg/news"
	"github.com/segmentio/kafka-go"
)

// EnsureTopics creates the topics that are missing, and says clearly where one
// that exists has another shape than dateline relies on.
func (b *Bus) EnsureTopics(ctx context.Context, topics []news.Topic) error {
	req := &kafka.CreateTopicsRequest{}
	for _, t := range topics {
		req.Topics = append(req.Topics, kafka.TopicConfig{
			Topic: b.name(t.Name), NumPartitions: t.Partitions, ReplicationFactor: b.cfg.Replication,
			ConfigEntries: configEntries(t),
		})
	}
	err := retry(ctx, func() error {
		res, err := b.client.CreateTopics(ctx, req)
		if err != nil {
			return err
		}
		for name, e := range res.Errors {
			if errors.Is(e, kafka.InvalidReplicationFactor) {
				return fmt.Errorf("%s: %w: set kafka.replication to no more than there are brokers", name, e)
			}
			if e != nil && !errors.Is(e, kafka.TopicAlreadyExists) {
				return fmt.Errorf("%s: %w", name, e)
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("create topics: %w", err)
	}
	return b.checkTopics(ctx, topics)
}

func configEntries(t news.Topic) []kafka.ConfigEntry {
	if t.Compacted {
		// The active segment is never compacted: without these it would hold
		// up to 1 GB of superseded states.
		return []kafka.ConfigEntry{
			{ConfigName: "cleanup.policy", ConfigValue: "compact"},
			{ConfigName: "segment.bytes", ConfigValue: strconv.Itoa(32 << 20)},
			{ConfigName: "segment.ms", ConfigValue: ms(10 * time.Minute)},
			{ConfigName: "min.cleanable.dirty.ratio", ConfigValue: "0.1"},
			{ConfigName: "retention.ms", ConfigValue: "-1"}, // some brokers apply their default here too
			{ConfigName: "retention.bytes", ConfigValue: "-1"},
		}
	}
	return []kafka.ConfigEntry{
		{ConfigName: "cleanup.policy", ConfigValue: "delete"},
		{ConfigName: "retention.ms", ConfigValue: ms(t.Retention)},
	}
}

func ms(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }

func (b *Bus) checkTopics(ctx context.Context, topics []news.Topic) error {
	names := make([]string, len(topics))
	for i, t := range topics {
		names[i] = b.name(t.Name)
	}
	var meta *kafka.MetadataResponse
	err := retry(ctx, func() (err error) {
		meta, err = b.client.Metadata(ctx, &kafka.MetadataRequest{Topics: names})
		if err != nil {
			return err
		}
		for _, t := range meta.Topics {
			if t.Error != nil {
				return t.Error
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("look at topics: %w", err)
	}
	have := map[string]int{}
	for _, t := range meta.Topics {
		have[t.Name] = len(t.Partitions)
	}
	var errs []error
	for _, t := range topics {
		if n := have[b.name(t.Name)]; n != t.Partitions {
			errs = append(errs, fmt.Errorf("topic %s has %d partitions, dateline needs %d: use another kafka.prefix, or remove the topic if it is not in use",
				b.name(t.Name), n, t.Partitions))
		}
	}
	if err := b.checkPolicies(ctx, topics); err != nil {
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// checkPolicies catches a topic that somebody created without compaction, or
// with it where nothing may be compacted away: both lose data silently.
func (b *Bus) checkPolicies(ctx context.Context, topics []news.Topic) error {
	req := &kafka.DescribeConfigsRequest{}
	for _, t := range topics {
		req.Resources = append(req.Resources, kafka.DescribeConfigRequestResource{
			ResourceType: kafka.ResourceTypeTopic, ResourceName: b.name(t.Name), ConfigNames: []string{"cleanup.policy"},
		})
	}
	var res *kafka.DescribeConfigsResponse
	err := retry(ctx, func() (err error) {
		res, err = b.client.DescribeConfigs(ctx, req)
		return err
	})
	if err != nil {
		return fmt.Errorf("look at topic configuration: %w", err)
	}
	policy := map[string]string{}
	for _, r := range res.Resources {
		for _, e := range r.ConfigEntries {
			if e.ConfigName == "cleanup.policy" {
				policy[r.ResourceName] = e.ConfigValue
			}
		}
	}
	var errs []error
	for _, t := range topics {
		want := "delete"
		if t.Compacted {
			want = "compact"
		}
		if got := policy[b.name(t.Name)]; got != "" && got != want {
			errs = append(errs, fmt.Errorf("topic %s has cleanup.policy=%s, dateline needs %s: set it with your Kafka tools", b.name(t.Name), got, want))
		}
	}
	return errors.Join(errs...)
}

// Ping tells whether a broker answers.
func (b *Bus) Ping(ctx context.Context) error {
	// Metadata would come from the transport's memory.
	if _, err := b.client.ApiVersions(ctx, &kafka.ApiVersionsRequest{}); err != nil {
		return fmt.Errorf("kafka does not answer: %w", err)
	}
	return nil
}
