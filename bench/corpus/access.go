package corpus

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"time"
)

var (
	agents = []string{
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/%d.0.0.0 Safari/537.36",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/%d.4 Safari/605.1.15",
		"Mozilla/5.0 (iPhone; CPU iPhone OS %d_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
		"Mozilla/5.0 (compatible; Googlebot/2.%d; +http://www.google.com/bot.html)",
		"curl/8.%d.0",
		"Go-http-client/1.%d",
	}
	pages     = strings.Fields("shop cart checkout product search account wishlist blog help static/js static/css img api/v3/items api/v3/price")
	campaigns = strings.Fields("spring newsletter retarget brand social partner")
	titles    = strings.Fields("blue red running shoes men women kids winter jacket waterproof light cotton organic shirt")
)

const visitors = 40_000

// access lines are a web server's: who comes again has the same address and the
// same program, and URLs are long and mostly new.
func access(r *rand.Rand) func(*bytes.Buffer, int, string) {
	return func(b *bytes.Buffer, _ int, at string) {
		visitor := zipf(r, visitors)
		when, _ := time.Parse(time.RFC3339Nano, at) // made by ourselves
		status, size := statusOf(r.Float64()), int(math.Exp(8+1.5*r.NormFloat64()))
		msg := fmt.Sprintf(`%s - %s [%s] "%s %s HTTP/%s" %d %d "%s" "%s" %.3f`,
			address(visitor), visitorName(visitor), when.Format("02/Jan/2006:15:04:05 -0700"), pick(r, methods), longURL(r), []string{"1.1", "2.0"}[visitor%2],
			status, size, referrer(r), fmt.Sprintf(agents[visitor%len(agents)], visitor%9+1), math.Exp(-3+r.NormFloat64()))
		fmt.Fprintf(b, `{"_time":"%s","service":"nginx","host":"edge-%02d","_msg":%s}`+"\n", at, r.IntN(hosts), quoted(msg))
	}
}

// address is a visitor's: four in ten come by IPv6.
func address(visitor int) string {
	x := uint64(visitor) * 0x9e3779b97f4a7c15
	if x%10 < 4 {
		return fmt.Sprintf("2001:db8:%x:%x::%x", x>>48, x>>32&0xffff, x>>16&0xffff)
	}
	return fmt.Sprintf("%d.%d.%d.%d", x>>56, x>>48&255, x>>40&255, x>>32&255)
}

func visitorName(visitor int) string {
	if visitor%20 == 0 {
		return fmt.Sprintf("user%d", visitor)
	}
	return "-"
}

func longURL(r *rand.Rand) string {
	url := "/" + pick(r, pages)
	switch r.IntN(4) {
	case 0:
		return url
	case 1:
		return fmt.Sprintf("%s/%s-%s-%s-%d.html", url, pick(r, titles), pick(r, titles), pick(r, titles), zipf(r, 100_000))
	case 2:
		return fmt.Sprintf("%s?q=%s+%s&page=%d&sort=price%%3Aasc&sid=%016x", url, pick(r, titles), pick(r, titles), zipf(r, 40), r.Uint64())
	}
	return fmt.Sprintf("%s?utm_source=%s&utm_campaign=%s-%d&gclid=%s&ts=%d", url, pick(r, campaigns), pick(r, campaigns), r.IntN(50), base64ish(r, 40+r.IntN(50)), r.IntN(2_000_000_000))
}

func referrer(r *rand.Rand) string {
	if r.IntN(3) == 0 {
		return "-"
	}
	return "https://www.example.com/" + pick(r, pages)
}

// base64ish are n characters as tokens have them.
func base64ish(r *rand.Rand, n int) string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	out := make([]byte, n)
	for i := range out {
		out[i] = letters[r.IntN(len(letters))]
	}
	return string(out)
}
