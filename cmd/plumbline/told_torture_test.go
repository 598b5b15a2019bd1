//go:build system && torture

package main

import (
	"testing"
	"time"
)

// TestTortureTold is TestToldKill a thousand times.
func TestTortureTold(t *testing.T) { toldKill(t, 1000, 5*time.Minute) }
