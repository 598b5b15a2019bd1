package colfile

import (
	"slices"

	"github.com/plumbline/plumbline/internal/row"
)

// mostPicked is how many rows are listed once for all fields that are read of them.
// Of more, each field looks through the set anew: that costs little beside them.
const mostPicked = 1024

// picked is a few rows of a group, as places in its pages.
type picked struct {
	rows  int
	pages []pickedPage // those that hold some
	codes []pickedCodes
}

// pickedCodes are the codes that these rows have in a chunk which decides others:
// many fields may follow from one.
type pickedCodes struct {
	of    *chunk
	codes []uint32
}

// codesOf are the codes in a chunk, as decode gives them the first time, in the memory
// of dst.
func (f *picked) codesOf(c *chunk, dst []uint32, decode func(dst []uint32) ([]uint32, error)) ([]uint32, error) {
	for i := range f.codes {
		if f.codes[i].of == c {
			return append(dst[:0], f.codes[i].codes...), nil
		}
	}
	codes, err := decode(dst)
	if err == nil {
		f.codes = append(f.codes, pickedCodes{c, slices.Clone(codes)})
	}
	return codes, err
}

type pickedPage struct {
	page   int
	places []uint32 // nil: all
}

// pickedOf lists the rows of a set; nil when it is nil, or they are many.
func pickedOf(set row.Bitmap, rows int) *picked {
	if set == nil || len(set) != (rows+63)/64 {
		return nil
	}
	f := &picked{rows: set.Count()}
	if f.rows > mostPicked {
		return nil
	}
	for p := range pagesOf(rows) {
		lo, hi := p*PageRows, min((p+1)*PageRows, rows)
		places := set[lo/64 : (hi+63)/64].Append(nil)
		switch len(places) {
		case 0:
			continue
		case hi - lo:
			places = nil
		}
		f.pages = append(f.pages, pickedPage{p, places})
	}
	return f
}
