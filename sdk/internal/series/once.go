package series

import "sync/atomic"

// Once is a value that is made when it is first asked for, and kept. The zero
// value is ready.
type Once[T any] struct{ held atomic.Pointer[T] }

// Do gives the value, making it where there is none. Of two made at once one is
// kept, and given to both.
func (o *Once[T]) Do(make func() *T) *T {
	if v := o.held.Load(); v != nil {
		return v
	}
	o.held.CompareAndSwap(nil, make())
	return o.held.Load()
}

// Load is the value, nil where nobody has asked yet.
func (o *Once[T]) Load() *T { return o.held.Load() }
