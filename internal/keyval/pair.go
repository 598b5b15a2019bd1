package keyval

// Pair is a key and its value, both parts of one line: what a format makes of
// it, kept beyond the scanner's next step.
type Pair struct {
	Key   []byte
	Value Value
}
