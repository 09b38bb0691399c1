package engine

import (
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The reader's statements pass three gates before they run, since readonly=1 alone lets functions
// such as file() read whatever the process can read:
//
//  1. the connection is readonly=1 with limits set, so no statement can change a setting or a table;
//  2. the tokens: every name that is called must be in the allow-list. The syntax tree does not show
//     what stands in APPLY, in named windows and in SHOW … WHERE, the tokens do;
//  3. the syntax tree, as ClickHouse parses it, parameters filled in: the same for what it calls, and
//     no table of the database system beyond those that describe the data.

func errReaderStatement(verb string) error {
	return fail(164, "READONLY", http.StatusForbidden, "the user reader may run SELECT, SHOW, DESCRIBE, EXISTS and EXPLAIN, not %s", verb)
}

func denied(format string, args ...any) error {
	return fail(497, "ACCESS_DENIED", http.StatusForbidden, "reader: "+format, args...)
}

// guard passes a reader's statement or says why not.
func (c *ClickHouse) guard(conn *conn, st *statement, o options) error {
	if strings.EqualFold(o.database, "system") {
		return denied("the database system cannot be the current one; name its tables in full, as system.tables")
	}
	g := gate{views: func(name string) (bool, error) { return isView(conn, name) }}
	if err := g.tokens(st); err != nil {
		return err
	}
	query := st.sql
	if st.format != "" {
		query = query[:st.formatAt] // EXPLAIN would take the clause for its own
	}
	tree, _, err := conn.exec("EXPLAIN AST "+query, "TSV", o.params...)
	if err != nil {
		return err
	}
	return g.tree(string(tree))
}

// isView tells whether name, which may be qualified, is a view: its text is the writer's.
func isView(conn *conn, name string) (bool, error) {
	db, table, ok := strings.Cut(name, ".")
	if !ok {
		db, table = "", name
	}
	out, _, err := conn.exec("SELECT count() FROM system.tables WHERE database = if({d:String} = '', currentDatabase(), {d:String}) AND name = {t:String} AND engine = 'View'",
		"TSV", param{"d", escapeParam(db)}, param{"t", escapeParam(table)})
	if err != nil {
		return false, err
	}
	return strings.TrimSpace(string(out)) == "1", nil
}

// escapeParam writes a value the way parameters are read: tab-separated text.
func escapeParam(s string) string {
	return strings.NewReplacer(`\`, `\\`, "\t", `\t`, "\n", `\n`, "\r", `\r`).Replace(s)
}

// gate judges names; views looks up what is no function.
type gate struct {
	views func(name string) (bool, error)
}

func (g gate) call(name string) error {
	if callable(name) {
		return nil
	}
	view, err := g.views(name)
	if err != nil {
		return err
	}
	if !view {
		return denied("%s is not a function that the user reader may call, nor a view", name)
	}
	return nil
}

// tokens is the second gate.
func (g gate) tokens(st *statement) error {
	if st.odd {
		return denied("characters beyond ASCII and $ must stand in quotes, and comments must not nest")
	}
	if err := verbAllowed(st); err != nil {
		return err
	}
	for i, t := range st.tokens {
		if t.kind != word && t.kind != quoted {
			continue
		}
		if t.is("APPLY") {
			if err := g.apply(st.tokens[i+1:]); err != nil {
				return err
			}
		}
		next := ""
		if i+1 < len(st.tokens) {
			next = st.tokens[i+1].text
		}
		switch {
		case next == "." && strings.EqualFold(t.name(), "system") && i+2 < len(st.tokens):
			if name := st.tokens[i+2].name(); !slices.Contains(systemTables, name) {
				return denied("system.%s is not for the user reader", name)
			}
		case next != "(", t.kind == word && slices.Contains(beforeParenthesis, strings.ToUpper(t.text)):
		default:
			name := t.name()
			if slices.Contains(typeNames, strings.ToLower(name)) {
				continue
			}
			if i > 1 && st.tokens[i-1].text == "." {
				name = st.tokens[i-2].name() + "." + name
			}
			if err := g.call(name); err != nil {
				return err
			}
		}
	}
	return nil
}

// apply judges what follows APPLY: a function's name, or a lambda whose body is judged as any text.
func (g gate) apply(rest []token) error {
	if len(rest) > 0 && rest[0].text == "(" {
		rest = rest[1:]
	}
	if len(rest) == 0 || rest[0].kind != word && rest[0].kind != quoted {
		return denied("APPLY wants the name of a function or a lambda")
	}
	if len(rest) > 2 && rest[1].text == "-" && rest[2].text == ">" {
		return nil
	}
	return g.call(rest[0].name())
}

func verbAllowed(st *statement) error {
	switch st.verb {
	case "SELECT", "WITH", "FROM", "EXPLAIN", "DESCRIBE", "DESC", "EXISTS":
		return nil
	case "SHOW":
		return showAllowed(st.tokens[1:])
	}
	return errReaderStatement(st.verb)
}

// showAllowed parts what describes the data from what describes the server and its users.
func showAllowed(rest []token) error {
	for len(rest) > 0 && (rest[0].is("FULL") || rest[0].is("EXTENDED") || rest[0].is("TEMPORARY") || rest[0].is("CHANGED")) {
		rest = rest[1:]
	}
	what := ""
	if len(rest) > 0 {
		what = strings.ToUpper(rest[0].text)
	}
	switch what {
	case "TABLES", "DATABASES", "COLUMNS", "FIELDS", "INDEX", "INDEXES", "INDICES", "KEYS", "FUNCTIONS", "SETTINGS", "SETTING", "ENGINES", "DICTIONARIES":
		return nil
	case "CREATE":
		if len(rest) > 1 && slices.Contains([]string{"TABLE", "VIEW", "DATABASE", "DICTIONARY", "TEMPORARY"}, strings.ToUpper(rest[1].text)) {
			return nil
		}
		what += " other than of a TABLE, VIEW, DATABASE or DICTIONARY"
	}
	return errReaderStatement("SHOW " + what)
}

var (
	// treeLine is a line of EXPLAIN AST; an output of another form is refused whole.
	treeLine = regexp.MustCompile(`^ *[A-Z][A-Za-z]+(::[A-Za-z]+)?( .*)?$`)
	treeCall = regexp.MustCompile(`^ *Function (.+?)( \(alias .*\))?( \(children \d+\))?$`)
	treeName = regexp.MustCompile(`^ *(?:Table)?Identifier (\S+)`)
)

// tree is the third gate.
func (g gate) tree(tree string) error {
	lines := strings.Split(strings.TrimRight(tree, "\n"), "\n")
	for _, line := range lines {
		if !treeLine.MatchString(line) {
			return denied("the statement cannot be checked")
		}
		if m := treeCall.FindStringSubmatch(line); m != nil {
			if err := g.call(m[1]); err != nil {
				return err
			}
		} else if m := treeName.FindStringSubmatch(line); m != nil {
			db, table, ok := strings.Cut(strings.ReplaceAll(m[1], "`", ""), ".")
			if ok && strings.EqualFold(db, "system") && !slices.Contains(systemTables, table) {
				return denied("system.%s is not for the user reader", table)
			}
		}
	}
	return nil
}

// Limits of a reader's statement. A request may ask for less.
const (
	readerTime       = time.Minute
	readerResultRows = 20_000_000
	readerResult     = 2 << 30 // bytes
)

// readerSettings are the limits, and what a reader may set by the URL.
func readerSettings(o options, maxMemory int64) ([]setting, error) {
	caps := map[string]int64{
		"max_execution_time": int64(readerTime.Seconds()),
		"max_result_rows":    readerResultRows,
		"max_result_bytes":   readerResult,
		"max_memory_usage":   maxMemory,
	}
	// Article ids need all 64 bits, and JavaScript's numbers end at 2^53: the reader's clients are
	// browsers and dashboards, so JSON quotes 64-bit integers unless asked not to.
	out := []setting{{"output_format_json_quote_64bit_integers", "1"}}
	for _, s := range o.settings {
		if limit, ok := caps[s.name]; ok {
			n, err := strconv.ParseFloat(s.value, 64)
			if err != nil || n <= 0 || n > float64(limit) {
				continue // the limit stays
			}
			delete(caps, s.name)
			out = append(out, s)
			continue
		}
		switch {
		case s.name == "readonly": // it is, whatever a client asks for
		case readerMaySet(s.name):
			out = append(out, s)
		default:
			return nil, fail(164, "READONLY", http.StatusForbidden, "Cannot modify '%s' setting in readonly mode", s.name)
		}
	}
	for name, limit := range caps {
		out = append(out, setting{name, strconv.FormatInt(limit, 10)})
	}
	return out, nil
}

// readerMaySet lists settings which change how a result looks or how fast it comes. Not among them:
// format_*, some of which name files.
func readerMaySet(name string) bool {
	if strings.HasPrefix(name, "output_format_") || strings.HasPrefix(name, "optimize_") || strings.HasPrefix(name, "join_") {
		return true
	}
	return slices.Contains([]string{
		"max_threads", "max_block_size", "max_rows_to_read", "max_bytes_to_read", "read_overflow_mode", "result_overflow_mode",
		"timeout_overflow_mode", "timeout_before_checking_execution_speed", "group_by_overflow_mode", "distinct_overflow_mode",
		"session_timezone", "date_time_output_format", "limit", "offset", "extremes", "final", "cast_keep_nullable",
		"group_by_use_nulls", "aggregate_functions_null_for_empty", "prefer_column_name_to_alias", "enable_analyzer",
		"allow_experimental_analyzer", "totals_mode", "async_insert", "wait_for_async_insert", "network_zstd_compression_level",
		"connect_timeout", "receive_timeout", "send_timeout", "max_query_size", "http_max_field_value_size", "empty_result_for_aggregation_by_empty_set",
	}, name)
}

// systemTables are those of the database system that describe data and engine, not people.
var systemTables = strings.Fields(`
	one numbers numbers_mt zeros zeros_mt primes tables columns databases functions formats settings parts parts_columns
	projections projection_parts projection_parts_columns data_skipping_indices data_type_families table_engines
	table_functions database_engines aggregate_function_combinators keywords time_zones collations contributors licenses
	merges mutations detached_parts metrics events asynchronous_metrics dictionaries warnings unicode completions codecs
	merge_tree_settings view_refreshes tokenizers`)

// beforeParenthesis are the keywords that an opening parenthesis may follow without a call.
var beforeParenthesis = strings.Fields(`
	ALL AND ANTI ANY ARRAY AS ASC ASOF AST BETWEEN BY CASE COLUMNS CUBE DESC DESCRIBE DISTINCT ELSE ESTIMATE EXCEPT EXISTS
	EXPLAIN EXTRACT FILTER FROM GLOBAL HAVING ILIKE IN INTERPOLATE INTERSECT INTERVAL IS JOIN LEFT LIKE LIMIT MATERIALIZED
	NOT OFFSET ON OR OVER PIPELINE PLAN PREWHERE QUALIFY RECURSIVE REGEXP REPLACE RIGHT ROLLUP SAMPLE SELECT SEMI SETS SHOW
	STEP SYNTAX TABLE THEN TO TREE TRIM UNION USING VALUES WHEN WHERE WITH CAST APPLY`)

// typeNames may be followed by parameters, in casts and parameters.
var typeNames = strings.Fields(`
	aggregatefunction array bfloat16 bool char date date32 datetime datetime32 datetime64 dec decimal decimal32 decimal64
	decimal128 decimal256 dynamic enum enum8 enum16 fixedstring float32 float64 json lowcardinality map nested nullable numeric
	object simpleaggregatefunction string time time64 tuple varchar variant`)
