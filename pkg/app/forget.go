package app

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/store"
	"github.com/dateline/dateline/pkg/text"
	"golang.org/x/net/publicsuffix"
	"golang.org/x/sync/errgroup"
)

// ForgetOptions says how something is to be forgotten.
type ForgetOptions struct {
	Reason     string
	KeepCounts bool          // leave the mentions, without what they quote
	Copies     bool          // and all that carries the same text as an article that is named
	Lift       bool          // take a tombstone back: what it covers may come again
	Wait       time.Duration // for a land process to erase what is stored
}

// ForgetPlan is what is going to be forgotten.
type ForgetPlan struct {
	Tombstones []news.Tombstone
	Affected   []store.Affected // what is stored of it, by source
	Feeds      []string         // subscriptions of sites that are named, which go on
}

// Articles is the number of stored articles that the plan covers.
func (p *ForgetPlan) Articles() (n uint64) {
	for _, a := range p.Affected {
		n += a.Articles
	}
	return n
}

// PlanForget finds out what URLs, article ids and domains stand for, and what is
// stored of them. Nothing is changed.
func (a *App) PlanForget(ctx context.Context, what []string, opt ForgetOptions) (*ForgetPlan, error) {
	p := &ForgetPlan{}
	now := a.Now().UTC().Truncate(time.Millisecond)
	have := map[string]bool{}
	add := func(t news.Tombstone) {
		t.Reason, t.KeepCounts, t.Lifted, t.At = opt.Reason, opt.KeepCounts, opt.Lift, now
		if !have[t.Name()] {
			have[t.Name()] = true
			p.Tombstones = append(p.Tombstones, t)
		}
	}
	for _, w := range what {
		ids, addresses, site, err := target(w)
		if err != nil {
			return nil, err
		}
		if site != "" {
			add(news.Tombstone{Site: site})
			continue
		}
		// By its address, an article may also stand under an id that was made
		// of its feed and GUID.
		found, err := a.Store.FindArticles(ctx, ids, addresses, opt.Copies)
		if err != nil {
			return nil, err
		}
		if len(found) > 0 {
			ids = append(ids[:1], found...)
		}
		for _, id := range ids {
			add(news.Tombstone{Article: id})
		}
	}
	set := news.NewTombstones(p.Tombstones)
	if opt.Lift {
		return p, nil
	}
	var err error
	if p.Affected, err = a.Store.Affected(ctx, p.Tombstones); err != nil {
		return nil, err
	}
	feeds, err := a.Feeds(ctx)
	if err != nil {
		return nil, err
	}
	for _, f := range feeds {
		if set.Covers(0, text.Source(f.URL), f.URL) {
			p.Feeds = append(p.Feeds, f.URL)
		}
	}
	return p, nil
}

// ErrForgetWhat says that a word names nothing that can be forgotten.
var ErrForgetWhat = errors.New("cannot be forgotten")

// target reads one word: an article's address, its id, or a site. Addresses are
// given with and without www., since people drop it where publishers do not.
func target(w string) (ids []news.ID, addresses []string, site string, err error) {
	w = strings.TrimSpace(w)
	if id, err := news.ParseID(strings.ToLower(w)); err == nil && id != 0 {
		return []news.ID{id}, nil, "", nil
	}
	if strings.Contains(w, "://") {
		c, err := text.CanonicalURL(w, nil)
		if err != nil {
			return nil, nil, "", fmt.Errorf("%q %w: %w", w, ErrForgetWhat, err)
		}
		if !text.Usable(c) {
			u, _ := url.Parse(c)
			return nil, nil, "", fmt.Errorf("%q %w: it is a home page and no article; for everything of that site name the domain: %s", w, ErrForgetWhat, u.Hostname())
		}
		ids, addresses = []news.ID{news.ID(text.ID(c))}, []string{w, c}
		if other := sibling(c); other != "" {
			ids, addresses = append(ids, news.ID(text.ID(other))), append(addresses, other)
		}
		return ids, addresses, "", nil
	}
	site = strings.TrimSuffix(strings.ToLower(w), ".")
	host, path, deeper := strings.Cut(site, "/")
	if deeper {
		if path == "" || text.Source("http://"+site) != site {
			return nil, nil, "", fmt.Errorf("%q %w: it is no site; an article's address begins with http:// or https://", w, ErrForgetWhat)
		}
		return nil, nil, site, nil
	}
	if _, err := netip.ParseAddrPort(site); err == nil {
		return nil, nil, site, nil
	}
	if _, err := netip.ParseAddr(site); err == nil {
		return nil, nil, site, nil
	}
	if u, err := url.Parse("http://" + host); err != nil || u.Host != host || u.Port() != "" || !strings.Contains(host, ".") {
		return nil, nil, "", fmt.Errorf("%q %w: want an article's address (https://…), its id (16 hex digits) or a domain (example.org)", w, ErrForgetWhat)
	}
	if suffix, icann := publicsuffix.PublicSuffix(host); suffix == host && icann {
		return nil, nil, "", fmt.Errorf("%q %w: whole countries and the like are no site", w, ErrForgetWhat)
	}
	return nil, nil, host, nil
}

// sibling gives a canonical address with www. where it has none, and without
// where it has.
func sibling(canonical string) string {
	scheme, rest, ok := strings.Cut(canonical, "://")
	if !ok {
		return ""
	}
	if bare, had := strings.CutPrefix(rest, "www."); had {
		return scheme + "://" + bare
	}
	return scheme + "://www." + rest
}

// ErrNotForgottenYet says that the tombstones stand, and that what they cover
// has not been erased within the time given.
var ErrNotForgottenYet = errors.New("not erased yet")

// Forget publishes the tombstones of a plan, and waits until land has put them
// in force and erased what they cover. The tombstones alone are the order: where
// it is cut short, land goes on with it by itself, and to call it again does no
// harm. Where this process runs the engines for the moment, it lands, too.
func (a *App) Forget(ctx context.Context, p *ForgetPlan, opt ForgetOptions) error {
	var msgs []bus.Message
	for _, t := range p.Tombstones {
		k := t.Knowledge()
		msgs = append(msgs, bus.Message{Topic: news.TopicKnowledge, Key: []byte(k.Type + "/" + k.Name), Value: news.Encode(k)})
	}
	if err := a.publish(ctx, msgs); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, opt.Wait)
	defer cancel()
	g, gctx := errgroup.WithContext(ctx)
	landing, stop := context.WithCancel(gctx)
	if a.engines != nil {
		g.Go(func() error { return a.Run(landing, "land") })
	}
	g.Go(func() error {
		defer stop()
		return a.awaitForgotten(gctx, p.Tombstones)
	})
	return g.Wait()
}

const forgetPoll = 200 * time.Millisecond

func (a *App) awaitForgotten(ctx context.Context, stones []news.Tombstone) error {
	var last error
	for {
		waiting, left, err := a.forgetting(ctx, stones)
		if err == nil && waiting == 0 && left.None() {
			return nil
		}
		if ctx.Err() == nil {
			switch {
			case err != nil:
				last = err
			case waiting > 0:
				last = fmt.Errorf("%d tombstones wait to be put in force; is a land process running, and is its partition of documents not stopped?", waiting)
			default:
				last = fmt.Errorf("%d articles, %d mentions, %d titles in alerts and %d names are left", left.Articles, left.Mentions, left.Alerts, left.Names)
			}
		}
		t := time.NewTimer(forgetPoll)
		select {
		case <-t.C:
			continue
		case <-ctx.Done():
		}
		t.Stop()
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return fmt.Errorf("%w: %w. The tombstones stand, and land goes on by itself; run the same command again to wait for it", ErrNotForgottenYet, last)
		}
		return ctx.Err()
	}
}

// forgetting tells how many tombstones are not in force, and what is left of
// what they cover.
func (a *App) forgetting(ctx context.Context, stones []news.Tombstone) (waiting int, left store.Remains, err error) {
	rows, err := a.Store.Tombstones(ctx)
	if err != nil {
		return 0, left, err
	}
	said := make(map[string]time.Time, len(rows))
	for _, r := range rows {
		said[r.Name()] = r.At
	}
	var holding []news.Tombstone
	for _, t := range stones {
		if said[t.Name()].Before(t.At) {
			waiting++
		}
		if !t.Lifted {
			holding = append(holding, t)
		}
	}
	if waiting > 0 || len(holding) == 0 {
		return waiting, left, nil
	}
	left, err = a.Store.Remains(ctx, holding)
	return 0, left, err
}

// everForgotten gives every tombstone that there is or was: what the log holds
// may have been dropped under one that has been lifted since.
func (a *App) everForgotten(ctx context.Context) (news.Tombstones, error) {
	rows, err := a.Store.Tombstones(ctx)
	var list []news.Tombstone
	for _, r := range rows {
		r.Lifted = false
		list = append(list, r.Tombstone)
	}
	return news.NewTombstones(list), err
}

// covered tells whether an article is to be forgotten.
func covered(stones news.Tombstones, id news.ID, source, address, canonical string) bool {
	return stones.Covers(id, source, address, canonical) || canonical != "" && stones.Article(news.ID(text.ID(canonical)))
}
