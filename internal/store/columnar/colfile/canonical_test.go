package colfile

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/plumbline/plumbline/internal/row"
)

// canonical builds canonical lines of 24 fields, as a payment service would
// write them.
func canonical(rows int) *row.Batch {
	r := rand.New(rand.NewPCG(7, 7))
	users := rand.NewZipf(rand.New(rand.NewPCG(8, 8)), 1.05, 30, 110_000)
	b := row.NewBuilder("canonical")
	text := func(k, v string) { b.Text([]byte(k), []byte(v)) }
	number := func(k, v string) { b.Number([]byte(k), []byte(v)) }
	for i := range rows {
		b.Begin(1_760_000_000_000_000_000 + int64(i)*43_200_000)
		user, host := users.Uint64(), r.IntN(24)
		status := []int{200, 200, 200, 200, 201, 204, 400, 401, 404, 429, 500, 503}[r.IntN(12)]
		route := r.IntN(20)
		path := fmt.Sprintf("/v1/resource_%c/list", 'a'+route)
		if route%3 == 0 {
			path = fmt.Sprintf("/v1/resource_%c/re_%014x", 'a'+route, r.Uint64()>>8)
		}
		text("level", []string{"info", "warn", "error"}[min(max(status/100-3, 0), 2)])
		text(row.FieldMsg, "canonical-log-line")
		text("service", fmt.Sprintf("api-%d", host%4))
		text("dc", []string{"fra", "iad", "sin"}[host%3])
		text("host", fmt.Sprintf("host-%02d", host))
		number("alloc_count", fmt.Sprint(5000+r.IntN(20000)))
		number("database_queries", fmt.Sprint(r.IntN(50)))
		number("duration", fmt.Sprintf("%.6f", math.Exp(r.NormFloat64()-3)))
		text("http_method", []string{"GET", "POST", "PUT", "DELETE"}[r.IntN(4)])
		text("http_path", path)
		text("http_route", fmt.Sprintf("/v1/resource_%c", 'a'+route))
		number("http_status", fmt.Sprint(status))
		text("key_id", fmt.Sprintf("key_%d", user*7919))
		text("user_id", fmt.Sprintf("usr_%d", user))
		text("language", []string{"go", "ruby", "python", "java", "php", "node", "curl"}[user%7])
		text("team", fmt.Sprintf("team-%d", user%7))
		text("permissions", fmt.Sprintf("perm-%d", user%5))
		b.Bool([]byte("rate_allowed"), status != 429)
		number("rate_quota", fmt.Sprint(100*(1+user%4)))
		number("rate_remaining", fmt.Sprint(r.IntN(400)))
		text("request_id", fmt.Sprintf("req_%016x", r.Uint64()))
		text("trace_id", fmt.Sprintf("%016x%016x", r.Uint64(), r.Uint64()))
	}
	return b.Batch()
}
