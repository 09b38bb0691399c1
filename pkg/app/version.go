package app

import "runtime/debug"

// release is set by a build with -ldflags "-X github.com/dateline/dateline/pkg/app.release=…".
var release string

// Version names the build: the release, or else what Go wrote down of the
// module or of the commit. It is "(devel)" where nothing is known.
func Version() string {
	if release != "" {
		return release
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "(devel)"
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			return s.Value[:12]
		}
	}
	if info.Main.Version == "" {
		return "(devel)"
	}
	return info.Main.Version
}
