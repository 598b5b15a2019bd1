// Package expr holds what a question says about single rows: filters and
// expressions. It reads them, prints them, and evaluates them on a batch, a
// column at a time.
//
// There are two ways of writing, and one tree. A *search* is what people type
// first: words, phrases, field=value with wildcards, case-insensitive. An
// *expression* is what stands in where and eval: names are fields, texts stand
// in double quotes, and values compare exactly. What is parsed prints back to
// a text that parses to the same tree.
//
// A filter is true or false for every row, never unknown: a comparison with a
// missing value is false, so f!=x needs the field present and NOT f=x does not.
//
// The package knows no pipes. A subsearch is an opaque text here; whoever runs
// the question puts its answer in before evaluation.
package expr
