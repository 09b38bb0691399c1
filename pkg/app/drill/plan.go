package drill

import (
	"fmt"
	"math/rand/v2"
)

// Deed is what is done to the fleet at one moment.
type Deed string

// The deeds of a plan.
const (
	KillLand    Deed = "kill the lander that owns the documents"
	KillStandby Deed = "kill the standby lander"
	KillEnrich  Deed = "kill enrich"
	KillPoll    Deed = "kill one of the pollers"
	KillAlert   Deed = "kill alert"
	KillNotify  Deed = "kill notify"
	KillEngine  Deed = "kill the broker and the database"
	KillAll     Deed = "kill everything"
	KillBetween Deed = "kill the lander between the two inserts"
	KillEdge    Deed = "kill a lander at the edge of a batch: pending and not inserted, or inserted and not committed"

	StopLand    Deed = "stop the lander that owns the documents beyond its session time-out"
	StopBetween Deed = "stop the lander between the two inserts beyond its session time-out"
)

var (
	allKills = []Deed{KillBetween, KillEdge, KillLand, KillEngine, KillAll, KillPoll, KillEnrich, KillAlert, KillNotify, KillStandby}
	allStops = []Deed{StopBetween, StopLand}
)

// Blow is one deed, and whether the next follows before anything has landed
// again.
type Blow struct {
	Deed  Deed
	Hasty bool
}

func (b Blow) String() string {
	if b.Hasty {
		return fmt.Sprintf("%s, and go on at once", b.Deed)
	}
	return string(b.Deed)
}

// Plan gives a number of kills and stops in a random order that the seed fixes.
// Every deed occurs where there is room; the kill between the two inserts and
// the one at the edge of a batch come first.
func Plan(seed uint64, kills, stops int) []Blow {
	r := rand.New(rand.NewPCG(seed, 1))
	var out []Blow
	draw := func(deeds []Deed, n int) {
		for i := range n {
			d := deeds[r.IntN(len(deeds))]
			if i < len(deeds) {
				d = deeds[i]
			}
			out = append(out, Blow{Deed: d})
		}
	}
	draw(allKills, kills)
	draw(allStops, stops)
	r.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	for i := range out {
		out[i].Hasty = i+1 < len(out) && r.IntN(3) == 0
	}
	return out
}
