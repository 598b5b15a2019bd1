//go:build torture

package journal

import "testing"

// Some forty thousand cuts, a minute on two quiet cores.
func TestTorturePowerCuts(t *testing.T) { cutPower(t, 40) }
