//go:build !linux

package kafkatest

import "os/exec"

func start(cmd *exec.Cmd) error { return cmd.Start() }
