//go:build race

package poll_test

func init() { raced = true }
