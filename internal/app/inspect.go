package app

import (
	"io"

	"github.com/plumbline/plumbline/internal/disk"
	"github.com/plumbline/plumbline/internal/store"
)

// Inspect writes what the data folder of a server that is not running holds,
// and checks every byte of it.
func Inspect(out io.Writer, dir string) error { return store.Inspect(disk.Real(), dir, out) }
