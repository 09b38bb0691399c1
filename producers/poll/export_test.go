package poll

// Probe makes one poll in n a probe of the server's honesty.
func (p *Poller) Probe(n uint64) { p.probeOne = n }
