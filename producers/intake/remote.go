package intake

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"
)

// Remote is a Sink that pushes to another dateline over HTTP. A server that is
// busy, away or not to be reached is tried again, with waits that grow; what it
// may have stored of the first try it stores once.
type Remote struct {
	address, token string
	giveUp         time.Duration
	say            func(string)
	client         *http.Client
	pause          func(context.Context, time.Duration) error
	now            func() time.Time
}

// NewRemote pushes to an address, http or https, with a token. A batch that is
// not taken within giveUp (0: no end) is an error; say is told of each wait.
func NewRemote(address, token string, giveUp time.Duration, say func(string)) (*Remote, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.User != nil {
		return nil, fmt.Errorf("%q is no address to push to; it looks like https://dateline.example/api/v1/articles", address)
	}
	client := &http.Client{
		Timeout: pushTime + time.Minute,
		// The token is for this address alone.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return &Remote{address: address, token: token, giveUp: giveUp, say: say, client: client, pause: pause, now: time.Now}, nil
}

// ReadToken reads a token from a file: the last word of its first line that is
// neither blank nor begins with #, so that a line of the server's file will do.
func ReadToken(file string) (string, error) {
	f, err := os.Open(file)
	if err != nil {
		return "", err
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, maxTokens))
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(string(raw)) {
		if words := strings.Fields(line); len(words) > 0 && words[0][0] != '#' {
			return words[len(words)-1], nil
		}
	}
	return "", fmt.Errorf("%s holds no token", file)
}

// Send is of Sink.
func (r *Remote) Send(ctx context.Context, batch []Line) ([]Broken, error) {
	body, err := packed(batch)
	if err != nil {
		return nil, err
	}
	began := r.now()
	for wait := time.Second / 2; ; wait = min(2*wait, 30*time.Second) {
		rep, err := r.post(ctx, body)
		var again error
		switch {
		case ctx.Err() != nil:
			return nil, fmt.Errorf("push to %s: %w", r.address, ctx.Err())
		case err != nil && permanent(err):
			return nil, err
		case err != nil:
			again = err
		case rep.status == http.StatusOK, rep.status == http.StatusUnprocessableEntity:
			return rep.read(r.address, batch)
		case len(batch) > 1 && (rep.status == http.StatusRequestEntityTooLarge || rep.status == http.StatusRequestTimeout):
			return r.halves(ctx, batch)
		case rep.status == http.StatusRequestEntityTooLarge:
			return []Broken{{batch[0].No, "the server takes no request of this size; is there a limit in a proxy before it?"}}, nil
		case rep.retry():
			again = rep.problem(r.address)
		default:
			return nil, rep.problem(r.address)
		}
		if r.giveUp > 0 && r.now().Sub(began)+wait > r.giveUp {
			return nil, fmt.Errorf("given up after %v: %w", r.giveUp, again)
		}
		// Those who wait for the same server should not come back together.
		d := max(time.Duration(float64(wait)*(0.5+rand.Float64()/2)), rep.after)
		r.say(fmt.Sprintf("%v; trying again in %v", again, d.Round(100*time.Millisecond)))
		if err := r.pause(ctx, d); err != nil {
			return nil, fmt.Errorf("push to %s: %w", r.address, err)
		}
	}
}

// halves sends a batch that was too large or too slow in two parts.
func (r *Remote) halves(ctx context.Context, batch []Line) ([]Broken, error) {
	var broken []Broken
	for _, part := range [][]Line{batch[:len(batch)/2], batch[len(batch)/2:]} {
		b, err := r.Send(ctx, part)
		broken = append(broken, b...)
		if err != nil {
			return broken, err
		}
	}
	return broken, nil
}

func packed(batch []Line) ([]byte, error) {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	if err != nil {
		return nil, err
	}
	for _, l := range batch {
		for _, part := range [][]byte{l.JSON, {'\n'}} {
			if _, err := z.Write(part); err != nil {
				return nil, err
			}
		}
	}
	err = z.Close()
	return b.Bytes(), err
}

// reply is what a server said.
type reply struct {
	status   int
	after    time.Duration // to wait at least
	location string
	body     []byte
}

func (r *Remote) post(ctx context.Context, body []byte) (reply, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.address, bytes.NewReader(body))
	if err != nil {
		return reply{}, err
	}
	req.Header.Set("Content-Type", "application/x-ndjson")
	req.Header.Set("Content-Encoding", "gzip")
	req.Header.Set("Authorization", "Bearer "+r.token)
	req.Header.Set("User-Agent", "dateline-publish")
	resp, err := r.client.Do(req)
	if err != nil {
		return reply{}, err
	}
	defer resp.Body.Close()
	rep := reply{status: resp.StatusCode, location: resp.Header.Get("Location")}
	if s, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil && s > 0 {
		rep.after = min(time.Duration(s), 300) * time.Second
	}
	rep.body, err = io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return reply{}, fmt.Errorf("POST %s: the answer breaks off: %w", r.address, err)
	}
	return rep, nil
}

// permanent errors of a connection do not go away by themselves.
func permanent(err error) bool {
	var cert *tls.CertificateVerificationError
	return errors.As(err, &cert)
}

func (p reply) retry() bool {
	switch p.status {
	case http.StatusTooManyRequests, http.StatusRequestTimeout, http.StatusInternalServerError,
		http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// read takes the answer to a batch that was taken, whole or in part.
func (p reply) read(address string, batch []Line) (broken []Broken, err error) {
	var ans Answer
	if json.Unmarshal(p.body, &ans) != nil || ans.Accepted+ans.BrokenCount != len(batch) || ans.BrokenCount != len(ans.Broken) {
		return nil, fmt.Errorf("%s answers, but not as dateline does; is it the right address?", address)
	}
	for _, b := range ans.Broken {
		if b.Line < 1 || b.Line > len(batch) {
			return nil, fmt.Errorf("%s names line %d of %d", address, b.Line, len(batch))
		}
		broken = append(broken, Broken{batch[b.Line-1].No, b.Error})
	}
	return broken, nil
}

// problem puts a refusal into words.
func (p reply) problem(address string) error {
	var ans Answer
	said := http.StatusText(p.status)
	if json.Unmarshal(p.body, &ans) == nil && ans.Error != "" {
		said = ans.Error
	} else if line, _, _ := strings.Cut(strings.TrimSpace(string(p.body)), "\n"); p.status == http.StatusMisdirectedRequest && line != "" {
		said = line
	}
	switch {
	case p.status >= 300 && p.status < 400 && p.location != "":
		return fmt.Errorf("%s redirects to %s; give that address if you trust it with the token", address, p.location)
	case p.status == http.StatusNotFound:
		return fmt.Errorf("%s: 404: nothing takes articles there; the path is /api/v1/articles", address)
	}
	return fmt.Errorf("%s: %d: %s", address, p.status, said)
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
