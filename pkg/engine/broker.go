package engine

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Broker is the embedded Kafka: one broker, every acknowledged write synced to disk.
type Broker struct {
	cluster *kfake.Cluster
	addrs   []string
	close   sync.Once
}

// StartBroker opens the broker on dir, which this process must own. Topics must be created before
// they are used. It reads its whole log at the start, so Config.RetentionBytes bounds both that
// time and the memory it takes.
func StartBroker(ctx context.Context, dir string, cfg Config, log *slog.Logger) (*Broker, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("start the embedded Kafka: %w", err)
	}
	ln, err := listen(ctx, cfg.KafkaListen, dir, "engine.kafka_listen")
	if err != nil {
		return nil, fmt.Errorf("start the embedded Kafka: %w", err)
	}
	c, err := kfake.NewCluster(
		kfake.NumBrokers(1),
		kfake.ClusterID("dateline"),
		kfake.ListenFn(func(string, string) (net.Listener, error) { return ln, nil }),
		kfake.DataDir(filepath.Join(dir, "data")),
		kfake.SyncWrites(),
		kfake.GroupMinSessionTimeout(time.Second),
		kfake.GroupMaxSessionTimeout(30*time.Minute),
		kfake.WithLogger(brokerLog{log}),
		kfake.BrokerConfigs(map[string]string{
			// Compaction runs on the broker's only loop: often, and so in small portions.
			"log.cleaner.backoff.ms":    strconv.FormatInt((10 * time.Minute).Milliseconds(), 10),
			"offsets.retention.minutes": strconv.Itoa(365 * 24 * 60),
		}),
	)
	if err != nil {
		ln.Close()
		return nil, fmt.Errorf("start the embedded Kafka on %s: %w", dir, err)
	}
	c.ControlKey(kmsg.CreateTopics.Int16(), func(req kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		boundTopics(req.(*kmsg.CreateTopicsRequest), cfg.RetentionBytes)
		return nil, nil, false
	})
	refuseWithoutRoom(c, dir, log)
	return &Broker{cluster: c, addrs: []string{ln.Addr().String()}}, nil
}

// storageError is KAFKA_STORAGE_ERROR of the protocol.
const storageError = 56

// minRoom is the free space, in bytes, below which no offset is committed.
const minRoom = 32 << 20

// refuseWithoutRoom answers commits of offsets with a storage error, which clients try again, while
// the disk is nearly full. Messages that cannot be written kfake refuses by itself; an offset it
// calls committed all the same, and has forgotten it after the next start.
func refuseWithoutRoom(c *kfake.Cluster, dir string, log *slog.Logger) {
	refusing := false
	full := func() bool {
		var st syscall.Statfs_t
		if err := syscall.Statfs(dir, &st); err != nil {
			return false
		}
		free := st.Bavail * uint64(st.Bsize)
		switch now := free < minRoom; {
		case now && !refusing:
			log.Error("embedded Kafka: no space left: no offset is committed until there is room again; free some, or move the data directory", "dir", dir, "free", free, "needed", minRoom)
		case !now && refusing:
			log.Warn("embedded Kafka: there is room again", "dir", dir, "free", free)
		}
		refusing = free < minRoom
		return refusing
	}
	// Control functions run one after the other.
	c.ControlKey(kmsg.OffsetCommit.Int16(), func(req kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		if !full() {
			return nil, nil, false
		}
		r := req.(*kmsg.OffsetCommitRequest)
		res := r.ResponseKind().(*kmsg.OffsetCommitResponse)
		for _, t := range r.Topics {
			rt := kmsg.NewOffsetCommitResponseTopic()
			rt.Topic, rt.TopicID = t.Topic, t.TopicID
			for _, p := range t.Partitions {
				rp := kmsg.NewOffsetCommitResponseTopicPartition()
				rp.Partition, rp.ErrorCode = p.Partition, storageError
				rt.Partitions = append(rt.Partitions, rp)
			}
			res.Topics = append(res.Topics, rt)
		}
		return res, nil, true
	})
}

// boundTopics completes the retention of the topics to be created. kfake applies the broker's
// retention to compacted topics as well (Kafka does not), which would delete state after seven
// days: they are given none. Every other topic gets a bound in bytes.
func boundTopics(req *kmsg.CreateTopicsRequest, retentionBytes int64) {
	for i := range req.Topics {
		t := &req.Topics[i]
		set := func(name, value string) {
			for _, c := range t.Configs {
				if c.Name == name {
					return
				}
			}
			c := kmsg.NewCreateTopicsRequestTopicConfig()
			c.Name, c.Value = name, kmsg.StringPtr(value)
			t.Configs = append(t.Configs, c)
		}
		compacted, deleted := false, true
		for _, c := range t.Configs {
			if c.Name == "cleanup.policy" && c.Value != nil {
				compacted = strings.Contains(*c.Value, "compact")
				deleted = strings.Contains(*c.Value, "delete")
			}
		}
		if compacted && !deleted {
			set("retention.ms", "-1")
			set("retention.bytes", "-1")
			continue
		}
		set("retention.bytes", strconv.FormatInt(retentionBytes, 10))
	}
}

// Addrs lists the broker's addresses, host:port.
func (b *Broker) Addrs() []string { return b.addrs }

// Close stops the broker after what it has acknowledged is on disk. It may be called twice.
func (b *Broker) Close() error {
	b.close.Do(b.cluster.Close)
	return nil
}

// brokerLog passes on what kfake warns about; it says the rest for every request.
type brokerLog struct{ log *slog.Logger }

func (l brokerLog) Logf(level kfake.LogLevel, format string, args ...any) {
	switch level {
	case kfake.LogLevelError:
		l.log.Error("embedded Kafka: " + fmt.Sprintf(format, args...))
	case kfake.LogLevelWarn:
		l.log.Warn("embedded Kafka: " + fmt.Sprintf(format, args...))
	}
}
