package web

import "net/http"

// PushPath is where articles are pushed to, and below which their schema is.
const PushPath = "/api/v1/articles"

// pushed tells whether a request pushes articles: the one thing that is not
// read. No page of somebody else can do it in the name of a visitor. The
// receiver asks for a token in the header Authorization and takes nothing else
// for proof, no cookie and no address; a browser sends that header to another
// site only after asking by OPTIONS, which is refused as all other methods
// are. The check of the Host stands before it all the same.
func (s *Server) pushed(r *http.Request) bool {
	return s.deps.Push != nil && r.Method == http.MethodPost && r.URL.Path == PushPath
}
