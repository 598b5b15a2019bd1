package rule

import _ "embed" // for ready.yaml

//go:embed ready.yaml
var readyFile []byte

// ReadyMade are the rules that come along.
func ReadyMade(check func(*Rule) error) ([]Rule, error) {
	return Parse("of Plumbline", readyFile, check)
}
