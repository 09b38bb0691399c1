package kafkatest

import (
	"os/exec"
	"runtime"
	"syscall"
)

// start starts a process that does not outlive this one.
func start(cmd *exec.Cmd) error {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	started := make(chan error)
	go func() {
		// The process is told of the death of the thread that has started it:
		// this thread stays as long as the process may.
		runtime.LockOSThread()
		started <- cmd.Start()
		select {}
	}()
	return <-started
}
