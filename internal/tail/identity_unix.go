//go:build unix

package tail

import (
	"os"
	"syscall"
)

// identityOf is what the file system knows a file by while it exists.
func identityOf(info os.FileInfo, _ string) identity {
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return identity{Dev: uint64(s.Dev), Ino: s.Ino}
	}
	return identity{}
}
