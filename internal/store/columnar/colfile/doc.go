// Package colfile is the format of one part: an immutable file of rows in
// columns, written once from its beginning to its end and read with ReadAt.
//
//	part
//	┌───────┬────────────────────────┬─────┬──────────────┬─────────┬─────────────────────┬────────┬─────────┐
//	│ magic │ group 0                │  …  │ dictionaries │ indices │ lists, directories  │ footer │ trailer │
//	│ 8     │ masks · pages · maps   │     │ of the part  │ of ids  │ of groups           │        │ 44      │
//	└───────┴────────────────────────┴─────┴──────────────┴─────────┴─────────────────────┴────────┴─────────┘
//	trailer
//	┌─────────────────┬─────────┬──────────────────┬───────┐
//	│ entry of footer │ version │ xxh3 of both     │ magic │
//	│ 24              │ 4       │ 8                │ 8     │
//	└─────────────────┴─────────┴──────────────────┴───────┘
//
// Rows lie in groups of up to 65,536, ascending by (_time, _seq), and in a
// group each field is a chunk of pages of 8,192 rows. A chunk has the type of
// its own values, so no two services can collide on a field. All stretches of
// the file are blocks: bytes under one xxh3, with the entry that finds them –
// coder, length, checksum – in a directory above; so every byte is checked,
// and is checked once while it stays in the Cache.
//
// Dictionaries belong to the part. The codes of a group are ranks in its own
// sorted list of values, and the list holds ranks in the dictionary of the
// part: a merge rewrites lists and copies pages of codes untouched, and a code
// of the part is an index into an array when rows are grouped. A field that
// another one decides is kept as a map of its codes. The rows that have a
// field are a mask, shared by all fields that have the same rows. A text that is
// put together of a few parts is kept as these: they are fields of their own,
// which nobody outside of this room sees.
//
// docs/format/columnar.md draws every page and gives the reason for every
// choice.
package colfile
