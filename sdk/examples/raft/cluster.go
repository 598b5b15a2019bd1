package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// runCluster starts every node as a process of its own and waits for them. One
// that is killed stays dead until somebody runs it again; the others go on.
func runCluster(ctx context.Context, o options) error {
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program: %w", err)
	}
	var all sync.WaitGroup
	for i := 1; i <= nodes; i++ {
		at := o.place(i)
		cmd := exec.CommandContext(ctx, self, "-node", strconv.Itoa(i), "-base", strconv.Itoa(o.base), "-dir", o.dir, "-server", o.server)
		cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
		cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
		cmd.WaitDelay = 10 * time.Second // longer than a node takes to end well
		if err := cmd.Start(); err != nil {
			return fmt.Errorf("start node %s: %w", at.id, err)
		}
		fmt.Fprintf(os.Stderr, "%s  http://%s/keys/…  watch it at http://%s/  kill -9 %d\n", at.id, at.http, at.monitor, cmd.Process.Pid)
		all.Go(func() {
			if err := cmd.Wait(); err != nil && ctx.Err() == nil {
				fmt.Fprintf(os.Stderr, "%s ended: %v; run it again by -node %d\n", at.id, err, i)
			}
		})
	}
	all.Wait()
	return nil
}
