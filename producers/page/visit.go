package page

import (
	"context"
	"errors"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/fetch"
	"github.com/dateline/dateline/pkg/news"
)

// outcome is what came of a task: a result, or when to try again.
type outcome struct {
	result string
	again  time.Time
}

// backoff is how long a page is left alone after its first, second, … failure.
var backoff = []time.Duration{time.Minute, 10 * time.Minute, time.Hour}

// robotsPause is after how long a site is asked again which did not say what
// it allows.
const robotsPause = 15 * time.Minute

// extractTime is how long one page may take to be read.
const extractTime = 15 * time.Second

var (
	errSlow  = errors.New("the page takes too long to read")
	errPanic = errors.New("reading the page panicked")
)

// visit does one task, and lets its host go as soon as it has answered.
func (p *Pager) visit(ctx context.Context, t *task) outcome {
	now := p.now()
	if now.Sub(t.seen) > p.cfg.MaxAge {
		return p.postpone(t, now, outcome{result: "old"})
	}
	rules, err := p.client.Robots(ctx, t.article.URL)
	switch now := p.now(); {
	case err != nil && ctx.Err() != nil:
		return p.postpone(t, now, outcome{again: now})
	case err != nil:
		return p.postpone(t, now, outcome{result: "url"})
	case rules.Refused != "":
		return p.postpone(t, now.Add(robotsPause), p.again(t, now.Add(robotsPause)))
	case !rules.Allowed(t.article.URL):
		return p.postpone(t, now, outcome{result: "robots"})
	}
	release, wait := p.client.Acquire(t.article.URL)
	if release == nil {
		return p.postpone(t, p.now().Add(wait), outcome{again: t.at})
	}
	res, err := p.client.Do(ctx, fetch.Request{URL: t.article.URL, Accept: fetch.AcceptPage, Rung: t.rung, MaxBody: p.cfg.MaxBody})
	release()
	if ctx.Err() != nil {
		return p.postpone(t, p.now(), outcome{again: p.now()})
	}
	return p.answered(ctx, t, rules, res, err)
}

// answered judges what a request for a page has brought.
func (p *Pager) answered(ctx context.Context, t *task, rules *fetch.Rules, res *fetch.Response, err error) outcome {
	now := p.now()
	free := now.Add(rules.Delay)
	class := fetch.ErrClass(err)
	if err == nil {
		class = "ok"
	}
	p.m.requests.WithLabelValues(class).Inc()
	switch {
	case err == nil && res.Truncated:
		return p.trouble(t, free)
	case err == nil:
		p.mu.Lock()
		p.desk.letIn(t)
		p.mu.Unlock()
		p.leave(t, free, outcome{})
		return p.read(ctx, t, res)
	case class != fetch.ClassStatus:
		if lasting(class) {
			return p.leave(t, free, outcome{result: class})
		}
		return p.trouble(t, free)
	}
	switch status := res.Status; {
	case res.RetryAfter > 0 && (status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable):
		at := now.Add(res.RetryAfter)
		return p.leave(t, later(at, free), p.again(t, at))
	case status == http.StatusNotFound || status == http.StatusGone:
		return p.leave(t, free, outcome{result: "missing"})
	case status == http.StatusTooManyRequests || status >= 500 && status < 600 && !res.Challenge:
		return p.trouble(t, free)
	}
	if next, climb := fetch.Climb(res, t.rung); climb {
		t.rung = next
		return p.leave(t, free, outcome{again: free})
	}
	return p.leave(t, free, outcome{result: "refused"})
}

// lasting tells whether a failure of this class will be the same tomorrow.
func lasting(class string) bool {
	switch class {
	case fetch.ClassURL, fetch.ClassPrivate, fetch.ClassRedirects, fetch.ClassTooLarge, fetch.ClassBomb:
		return true
	}
	return false
}

// leave lets the host of a task go until a time; it has answered.
func (p *Pager) leave(t *task, until time.Time, o outcome) outcome {
	p.mu.Lock()
	p.desk.leave(t, p.now(), until, true)
	p.mu.Unlock()
	p.stir()
	return o
}

// postpone lets the host of a task go until a time; it was not asked.
func (p *Pager) postpone(t *task, until time.Time, o outcome) outcome {
	p.mu.Lock()
	p.desk.postpone(t, until)
	p.mu.Unlock()
	p.stir()
	return o
}

// trouble lets the host of a task go; it has failed, and so have we.
func (p *Pager) trouble(t *task, until time.Time) outcome {
	now := p.now()
	p.mu.Lock()
	p.desk.leave(t, now, until, false)
	p.mu.Unlock()
	return p.again(t, now.Add(backoff[min(t.tries, len(backoff)-1)]))
}

// again counts a try, and gives the task up after the last one.
func (p *Pager) again(t *task, at time.Time) outcome {
	if t.tries++; t.tries >= p.cfg.Tries || at.Sub(t.seen) > p.cfg.MaxAge {
		return outcome{result: "failed"}
	}
	return outcome{again: at}
}

// read finds the text of a page and publishes the article with it.
func (p *Pager) read(ctx context.Context, t *task, res *fetch.Response) outcome {
	if !isPage(res.ContentType, res.Body) {
		return outcome{result: "type"}
	}
	// A redirect may have led to a site that does not want to be read.
	if hostOf(res.FinalURL) != t.host {
		if rules, err := p.client.Robots(ctx, res.FinalURL); err != nil || !rules.Allowed(res.FinalURL) {
			return outcome{result: "robots"}
		}
	}
	plain, err := p.extract(ctx, t, res)
	if ctx.Err() != nil {
		return outcome{again: p.now()}
	}
	if err != nil {
		if errors.Is(err, errPanic) || errors.Is(err, errSlow) {
			p.log.Error("a page cannot be read, its article stays as it is", "url", t.article.URL, "err", err)
		}
		return outcome{result: reason(err)}
	}
	a := *t.article
	a.Content, a.TextFrom, a.WantPage = paragraphs(plain), news.FromPage, false
	a.SeenAt = p.now().UTC().Truncate(time.Millisecond)
	err = p.bus.Publish(ctx, bus.Message{
		Topic: news.TopicArticles, Key: []byte(a.ID.String()), Value: a.EncodeFit(), Time: a.SeenAt,
		Headers: map[string]string{"stage": GroupName, "trace": a.ID.String()},
	})
	if err != nil {
		if ctx.Err() == nil {
			p.log.Error("an article with the text of its page cannot be published, trying again in a minute", "id", a.ID, "err", err)
		}
		return outcome{again: p.now().Add(time.Minute)}
	}
	p.m.delay.Observe(a.SeenAt.Sub(t.seen).Seconds())
	return outcome{result: "text"}
}

// extract reads a page in its turn. One that takes too long is left to itself;
// it keeps its turn, so that no more of them run than there are turns.
func (p *Pager) extract(ctx context.Context, t *task, res *fetch.Response) (string, error) {
	select {
	case p.extractors <- struct{}{}:
	case <-ctx.Done():
		return "", ctx.Err()
	}
	type text struct {
		plain string
		err   error
	}
	done := make(chan text, 1)
	go func() {
		start := time.Now()
		var out text
		defer func() {
			if recover() != nil {
				out = text{err: errPanic}
			}
			p.m.read.Observe(time.Since(start).Seconds())
			done <- out
			<-p.extractors
		}()
		out.plain, out.err = p.extractor(res.Body, res.ContentType, res.FinalURL, t.claim)
	}()
	late := time.NewTimer(p.extractTime)
	defer late.Stop()
	select {
	case out := <-done:
		return out.plain, out.err
	case <-late.C:
		return "", errSlow
	}
}

// reason is the label of an error of extract.
func reason(err error) string {
	for label, e := range map[string]error{
		"complex": errComplex, "no_text": errNoText, "foreign": errForeign, "no_longer": errNoLonger, "wall": errWall, "slow": errSlow, "panic": errPanic,
	} {
		if errors.Is(err, e) {
			return label
		}
	}
	return "other"
}

// isPage tells whether an answer is HTML: by its Content-Type, and where there
// is none by its first bytes.
func isPage(contentType string, body []byte) bool {
	if strings.TrimSpace(contentType) == "" {
		contentType = http.DetectContentType(body)
	}
	kind, _, err := mime.ParseMediaType(contentType)
	if err != nil && kind == "" {
		kind, _, _ = strings.Cut(strings.ToLower(contentType), ";")
	}
	return kind == "text/html" || kind == "application/xhtml+xml"
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Host)
}
