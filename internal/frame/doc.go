// Package frame is the one binary form of a batch: what the write-ahead log
// keeps and what one process sends another.
//
// A frame is written in one pass over typed columns and holds no compressor:
// numbers and codes are packed into as few bits as their range needs, hex is
// bytes, digits inside messages are half bytes. That costs tens of nanoseconds
// a line and leaves less than a general compressor finds in the text. A frame
// carries no checksum: the log and the wire put their own around it.
//
//	frame
//	┌─────────┬─────────┬──────┬─────────┬────────┬────────┬─────┐
//	│ version │ dataset │ rows │ columns │ column │ column │  …  │
//	│ 1 byte  │ text    │ uv   │ uv      │        │        │     │
//	└─────────┴─────────┴──────┴─────────┴────────┴────────┴─────┘
//	column
//	┌──────┬──────┬──────────────────────┬──────┐
//	│ name │ head │ gaps (head bit 7)    │ body │   head bits 0–6: row.Kind
//	│ text │ byte │ ⌈rows/8⌉ bytes       │      │   gaps: bit i set: row i has no value
//	└──────┴──────┴──────────────────────┴──────┘
//
// Below, n is the number of rows that have a value; the others are in gaps and
// take no room in a body.
//
//	uv       unsigned varint, 7 bits a byte, lowest first
//	sv       signed varint: zigzag, then uv
//	text     uv length, bytes
//	packed   width w and ⌈n·w/8⌉ bytes: value i at bit i·w, lowest bit first
//	nums     flags (1: each number is the difference from the one before)
//	         unit uv · base sv · w byte · packed ((number − base) / unit)
//	         with differences the first number stands before the unit, as sv
//	texts    least length uv · w byte · packed (length − least) · all bytes
//
//	Missing          nothing
//	Const            value
//	Dict             count uv · texts · packed codes, w = bits of count−1
//	Text             texts
//	Int, Time        nums
//	Decimal          nums · digits: byte d when all have d digits, else 255 and n bytes
//	Float            8·n bytes, IEEE 754, little-endian
//	Bool             ⌈n/8⌉ bytes
//	Hex              width uv · prefix text · n·width bytes
//	UUID             n·16 bytes
//	Shape            count uv · texts · packed codes · digits of the rows,
//	                 two to a byte, each row from a byte of its own
//	List, Mixed      n values
//	value            kind byte · Text text | Int, Time sv | Decimal digits, sv |
//	                 Float 8 bytes | Bool byte | List uv count, values
//
// Columns that turn out to hold one value (but _time and _seq, whose numbers
// are read directly) are written as Const. So nearly everything read costs at
// least one bit of input a row, and a hostile frame cannot make its reader
// allocate more than a fixed multiple of its own length.
package frame

import "github.com/plumbline/plumbline/internal/row"

// version opens every frame; a reader refuses versions it does not know.
const version = 1

// MaxRows bounds the rows of one frame. Batches are some thousand rows; the
// bound only keeps a damaged count from being believed.
const MaxRows = 1 << 20

// gapsFlag marks a column with rows that have no value.
const gapsFlag = 0x80

// keepsNumbers tells columns whose numbers are read without looking at their
// kind, because every stored line has them; they are never folded to Const.
func keepsNumbers(name string) bool { return name == row.FieldTime || name == row.FieldSeq }
