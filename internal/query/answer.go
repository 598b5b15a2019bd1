package query

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/pipe"
	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/scan"
)

// Answer is a question being answered. Its rows can be read once.
type Answer struct {
	Shape pipe.Shape
	Plan  Plan
	Asked Range // as asked; an open side is the smallest or largest number there is
	Range Range // Asked, its open sides where the rows begin and end
	// Columns are the names of the columns of the rows, in order, where the
	// question alone says them; else nil.
	Columns []string

	text    string
	rows    row.Rows
	explain bool
	cancel  context.CancelFunc
	budget  *pipe.Budget
	read    scan.Read
	extents []scan.Extent
	started time.Time
	given   int64
	limit   int64 // rows wanted, 0: all
	cut     bool  // there were more
	hints   bool  // somebody who may have mistyped a name reads this
	nothing bool  // no row was given, or one that counts nothing
	fields  []string
	known   map[string]struct{} // these fields, once they are many

	mu    sync.Mutex
	notes []pipe.Note
}

// Meta is what is to be said of an answer beside its rows. It is complete when
// the rows have been read to their end.
type Meta struct {
	Rows        int64
	Fields      []string // names of columns: as the question says them, then in order of first sight
	Partial     bool     // not everything could be read
	Truncated   bool     // rows were left out because of a limit
	Approximate bool     // a sketch was used
	Notes       []string
	Groups      int64 // row groups read
	GroupsTotal int64 // row groups there are in the range
	Columns     int64 // columns read, the most of one row group
	Bytes       int64 // bytes of pages read
	RowsRead    int64 // rows looked at
	Elapsed     time.Duration
	// Extent says where the rows lie in time, of all that may be read.
	Extent scan.Extent
}

// Rows are the rows of the answer, in batches, while they are found. A failure
// comes as the last item.
func (a *Answer) Rows() row.Rows { return a.rows }

// Close ends the question, whether or not its rows were read.
func (a *Answer) Close() {
	a.cancel()
	a.budget.Close()
}

// Hold takes memory for rows that whoever writes the answer must keep, from what
// the question may have. The error names the limit.
func (a *Answer) Hold(bytes int) error { return a.budget.Take(bytes) }

func (a *Answer) note(n pipe.Note) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !slices.Contains(a.notes, n) {
		a.notes = append(a.notes, n)
	}
}

// give hands rows out, at most so many (0: all), and reports whether their end
// was reached.
func (a *Answer) give(ctx context.Context, rows row.Rows, most int, yield func(*row.Batch, error) bool) bool {
	a.nothing = true
	for b, err := range rows {
		if err == nil {
			err = ctx.Err()
		}
		if err == nil && most > 0 && !a.explain && a.given+int64(b.Len) > int64(most) {
			err = &fault.Limit{Name: "rows", Setting: "--max-rows", Bound: fmt.Sprint(most)}
		}
		if err != nil {
			yield(nil, cause(ctx, err))
			return false
		}
		if left := a.limit - a.given; a.limit > 0 && int64(b.Len) > left {
			a.cut = true
			b = b.Slice(0, int(left))
		}
		a.count(b)
		if b.Len > 0 && !yield(b, nil) {
			return false
		}
	}
	if err := ctx.Err(); err != nil { // what came last may have been cut short
		yield(nil, cause(ctx, err))
		return false
	}
	return true
}

// count notes a batch on its way out.
func (a *Answer) count(b *row.Batch) {
	a.given += int64(b.Len)
	a.nothing = a.nothing && a.given <= 1 && (b.Len == 0 || saysNothing(b))
	for i := range b.Cols {
		if b.Cols[i].Kind != row.Missing {
			a.field(b.Cols[i].Name)
		}
	}
}

// fewFields are looked through for a name; more are known by a map.
const fewFields = 64

// field notes a field of the answer.
func (a *Answer) field(name string) {
	if len(a.fields) < fewFields {
		if !slices.Contains(a.fields, name) {
			a.fields = append(a.fields, name)
		}
		return
	}
	if a.known == nil {
		a.known = map[string]struct{}{}
		for _, name := range a.fields {
			a.known[name] = struct{}{}
		}
	}
	if _, known := a.known[name]; !known {
		a.known[name] = struct{}{}
		a.fields = append(a.fields, name)
	}
}

// drain is the rows of a subsearch; what it read and noted counts for parent.
func (a *Answer) drain(parent *Answer) row.Rows {
	return func(yield func(*row.Batch, error) bool) {
		defer a.Close()
		a.Rows()(yield)
		for _, n := range a.notes {
			parent.note(n)
		}
		parent.read.Add(&a.read)
	}
}

// Meta is what is to be said beside the rows.
func (a *Answer) Meta() Meta {
	a.mu.Lock()
	defer a.mu.Unlock()
	m := Meta{
		Rows: a.given, Fields: a.fields, Groups: a.read.Groups.Load(), GroupsTotal: a.read.GroupsTotal.Load(),
		Columns: a.read.Columns.Load(), Bytes: a.read.Bytes.Load(), RowsRead: a.read.Rows.Load(),
		Elapsed: time.Since(a.started), Truncated: a.cut,
	}
	if n := a.read.Damaged.Len(); n > 0 {
		m.Partial = true
		m.Notes = append(m.Notes, fmt.Sprintf("%d row groups could not be read, because they are damaged or of a newer format", n))
	}
	for _, n := range a.notes {
		m.Notes = append(m.Notes, n.Text)
		switch n.Kind {
		case pipe.Approximate:
			m.Approximate = true
		case pipe.Truncated:
			m.Truncated = true
		case pipe.Partial:
			m.Partial = true
		}
	}
	for i, x := range a.extents {
		if i == 0 || m.Extent.Rows == 0 {
			m.Extent = scan.Extent{Rows: x.Rows, Bytes: x.Bytes, From: x.From, To: x.To}
			continue
		}
		if x.Rows > 0 {
			m.Extent.From, m.Extent.To = min(m.Extent.From, x.From), max(m.Extent.To, x.To)
			m.Extent.Rows += x.Rows
			m.Extent.Bytes += x.Bytes
		}
	}
	return m
}

// explained runs the question and gives the plan and what was read in place of
// its rows.
func (a *Answer) explained(rows row.Rows) row.Rows {
	return func(yield func(*row.Batch, error) bool) {
		for _, err := range rows {
			if err != nil {
				yield(nil, err)
				return
			}
		}
		steps := strings.Split(a.Plan.String(), "\n")
		steps = append(steps, "read "+a.Meta().Read())
		b := row.NewBuilder("")
		for i, s := range steps {
			b.BeginBare()
			b.Value([]byte("step"), row.IntOf(int64(i+1)))
			b.Text([]byte("plan"), []byte(shortened(s)))
		}
		a.Shape = pipe.Table
		yield(b.Batch(), nil)
	}
}

// maxStep is how much of a step explain shows: a list of ten thousand ids tells
// nobody more than its beginning.
const maxStep = 1000

func shortened(step string) string {
	if len(step) <= maxStep {
		return step
	}
	return strings.ToValidUTF8(step[:maxStep], "") + "…"
}

// Read says what was read, for people: "3 of 812 row groups, 4 columns, 1.2 MB".
func (m Meta) Read() string {
	return fmt.Sprintf("%d of %d row groups, %d columns, %s; %d rows looked at, %d given", m.Groups, m.GroupsTotal, m.Columns, bytesText(m.Bytes), m.RowsRead, m.Rows)
}

func bytesText(n int64) string {
	units := []string{"B", "kB", "MB", "GB", "TB"}
	f, u := float64(n), 0
	for f >= 1000 && u < len(units)-1 {
		f, u = f/1000, u+1
	}
	if u == 0 {
		return fmt.Sprintf("%d B", n)
	}
	return fmt.Sprintf("%.1f %s", f, units[u])
}
