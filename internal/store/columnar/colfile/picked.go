package colfile

import "github.com/plumbline/plumbline/internal/row"

// mostPicked is how many rows are listed once for all fields that are read of them.
// Of more, each field looks through the set anew: that costs little beside them.
const mostPicked = 1024

// picked is a few rows of a group, as places in its pages.
type picked struct {
	rows  int
	pages []pickedPage // those that hold some
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
