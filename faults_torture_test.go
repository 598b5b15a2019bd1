//go:build system && torture

package plumbline_test

import "testing"

// TestTortureFaults plants all faults, one after the other.
func TestTortureFaults(t *testing.T) {
	caught := 0
	for _, f := range faults {
		if t.Run(f.name, f.mustBeCaught) {
			caught++
		}
	}
	t.Logf("torture: planted faults | %d | %d caught, each by the test named below", len(faults), caught)
}
