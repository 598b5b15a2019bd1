package query_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/plumbline/plumbline/internal/query"
)

// Messages that the embedded engine keeps in pieces mean what they mean elsewhere:
// what is looked for is cut out of them, in a piece and across pieces.
func TestMessagesInPiecesMeanTheSame(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	c := specCase{}
	for range 4500 { // fewer are not cut
		c.lines = append(c.lines, fmt.Sprintf(`{"_msg":%q,"n":%d,"host":"h%d"}`, served(r), r.IntN(50), r.IntN(3)))
	}
	var stages []specStage
	for _, s := range specStages() {
		if s.name != "columnar, sealed batch by batch" { // as which they would stay
			stages = append(stages, s)
		}
	}
	stores := make([]query.Source, len(stages))
	for i, s := range stages {
		stores[i] = s.open(t, c.batches(t, r))
	}
	for range 40 {
		compareStores(t, wantedOf(r, served(r)), stages, func(i int) query.Source { return stores[i] })
	}
}

// served is a line of a web server, or another.
func served(r *rand.Rand) string {
	one := func(texts ...string) string { return texts[r.IntN(len(texts))] }
	token := make([]byte, 12+r.IntN(30))
	for i := range token {
		token[i] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"[r.IntN(52)]
	}
	line := fmt.Sprintf(`10.0.%d.%d - %s "%s /%s?Q=%s+%s&gclid=%s HTTP/1.1" %d "%s"`, r.IntN(4), r.IntN(256), one("-", "anna", "Straße"), one("GET", "POST"),
		one("shop", "cart", "a/b/c"), one("blue", "Red"), one("shoes", "jacket"), token, 200+r.IntN(3)*100, one("-", "curl/8.1", "Mozilla/5.0 (X11; Linux) Gecko", ""))
	if r.IntN(20) == 0 {
		return one("", `"`, "(", line[:r.IntN(len(line))], strings.Repeat(" x", 200))
	}
	return line
}

// wantedOf asks for something that stands in a message.
func wantedOf(r *rand.Rand, msg string) string {
	if msg = strings.ToValidUTF8(msg, ""); msg == "" {
		return "*"
	}
	from := r.IntN(len(msg))
	some := strings.ToValidUTF8(msg[from:from+1+r.IntN(min(len(msg)-from, 1+r.IntN(30)))], "")
	if r.IntN(3) == 0 {
		some = strings.ToUpper(some)
	}
	text := strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(some)
	search := []string{`"%s"`, `*"%s"*`, `_msg="*%s*"`, `_msg!="*%s*"`, `NOT "%s"`, `case("%s")`, `"%s" OR googlebot OR curl`, `n<30 "%s"`, `host=h1 "%s"`}[r.IntN(9)]
	return fmt.Sprintf(search, text) + []string{" | stats count by host", " | head 3", " | sort n | head 5 | fields _msg", " | stats count by _msg | sort _msg", " | stats count as c distinct(_msg) as d", ` | stats sum(n) as s min(_msg) as m max(_msg) as x`}[r.IntN(6)]
}
