package disk

import (
	"errors"
	"fmt"

	"github.com/plumbline/plumbline/internal/fault"
)

// LockedError says that another process, or another opening in this one, holds the folder.
type LockedError struct {
	Dir string
	Pid int // 0 when the holder did not say
}

func (e *LockedError) Error() string {
	if e.Pid == 0 {
		return fmt.Sprintf("folder %s is in use by another process", e.Dir)
	}
	return fmt.Sprintf("folder %s is in use by process %d", e.Dir, e.Pid)
}

// Kind is Conflict.
func (e *LockedError) Kind() fault.Kind { return fault.Conflict }

// Full tells whether an operation failed for want of room or quota: the one failure that goes away by itself.
func Full(err error) bool {
	for _, full := range fullErrors() {
		if errors.Is(err, full) {
			return true
		}
	}
	return false
}
