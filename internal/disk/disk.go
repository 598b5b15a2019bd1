// Package disk is the seam between the engine and the file system. Everything that stores bytes asks an FS for them, so that a test can fail
// any single operation, cut the power after it, or kill the process between two.
//
// The forms:
//
//	Real       the operating system's files
//	Memory     a tree in memory, optionally of bounded size, for tests and for data that need not outlive the process
//	Crashable  memory that also knows what was synced: Clone gives the disk as a power cut would leave it
//	Failing    any other form, with a rule that may fail each operation; it counts them, too
//	KillAt     any other form, ending the process at a named point
//
// Paths are written with '/' and put together by path.Join; a drive or a backslash inside an element given by the user is left alone.
//
// What is durable, and when:
//
//	bytes and size of a file         after its Sync
//	a name (Create, Rename, Remove)  after SyncDir of the folder that holds it, of both folders when a Rename crosses them
//	a folder made by MkdirAll        when MkdirAll returns
//
// An FS may be used by many goroutines. A File allows ReadAt beside everything, WriteAt beside other writes of other ranges, and Sync beside
// both: it covers the writes that returned before it began. Close is called once, when nothing else is under way.
package disk

import "io"

// FS is the set of verbs the engine needs, and no more. Errors wrap fs.ErrNotExist, fs.ErrExist and the like as package os does.
type FS interface {
	// Create makes a file, or empties the one there, for reading and writing.
	Create(path string) (File, error)
	// Open opens an existing file for reading.
	Open(path string) (File, error)
	// Edit opens an existing file for reading and writing, its bytes kept.
	Edit(path string) (File, error)

	// Rename moves a file or folder, replacing a file of the new name. Nobody may hold either open (Windows refuses it).
	Rename(from, to string) error
	// Remove deletes one file or one empty folder.
	Remove(path string) error
	// RemoveAll deletes the path and everything below; a missing path is no error.
	RemoveAll(path string) error

	// MkdirAll makes a folder and its missing parents, durably.
	MkdirAll(dir string) error
	// List returns what a folder holds, by name ascending.
	List(dir string) ([]Info, error)
	// Stat describes one path.
	Stat(path string) (Info, error)
	// SyncDir makes the names of a folder durable.
	SyncDir(dir string) error

	// Lock takes the folder for this process until the Closer is closed or the process ends. Taken: *LockedError.
	Lock(dir string) (io.Closer, error)
	// Free tells the room on the volume that holds dir.
	Free(dir string) (Space, error)
}

// File is an open file, addressed by offset. A write beyond the end leaves zeros between.
type File interface {
	io.ReaderAt
	io.WriterAt
	io.Closer
	// Sync makes the bytes and the size durable. After an error nothing is known of what was written since the last Sync, and calling it
	// again proves nothing: the system may have marked the lost pages clean. Write the bytes again, elsewhere.
	Sync() error
	// Size is the length in bytes.
	Size() (int64, error)
	// Truncate cuts the file, or extends it with zeros.
	Truncate(size int64) error
}

// Info describes one entry of a folder.
type Info struct {
	Name string
	Size int64 // bytes; 0 for a folder
	Dir  bool
}

// Space is room on a volume, in bytes. Free is what this process may still use.
type Space struct {
	Free, Total int64
}
