package drill

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// Deed is what is done to the fleet at one moment.
type Deed string

// The deeds of a plan.
const (
	KillLand    Deed = "kill the lander that owns the documents"
	KillStandby Deed = "kill the standby lander"
	KillEnrich  Deed = "kill one of the enrichers"
	KillPoll    Deed = "kill one of the pollers"
	KillAlert   Deed = "kill alert"
	KillNotify  Deed = "kill notify"
	KillPage    Deed = "kill page"
	KillWeb     Deed = "kill web"
	KillWire    Deed = "kill the command that publishes a file"
	KillEngine  Deed = "kill the engines, broker and database"
	KillBroker  Deed = "kill Apache Kafka"
	KillAll     Deed = "kill everything"
	KillBetween Deed = "kill the lander between the two inserts"
	KillEdge    Deed = "kill a lander at the edge of a batch: pending and not inserted, or inserted and not committed"

	StopLand    Deed = "stop the lander that owns the documents beyond its session time-out"
	StopBetween Deed = "stop the lander between the two inserts beyond its session time-out"
	StopEnrich  Deed = "stop one of the enrichers beyond its session time-out"
	StopPoll    Deed = "stop one of the pollers beyond its session time-out"
	StopAlert   Deed = "stop alert beyond its session time-out"
	StopEngine  Deed = "stop the engines beyond everybody's session time-out"
	StopBroker  Deed = "stop Apache Kafka beyond everybody's session time-out"
)

var (
	allKills = []Deed{KillBetween, KillEdge, KillLand, KillEngine, KillAll, KillPoll, KillEnrich, KillWire, KillAlert, KillNotify, KillStandby, KillPage, KillWeb}
	allStops = []Deed{StopBetween, StopLand, StopEngine, StopEnrich, StopPoll, StopAlert}
)

// IsStop tells a stop from a kill.
func (d Deed) IsStop() bool {
	switch d {
	case StopLand, StopBetween, StopEnrich, StopPoll, StopAlert, StopEngine, StopBroker:
		return true
	}
	return false
}

// Blow is one deed, when it falls, and whether the next follows before anything
// has landed again.
type Blow struct {
	Deed  Deed
	After time.Duration // from the moment at which all was well
	Which int           // of those that are alike; 0 or more
	Hasty bool
}

func (b Blow) String() string {
	if b.Hasty {
		return fmt.Sprintf("%s, and go on at once", b.Deed)
	}
	return string(b.Deed)
}

// Plan gives a number of kills and stops in a random order that the seed fixes.
// Every deed occurs where there is room; the broker where it is a process of its
// own, the kill between the two inserts and the one at the edge of a batch come
// first.
func Plan(seed uint64, kills, stops int, ownBroker bool) []Blow {
	r := rand.New(rand.NewPCG(seed, 1))
	killing, stopping := allKills, allStops
	if ownBroker {
		killing = append([]Deed{KillBroker}, killing...)
		stopping = append([]Deed{StopLand, StopBroker}, stopping...)
	}
	var out []Blow
	draw := func(deeds []Deed, n int) {
		for i := range n {
			d := deeds[r.IntN(len(deeds))]
			if i < len(deeds) {
				d = deeds[i]
			}
			out = append(out, Blow{Deed: d, After: time.Duration(r.Int64N(int64(800 * time.Millisecond))), Which: r.IntN(1 << 16)})
		}
	}
	draw(killing, kills)
	draw(stopping, stops)
	r.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	for i := range out {
		out[i].Hasty = i+1 < len(out) && r.IntN(3) == 0
	}
	return out
}
