package corpus

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
)

var (
	nouns       = strings.Fields("charges refunds customers payouts disputes invoices transfers accounts balances events")
	prefixes    = strings.Fields("ch re cus po dp in tr acct bal evt")
	services    = strings.Fields("api api checkout worker")
	centres     = strings.Fields("fra lon iad")
	methods     = strings.Fields("POST POST POST GET GET GET GET DELETE")
	languages   = strings.Fields("go ruby python node java php dotnet")
	teams       = strings.Fields("payments billing risk platform growth support data")
	permissions = strings.Fields("all charges:write charges:read admin none")
)

const (
	hosts    = 24
	users    = 170_000 // of whom some 110,000 come up in two million lines
	userBase = 170_003 // a prime: the common ones are strewn over all numbers
	routes   = 20
)

// canonicalFields are what a line has, in its order.
var canonicalFields = []Field{
	{"_time", Moment}, {"_msg", Word}, {"level", Word}, {"service", Word}, {"dc", Word}, {"host", Word},
	{"request_id", ID}, {"trace_id", Trace}, {"user_id", Label}, {"key_id", Label}, {"team", Word}, {"language", Word}, {"permissions_used", Word},
	{"auth_type", Word}, {"http_method", Word}, {"http_route", Word}, {"http_path", Text}, {"http_status", Whole},
	{"duration", Decimal}, {"database_queries", Whole}, {"alloc_count", Whole}, {"rate_allowed", Flag}, {"rate_quota", Whole}, {"rate_remaining", Whole},
}

// canonical lines have what belongs together belong together: a host is of one
// service and data centre, a user of one team, a level follows from a status.
func canonical(r *rand.Rand) func(*bytes.Buffer, int, string) {
	of := func(user int, list []string, salt int) string { return list[user*salt%9973%len(list)] }
	return func(b *bytes.Buffer, _ int, at string) {
		user, host, route := zipf(r, users)*7919%userBase, r.IntN(hosts), r.IntN(routes)
		noun := nouns[route/2]
		template, path := "/v1/"+noun, "/v1/"+noun
		if route%2 == 1 {
			template += "/:id"
			if r.Float64() < 0.67 {
				path += fmt.Sprintf("/%s_%014x", prefixes[route/2], r.Uint64()>>8)
			} else {
				path += "/search"
			}
		}
		status := statusOf(r.Float64())
		quota := 100 * (1 + user%5)
		left := r.IntN(quota)
		if status == 429 {
			left = 0
		}
		fmt.Fprintf(b, `{"_time":"%s","_msg":"canonical-log-line","level":"%s","service":"%s","dc":"%s","host":"%s-%02d"`,
			at, levelOf(status), services[host%4], centres[host%3], services[host%4], host)
		fmt.Fprintf(b, `,"request_id":"req_%016x","trace_id":"%016x%016x","user_id":"usr_%d","key_id":"mk_%d","team":"%s","language":"%s","permissions_used":"%s"`,
			r.Uint64(), r.Uint64(), r.Uint64(), user, user*31%userBase, of(user, teams, 17), of(user, languages, 5), of(user, permissions, 13))
		fmt.Fprintf(b, `,"auth_type":"api_key","http_method":"%s","http_route":"%s","http_path":"%s","http_status":%d`, pick(r, methods), template, path, status)
		fmt.Fprintf(b, `,"duration":%.6f,"database_queries":%d,"alloc_count":%d,"rate_allowed":%t,"rate_quota":%d,"rate_remaining":%d}`+"\n",
			math.Exp(-3.5+0.9*r.NormFloat64()), 1+zipf(r, 60), 1000+r.IntN(20_000), status != 429, quota, left)
	}
}

func statusOf(x float64) int {
	for _, s := range []struct {
		upTo   float64
		status int
	}{{0.9, 200}, {0.93, 201}, {0.955, 404}, {0.97, 402}, {0.985, 429}, {0.992, 400}, {0.997, 500}} {
		if x < s.upTo {
			return s.status
		}
	}
	return 503
}

func levelOf(status int) string {
	switch {
	case status >= 500:
		return "error"
	case status >= 400:
		return "warn"
	}
	return "info"
}
