-- The users of users.xml for a server that keeps its users in SQL. Change the
-- passwords, then: clickhouse-client --multiquery < users.sql

CREATE SETTINGS PROFILE IF NOT EXISTS dateline_writer SETTINGS
    async_insert = 0,
    insert_deduplicate = 1,
    max_partitions_per_insert_block = 1000;

CREATE SETTINGS PROFILE IF NOT EXISTS dateline_reader SETTINGS
    readonly = 2,
    max_execution_time = 60 MAX 300,
    max_memory_usage = 4000000000 MAX 8000000000,
    max_result_rows = 1000000,
    result_overflow_mode = 'break';

CREATE USER IF NOT EXISTS dateline IDENTIFIED WITH sha256_password BY 'change-me' SETTINGS PROFILE 'dateline_writer';
GRANT ALL ON dateline.* TO dateline;
GRANT SELECT ON system.tables TO dateline;

CREATE USER IF NOT EXISTS reader IDENTIFIED WITH sha256_password BY 'change-me-too' SETTINGS PROFILE 'dateline_reader';
GRANT SELECT, SHOW ON dateline.* TO reader;
