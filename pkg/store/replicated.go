package store

import (
	"fmt"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// createDatabase is the statement that makes the database. A replicated one
// brings every table that is made in it to all replicas, under one id, so that
// tables may be exchanged and a lock holds on all of them.
func (c Config) createDatabase() string {
	if !c.Replicated {
		return "CREATE DATABASE IF NOT EXISTS " + c.Database
	}
	return fmt.Sprintf("CREATE DATABASE IF NOT EXISTS %s ENGINE = Replicated('/clickhouse/databases/%s', '{shard}', '{replica}')", c.Database, c.Database)
}

// render gives a statement of a migration as this kind of database takes it.
// Keeper remembers the tokens of inserts together with their parts, for 30
// days, where a single server keeps them in a file.
func (c Config) render(sql string) string {
	if !c.Replicated || !strings.HasPrefix(sql, "CREATE TABLE") {
		return sql
	}
	for _, engine := range []string{"MergeTree", "AggregatingMergeTree", "ReplacingMergeTree"} {
		sql = strings.Replace(sql, "ENGINE = "+engine, "ENGINE = Replicated"+engine, 1)
	}
	return strings.Replace(sql, "non_replicated_deduplication_window = 10000",
		"replicated_deduplication_window = 10000, replicated_deduplication_window_seconds = 2592000", 1)
}

// settings are those of every statement. What land has inserted it looks up
// again, and must find it on any replica; a row that a replica did not have yet
// would be sent again under another token.
func (c Config) settings() clickhouse.Settings {
	if !c.Replicated {
		return nil
	}
	return clickhouse.Settings{"insert_quorum": "auto", "insert_quorum_parallel": 0, "select_sequential_consistency": 1}
}
