// Package row holds the one shape in which rows move through the house: a
// Batch of rows in typed columns.
//
// Log lines, spans, query results and the server's own readings are all
// batches. Whatever takes rows has Append, whatever gives rows hands out Rows,
// and a pipe turns Rows into Rows.
//
// A column is kept in the cheapest form its values allow: one value for all
// rows, codes into a dictionary, scaled integers that give their text back
// exactly, fixed-width hex as bytes, messages as shapes and variables. Code
// that is on a hot path switches once per column on Kind and then loops over
// the typed slices; code that is not reads Column.Value(i).
//
// Missing is not empty: a row without a field has no value there, which is
// something else than an empty text.
package row
