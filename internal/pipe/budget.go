package pipe

import (
	"fmt"
	"sync/atomic"

	"github.com/plumbline/plumbline/internal/fault"
)

// Budget bounds the memory that pipes hold, for all questions together. Its
// zero value has no bound.
type Budget struct {
	max    int64
	used   atomic.Int64
	parent *Budget
}

// NewBudget returns a budget of this many bytes; 0 means no bound.
func NewBudget(maxBytes int64) *Budget { return &Budget{max: maxBytes} }

// oneOf is the share of a budget that one question gets at most, so that others
// can be asked beside it.
const oneOf = 2

// Child returns a budget for one question. What it takes is taken from b too;
// Close gives it all back. That of no budget has no bound.
func (b *Budget) Child() *Budget {
	if b == nil {
		return &Budget{}
	}
	return &Budget{parent: b, max: b.max / oneOf}
}

// Take asks for n more bytes (or gives back, when n is negative). The error
// names the limit and its setting.
func (b *Budget) Take(n int) error {
	if b == nil {
		return nil
	}
	if now := b.used.Add(int64(n)); b.max > 0 && now > b.max && n > 0 {
		b.used.Add(int64(-n))
		return &fault.Limit{Name: "memory", Setting: "--memory", Bound: b.bound()}
	}
	if b.parent == nil {
		return nil
	}
	err := b.parent.Take(n)
	if err != nil {
		b.used.Add(int64(-n))
	}
	return err
}

func (b *Budget) bound() string {
	text := fmt.Sprintf("%d MiB", b.max>>20)
	if b.max < 1<<20 {
		text = fmt.Sprintf("%d KiB", b.max>>10)
	}
	if b.parent != nil {
		text += " for one question"
	}
	return text
}

// Used is how many bytes are taken.
func (b *Budget) Used() int64 { return b.used.Load() }

// Close gives back what a child took.
func (b *Budget) Close() {
	if b != nil && b.parent != nil {
		_ = b.parent.Take(int(-b.used.Swap(0))) // giving back cannot fail
	}
}
