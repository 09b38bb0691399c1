package fetch

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

const (
	robotsFresh  = 24 * time.Hour   // RFC 9309, section 2.4
	robotsPause  = 15 * time.Minute // after a failure, doubled by each further one up to robotsFresh
	maxOrigins   = 20_000           // remembered
	maxRobotsSum = 64 << 20         // bytes that the remembered ones were read from
	// robotsCost is what an entry costs beside its rules, in the same bytes.
	robotsCost = 512
)

// robots remembers what origins say about who may fetch what.
type robots struct {
	now    func() time.Time
	tokens []string
	flight singleflight.Group

	mu    sync.Mutex
	known map[string]*robotsEntry
	sum   int
}

type robotsEntry struct {
	rules    *Rules
	until    time.Time
	failures int
}

func newRobots(agent string, now func() time.Time) *robots {
	tokens := []string{"dateline"}
	if p := product(agent); p != "" && p != tokens[0] {
		tokens = append(tokens, p)
	}
	return &robots{now: now, tokens: tokens, known: map[string]*robotsEntry{}}
}

// Robots gives the rules of the origin of an address, fetched at most once a
// day. No robots.txt, or any answer of 400 to 499 but 429, allows everything.
// Where it cannot be had (429, 500 and above, no answer), what was known before
// holds on, else everything is refused, and Rules.Refused says why; it is asked
// for again after 15 minutes, then later and later, up to a day. An error means
// that the address cannot be fetched at all, or that ctx ended.
//
// A fetch of robots.txt is charged to the host's rate, but does not wait for it.
func (c *Client) Robots(ctx context.Context, rawURL string) (*Rules, error) {
	u, err := parseURL(rawURL)
	if err != nil {
		return nil, err
	}
	key := u.Scheme + "://" + hostKey(u.Scheme, u.Host)
	r := c.robots
	if rules := r.fresh(key); rules != nil {
		return rules, nil
	}
	done := r.flight.DoChan(key, func() (any, error) {
		if rules := r.fresh(key); rules != nil {
			return rules, nil
		}
		// Others may wait for this: it does not end with the one who asked first.
		return c.learnRobots(context.WithoutCancel(ctx), key, u), nil
	})
	select {
	case res := <-done:
		return res.Val.(*Rules), nil
	case <-ctx.Done():
		return nil, fail(ClassCanceled, context.Cause(ctx), "the fetch of %s was broken off by us", plainURL(u))
	}
}

func (c *Client) learnRobots(ctx context.Context, key string, u *url.URL) *Rules {
	at := url.URL{Scheme: u.Scheme, Host: u.Host, Path: "/robots.txt"}
	if wait := c.manners.charge(hostKey(u.Scheme, u.Host)); wait > 0 {
		return c.robots.unreachable(key, fmt.Errorf("%s asks to be left alone for another %v", u.Host, wait.Round(time.Second)))
	}
	res, err := c.do(ctx, Request{URL: at.String(), Accept: "text/plain, */*;q=0.1"}, maxRobots+1)
	switch {
	case err == nil && !res.NotModified:
		rules := parseRobots(res.Body, c.robots.tokens)
		c.robots.store(key, rules, 0, robotsFresh)
		return rules
	case res != nil && res.Status >= 400 && res.Status < 500 && res.Status != http.StatusTooManyRequests:
		rules := &Rules{}
		c.robots.store(key, rules, 0, robotsFresh)
		return rules
	}
	return c.robots.unreachable(key, err)
}

func (r *robots) fresh(key string) *Rules {
	r.mu.Lock()
	defer r.mu.Unlock()
	if e := r.known[key]; e != nil && r.now().Before(e.until) {
		return e.rules
	}
	return nil
}

// unreachable keeps what was known, or refuses everything.
func (r *robots) unreachable(key string, err error) *Rules {
	r.mu.Lock()
	old := r.known[key]
	r.mu.Unlock()
	failures := 1
	rules := &Rules{Refused: "robots.txt cannot be had, and until it can nothing else is fetched: " + err.Error()}
	if old != nil {
		failures = old.failures + 1
		if old.rules.Refused == "" {
			rules = old.rules
		}
	}
	r.store(key, rules, failures, min(robotsPause<<min(failures-1, 10), robotsFresh))
	return rules
}

func (r *robots) store(key string, rules *Rules, failures int, d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.drop(key)
	now := r.now()
	if len(r.known) >= maxOrigins || r.sum > maxRobotsSum {
		for k, e := range r.known {
			if now.After(e.until) {
				r.drop(k)
			}
		}
		for k := range r.known { // any: it will be asked for again
			if len(r.known) < maxOrigins-maxOrigins/16 && r.sum <= maxRobotsSum-maxRobotsSum/16 {
				break
			}
			r.drop(k)
		}
	}
	r.known[key] = &robotsEntry{rules: rules, until: now.Add(d), failures: failures}
	r.sum += rules.size + robotsCost
}

func (r *robots) drop(key string) {
	if e := r.known[key]; e != nil {
		r.sum -= e.rules.size + robotsCost
		delete(r.known, key)
	}
}
