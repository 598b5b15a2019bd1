//go:build torture

package journal

import "testing"

func TestTorturePowerCuts(t *testing.T) { cutPower(t, 200) }
