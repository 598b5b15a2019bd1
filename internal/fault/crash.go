package fault

import (
	"fmt"
	"runtime/debug"
)

// Crash is a panic that was recovered, as an error of kind Internal.
type Crash struct {
	Value any    // what was recovered
	Stack []byte // of where it was raised, as debug.Stack gives it
}

// Error names the fault. The stack is for the log of whoever recovers.
func (c *Crash) Error() string {
	return fmt.Sprintf("a fault of Plumbline, whose log has the stack: %v", c.Value)
}

// Crashed makes an error of what recover gave; nil of nil. It is called by the deferred
// function. A Crash that one goroutine raised again for another stays as it is:
//
//	defer func() { failed = fault.Crashed(recover()) }()
func Crashed(recovered any) *Crash {
	switch v := recovered.(type) {
	case nil:
		return nil
	case *Crash:
		return v
	}
	return &Crash{recovered, debug.Stack()}
}
