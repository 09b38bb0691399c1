package judge

import "time"

// Due gives the least seen_at from which a text that was dropped as throttled
// would be a revision. ok is false where it never would: it is not newer than
// what is stored, or there are as many revisions as there may be. known is as
// for Decide.
func (j *Judge) Due(in *Input, known *Known) (at time.Time, ok bool) {
	known = j.latest(in.ID, known)
	if known == nil || in.BodyHash == known.BodyHash || poorer(in, known) ||
		int(known.Revision) >= j.pace.Max || !in.SeenAt.After(known.SeenAt) {
		return at, false
	}
	return known.SeenAt.Add(j.pace.Every), true
}
