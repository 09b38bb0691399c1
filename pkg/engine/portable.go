//go:build !linux

package engine

import "os"

// The embedded ClickHouse runs on Linux only (StartClickHouse says so); the rest of the package and
// of dateline builds elsewhere too.

type signalHandlers struct{}

func saveSignalHandlers() *signalHandlers    { return nil }
func (*signalHandlers) restore()             {}
func (*signalHandlers) changed() []os.Signal { return nil }

// memoryFile is an unlinked file.
func memoryFile() (*os.File, error) {
	f, err := os.CreateTemp("", "dateline-insert-*")
	if err != nil {
		return nil, err
	}
	return f, os.Remove(f.Name())
}
