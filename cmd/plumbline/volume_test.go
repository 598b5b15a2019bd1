//go:build system && !linux

package main

import "testing"

// smallVolume is a small volume on Linux only, where one is of memory.
func smallVolume(t *testing.T, _ int64) string { return t.TempDir() }
