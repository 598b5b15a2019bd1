package colfile

import (
	"github.com/plumbline/plumbline/internal/frame"
	"github.com/plumbline/plumbline/internal/row"
)

const (
	// GroupRows is the most rows of a row group. 65,536 rows cost 0.2 bytes a
	// line less than half as many, and twice as many save only 0.1.
	GroupRows = 1 << 16
	// PageRows is the rows of a page. Smaller pages cost 1 % of size and make
	// one row cheap to reach.
	PageRows = 1 << 13
	// maxFields bounds the names of a part; the store packs what is beyond.
	maxFields = 1 << 16
	// maxInner bounds the fields of a part that hold pieces of others.
	maxInner = 1 << 16
)

// form is how the values of a chunk are kept. Numbers are part of the format.
type form uint8

const (
	formConst  form = iota // one value, in the header
	formCodes              // ranks in the sorted list of the group's values
	formMapped             // a map from the codes of another chunk
	formNums               // integers, times, decimals
	formFixed              // ids of one width
	formShape              // codes of shapes, and the digits that fill them
	formText               // lengths and bytes
	formFloats             // eight bytes each
	formValues             // lists, any value behind its kind
	formPieces             // no pages: put together of fields that hold templates and pieces
	forms
)

var formNames = [forms]string{"const", "codes", "mapped", "numbers", "fixed", "shapes", "text", "floats", "values", "pieces"}

func (f form) String() string {
	if f < forms {
		return formNames[f]
	}
	return "unknown"
}

// chunk is one field of one row group, or its values of one kind.
type chunk struct {
	field   int
	form    form
	kind    row.Kind // as what it is handed out
	mask    int      // rows that have a value: 0 all, else masks[mask−1]
	present int      // how many have one

	value row.Value // formConst

	// Codes, mapped, shapes: the group's values are ranks in the dictionary
	// of the part.
	count int   // values in the group's list
	list  block // the list; none when it is the whole dictionary
	base  int   // mapped: the chunk whose codes are mapped
	table block // mapped: base code → own code, count for none

	digits digitRule // formNums of kind Decimal
	width  int       // formFixed
	prefix string    // formFixed

	low, high row.Value // least and greatest value, or its first bytes; missing when not known
	pages     stream    // codes, numbers, bytes …
	fills     stream    // formShape: digits
	usual     block     // formShape: the digits that fills are kept less of; none when as they are
	settled   bool      // formShape: usual says besides which digits no row keeps
	indexed   bool      // all values are in the index of the field

	// While writing: the list as places in a run of the book, whose ranks are not
	// yet known; nil for all of the run.
	places []uint32
	ranks  *ranksOf
}

// stream is a run of pages, one after the other in the file. Each holds the
// values of PageRows rows, side by side.
type stream struct {
	pages []block
}

// size is the bytes of all pages, decoded.
func (s *stream) size() int {
	n := 0
	for _, b := range s.pages {
		n += b.size
	}
	return n
}

// mask is the set of rows of a group that have a value; chunks share masks.
type mask struct {
	rows  int    // how many are in it
	base  int    // −1: kept as pages; else the chunk whose codes decide
	table block  // base code → in or not
	pages stream // a bit a row
}

// groupHeader is the directory of one row group.
type groupHeader struct {
	masks  []mask
	chunks []chunk
}

// coded reports whether a form hands out codes of its own.
func (f form) coded() bool { return f == formCodes || f == formMapped || f == formShape }

// codeBits is the width of the codes of a list of count values.
func codeBits(count int) int { return frame.Bits(uint64(max(count, 1) - 1)) }

// pagesOf is how many pages a group of rows has.
func pagesOf(rows int) int { return (rows + PageRows - 1) / PageRows }

// prefixBytes is how much of a text a zone map keeps: enough to tell apart
// what a range of names or paths begins with.
const prefixBytes = 24
