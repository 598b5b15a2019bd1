// Package agg folds columns into aggregates, group by group: add, merge,
// finish. Pipes and stores share it, so a store may aggregate where the rows
// lie and hand on a Table that a pipe merges. It knows no expressions: who
// calls it has evaluated the arguments.
//
// Read table.go first, then groups.go (rows to groups), numbers.go (columns to
// numbers) and one aggregate, count.go. A Table belongs to one goroutine.
package agg
