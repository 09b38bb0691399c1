package newsroom

import "math"

// rng is splitmix64 (Steele, Lea and Flood, 2014). The newsroom keeps its own
// generator so that a seed gives the same articles under every Go release.
type rng struct{ state uint64 }

func (r *rng) next() uint64 {
	r.state += 0x9e3779b97f4a7c15
	return scramble(r.state)
}

// intn returns a number in [0, n).
func (r *rng) intn(n int) int {
	return int((r.next() >> 32) * uint64(n) >> 32)
}

// between returns a number in [low, high].
func (r *rng) between(low, high int) int { return low + r.intn(high-low+1) }

// unit returns a number in [0, 1).
func (r *rng) unit() float64 { return float64(r.next()>>11) / (1 << 53) }

// exp returns an exponentially distributed number with mean 1.
func (r *rng) exp() float64 { return -math.Log1p(-r.unit()) }

// normal returns a number of the standard normal distribution (Box and Muller,
// 1958).
func (r *rng) normal() float64 {
	return math.Sqrt(2*r.exp()) * math.Cos(2*math.Pi*r.unit())
}

// zipfish returns an index in [0, n) whose lower values are the likelier ones:
// the density falls as 1/sqrt(index), flat enough that the tail is covered too.
func (r *rng) zipfish(n int) int {
	u := r.unit()
	return min(int(u*u*float64(n)), n-1)
}

func scramble(z uint64) uint64 {
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// mix hashes a sequence of values into one.
func mix(values ...uint64) uint64 {
	h := uint64(0x2545f4914f6cdd1d)
	for _, v := range values {
		h = scramble(h ^ scramble(v+0x9e3779b97f4a7c15))
	}
	return h
}
