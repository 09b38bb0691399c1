package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/dateline/dateline/consumers/alert"
	"github.com/dateline/dateline/consumers/enrich"
	"github.com/dateline/dateline/consumers/land"
	"github.com/dateline/dateline/consumers/learn"
	"github.com/dateline/dateline/consumers/notify"
	"github.com/dateline/dateline/pkg/alias"
	"github.com/dateline/dateline/pkg/entity"
	"github.com/dateline/dateline/pkg/fetch"
	"github.com/dateline/dateline/producers/page"
	"github.com/dateline/dateline/producers/poll"
	"golang.org/x/sync/errgroup"
)

// Role is one kind of work; a process runs one of them or all.
type Role struct {
	Name  string
	Short string
	run   func(*App, context.Context) error
}

// Roles is the table of roles, in the order of the stream.
var Roles = []Role{
	{"poll", "fetch feeds and publish what is new", (*App).poll},
	{"page", "fetch the pages of articles of which a feed gives only a teaser", (*App).page},
	{"enrich", "turn articles into documents: text, language, entities, sketch", (*App).enrich},
	{"land", "decide what is new, a copy or a revision, and put it into ClickHouse once", (*App).land},
	{"learn", "learn which names mean the same from what has landed, and merge or propose them", (*App).learn},
	{"alert", "score the coverage of every active entity and raise alerts", (*App).alert},
	{"notify", "deliver alerts", (*App).notify},
	{"web", "serve the dashboard, the API, health and metrics", (*App).web},
}

// Run runs the named roles until ctx ends and their work in hand is finished,
// or one of them fails for good.
func (a *App) Run(ctx context.Context, names ...string) error {
	g, ctx := errgroup.WithContext(ctx)
	for _, name := range names {
		i := slices.IndexFunc(Roles, func(r Role) bool { return r.Name == name })
		if i < 0 {
			return fmt.Errorf("there is no role %q", name)
		}
		g.Go(func() error {
			err := Roles[i].run(a, ctx)
			if err != nil && !errors.Is(err, context.Canceled) {
				return fmt.Errorf("%s: %w", name, err)
			}
			return nil
		})
	}
	return g.Wait()
}

// AllRoles names every role.
func AllRoles() []string {
	var out []string
	for _, r := range Roles {
		out = append(out, r.Name)
	}
	return out
}

// fetcher is the one client of all roles of this process, so that a publisher
// meets one rate of requests.
func (a *App) fetcher() (*fetch.Client, error) {
	a.fetching.Lock()
	defer a.fetching.Unlock()
	if a.client == nil {
		c, err := fetch.New(a.Config.Fetch, a.Now)
		if err != nil {
			return nil, err
		}
		a.client = c
	}
	return a.client, nil
}

func (a *App) poll(ctx context.Context) error {
	c, err := a.fetcher()
	if err != nil {
		return err
	}
	return poll.New(a.Config.Poll, a.Bus, c, fetch.NewVault(a.Config.Fetch.Secrets), a.log.With("role", "poll"), a.Reg, a.Now).Run(ctx)
}

func (a *App) page(ctx context.Context) error {
	c, err := a.fetcher()
	if err != nil {
		return err
	}
	return page.New(a.Config.Page, a.Bus, c, a.log.With("role", "page"), a.Reg, a.Now).Run(ctx)
}

func (a *App) enrich(ctx context.Context) error {
	t, err := entity.Load()
	if err != nil {
		return err
	}
	return enrich.New(a.Config.Enrich, a.Config.Watchlist, a.Bus, entity.NewPipeline(t, entity.Options{}), a.log.With("role", "enrich"), a.Reg).Run(ctx)
}

func (a *App) land(ctx context.Context) error {
	if err := a.selfTest(ctx); err != nil {
		return err
	}
	if err := a.Store.ApplyRetention(ctx); err != nil {
		return err
	}
	if err := a.Store.ResolveMerges(ctx); err != nil { // a restored database has none resolved
		return err
	}
	l := land.New(a.Config.Land, a.Bus, a.Store, a.log.With("role", "land"), a.Reg, a.Now)
	l.BetweenInserts(a.betweenInserts)
	return l.Run(ctx)
}

func (a *App) learn(ctx context.Context) error {
	t, err := entity.Load()
	if err != nil {
		return err
	}
	o := alias.NewObserver(entity.NewPipeline(t, entity.Options{}), a.Config.Learn.Persons)
	return learn.New(a.Config.Learn, a.Bus, a.Store, o, land.GroupName, a.log.With("role", "learn"), a.Reg, a.Now).Run(ctx)
}

// selfTest proves what exactly-once rests on before the first insert. Trouble
// of the server is waited out; a wrong answer is for people.
func (a *App) selfTest(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	return a.Store.SelfTest(ctx)
}

func (a *App) alert(ctx context.Context) error {
	return alert.New(a.Config.Alert, a.Bus, a.Store, a.Feeds, a.log.With("role", "alert"), a.Reg, a.Now).Run(ctx)
}

func (a *App) notify(ctx context.Context) error {
	return notify.New(a.Bus, a.log.With("role", "notify"), a.Reg).Run(ctx)
}
