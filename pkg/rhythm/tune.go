package rhythm

var windowUse, windowZ = 0.8, 3.0

func Tune(a, b float64)          { windowUse, windowZ = a, b }
func (r *Rhythm) Level() any     { return r.level }
func (r *Rhythm) Batch() float64 { return r.batch() }
func (r *Rhythm) Phi() float64   { return r.phi() }
