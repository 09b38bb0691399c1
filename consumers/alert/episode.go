package alert

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/spike"
	"github.com/dateline/dateline/pkg/store"
	"github.com/dateline/dateline/pkg/text"
)

// rule is the name under which alerts of this detector go.
const rule = "spike"

// remembered is how long an episode that is over is known: beyond the longest
// memory of a slow test, and the cooldown.
const remembered = 8 * day

// episode is one entity's latest run of strange windows. Its clock is the end
// of windows, which goes forward whatever their lengths are. alert is nil
// where the rise was told with another entity's alert.
type episode struct {
	state spike.Episode
	alert *news.Alert
}

// alertID names the episode of an entity that a rule raised at at.
func alertID(entity, rule string, at time.Time) news.ID {
	return news.ID(text.ID(fmt.Sprintf("%s\n%s\n%d", entity, rule, at.Unix())))
}

// raisedAt is the end of the window that raised an alert.
func raisedAt(a *news.Alert) time.Time {
	return a.Since.Add(time.Duration(a.WindowS) * time.Second).UTC()
}

func (e *evaluation) open(entity string) bool {
	ep := e.episodes[entity]
	return ep != nil && ep.state.Open
}

// since tells when the latest alert of an entity was raised.
func (e *evaluation) since(entity string) time.Time {
	if ep := e.episodes[entity]; ep != nil {
		return ep.state.Since
	}
	return time.Time{}
}

// restore reads back what earlier leases left: how far windows were tested,
// and the episodes, from ClickHouse and from what is newer in the topic.
func (a *Alerter) restore(ctx context.Context, as *bus.Assigned) (*evaluation, error) {
	e := &evaluation{Alerter: a, lease: as, history: newHistory(a.cfg, a.store), episodes: map[string]*episode{}, alarms: map[string]*news.Alert{}}
	_, metadata, err := as.Committed(ctx)
	if err != nil {
		return nil, err
	}
	e.closed = closedAt(metadata)
	now := a.now()
	stored, err := a.store.Alerts(ctx, store.AlertQuery{From: now.Add(-max(remembered, a.cfg.Cooldown)), To: now.Add(day), Limit: store.MaxRows})
	if err != nil {
		return nil, err
	}
	for i := len(stored) - 1; i >= 0; i-- { // newest first
		e.recall(&stored[i])
	}
	e.end, err = a.bus.ReadAll(ctx, as.Topic, as.ID, func(m bus.Message) error {
		al, err := news.Decode[news.Alert](m.Value)
		if errors.Is(err, news.ErrNewer) {
			return fmt.Errorf("alerts, offset %d: %w", m.Offset, err)
		}
		if err == nil { // what is not ours, land puts with the dead letters
			e.recall(al)
		}
		return nil
	})
	e.tidy(now)
	return e, err
}

// recall takes in an alert that was published before.
func (e *evaluation) recall(a *news.Alert) {
	switch {
	case a.Rule == ruleIntake && a.State == news.AlertFiring:
		e.alarms[a.EntityID] = a
		return
	case a.Rule == ruleIntake:
		delete(e.alarms, a.EntityID)
		return
	case a.Rule != rule:
		return
	}
	at := raisedAt(a)
	for i, name := range append([]string{a.EntityID}, a.Entities...) {
		ep := e.episodes[name]
		if ep != nil && (at.Before(ep.state.Since) || at.Equal(ep.state.Since) && !ep.state.Open) {
			continue
		}
		ep = &episode{state: spike.Resume(at, a.At.UTC(), a.State == news.AlertFiring)}
		if i == 0 {
			ep.alert = a
		}
		e.episodes[name] = ep
	}
}

// tidy forgets episodes that nothing depends on any more.
func (e *evaluation) tidy(now time.Time) {
	for name, ep := range e.episodes {
		if !ep.state.Open && now.Sub(ep.state.Since) > max(remembered, e.cfg.Cooldown) {
			delete(e.episodes, name)
		}
	}
}

// mute keeps the slow tests of an entity from telling again what they have
// gathered so far.
func (h *history) mute(entity string) {
	if s := h.series[entity]; s != nil {
		for _, t := range s.tracked {
			if t != nil {
				t.muted = true
			}
		}
	}
}
