// Package keyval reads and writes the small notations in which lines carry
// keys and values: JSON, logfmt, key=value. Its scanners pull, do not allocate
// and do not copy; formats, pipes and functions share them.
package keyval
