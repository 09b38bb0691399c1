package rhythm

import (
	"bytes"
	"errors"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"pgregory.net/rapid"
)

const daily = 24 * time.Hour

var wide = Policy{Floor: time.Minute, Ceiling: 7 * daily, Price: 1}

// polled polls a feed every so often, from start on; came says how many items
// come in the hour after t, spread evenly over it.
func polled(r *Rhythm, days int, every time.Duration, came func(t time.Time) int) {
	var pending []time.Time
	last := start
	for t := start.Truncate(time.Hour); t.Before(start.Add(time.Duration(days) * daily)); t = t.Add(time.Hour) {
		n := came(t)
		for i := range n {
			if at := t.Add(time.Duration(i)*time.Hour/time.Duration(n) + time.Minute); at.After(start) {
				pending = append(pending, at)
			}
		}
		for next := last.Add(every); !next.After(t.Add(time.Hour)); next = last.Add(every) {
			k := 0
			for k < len(pending) && !pending[k].After(next) {
				k++
			}
			r.Observe(last, next, k, pending[:k])
			pending, last = pending[k:], next
		}
	}
}

func newsroomHours(n int) func(time.Time) int {
	return func(t time.Time) int {
		if h := t.Hour(); h >= 8 && h < 20 {
			return n
		}
		return 0
	}
}

func TestSquareRoot(t *testing.T) {
	for _, rate := range []float64{0.05, 0.5, 5} {
		r := taught(rate)
		for _, price := range []float64{0.01, 0.1, 1, 10} {
			p := wide
			p.Price = price
			got := r.Interval(p, start.Add(14*daily), 0).Hours()
			if want := math.Sqrt(2 * price / rate); got < want*0.7 || got > want*1.4 {
				t.Errorf("rate %v, price %v: %.3f h, want about %.3f", rate, price, got, want)
			}
		}
	}
}

func TestRateIsLearned(t *testing.T) {
	for _, rate := range []float64{0.02, 0.5, 8, 40} {
		if got := taught(rate).Rate(); got < rate*0.6 || got > rate*1.6 {
			t.Errorf("rate %v is taken for %.3f", rate, got)
		}
	}
}

func TestNight(t *testing.T) {
	var r Rhythm
	polled(&r, 28, 30*time.Minute, newsroomHours(2))
	at := func(day, hour int) time.Time { return time.Date(2024, 4, day, hour, 0, 0, 0, time.UTC) }
	noon, evening := r.Interval(wide, at(1, 12), 0), r.Interval(wide, at(1, 20), 0)
	if noon > 2*time.Hour {
		t.Errorf("at noon the next poll is in %v", noon)
	}
	if next := at(1, 20).Add(evening); next.Before(at(2, 7)) || next.After(at(2, 11)) {
		t.Errorf("after the last news of the day the next poll is at %v", next)
	}
	if day, night := r.Expected(at(1, 8), at(1, 20)), r.Expected(at(1, 20), at(2, 8)); night > day/20 || math.Abs(day-24) > 3 {
		t.Errorf("expects %.1f items by day, %.1f by night; 24 and 0 come", day, night)
	}
}

func TestWeekend(t *testing.T) {
	var r Rhythm
	polled(&r, 42, time.Hour, func(t time.Time) int {
		if d := t.Weekday(); d == time.Saturday || d == time.Sunday {
			return 0
		}
		return newsroomHours(2)(t)
	})
	friday := time.Date(2024, 4, 12, 20, 0, 0, 0, time.UTC)
	if e := r.Expected(friday, friday.Add(48*time.Hour)); e > 8 {
		t.Errorf("expects %.1f items at the weekend, none come", e)
	}
	if r.Silent(friday, friday.Add(60*time.Hour)) {
		t.Error("a weekend passes for a silence")
	}
	if !r.Silent(friday, friday.Add(14*daily)) {
		t.Error("two weeks without one of 120 items a week pass for quiet")
	}
}

func TestOnTheHour(t *testing.T) {
	var r Rhythm
	var dates []time.Time
	for h := range 24 * 28 {
		t := start.Truncate(time.Hour).Add(time.Duration(h) * time.Hour)
		dates = append(dates, t.Add(time.Duration(h%50)*time.Second))
	}
	now := dates[len(dates)-1].Add(17 * time.Minute)
	r.Fill(dates, now)
	p := wide
	p.Price = 0.5
	next := now.Add(r.Interval(p, now, 0))
	if m := next.Minute(); m < 4 || m > 12 {
		t.Errorf("a feed that publishes at :00 is polled at %v", next)
	}
}

func TestBadDates(t *testing.T) {
	clean := make([]time.Time, 0, 40)
	for i := range 40 {
		clean = append(clean, start.Add(-time.Duration(i)*7*time.Hour))
	}
	var want Rhythm
	want.Fill(clean, start)
	f := func(name string, dates ...time.Time) {
		t.Helper()
		var r Rhythm
		r.Fill(append(dates, clean...), start)
		if x := r.Rate() / want.Rate(); x < 0.7 || x > 1.4 {
			t.Errorf("%s: rate %.4f, without them %.4f", name, r.Rate(), want.Rate())
		}
	}
	f("none")
	f("zero", time.Time{}, time.Time{})
	f("1970", time.Unix(0, 0), time.Unix(1, 0))
	f("year 0", time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC))
	f("future", start.Add(time.Hour), start.Add(10*365*daily), time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC))
	f("pinned", start.Add(-12*365*daily))
	f("two pinned", start.Add(-12*365*daily), start.Add(-11*365*daily))
	f("equal", clean[0], clean[0], clean[3])

	for name, dates := range map[string][]time.Time{
		"all equal": {start, start, start, start}, "one": {start.Add(-daily)}, "nothing": nil,
		"only bad": {time.Unix(0, 0), start.Add(daily)},
	} {
		var r Rhythm
		r.Fill(dates, start)
		if rate := r.Rate(); rate < 1.0/24 || rate > 0.5 {
			t.Errorf("%s: rate %v of a feed that is not known", name, rate)
		}
		if r.Silent(start, start.Add(1000*daily)) {
			t.Errorf("%s: is silent without having spoken", name)
		}
	}
	var r Rhythm
	r.Fill(clean, time.Time{})
	r.Fill(clean, time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC))
	if r != (Rhythm{}) {
		t.Error("learned something at an impossible time")
	}
}

func TestDayOnlyDates(t *testing.T) {
	zone := time.FixedZone("", 2*3600)
	for _, loc := range []*time.Location{time.UTC, zone} {
		var dates []time.Time
		for d := range 30 {
			dates = append(dates, time.Date(2024, 2, 1+d, 0, 0, 0, 0, loc))
		}
		var r Rhythm
		r.Fill(dates, start)
		for i, n := range r.shape.hour {
			if n != 0 {
				t.Errorf("%v: learned hour %d from dates without a time", loc, i)
			}
		}
		if rate := r.Rate() * 24; rate < 0.7 || rate > 1.4 {
			t.Errorf("%v: %.2f items a day, want 1", loc, rate)
		}
	}
}

// TestWrongClock has a feed whose dates are five hours ahead, and one whose items
// appear twenty minutes after their date.
func TestWrongClock(t *testing.T) {
	for _, off := range []time.Duration{5 * time.Hour, -20 * time.Minute} {
		var r Rhythm
		last := start
		for i := range 1000 {
			now := start.Add(time.Duration(i+1) * 30 * time.Minute)
			var dates []time.Time
			if i%3 == 0 {
				dates = []time.Time{now.Add(-time.Duration(i*7%28)*time.Minute - time.Minute).Add(off)}
			}
			r.Observe(last, now, len(dates), dates)
			last = now
		}
		if lag := time.Duration(r.lag) * time.Second; (lag + off).Abs() > 25*time.Minute {
			t.Errorf("dates off by %v: corrected by %v", off, lag)
		}
		if rate := r.Rate() * 1.5; rate < 0.8 || rate > 1.25 {
			t.Errorf("dates off by %v: rate is %.2f of what comes", off, rate)
		}
	}
}

func TestRelisted(t *testing.T) { // a publisher changes all GUIDs
	r := taught(0.5)
	before := r.Rate()
	from := start.Add(14 * daily)
	var old []time.Time
	for i := range 40 {
		old = append(old, from.Add(-time.Duration(i+3)*daily))
	}
	r.Observe(from, from.Add(time.Hour), 40, old)
	if x := r.Rate() / before; x > 1.5 {
		t.Errorf("forty old items raise the rate by %.2f", x)
	}
}

// TestMissingDates: items without a date, or dated 1970, are items.
func TestMissingDates(t *testing.T) {
	for _, date := range []time.Time{{}, time.Unix(0, 0)} {
		var r Rhythm
		for i := range 500 {
			from := start.Add(time.Duration(i) * time.Hour)
			r.Observe(from, from.Add(time.Hour), 2, []time.Time{date, date})
		}
		if rate := r.Rate(); rate < 1.8 || rate > 2.2 {
			t.Errorf("dated %v: rate %.2f, want 2", date, rate)
		}
	}
}

func TestUnknownGrows(t *testing.T) {
	var r Rhythm
	r.Fill(nil, start)
	now, was := start, time.Duration(0)
	p := wide
	p.Ceiling = 3650 * daily
	for range 12 {
		d := r.Interval(p, now, 0)
		if d < was*95/100 {
			t.Fatalf("%v after %v of silence, %v before", d, now.Sub(start), was)
		}
		r.Observe(now, now.Add(d), 0, nil)
		now, was = now.Add(d), d
	}
	if was < daily {
		t.Errorf("after %v of silence the interval is %v", now.Sub(start), was)
	}
}

func TestWindowIsNotOutrun(t *testing.T) {
	r := taught(20)
	p := Policy{Floor: time.Second, Ceiling: 7 * daily, Price: 1e6}
	now := start.Add(14 * daily)
	var was time.Duration
	for _, window := range []int{1, 5, 10, 30, 100} {
		d := r.Interval(p, now, window)
		if e := r.Expected(now, now.Add(d)); e > float64(window) {
			t.Errorf("window of %d: %.1f items are expected within %v", window, e, d)
		}
		if d <= was {
			t.Errorf("window of %d: %v, no longer than for a smaller one", window, d)
		}
		was = d
	}
}

// TestOverflow has a feed that rolls over at each poll: the rate must not be taken
// for the window's length over the interval.
func TestOverflow(t *testing.T) {
	var r Rhythm
	const rate, window = 30, 10
	for i := range 50 {
		from := start.Add(time.Duration(i) * 2 * time.Hour)
		to := from.Add(2 * time.Hour)
		var dates []time.Time
		for k := range window {
			dates = append(dates, to.Add(-time.Duration(k)*time.Hour/rate))
		}
		r.Overflow(from, to, window, dates)
	}
	if got := r.Rate(); got < rate*0.5 || got > rate*1.7 {
		t.Errorf("rate %.1f, want %d", got, rate)
	}
	var blind Rhythm
	blind.Overflow(start, start.Add(2*time.Hour), window, nil)
	if got := blind.Rate(); got < window/4 {
		t.Errorf("rate %.1f without dates", got)
	}
}

func TestWishes(t *testing.T) {
	var r Rhythm
	polled(&r, 14, 30*time.Minute, func(time.Time) int { return 2 })
	now := start.Add(14 * daily).Truncate(daily).Add(10 * time.Hour)
	p := Policy{Floor: time.Minute, Ceiling: daily, Price: 0.1}
	plain := r.Interval(p, now, 0)
	p.Hint = 3 * time.Hour
	if d := r.Interval(p, now, 0); d < p.Hint || d > p.Hint+time.Hour {
		t.Errorf("hint of %v: %v", p.Hint, d)
	}
	if d := r.Interval(p, now, 4); d >= p.Hint {
		t.Errorf("hint of %v holds though the window of 4 rolls over: %v", p.Hint, d)
	}
	p.Hint = 400 * daily
	if d := r.Interval(p, now, 0); d > daily {
		t.Errorf("a hint breaks the ceiling: %v", d)
	}
	p.Hint = 0
	p.SkipHours = []int{10, 11, 12, 13}
	if h := now.Add(r.Interval(p, now, 0)).Hour(); h != 14 {
		t.Errorf("polls at %d h, wished away until 14", h)
	}
	p.SkipHours = nil
	p.SkipDays = []time.Weekday{now.Weekday()}
	if next := now.Add(r.Interval(p, now, 0)); next.Weekday() == now.Weekday() {
		t.Errorf("polls on %v, wished away", next.Weekday())
	}
	for h := range 24 {
		p.SkipHours = append(p.SkipHours, h)
	}
	p.SkipHours, p.SkipDays = append(p.SkipHours, -1, 99), nil
	if d := r.Interval(p, now, 0); d != plain {
		t.Errorf("wishes that leave no hour: %v, without them %v", d, plain)
	}
}

// TestPrice: a dearer fetch means fewer, over a week that follows the plan.
func TestPrice(t *testing.T) {
	var r Rhythm
	polled(&r, 28, 30*time.Minute, newsroomHours(2))
	polls := func(price float64) (n int) {
		p := Policy{Floor: time.Minute, Ceiling: 3 * daily, Price: price}
		for now := start.Add(28 * daily); now.Before(start.Add(35 * daily)); n++ {
			now = now.Add(r.Interval(p, now, 0))
		}
		return n
	}
	was := math.MaxInt
	for price := 0.01; price < 100; price *= 2 {
		n := polls(price)
		if n > was {
			t.Errorf("price %v: %d polls a week, %d at half of it", price, n, was)
		}
		was = n
	}
	flat := taught(1)
	flat.shape, flat.level.wMid, flat.level.wFast = counts{}, 0, 0
	last := time.Duration(0)
	for price := 0.001; price < 1000; price *= 1.1 {
		p := wide
		p.Price = price
		d := flat.Interval(p, start.Add(14*daily), 20)
		if d < last-last/50 {
			t.Errorf("constant rate, price %.4f: %v, %v when cheaper", price, d, last)
		}
		last = d
	}
}

func TestQuietIsHonest(t *testing.T) {
	var r Rhythm
	if e, p := r.Quiet(start, start.Add(daily)); e != 0 || p != 1 {
		t.Errorf("a feed that is not known: %v, %v", e, p)
	}
	r = *taught(1)
	last := start.Add(14 * daily)
	was := 1.0
	for h := 1; h < 500; h *= 2 {
		e, p := r.Quiet(last, last.Add(time.Duration(h)*time.Hour))
		if p >= was || p <= 0 {
			t.Errorf("after %d h p is %v, before it was %v", h, p, was)
		}
		if poisson := math.Exp(-e); p < poisson {
			t.Errorf("after %d h p is %v, surer than a Poisson process of a known rate: %v", h, p, poisson)
		}
		was = p
	}
	// The longer it is silent the surer, even as polls go on without anything.
	expected, _ := r.Quiet(last, last.Add(20*daily))
	for i := range 480 {
		at := last.Add(time.Duration(i) * time.Hour)
		r.Observe(at, at.Add(time.Hour), 0, nil)
	}
	if later, _ := r.Quiet(last, last.Add(20*daily)); later < expected*0.99 {
		t.Errorf("silence talks its own expectation down: %v, then %v", expected, later)
	}
	if !r.Silent(last, last.Add(20*daily)) || r.Silent(last, last.Add(8*time.Hour)) {
		t.Error("an item an hour: silent after 8 hours, or not after 20 days")
	}
}

// life is a random feed's history.
func life(t *rapid.T) *Rhythm {
	r := new(Rhythm)
	now := start
	when := rapid.Custom(func(t *rapid.T) time.Time {
		if rapid.IntRange(0, 9).Draw(t, "odd") == 0 {
			return rapid.SampledFrom([]time.Time{{}, time.Unix(0, 0), time.Unix(1<<40, 0), time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC),
				time.Date(-5, 1, 1, 0, 0, 0, 0, time.UTC), start.Truncate(daily)}).Draw(t, "oddity")
		}
		return now.Add(-time.Duration(rapid.Int64Range(-int64(daily), int64(40*daily)).Draw(t, "ago")))
	})
	if rapid.Bool().Draw(t, "filled") {
		r.Fill(rapid.SliceOfN(when, 0, 50).Draw(t, "fill"), now)
	}
	for range rapid.IntRange(0, 30).Draw(t, "polls") {
		from := now
		now = now.Add(time.Duration(rapid.Int64Range(0, int64(3*daily)).Draw(t, "wait")))
		dates := rapid.SliceOfN(when, 0, 20).Draw(t, "dates")
		fresh := rapid.SampledFrom([]int{0, 0, 0, 1, len(dates), 30, 30_000, -1}).Draw(t, "fresh")
		if rapid.IntRange(0, 9).Draw(t, "late") == 0 {
			r.Overflow(from, now, fresh, dates)
		} else {
			r.Observe(from, now, fresh, dates)
		}
	}
	return r
}

func TestInvariants(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := life(t)
		p := Policy{
			Floor:     time.Duration(rapid.Int64Range(0, int64(2*daily)).Draw(t, "floor")),
			Ceiling:   time.Duration(rapid.Int64Range(0, int64(40*daily)).Draw(t, "ceiling")),
			Price:     rapid.SampledFrom([]float64{0, 1e-6, 0.1, 10, 1e6, math.Inf(1), math.NaN(), -1}).Draw(t, "price"),
			Hint:      time.Duration(rapid.Int64Range(-1, int64(400*daily)).Draw(t, "hint")),
			SkipHours: rapid.SliceOfN(rapid.IntRange(-3, 30), 0, 24).Draw(t, "hours"),
		}
		from := start.Add(time.Duration(rapid.Int64Range(0, int64(200*daily)).Draw(t, "from")))
		d := r.Interval(p, from, rapid.IntRange(-1, 300).Draw(t, "window"))
		if lo := max(p.Floor, time.Second); d < lo || d > max(p.Ceiling, lo) {
			t.Fatalf("interval %v, floor %v, ceiling %v", d, p.Floor, p.Ceiling)
		}
		mid := from.Add(time.Duration(rapid.Int64Range(0, int64(30*daily)).Draw(t, "mid")))
		to := mid.Add(time.Duration(rapid.Int64Range(0, int64(30*daily)).Draw(t, "to")))
		whole, parts := r.Expected(from, to), r.Expected(from, mid)+r.Expected(mid, to)
		if !(whole >= 0) || math.IsInf(whole, 0) || math.Abs(whole-parts) > 0.02*whole+1e-9 {
			t.Fatalf("expected %v as a whole, %v in parts", whole, parts)
		}
		if rate := r.Rate(); !(rate >= 0) || math.IsInf(rate, 0) {
			t.Fatalf("rate %v", rate)
		}
		e, q := r.Quiet(from, to)
		if !(q >= 0 && q <= 1 && e >= 0) {
			t.Fatalf("quiet: %v, %v", e, q)
		}
		if _, later := r.Quiet(from, to.Add(daily)); later > q {
			t.Fatalf("p rises from %v to %v in silence", q, later)
		}
		b, err := r.AppendBinary([]byte("x"))
		if err != nil || len(b) > 1+120 {
			t.Fatalf("%d bytes, %v", len(b), err)
		}
		var back Rhythm
		if err := back.UnmarshalBinary(b[1:]); err != nil {
			t.Fatalf("%v: %+v", err, *r)
		}
		if again, _ := back.AppendBinary([]byte("x")); !bytes.Equal(again, b) {
			t.Fatalf("read and written again it differs: %+v, %+v", *r, back)
		}
		if x, y := back.Expected(from, to), whole; math.Abs(x-y) > 0.05*y+1e-3 {
			t.Fatalf("expected %v once stored, %v before", x, y)
		}
	})
}

// TestStoredAtEachPoll: what is rounded away at each poll must not add up.
func TestStoredAtEachPoll(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	var kept, stored Rhythm
	var state []byte
	for i := range 20_000 { // 70 days of a poll every five minutes
		from := start.Add(time.Duration(i) * 5 * time.Minute)
		var dates []time.Time
		if rng.Float64() < 0.05 {
			dates = []time.Time{from.Add(time.Duration(rng.Int64N(int64(5 * time.Minute))))}
		}
		kept.Observe(from, from.Add(5*time.Minute), len(dates), dates)
		if err := stored.UnmarshalBinary(state); err != nil {
			t.Fatal(err)
		}
		stored.Observe(from, from.Add(5*time.Minute), len(dates), dates)
		state, _ = stored.AppendBinary(state[:0])
	}
	if x := stored.Rate() / kept.Rate(); x < 0.93 || x > 1.07 {
		t.Errorf("rate %.4f stored at each poll, %.4f kept", stored.Rate(), kept.Rate())
	}
	if x := float64(stored.level.hours / kept.level.hours); x < 0.97 || x > 1.03 {
		t.Errorf("%.1f hours of evidence stored at each poll, %.1f kept", stored.level.hours, kept.level.hours)
	}
}

func TestForeignBinary(t *testing.T) {
	good, _ := taught(1).AppendBinary(nil)
	for name, b := range map[string][]byte{
		"unknown version": append([]byte{formVersion + 1}, good[1:]...), "cut": good[:50], "longer": append(bytes.Clone(good), 0),
		"first version of all": make([]byte, 16), "noise": bytes.Repeat([]byte{0xff}, formLength),
		"not a number": append(append(bytes.Clone(good[:11]), bytes.Repeat([]byte{0xff}, 24)...), good[35:]...),
	} {
		r := *taught(3)
		if err := r.UnmarshalBinary(b); !errors.Is(err, errForm) {
			t.Errorf("%s: error %v", name, err)
		}
		if r != (Rhythm{}) {
			t.Errorf("%s: left %+v", name, r)
		}
	}
	r := *taught(3)
	if err := r.UnmarshalBinary(nil); err != nil || r != (Rhythm{}) {
		t.Errorf("nothing at all: %v", err)
	}
}

func FuzzUnmarshalBinary(f *testing.F) {
	good, _ := taught(1).AppendBinary(nil)
	f.Add(good)
	f.Add([]byte{})
	f.Add(bytes.Repeat([]byte{1}, formLength))
	f.Fuzz(func(t *testing.T, b []byte) {
		var r Rhythm
		if err := r.UnmarshalBinary(b); err != nil {
			if r != (Rhythm{}) {
				t.Fatal("an error, and something read")
			}
			return
		}
		from := time.Unix(r.at, 0)
		d := r.Interval(wide, from, 10)
		if d < wide.Floor || d > wide.Ceiling {
			t.Fatalf("interval %v", d)
		}
		if e := r.Expected(from, from.Add(d)); !(e >= 0) || math.IsInf(e, 0) {
			t.Fatalf("expected %v", e)
		}
		r.Observe(from, from.Add(d), 3, nil)
		again, err := r.AppendBinary(nil)
		if err == nil {
			err = r.UnmarshalBinary(again)
		}
		if err != nil {
			t.Fatal(err)
		}
	})
}

func TestNothingIsAllocated(t *testing.T) {
	r := taught(1)
	now := start.Add(14 * daily)
	dates := []time.Time{now.Add(5 * time.Minute), now.Add(17 * time.Minute)}
	p := Policy{Floor: time.Minute, Ceiling: daily, Price: 1, SkipHours: []int{3}, SkipDays: []time.Weekday{1}}
	if n := testing.AllocsPerRun(100, func() {
		r.Interval(p, now, 20)
		r.Expected(now, now.Add(daily))
		r.Quiet(now, now.Add(daily))
		c := *r
		c.Observe(now, now.Add(time.Hour), 2, dates)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
