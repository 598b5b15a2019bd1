//go:build !linux

package disk

import "os"

// syncData is the system's full sync: F_FULLFSYNC on darwin, where fsync alone stops at the drive's cache, FlushFileBuffers on Windows.
func syncData(f *os.File) error { return f.Sync() }
