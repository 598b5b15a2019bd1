package disk

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
)

// Point marks a moment between two operations at which the process may be killed on purpose; the name is "room.what", and each name stands
// once in the source. In production, on Real, it costs one failed type assertion.
func Point(fs FS, name string) {
	if watcher, ok := fs.(interface{ Point(string) }); ok {
		watcher.Point(name)
	}
}

// KillAt wraps fs so that the process ends as by kill -9 when it passes a moment for the n-th time. The moment is written "name:n", name being
// a Point's or an Op's ("rename:3" dies before the third rename). An empty text gives fs itself, so that an app may always wrap:
//
//	fs, err := disk.KillAt(disk.Real(), os.Getenv("PLUMBLINE_KILL_AT"))
func KillAt(fs FS, moment string) (FS, error) {
	if moment == "" {
		return fs, nil
	}
	colon := strings.LastIndexByte(moment, ':')
	if colon < 1 {
		return nil, fmt.Errorf("kill at %q: want name:n", moment)
	}
	n, err := strconv.ParseInt(moment[colon+1:], 10, 64)
	if err != nil || n < 1 {
		return nil, fmt.Errorf("kill at %q: want a count from 1 after the colon", moment)
	}
	name := moment[:colon]
	var passed atomic.Int64
	return Failing(fs, func(op Op, path string) error {
		if op == OpPoint && path == name || op != OpPoint && string(op) == name {
			if passed.Add(1) == n {
				return kill()
			}
		}
		return nil
	}), nil
}

// kill ends this process at once: no deferred call, no flush.
func kill() error {
	self, err := os.FindProcess(os.Getpid())
	if err != nil {
		return err
	}
	if err := self.Kill(); err != nil {
		return err
	}
	select {} // the signal is under way
}
