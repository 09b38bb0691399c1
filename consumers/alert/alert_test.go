package alert

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/store"
)

func TestARiseAlertsOnceAndIsResolved(t *testing.T) {
	w := newWorld(t)
	w.insert(store.EntityBatch([]store.EntityRow{{Origin: store.Origin{LandedAt: t0}, SeenAt: t0, Mention: &news.Mention{EntityID: "per/ana", Kind: news.PER, Name: "Ana Ruiz", Origin: "learned"}}}))
	w.usually(t0, hour(12), false)
	ids := w.rise(hour(3), 14, "per/ana")
	for i := range 6 {
		w.publish(published{at: hour(3.2), source: outlet(10 + i), copyOf: ids[5], story: ids[5], entities: []string{"per/ana"}})
	}
	w.start(testConfig())
	w.until(hour(3))
	w.want("")
	w.until(hour(3.25))
	fired := w.want("per/ana firing")
	w.until(hour(12))
	all := w.want("per/ana firing, per/ana resolved")
	if t.Failed() {
		return
	}
	a := fired[0]
	if a.Name != "Ana Ruiz" || a.Rule != "spike" || !a.Since.Equal(hour(3)) || !a.At.Equal(hour(3.25)) || a.WindowS != 900 {
		t.Errorf("head: %+v", a)
	}
	if a.Originals < 14 || a.Originals > 16 || a.Observed != float64(a.Originals) || a.Copies != 6 {
		t.Errorf("observed %v, originals %d, copies %d; want 14 and what is usual, 6", a.Observed, a.Originals, a.Copies)
	}
	if a.Expected <= 0 || a.Expected > 2 || a.Low != 0 || a.High < a.Expected || a.High >= a.Observed {
		t.Errorf("expected %v in [%v, %v]", a.Expected, a.Low, a.High)
	}
	if a.P <= 0 || a.P > 1e-6 || a.Q < a.P || a.Q > .05 || a.BaselineDays < 26 || a.Completeness != 1 {
		t.Errorf("p %v, q %v, %v days, completeness %v", a.P, a.Q, a.BaselineDays, a.Completeness)
	}
	if len(a.TopArticles) != maxTop || len(a.Titles) != maxTop || a.TopArticles[0] != ids[5] || len(a.Sources) < 14 || len(a.Stories) < 14 || a.Stories[0] != ids[5] {
		t.Errorf("top %v %q, sources %v, stories %v", a.TopArticles, a.Titles, a.Sources, a.Stories)
	}
	want := fmt.Sprintf("Ana Ruiz is in %d original articles from %d sources within 15 minutes, where ", a.Originals, len(a.Sources))
	if !strings.HasPrefix(a.Reason, want) || !strings.Contains(a.Reason, "“About per/ana") {
		t.Errorf("reason %q, want %q…", a.Reason, want)
	}
	r := all[1]
	if r.ID != a.ID || !r.Since.Equal(a.Since) || !r.At.After(hour(6)) || r.Observed != a.Observed || r.Reason == a.Reason {
		t.Errorf("resolved: %+v", r)
	}
}

func TestWhatIsNoRise(t *testing.T) {
	w := newWorld(t)
	w.usually(t0, hour(20), false)
	var wire news.ID
	for i := range 20 {
		at := hour(2).Add(time.Duration(i) * 20 * time.Second)
		w.publish(published{at: at, source: outlet(3), entities: []string{"org/mono"}}) // one source
		if id := w.publish(published{at: at.Add(2 * time.Hour), source: outlet(i), copyOf: wire, story: wire, entities: []string{"org/copy"}}); wire == 0 {
			wire = id // one original, 19 copies
		}
		young := fmt.Sprintf("young%d.example", i%6) // sources without history
		w.publish(published{at: at.Add(4 * time.Hour), source: young, entities: []string{"org/young"}})
		w.publish(published{at: at.Add(6 * time.Hour), source: outlet(i), entities: []string{"per/newborn"}}) // no history
	}
	for i := range 60 { // a first fill whose dates lie in the live time
		w.clock.Store(hour(10).UnixMilli())
		w.publish(published{at: hour(10).Add(-time.Duration(i) * time.Second), source: outlet(i), backlog: true, entities: []string{"org/old"}})
	}
	w.clock.Store(t0.UnixMilli())
	w.start(testConfig())
	w.until(hour(20))
	w.want("")
	if n := w.metric("dateline_alert_windows_total"); n < 90 {
		t.Errorf("%v windows tested, want about 100", n)
	}
	if n := w.metric("dateline_alert_tests_total"); n == 0 {
		t.Error("nothing was tested")
	}
}

func TestRestartKeepsTheEpisode(t *testing.T) {
	w := newWorld(t)
	w.usually(t0, hour(14), false)
	w.rise(hour(3), 14, "per/ana")
	w.rise(hour(3.5), 14, "per/ana")
	w.start(testConfig())
	w.until(hour(3.25))
	first := w.want("per/ana firing")
	w.stop()
	tested := w.closed()
	if err := w.bus.SetCommitted(t.Context(), GroupName, news.TopicAlerts, 0, 0); err != nil { // as after a crash before the commit
		t.Fatal(err)
	}
	w.start(testConfig())
	w.until(tested)
	w.until(hour(4))
	w.want("per/ana firing")
	w.stop()

	w.start(testConfig())
	w.until(hour(14))
	all := w.want("per/ana firing, per/ana resolved")
	if len(all) == 2 && all[1].ID != first[0].ID {
		t.Errorf("resolved %s, fired %s", all[1].ID, first[0].ID)
	}
}

// A database that holds the alerts of a topic that was lost is enough.
func TestEpisodesComeBackFromTheDatabase(t *testing.T) {
	w := newWorld(t)
	w.usually(t0, hour(14), false)
	w.rise(hour(3), 14, "per/ana")
	a := &news.Alert{
		V: 1, ID: alertID("per/ana", rule, hour(3.25)), Rule: rule, EntityID: "per/ana", Name: "Ana Ruiz", State: news.AlertFiring,
		Since: hour(3), At: hour(3.25), WindowS: 900, Entities: []string{"per/bo"},
	}
	w.insert(store.AlertBatch([]store.AlertRow{{Origin: store.Origin{Epoch: 1, LandedAt: hour(3.3)}, Alert: a}}))
	w.clock.Store(hour(3.1).UnixMilli())
	w.start(testConfig())
	w.until(hour(14))
	all := w.want("per/ana resolved")
	if len(all) == 1 && (all[0].ID != a.ID || all[0].Name != "Ana Ruiz") {
		t.Errorf("resolved %+v", all[0])
	}
}

func TestWindowsCloseBelowTheWatermark(t *testing.T) {
	w := newWorld(t)
	w.usually(t0, hour(6), false)
	w.rise(hour(3), 14, "per/ana")
	w.flush()
	msg := bus.Message{Topic: news.TopicDocuments, Key: []byte("k"), Value: []byte("{}"), Time: hour(3.1)}
	if err := w.bus.Publish(t.Context(), msg); err != nil {
		t.Fatal(err)
	}
	w.clock.Store(hour(5).UnixMilli())
	w.start(testConfig())
	w.wait("the windows before the pending document", func() bool { return w.closed().Equal(hour(3)) })
	ticks := w.metric("dateline_alert_ticks_total")
	w.wait("more ticks", func() bool { return w.metric("dateline_alert_ticks_total") > ticks+2 })
	if at := w.closed(); !at.Equal(hour(3)) {
		t.Errorf("tested up to %v with a document of %v pending", at, hour(3.1))
	}
	w.want("")
	if lag := w.metric("dateline_alert_watermark_lag_seconds"); lag != hour(5).Sub(hour(3.1)).Seconds() {
		t.Errorf("lag %v s", lag)
	}
	if err := w.bus.SetCommitted(t.Context(), "land", news.TopicDocuments, 0, 1); err != nil {
		t.Fatal(err)
	}
	w.until(hour(5))
	w.want("per/ana firing")
}

func TestAnOutageNeitherFiresNorHides(t *testing.T) {
	w := newWorld(t)
	w.usually(t0, hour(4), false)
	w.rate(hour(8), hour(8.25), 16, false) // four hours come in at once
	w.usually(hour(8.25), hour(12), false)
	w.rise(hour(9), 14, "per/ana")
	w.start(testConfig())
	w.until(hour(9))
	w.want("")
	w.until(hour(9.5))
	w.want("per/ana firing")
}

// What closed while no alerter ran is tested, but nothing that is too old.
func TestCatchingUp(t *testing.T) {
	w := newWorld(t)
	w.usually(t0, hour(20), false)
	w.rise(hour(3), 14, "per/ana")
	w.rise(hour(17), 14, "per/bo")
	w.start(testConfig())
	w.until(hour(1))
	w.stop()
	w.flush()
	w.clock.Store(hour(20).UnixMilli())
	w.start(testConfig())
	w.until(hour(20))
	all := w.want("per/bo firing")
	if len(all) == 1 && !all[0].At.Equal(hour(17.25)) {
		t.Errorf("fired at %v", all[0].At)
	}
	if s := w.metric("dateline_alert_skipped_seconds_total"); s != (13 * time.Hour).Seconds() {
		t.Errorf("skipped %v s, want 13 h", s)
	}
}

func TestEntitiesOnTheSameArticlesShareAnAlert(t *testing.T) {
	w := newWorld(t)
	w.usually(t0, hour(6), false)
	w.rise(hour(3), 5, "per/ana", "per/bo", "org/mill")
	w.rise(hour(3), 4, "per/ana", "per/bo")
	w.rise(hour(3), 3, "per/ana")
	w.start(testConfig())
	w.until(hour(6))
	all := w.want("per/ana firing")
	if n := w.metric("dateline_alert_alerts_total"); n != 2 { // org/mill alone would not have been worth one
		t.Errorf("%v alerts and joined rises, want 2", n)
	}
	if len(all) == 1 && !slices.Equal(all[0].Entities, []string{"per/bo", "org/mill"}) {
		t.Errorf("entities %v", all[0].Entities)
	}
}

// per/anna is per/ana: together they rise, and an article that names both, or
// names the second only since its revision, counts once.
func TestMergedEntitiesAreOne(t *testing.T) {
	w := newWorld(t)
	entity := func(id, into string, n int) store.EntityRow {
		return store.EntityRow{Origin: store.Origin{Off: uint64(n), LandedAt: t0.Add(time.Duration(n) * time.Second)}, SameAs: into, SeenAt: t0,
			Mention: &news.Mention{EntityID: id, Kind: news.PER, Name: strings.ToUpper(id), Origin: "learned"}}
	}
	w.insert(store.EntityBatch([]store.EntityRow{
		entity("per/ana", "", 1), entity("per/anna", "per/bo", 2), entity("per/bo", "", 3), entity("per/anna", "per/ana", 4),
	}))
	w.usually(t0, hour(6), false)
	both := w.rise(hour(3), 5, "per/ana", "per/anna")
	w.rise(hour(3), 4, "per/ana")
	w.rise(hour(3), 4, "per/anna")
	early := w.rise(hour(2.4), 1, "per/ana")
	w.publish(published{id: early[0], revision: 1, at: hour(3.1), source: outlet(0), entities: []string{"per/anna"}})
	w.publish(published{id: both[0], revision: 1, at: hour(3.2), source: outlet(0), entities: []string{"loc/port"}})
	w.start(testConfig())
	w.until(hour(3.25))
	all := w.want("per/ana firing")
	if len(all) == 1 && (all[0].Observed < 13 || all[0].Observed > 14 || all[0].Name != "PER/ANA" || len(all[0].Sources) < 5) {
		t.Errorf("observed %v, name %s, sources %v", all[0].Observed, all[0].Name, all[0].Sources)
	}
}

func TestConfigValidates(t *testing.T) {
	f := func(change func(*Config), want string) {
		t.Helper()
		c := DefaultConfig()
		change(&c)
		if err := c.Validate(); want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	f(func(c *Config) {}, "")
	f(func(c *Config) { c.Windows = []time.Duration{7 * time.Minute} }, "divide a day")
	f(func(c *Config) { c.Windows = []time.Duration{time.Hour, 15 * time.Minute} }, "rising order")
	f(func(c *Config) { c.Windows = nil }, "alert.windows is empty")
	f(func(c *Config) { c.Tick = 0 }, "alert.tick")
	f(func(c *Config) { c.Stale = 0 }, "alert.stale")
	f(func(c *Config) { c.Budget = 0 }, "alert.false_alarms_per_month")
	f(func(c *Config) { c.Baselines = 1 }, "alert.baselines")
}

// A growing edition has many young sources at a time, and entities whose
// history is read at once have long names in any script.
func TestQueriesTakeLongLists(t *testing.T) {
	w := newWorld(t)
	w.usually(t0, hour(1), false)
	w.flush()
	h := newHistory(testConfig(), w.store)
	if err := h.refresh(t.Context(), t0); err != nil {
		t.Fatal(err)
	}
	for i := range 5000 {
		h.starts[fmt.Sprintf("a-young-source-with-quite-a-name-%d.example", i)] = t0.Add(-time.Hour)
	}
	q := h.span(t0.Add(-28*day), t0)
	if len(q.Ready) < 1000 || len(q.Ready) == 5000 {
		t.Fatalf("%d young sources", len(q.Ready))
	}
	names := []string{"per/ana", `per/it's \n?{x}`}
	for i := range loadAtOnce - 2 {
		names = append(names, fmt.Sprintf("org/%s-%d", strings.Repeat("名", 30), i))
	}
	counts, err := w.store.EntityOriginals(t.Context(), q, 24*time.Hour, names)
	if err != nil || len(counts) < 20 {
		t.Errorf("%d counts, %v", len(counts), err)
	}
}
