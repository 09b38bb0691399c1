package app

import (
	"testing"
	"time"
	"github.com/dateline/dateline/pkg/entity"
)

func TestZZ(t *testing.T) {
	s := time.Now()
	entity.Load()
	t.Log("load", time.Since(s))
	s = time.Now()
	d := newDesk(t)
	t.Log("desk", time.Since(s))
	for range 3 {
	s = time.Now()
	d.recount(t.Context(), time.Time{}, time.Now())
	t.Log("recount", time.Since(s))
	}
}
