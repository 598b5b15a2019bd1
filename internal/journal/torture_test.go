//go:build torture

package journal

import "testing"

// Some forty thousand cuts, a minute on two quiet cores.
func TestTorturePowerCuts(t *testing.T) {
	t.Logf("torture: power cuts of the log | %d crash images of 40 random histories, before every operation | every acknowledged frame there once", cutPower(t, 40))
}
