package web

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"net/http"
	"path"
)

//go:embed assets/style.css assets/icon.svg
var ownFiles embed.FS

// dist holds what `make` bundles; a clean clone has no bundle.
//
//go:embed all:dist
var bundled embed.FS

type asset struct {
	body []byte
	tag  string // hash of the content, part of the address
}

type assets map[string]asset

func loadAssets() assets {
	out := assets{}
	for name, files := range map[string]fs.FS{
		"assets/style.css": ownFiles, "assets/icon.svg": ownFiles, "dist/app.js": bundled, "dist/app.css": bundled,
	} {
		if b, err := fs.ReadFile(files, name); err == nil {
			sum := sha256.Sum256(b)
			out[path.Base(name)] = asset{b, hex.EncodeToString(sum[:6])}
		}
	}
	return out
}

// url is the address of an asset, empty where it was not built.
func (a assets) url(name string) string {
	f, ok := a[name]
	if !ok {
		return ""
	}
	return "/assets/" + name + "?" + f.tag
}

var mediaTypes = map[string]string{
	".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml",
}

func (s *Server) asset(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	f, ok := s.files[name]
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", mediaTypes[path.Ext(name)])
	if r.URL.RawQuery == f.tag {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	_, _ = w.Write(f.body)
}
