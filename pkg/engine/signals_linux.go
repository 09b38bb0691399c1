package engine

import (
	"syscall"
	"unsafe"
)

const lastSignal = 64

// sigaction is the kernel's struct sigaction: handler, flags, restorer, mask (32 bytes on amd64
// and arm64), with room to spare.
type sigaction [64]byte

// signalHandlers holds what the Go runtime had installed. Losing it would turn nil dereferences
// into crashes without a trace, stop Ctrl-C from working and break pre-emption.
type signalHandlers [lastSignal + 1]sigaction

// rtSigaction asks the kernel, as runtime/os/signal has no call that shows raw dispositions.
func rtSigaction(sig int, set, get *sigaction) {
	syscall.RawSyscall6(syscall.SYS_RT_SIGACTION, uintptr(sig), uintptr(unsafe.Pointer(set)), uintptr(unsafe.Pointer(get)), 8, 0, 0)
}

func saveSignalHandlers() *signalHandlers {
	var s signalHandlers
	for i := 1; i <= lastSignal; i++ {
		rtSigaction(i, nil, &s[i])
	}
	return &s
}

func (s *signalHandlers) restore() {
	for i := 1; i <= lastSignal; i++ {
		var now sigaction
		if rtSigaction(i, nil, &now); now != s[i] {
			rtSigaction(i, &s[i], nil)
		}
	}
}

// changed lists the signals whose handler is not the saved one.
func (s *signalHandlers) changed() []syscall.Signal {
	var out []syscall.Signal
	for i := 1; i <= lastSignal; i++ {
		var now sigaction
		if rtSigaction(i, nil, &now); now != s[i] {
			out = append(out, syscall.Signal(i))
		}
	}
	return out
}
