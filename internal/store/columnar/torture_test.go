//go:build torture

package columnar

import "testing"

// Every operation fails in every way: some two thousand runs.
func TestTortureOperationsFail(t *testing.T) {
	for _, fail := range failures {
		t.Run(fail.Error(), func(t *testing.T) {
			t.Parallel()
			failOperations(t, 1, 1, fail)
		})
	}
}

// More than twenty thousand power cuts.
func TestTorturePowerCuts(t *testing.T) {
	cuts := 0
	for seed := range uint64(5) {
		cuts += cutPower(t, seed, 1, 8)
	}
	t.Logf("%d power cuts", cuts)
}

// Every byte of every file, and then some: each flip twice or so.
func TestTortureFlippedBytes(t *testing.T) { flipBytes(t, 1) }
