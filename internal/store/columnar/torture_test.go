//go:build torture

package columnar

import (
	"sync/atomic"
	"testing"
)

// Every operation fails in every way: some two thousand runs.
func TestTortureOperationsFail(t *testing.T) {
	var runs atomic.Int64
	t.Run("ways", func(t *testing.T) {
		for _, fail := range failures {
			t.Run(fail.Error(), func(t *testing.T) {
				t.Parallel()
				runs.Add(failOperations(t, 1, 1, fail))
			})
		}
	})
	t.Logf("torture: failing operations | %d lives, in each the n-th operation fails, in %d ways, until one passes | nothing acknowledged lost or doubled", runs.Load(), len(failures))
}

// More than twenty thousand power cuts in random lives, one before every operation.
func TestTorturePowerCuts(t *testing.T) {
	const lives, each = 16, 1300
	var cuts atomic.Int64
	t.Run("lives", func(t *testing.T) {
		for seed := range uint64(lives) {
			t.Run("", func(t *testing.T) {
				t.Parallel()
				cuts.Add(int64(randomCuts(t, 100+seed, each)))
			})
		}
	})
	t.Logf("torture: power cuts | %d crash images of %d random lives, one before each operation | every acknowledged line there once", cuts.Load(), lives)
}

// Every byte of every file, and then some: each flip twice or so.
func TestTortureFlippedBytes(t *testing.T) {
	t.Logf("torture: flipped bytes | %d flips in parts, log and manifests | never a wrong row; what is missing is said", flipBytes(t, 1))
}
