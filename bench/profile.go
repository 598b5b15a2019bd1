package main

import (
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// recorder takes profiles of a server's processor time, one behind the other.
type recorder struct {
	end  chan struct{}
	done chan error
}

// record records into files of a folder until it is stopped.
func record(p *process, dir string) *recorder {
	r := &recorder{end: make(chan struct{}), done: make(chan error, 1)}
	go func() { r.done <- r.run(p, dir) }()
	return r
}

// run asks for short profiles, for one that is cut off is lost.
func (r *recorder) run(p *process, dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for {
		body, err := p.get("/debug/pprof/profile?seconds=2")
		if err == nil {
			name := fmt.Sprintf("%d.prof", time.Now().UnixNano())
			err = os.WriteFile(filepath.Join(dir, name), body, 0o644)
		}
		if err != nil {
			return fmt.Errorf("profile: %w", err)
		}
		select {
		case <-r.end:
			return nil
		default:
		}
	}
}

// stop returns when the last profile is there.
func (r *recorder) stop() error {
	close(r.end)
	return <-r.done
}
