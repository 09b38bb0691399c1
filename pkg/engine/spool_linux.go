package engine

import (
	"os"

	"golang.org/x/sys/unix"
)

// memoryFile is a file without a place on a disk.
func memoryFile() (*os.File, error) {
	fd, err := unix.MemfdCreate("dateline-insert", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), "rows"), nil
}
