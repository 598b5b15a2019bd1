package intake

import (
	"strings"

	"github.com/plumbline/plumbline/internal/row"
)

// names are the fields in which a format looks for the time and the message,
// best first.
type names struct {
	times, msgs []string
	custom      bool // not the usual ones, which are matched faster
}

// usualNames: Plumbline's own, Elastic's, and what the loggers of most
// languages write.
var usualNames = names{
	times: []string{"_time", "@timestamp", "timestamp", "time", "ts"},
	msgs:  []string{"_msg", "message", "msg", "short_message", "log"},
}

// gelfNames: the decoder finds the time and the message by itself.
var gelfNames = names{times: []string{row.FieldTime}, msgs: []string{row.FieldMsg, "full_message"}, custom: true}

// with gives the names a sender chose, each a comma list, in place of these.
// The house's own name comes last in both: formats use it for what they find.
func (n names) with(timeField, msgField string) names {
	if timeField != "" {
		n.times, n.custom = fieldList(timeField, row.FieldTime), true
	}
	if msgField != "" {
		n.msgs, n.custom = fieldList(msgField, row.FieldMsg), true
	}
	return n
}

// candidatesMost bounds the names of one kind; a door looks for no more.
const candidatesMost = 8

func fieldList(text, last string) (list []string) {
	for name := range strings.SplitSeq(text, ",") {
		if name = strings.TrimSpace(name); name != "" && len(list) < candidatesMost-1 {
			list = append(list, name)
		}
	}
	return append(list, last)
}

// role is what a field may be besides a field.
type role uint8

const (
	plain role = iota
	asTime
	asMsg
)

// roleOf says what a key may be, and how good it is: 0 is best.
func (n *names) roleOf(key []byte) (r role, rank int) {
	if !n.custom {
		return usualRole(key)
	}
	for rank, name := range n.times {
		if name == string(key) {
			return asTime, rank
		}
	}
	for rank, name := range n.msgs {
		if name == string(key) {
			return asMsg, rank
		}
	}
	return plain, 0
}

// usualRole is roleOf of usualNames.
func usualRole(key []byte) (role, int) {
	switch string(key) {
	case "_time":
		return asTime, 0
	case "@timestamp":
		return asTime, 1
	case "timestamp":
		return asTime, 2
	case "time":
		return asTime, 3
	case "ts":
		return asTime, 4
	case "_msg":
		return asMsg, 0
	case "message":
		return asMsg, 1
	case "msg":
		return asMsg, 2
	case "short_message":
		return asMsg, 3
	case "log":
		return asMsg, 4
	}
	return plain, 0
}
