// Package expr holds what a question says about single rows: filters and
// expressions. It reads them, prints them, and evaluates them on a batch, a
// column at a time.
//
// There are two ways of writing, and one tree. A *search* is what people type
// first: words, phrases, field=value with wildcards, letter case apart. An
// *expression* is what stands in where and eval: names are fields, texts stand
// in double quotes, and values compare exactly. What is parsed prints back to
// a text that parses to the same tree.
//
// # The rules
//
// A filter is true or false for every row, never unknown: a comparison with a
// missing value is false. So f!=x needs the field present, and not f=x does
// not.
//
// Words and phrases are looked for in _msg; any=x looks in every field but
// _time, _seq and _dataset. They are found where words begin and end as people
// see them (border.go): Wi-Fi by wi and by fi, PowerShot by shot, SD500 by 500,
// com.foo.PaymentServiceImpl by payment. A star frees that side: error* finds
// errors, *rror* any text with it. Stars inside stand for any text between.
// case("Error") takes letters as written.
//
// field=pattern matches the whole value, letter case apart, with stars. A
// pattern that is a plain decimal number is compared with numbers, and with
// texts that are numbers, by size: 200 finds 200, "200" and 200.0, not 0200.
// All other values are compared by their text: numbers as they were written,
// true and false. field=* asks whether there is a value; an empty text is one.
//
// field<value compares by size, with numbers only, when the value is a number;
// otherwise texts by their bytes, letter case apart. Where the field holds
// times, = and < take every form of time that earliest= takes: -1h, RFC 3339,
// Unix.
//
// field==value is exact: no stars, letters as written, numbers by size.
// field=net asks whether the value is an address in it. field in (…) takes
// patterns as field= does. field~"re" matches RE2 anywhere in the text of the
// value, letters as written. Of a list, in all these, any element may match;
// the negated forms ask that there is a value and no element matches.
//
// In an expression = is row.Equal and < is row.Compare of two numbers or of two
// texts; anything else is false. A number beside a time is Unix seconds, and a
// text that is written beside one is read as a time. Lists are compared whole.
// Used as a filter, a value is true when it is true, "true", or a number other
// than 0. Arithmetic stays exact while it can (arithmetic.go); where it cannot
// be done the value is missing, as is that of a function with a missing
// argument (function.go).
//
// # How it is done
//
// A leaf of the tree is compiled once into a test, and the test is asked of a
// column (ask.go): of each entry of a dictionary once, of each shape of a
// message once, of numbers and ids in the form the column has them, of texts
// by a piece that is looked for in all of them at once. What was found out
// about a dictionary is kept for the batches that share it (memory.go).
//
// The package knows no pipes. A subsearch is an opaque text here; whoever runs
// the question puts its answer in before evaluation.
package expr
