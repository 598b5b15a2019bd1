//go:build system

package main

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"
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

// asRoot runs the test that calls it once more, as the root of a namespace of its own,
// in which anybody may mount.
func asRoot(t *testing.T) {
	t.Helper()
	again := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	own := func(id int) []syscall.SysProcIDMap { return []syscall.SysProcIDMap{{HostID: id, Size: 1}} }
	again.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS, UidMappings: own(os.Getuid()), GidMappings: own(os.Getgid()),
	}
	out, err := again.CombinedOutput()
	t.Logf("as the root of a namespace:\n%s", out)
	if err != nil {
		t.Fatalf("to mount a small volume this test must run as root, or this system must let anybody have a namespace: %v", err)
	}
}
