package enginetest_test

import (
	"context"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/segmentio/kafka-go"

	"github.com/dateline/dateline/pkg/engine/enginetest"
)

func TestStart(t *testing.T) {
	for range 3 {
		t.Run("", func(t *testing.T) {
			e := enginetest.Start(t)
			ctx := t.Context()
			ch, err := clickhouse.Open(&clickhouse.Options{
				Addr: []string{e.SQL}, Protocol: clickhouse.HTTP,
				Auth: clickhouse.Auth{Username: e.Writer.User, Password: e.Writer.Password, Database: e.Database},
			})
			if err != nil {
				t.Fatal(err)
			}
			defer ch.Close()
			var db string
			if err := ch.QueryRow(ctx, "SELECT currentDatabase()").Scan(&db); err != nil || db != e.Database {
				t.Fatalf("database %q, %v", db, err)
			}
			cl := &kafka.Client{Addr: kafka.TCP(e.Kafka...), Transport: &kafka.Transport{}}
			resp, err := cl.CreateTopics(context.Background(), &kafka.CreateTopicsRequest{Topics: []kafka.TopicConfig{{Topic: "t", NumPartitions: 2, ReplicationFactor: 1}}})
			if err != nil || resp.Errors["t"] != nil {
				t.Fatal(err, resp)
			}
		})
	}
}
