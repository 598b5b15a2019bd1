package row

// A UUID is written in five groups, which are holes of their own in a shape: the
// dashes are literal. Its groups of four are no hex tokens, and one may well have no
// digit or no letter, so that UUIDs would else make a shape for nearly each of them.

// uuidGroups are the lengths of what stands between the dashes of a UUID.
var uuidGroups = [...]int{8, 4, 4, 4, 12}

const uuidLen = 36

// uuidShape is the shape of a UUID whose holes are of a kind. No hex token is
// shorter than minHex, so nothing else looks like it.
func uuidShape(kind byte) string {
	switch kind {
	case holeHex:
		return uuidLower
	case holeUpper:
		return uuidUpper
	}
	return ""
}

const (
	uuidLower = "\x02\x0c-\x02\x08-\x02\x08-\x02\x08-\x02\x10"
	uuidUpper = "\x03\x0c-\x03\x08-\x03\x08-\x03\x08-\x03\x10"
)

// uuidAt is the kind of hole of the groups of a UUID at i, 0 when none is there. Its
// letters are of one case; it has a letter and a digit, as a hex token does, but
// not in each of its groups.
func uuidAt(msg []byte, i int) byte {
	if i < 0 || i+uuidLen > len(msg) || msg[i+8] != '-' || i > 0 && classes[msg[i-1]] != classOther {
		return 0
	}
	all := uint8(0)
	for g, n := range uuidGroups {
		if g > 0 {
			if msg[i] != '-' {
				return 0
			}
			i++
		}
		end, seen := token(msg, i)
		if end-i != n {
			return 0
		}
		i, all = end, all|seen
	}
	return hexHole(all, uuidLen)
}

// dashed reports whether a token may be a group of a UUID.
func dashed(msg []byte, from, start, end int) bool {
	return (end-start)%4 == 0 && (end < len(msg) && msg[end] == '-' || start > from && msg[start-1] == '-')
}

// uuidAround is where the UUID starts that has the token from start to end for one of
// its groups, and the kind of its holes; 0 when there is none at or after from.
func uuidAround(msg []byte, from, start, end int) (at int, kind byte) {
	at = start
	for _, n := range uuidGroups {
		if at < from {
			break
		}
		if end-start == n {
			if kind = uuidAt(msg, at); kind != 0 {
				return at, kind
			}
		}
		at -= n + 1
	}
	return 0, 0
}

// appendHex makes a hole of a hex token, or one of each group of a UUID.
func appendHex(shape, fill []byte, kind byte, text []byte) (newShape, newFill []byte) {
	if len(text) != uuidLen || text[uuidGroups[0]] != '-' {
		return appendHole(shape, fill, kind, text)
	}
	for i, n := range uuidGroups {
		if i > 0 {
			shape, text = append(shape, '-'), text[1:]
		}
		shape, fill = appendHole(shape, fill, kind, text[:n])
		text = text[n:]
	}
	return shape, fill
}

// patternOf is the pattern of a hex token or a UUID.
func patternOf(text []byte) string {
	if len(text) == uuidLen && text[uuidGroups[0]] == '-' {
		return "<uuid>"
	}
	return "<hex>"
}
