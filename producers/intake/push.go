package intake

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/dateline/dateline/pkg/news"
	"github.com/prometheus/client_golang/prometheus"
)

// Schema is the JSON Schema (2020-12) of a record. What it takes the reader
// takes; the reader is more lenient here and there, for files of others.
//
//go:embed article.schema.json
var Schema []byte

// Bounds of a request.
const (
	MaxBody     = 64 << 20        // bytes, unpacked
	pushTime    = 2 * time.Minute // to send it and to be answered
	pushAtOnce  = 4
	maxReported = 1000 // broken records that an answer tells of
)

// Push takes articles over HTTP: POST of records to its root, GET of the
// schema below it at /schema. It stands on a token alone: nothing that a
// browser sends by itself (cookies, a client's address) opens it, and no form
// or plain cross-site request can carry the header Authorization; so no page of
// somebody else can push in a visitor's name.
//
// An answer of 200 says that the brokers hold every record. Anything else, no
// answer included, may leave some stored: to send all again is right, since
// the same record is the same article.
type Push struct {
	file     string // of tokens; empty: off
	out      Publisher
	log      *slog.Logger
	now      func() time.Time
	slots    chan struct{}
	patience time.Duration
	limit    int // of a body, in bytes

	requests *prometheus.CounterVec
	records  *prometheus.CounterVec
}

// NewPush prepares the receiver. tokenFile names a file of lines "name token",
// which is read again for every request, so that a change holds at once; with
// an empty name every push is refused and told how to turn it on. A file that
// cannot be read or used is an error.
func NewPush(tokenFile string, out Publisher, log *slog.Logger, reg prometheus.Registerer, now func() time.Time) (*Push, error) {
	if tokenFile != "" {
		if _, err := readTokens(tokenFile); err != nil {
			return nil, fmt.Errorf("web.push_tokens_file: %w", err)
		}
	}
	p := &Push{
		file: tokenFile, out: out, log: log, now: now, slots: make(chan struct{}, pushAtOnce), patience: patience, limit: MaxBody,
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "dateline_push_requests_total", Help: "Pushes, by result: accepted, broken, off, unauthorized, busy, refused, unavailable."}, []string{"result"}),
		records:  prometheus.NewCounterVec(prometheus.CounterOpts{Name: "dateline_push_articles_total", Help: "Records pushed, by kind: news, backlog, broken."}, []string{"kind"}),
	}
	reg.MustRegister(p.requests, p.records)
	return p, nil
}

// Answer is what a push gets back, in JSON.
type Answer struct {
	Accepted    int      `json:"accepted"`
	Broken      []Broken `json:"broken"` // the first thousand; line is the number of the line, or of the record in an array
	BrokenCount int      `json:"broken_count"`
	Error       string   `json:"error,omitempty"`
}

// ServeHTTP is of http.Handler.
func (p *Push) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasSuffix(r.URL.Path, "/schema") {
		serveSchema(w, r)
		return
	}
	status, result, ans := p.receive(w, r)
	p.requests.WithLabelValues(result).Inc()
	if ans.Broken == nil {
		ans.Broken = []Broken{}
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(ans)
}

func serveSchema(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "only GET and HEAD", http.StatusMethodNotAllowed)
		return
	}
	w.Header().Set("Content-Type", "application/schema+json")
	_, _ = w.Write(Schema)
}

// refusal is an answer to a request of which nothing was read.
func refusal(status int, result, format string, args ...any) (int, string, Answer) {
	return status, result, Answer{Error: fmt.Sprintf(format, args...)}
}

// receive decides whether a request may push, and takes what it brings. What
// costs anything comes after the token.
func (p *Push) receive(w http.ResponseWriter, r *http.Request) (status int, result string, ans Answer) {
	h := w.Header()
	if r.Method != http.MethodPost {
		h.Set("Allow", "POST")
		return refusal(http.StatusMethodNotAllowed, "refused", "articles are pushed by POST; their schema is at %s/schema", r.URL.Path)
	}
	if p.file == "" {
		return refusal(http.StatusForbidden, "off", "push is off: write a line with a name and a token into a file, and name the file in web.push_tokens_file")
	}
	known, err := readTokens(p.file)
	if err != nil {
		p.log.Error("push is refused: the tokens cannot be read; mend web.push_tokens_file", "err", err)
		h.Set("Retry-After", "10")
		return refusal(http.StatusServiceUnavailable, "unavailable", "the tokens cannot be read; the log of dateline says why")
	}
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	client, ok := known.client(strings.TrimSpace(token))
	if !ok || !strings.EqualFold(scheme, "Bearer") {
		h.Set("WWW-Authenticate", `Bearer realm="dateline"`)
		return refusal(http.StatusUnauthorized, "unauthorized", "no token, or one that is not known; send the header Authorization: Bearer TOKEN")
	}
	read, problem := reading(r.Header)
	read.limit = p.limit
	if problem != "" {
		h.Set("Accept", "application/x-ndjson, application/jsonl, application/json")
		h.Set("Accept-Encoding", "gzip")
		return refusal(http.StatusUnsupportedMediaType, "refused", "%s", problem)
	}
	select {
	case p.slots <- struct{}{}:
		defer func() { <-p.slots }()
	default:
		h.Set("Retry-After", "1")
		return refusal(http.StatusTooManyRequests, "busy", "%d pushes are under way; try again in a second", pushAtOnce)
	}
	// The server's own limits are those of pages.
	rc, end := http.NewResponseController(w), time.Now().Add(pushTime)
	_ = rc.SetReadDeadline(end)
	_ = rc.SetWriteDeadline(end.Add(10 * time.Second))
	ctx, cancel := context.WithTimeout(r.Context(), pushTime)
	defer cancel()
	status, result, ans = p.take(ctx, h, client, read, http.MaxBytesReader(w, r.Body, int64(p.limit)))
	p.log.Debug("push", "client", client, "status", status, "accepted", ans.Accepted, "broken", ans.BrokenCount, "error", ans.Error)
	return status, result, ans
}

// take publishes the records of a body.
func (p *Push) take(ctx context.Context, h http.Header, client string, rd reader, body io.Reader) (int, string, Answer) {
	var ans Answer
	pump := &pump{
		to: &desk{out: p.out, now: p.now, client: client, patience: p.patience, count: p.count},
		report: func(line int, err error) {
			if len(ans.Broken) < maxReported {
				ans.Broken = append(ans.Broken, Broken{line, err.Error()})
			}
		},
	}
	next, err := rd.open(body)
	if err == nil {
		err = pump.run(ctx, next)
	}
	ans.Accepted, ans.BrokenCount = pump.res.Published, pump.res.Broken
	p.records.WithLabelValues("broken").Add(float64(ans.BrokenCount))
	var large *http.MaxBytesError
	switch {
	case err == nil && ans.BrokenCount > 0:
		ans.Error = fmt.Sprintf("%d of %d records are broken; the others are accepted", ans.BrokenCount, pump.res.Lines)
		return http.StatusUnprocessableEntity, "broken", ans
	case err == nil && pump.res.Lines == 0:
		ans.Error = "the body holds no record"
		return http.StatusBadRequest, "refused", ans
	case err == nil:
		return http.StatusOK, "accepted", ans
	case errors.As(err, &large), errors.Is(err, errBody):
		ans.Error = errBody.Error()
		return http.StatusRequestEntityTooLarge, "refused", ans
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, errAway):
		ans.Error = fmt.Sprintf("the request took longer than %v; send it in parts", pushTime)
		return http.StatusRequestTimeout, "refused", ans
	case errors.Is(err, context.Canceled):
		ans.Error = "the client has gone"
		return http.StatusBadRequest, "refused", ans
	case pump.refused:
		p.log.Error("push: not stored; the client is told to try again", "client", client, "err", err)
		h.Set("Retry-After", "5")
		ans.Error = "Kafka does not take the articles now; send all of them again later, none will be doubled"
		return http.StatusServiceUnavailable, "unavailable", ans
	}
	ans.Error = "the body could not be read to its end: " + err.Error()
	return http.StatusBadRequest, "refused", ans
}

func (p *Push) count(a *news.Article) {
	kind := "news"
	if a.Backlog {
		kind = "backlog"
	}
	p.records.WithLabelValues(kind).Inc()
}
