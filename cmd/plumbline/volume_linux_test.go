//go:build system

package main

import (
	"fmt"
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

// smallVolume is a folder on a volume of so many bytes of memory, so that the disk is
// soon full. Only root may mount one; anybody else gets an ordinary folder.
func smallVolume(t *testing.T, bytes int64) string {
	t.Helper()
	dir := t.TempDir()
	if os.Geteuid() != 0 {
		return dir
	}
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%d", bytes)); err != nil {
		t.Logf("no small volume can be mounted: %v", err)
		return dir
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, 0); err != nil {
			t.Errorf("unmount the small volume: %v", err)
		}
	})
	return dir
}
