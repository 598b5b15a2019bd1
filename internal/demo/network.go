package demo

import (
	"net/http"
	"time"

	plumbline "github.com/plumbline/plumbline/sdk"
	"github.com/plumbline/plumbline/sdk/line"
)

// network is the card network that authorises charges: the dependency that the
// fault strikes.
type network struct {
	http.Handler
	dice  *dice
	fault *fault
}

// authorisation is what the network is asked.
type authorisation struct {
	Merchant string `json:"merchant"`
	Amount   int    `json:"amount"`
	Card     string `json:"card"`
}

var (
	fieldAccount = line.Text("account_id")
)

const (
	usualAuthorisation = 8 * time.Millisecond
	slowFrom, slowTo   = 300 * time.Millisecond, 900 * time.Millisecond
	declined           = 0.03 // of all cards, any day
)

// newNetwork returns the network; the fault comes with a release, whose lines
// bad writes.
func newNetwork(good, bad *plumbline.Observer, d *dice, f *fault) *network {
	n := &network{dice: d, fault: f}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /authorize", n.authorize)
	before, after := good.HTTP(mux), bad.HTTP(mux)
	n.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if f.began(time.Now()) {
			after.ServeHTTP(w, r)
		} else {
			before.ServeHTTP(w, r)
		}
	})
	return n
}

func (n *network) authorize(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	var asked authorisation
	if err := readJSON(r, &asked); err != nil {
		refuse(ctx, w, err)
		return
	}
	fieldAccount.Set(ctx, asked.Merchant)
	wait, now := n.dice.around(usualAuthorisation), time.Now()
	if n.fault.slow(now) {
		wait += n.dice.between(slowFrom, slowTo)
	}
	switch err := sleep(ctx, wait); {
	case err != nil:
		refuse(ctx, w, err)
	case n.fault.failing(now, asked.Merchant):
		refuse(ctx, w, &refusal{http.StatusServiceUnavailable, "settlement shard of this merchant is down"})
	case n.dice.luck(declined):
		refuse(ctx, w, &refusal{http.StatusPaymentRequired, "card declined"})
	default:
		answer(w, http.StatusOK, map[string]string{"authorisation": newID("au_")})
	}
}
