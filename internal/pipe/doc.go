// Package pipe turns rows into rows. Each pipe of the language is one file
// that reads, prints, documents and runs it, and one line of the table in
// kinds.go.
package pipe
