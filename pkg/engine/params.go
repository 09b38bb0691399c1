package engine

import (
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// options is what a request's URL (or form) asks for beside the statement itself.
type options struct {
	query        string
	database     string
	format       string // default_format, else header X-ClickHouse-Format
	queryID      string
	compress     bool // answer in ClickHouse's own compressed frames
	compressBy   string
	decompress   bool // the body comes in such frames
	waitEnd      bool
	protocol     string // client_protocol_version: only native clients send it
	settings     []setting
	params       []param
	externalData bool
}

type setting struct{ name, value string }

var identifier = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// ignored is what means nothing to an endpoint whose every request stands alone.
var ignored = []string{
	"user", "password", "quota_key", "stacktrace", "buffer_size", "session_timeout", "session_check",
	"send_progress_in_http_headers", "http_headers_progress_interval_ms", "add_http_cors_header",
	"enable_http_compression", "http_zlib_compression_level", "http_write_exception_in_output_format",
	"http_make_head_request", "log_comment", "close_session",
}

func parseOptions(v url.Values, h http.Header) (options, error) {
	o := options{format: h.Get("X-ClickHouse-Format"), database: h.Get("X-ClickHouse-Database")}
	names := make([]string, 0, len(v))
	for name := range v {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		value := v.Get(name)
		switch {
		case name == "query":
			o.query = value
		case name == "database":
			o.database = value
		case name == "default_format":
			o.format = value
		case name == "query_id":
			o.queryID = value
		case name == "compress":
			o.compress = truthy(value)
		case name == "network_compression_method":
			o.compressBy = value
		case name == "decompress":
			o.decompress = truthy(value)
		case name == "wait_end_of_query":
			o.waitEnd = truthy(value)
		case name == "client_protocol_version":
			o.protocol = value
		case name == "session_id":
			if value != "" {
				return o, fail(48, "NOT_IMPLEMENTED", http.StatusNotImplemented, "session_id: this endpoint keeps no sessions; send settings with each request")
			}
		case name == "role":
			return o, fail(48, "NOT_IMPLEMENTED", http.StatusNotImplemented, "role: this endpoint has the users dateline and reader and no roles")
		case strings.HasPrefix(name, "param_"):
			o.params = append(o.params, param{strings.TrimPrefix(name, "param_"), value})
		case strings.HasSuffix(name, "_structure"), strings.HasSuffix(name, "_format") && !isFormatSetting(name):
			o.externalData = true
		case slices.Contains(ignored, name):
		case !identifier.MatchString(name):
			return o, fail(115, "UNKNOWN_SETTING", http.StatusNotFound, "Setting %q is neither a builtin setting nor started with the prefix 'param_'", name)
		default:
			o.settings = append(o.settings, setting{name, value})
		}
	}
	if o.format != "" && !identifier.MatchString(o.format) {
		return o, fail(73, "UNKNOWN_FORMAT", http.StatusNotFound, "Unknown format %q", o.format)
	}
	return o, nil
}

// isFormatSetting parts settings such as date_time_input_format from "<table>_format" of external data.
func isFormatSetting(name string) bool {
	for _, p := range []string{"date_time_", "input_format", "output_format", "format_", "date_format", "interval_", "bool_"} {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	return strings.HasSuffix(name, "_input_format") || strings.HasSuffix(name, "_output_format")
}

func truthy(v string) bool { return v == "1" || strings.EqualFold(v, "true") }

// maxForm bounds the fields of a multipart request.
const maxForm = 4 << 20

// mergeForm takes a multipart form's fields as URL parameters, which is how some clients send long
// statements and parameters. Files in it would be external tables.
func mergeForm(r *http.Request, v url.Values) (isForm bool, err error) {
	mediaType, p, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || mediaType != "multipart/form-data" {
		return false, nil
	}
	form := multipart.NewReader(io.LimitReader(r.Body, maxForm), p["boundary"])
	for {
		part, err := form.NextPart()
		if err == io.EOF {
			return true, nil
		}
		if err != nil {
			return true, fail(33, "CANNOT_READ_ALL_DATA", http.StatusBadRequest, "multipart form (at most 4 MiB): %v", err)
		}
		if part.FileName() != "" || part.Header.Get("Content-Type") == "application/octet-stream" {
			return true, errExternalData
		}
		b, err := io.ReadAll(part)
		if err != nil {
			return true, fail(33, "CANNOT_READ_ALL_DATA", http.StatusBadRequest, "multipart form (at most 4 MiB): %v", err)
		}
		v.Set(part.FormName(), string(b))
	}
}

var errExternalData = fail(48, "NOT_IMPLEMENTED", http.StatusNotImplemented, "external tables are not supported over this endpoint; use parameters or a subquery")

// quoteString writes a string literal.
func quoteString(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'"
}

// quoteName writes an identifier.
func quoteName(s string) string {
	return "`" + strings.NewReplacer(`\`, `\\`, "`", "\\`").Replace(s) + "`"
}
