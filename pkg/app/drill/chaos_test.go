package drill

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/dateline/dateline/pkg/engine/kafkatest"
	"github.com/dateline/dateline/producers/newsroom"
)

// fromEnv reads a number from the environment.
func fromEnv(t *testing.T, name string, def uint64) uint64 {
	t.Helper()
	s := os.Getenv(name)
	if s == "" {
		return def
	}
	n, err := strconv.ParseUint(s, 10, 32)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

// size of a drill.
type size struct {
	articles int // that the newsroom publishes in its feeds
	wire     int // that a command publishes from files
	kills    int
	stops    int
	seed     uint64
	within   time.Duration // rounds that have not begun by then are left out; 0: none is
}

// chosen gives the size that the environment asks for: DATELINE_CHAOS_ARTICLES,
// _WIRE, _KILLS and _STOPS; DATELINE_CHAOS_SEED repeats a plan,
// DATELINE_CHAOS_MINUTES ends it early, and DATELINE_CHAOS_KEEP names a directory
// that gets data and logs of a drill that failed.
func chosen(t *testing.T, def size) size {
	t.Helper()
	return size{
		articles: int(fromEnv(t, "DATELINE_CHAOS_ARTICLES", uint64(def.articles))),
		wire:     int(fromEnv(t, "DATELINE_CHAOS_WIRE", uint64(def.wire))),
		kills:    int(fromEnv(t, "DATELINE_CHAOS_KILLS", uint64(def.kills))),
		stops:    int(fromEnv(t, "DATELINE_CHAOS_STOPS", uint64(def.stops))),
		seed:     fromEnv(t, "DATELINE_CHAOS_SEED", uint64(time.Now().UnixNano())&0xffffffff),
		within:   time.Duration(fromEnv(t, "DATELINE_CHAOS_MINUTES", 0)) * time.Minute,
	}
}

// TestChaos kills and stops every role while a newsroom and a wire publish, and
// then asks their ledgers, the tables and `dateline audit` whether every article
// is there once. See chosen for how to make it longer.
func TestChaos(t *testing.T) {
	if testing.Short() {
		t.Skip("takes minutes")
	}
	t.Parallel()
	chaos(newWorld(t), chosen(t, size{articles: 1200, wire: 3000, kills: 8, stops: 3}))
}

// TestChaosKafka does so on Apache Kafka, which is killed and stopped as well.
func TestChaosKafka(t *testing.T) {
	if testing.Short() {
		t.Skip("takes minutes")
	}
	t.Parallel()
	kafkatest.Require(t)
	broker, err := kafkatest.New(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, "DATELINE_KAFKA_BROKERS="+broker.Addr)
	w.kafka = broker
	chaos(w, chosen(t, size{articles: 300, wire: 1000, kills: 3, stops: 1}))
}

func chaos(w *world, s size) {
	w.Helper()
	w.Logf("DATELINE_CHAOS_SEED=%d: %d articles in feeds and %d by wire, %d kills, %d stops", s.seed, s.articles, s.wire, s.kills, s.stops)
	// Lest a lander that starts anew takes the longer, the longer the drill lasts.
	w.env = append(w.env, "DATELINE_LAND_JUDGE_COPIES_WINDOW=15m", "DATELINE_LAND_JUDGE_STORIES_WINDOW=15m")
	if each := s.wire / (s.kills + s.stops); each > 500 {
		// A round is over when a batch has landed.
		w.env = append(w.env, fmt.Sprintf("DATELINE_LAND_BATCH=%d", min(each*5/4, 10000)))
	}
	// A feed's window outlasts every outage. The small newsroom's does not:
	// what it loses has to be reported.
	room := w.room(newsroom.Config{Seed: s.seed, Outlets: 16, Words: 80, Window: 800})
	small := w.room(newsroom.Config{Seed: s.seed + 1, Outlets: 2, Words: 60, Window: 6, CopyShare: -1, RewriteShare: -1, RevisionShare: -1})
	room.Publish(50)
	small.Publish(10)

	c := newCrew(w)
	w.ok("feeds", "import", w.feedsFile(nil, room, small))
	began := time.Now()
	w.until("for the first articles", patience, func() bool { return w.landed() > 0 })
	c.wire = startWire(w, s.seed, s.wire)

	plan := Plan(s.seed, s.kills, s.stops, w.kafka != nil)
	desk := &desk{room: room, pace: 40 * time.Millisecond, n: 50}
	for i, blow := range plan {
		if s.within > 0 && time.Since(began) > s.within {
			w.Logf("the time is up after %d rounds of %d", i, len(plan))
			plan, s.wire, s.articles = plan[:i], c.wire.cut(), desk.n
			break
		}
		if i%3 == 2 {
			small.Publish(20)
		}
		w.Logf("round %d of %d, %5.1f s, %d published, %d by wire, %d landed: %s", i+1, len(plan), time.Since(began).Seconds(), desk.n, c.wire.published(), w.landed(), blow)
		c.wire.goal(s.wire * (i + 1) / len(plan))
		struck := make(chan struct{})
		written := make(chan struct{})
		go func() {
			defer close(written)
			desk.publish(w.Context(), (s.articles-desk.n)/(len(plan)+1-i), struck)
		}()
		c.strike(blow, func() { close(struck); <-written })
	}
	closed := make(chan struct{})
	close(closed)
	desk.publish(w.Context(), s.articles-desk.n, closed)
	c.wire.finish(10 * time.Minute)
	w.waitLanded(patience, room)
	took := time.Since(began)
	w.Logf("all is published and landed after %.1f s", took.Seconds())
	// The last roll-overs have to be reported, and everything has to come to
	// rest: audit waits for that.
	w.verifyAudit()
	c.wire.verify()
	w.verifyLedger([]*newsroom.Newsroom{room}, []*newsroom.Newsroom{small})
	w.verifyRows()
	c.verify(plan)
	w.Logf("%d articles in feeds and %d by wire in %.1f s", desk.n, s.wire, took.Seconds())
}

// desk publishes steadily.
type desk struct {
	room *newsroom.Newsroom
	pace time.Duration // for five articles
	n    int           // so far
}

// publish publishes some articles, and then one now and then until done closes.
func (d *desk) publish(ctx context.Context, some int, done <-chan struct{}) {
	for {
		k := min(5, some)
		if some -= k; k <= 0 {
			select {
			case <-done:
				return
			default:
			}
			k = 1
		}
		d.room.Publish(k)
		d.n += k
		pause := d.pace
		if some <= 0 {
			pause *= 5
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
	}
}
