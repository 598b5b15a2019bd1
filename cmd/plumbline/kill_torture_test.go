//go:build system && torture

package main

import "testing"

// TestTortureKill is TestKill for as long as it takes.
func TestTortureKill(t *testing.T) { kill(t, 2000) }
