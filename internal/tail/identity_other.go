//go:build !unix

package tail

import (
	"os"

	"github.com/zeebo/xxh3"
)

// identityOf takes the path for the file where there are no inodes: a renamed
// file is then known by its marks alone.
func identityOf(_ os.FileInfo, path string) identity {
	return identity{Ino: xxh3.HashString(path)}
}
