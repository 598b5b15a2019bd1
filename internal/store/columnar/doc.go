// Package columnar is the embedded engine: it keeps lines in a folder, durable
// before they are acknowledged and searchable as soon as they are.
//
//	DIR/
//	├── FORMAT                     the version of all this; a newer one is refused
//	├── wal/                       the log: every acknowledged line that is not in a part yet
//	├── names/                     batches by name, remembered for a day
//	├── app/                       a dataset
//	│   ├── MANIFEST               which parts there are, and up to where the log is in them
//	│   ├── 20261121T1000/         a partition: the lines of one period, dropped whole
//	│   │   ├── 0000000000000007.part
//	│   │   └── …
//	│   └── 20261121T1100/         the next one, made before its hour
//	└── comm/
//
// # The way of a line
//
//	Append ─ number, log, sync ─ buffer ─ seal ─ part ─ merge ─ larger part ─ retention
//	                             searchable      searchable, until its partition goes whole
//
// Whoever appends joins a queue, and the first one there writes for all: rows
// are numbered, logged under one sync, and put into the buffers of their
// partitions in the same order. So a position in the log means the same to all
// of them, and a buffer that is sealed can say "everything up to here".
//
// # What is in the log and what is in parts
//
// A seal writes a part, makes it durable, and then replaces the manifest, in
// which the part stands together with the position of the log up to which all
// rows of that partition are in parts. A start replays the log and leaves out,
// for each partition, what lies at or before that position. The rename of the
// manifest is the one moment at which a row moves from the log to a part, so
// no crash can lose or double it.
//
// Files are removed only after a manifest without them is durable, and only
// when nobody reads them any more.
//
// # The way of a question
//
//	Scan ─ views ─ snapshot ─┬─ feed ─┬─ lanes of rows, in any order
//	       of what   parts   │ of     └─ lanes of tables, where it aggregates
//	       datasets  and     │ items
//	       it asks   chunks  └─ newest first, in one stream
//
// A view is a dataset as the question sees it, with what is left of the filter
// there. The snapshot holds the parts and the chunks of buffers in its range; they
// stay until the last stream ends. A lane takes an item, finds its rows – the
// sieve, clause by clause, on codes where it can – and reads of the columns asked
// only those rows. A part is first asked as a whole: whether it can hold anything,
// whether it knows the answer by its counts (whole.go), and whether what the plan
// comes to in it was kept (partials.go). What aggregates is held to a share of the
// processors while lines take them (pace.go).
package columnar
