package expr

import (
	"crypto/sha256"
	"encoding/hex"
	"net/netip"

	"github.com/plumbline/plumbline/internal/row"
)

func checkNet(text string) error {
	if _, err := netip.ParsePrefix(text); err != nil {
		return invalid("“%s” is no network; write for example 10.0.0.0/8", text)
	}
	return nil
}

func cidrMatch(_ *Evaluator, a []row.Value) row.Value {
	net, err := netip.ParsePrefix(a[0].Text())
	if err != nil {
		return row.Value{}
	}
	return row.BoolOf(within(net.Masked(), a[1].Text()))
}

func sha256Of(_ *Evaluator, a []row.Value) row.Value {
	sum := sha256.Sum256([]byte(a[0].Text()))
	return row.TextOf(hex.EncodeToString(sum[:]))
}
