package web

import (
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"time"
)

// readyz asks everything that the process needs, all at once, and names what
// does not answer.
func (s *Server) readyz(w http.ResponseWriter, r *http.Request) {
	checks := append([]Check{{"clickhouse", s.deps.Store.Ping}}, s.deps.Checks...)
	ctx, cancel := context.WithTimeout(r.Context(), 5*time.Second)
	defer cancel()
	errs := make([]error, len(checks))
	var wg sync.WaitGroup
	for i, c := range checks {
		wg.Go(func() { errs[i] = c.Ready(ctx) })
	}
	wg.Wait()
	answer := struct {
		Ready    bool              `json:"ready"`
		NotReady map[string]string `json:"not_ready,omitempty"`
	}{Ready: true, NotReady: map[string]string{}}
	for i, err := range errs {
		if err != nil {
			answer.Ready = false
			answer.NotReady[checks[i].Name] = err.Error()
		}
	}
	w.Header().Set("Content-Type", "application/json")
	if !answer.Ready {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_ = json.NewEncoder(w).Encode(answer)
}
