//go:build system && torture

package main

import (
	"testing"
	"time"
)

// The tests of this folder for as long as they take, see docs/torture.md.

func TestTortureKill(t *testing.T)       { kill(t, 2000) }
func TestTortureOverload(t *testing.T)   { overload(t, time.Minute) }
func TestTortureDashboards(t *testing.T) { dashboards(t, 1_000_000, 3, 20*time.Second, 0.10) }
func TestTortureHostile(t *testing.T)    { hostile(t, 200_000, 1) }
