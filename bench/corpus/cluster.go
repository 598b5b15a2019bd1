package corpus

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
)

var (
	namespaces = strings.Fields("default kube-system shop payments search monitoring ingress batch")
	programs   = strings.Fields("api web worker scheduler cache gateway indexer mailer auth billing cron proxy")

	clusterFields = []Field{
		{"_time", Moment}, {"stream", Word}, {"level", Word}, {"kubernetes", Object}, {"request", Object}, {"error", Object}, {"_msg", Text},
	}
)

const pods = 600

// cluster lines are an agent's: who wrote them stands in a nested object, what
// does not apply is null, and an error in a hundred brings its stack.
func cluster(r *rand.Rand) func(*bytes.Buffer, int, string) {
	return func(b *bytes.Buffer, _ int, at string) {
		pod := zipf(r, pods)
		program, space := programs[pod%len(programs)], namespaces[pod%len(namespaces)]
		failed := r.IntN(100) == 0
		level, stream := "info", "stdout"
		if failed {
			level, stream = "error", "stderr"
		}
		fmt.Fprintf(b, `{"_time":"%s","stream":"%s","level":"%s","kubernetes":{"namespace_name":"%s","pod_name":"%s-%08x-%05x","container_name":"%s","host":"node-%d","labels":{"app":"%s","version":"v1.%d.%d","pod-template-hash":"%08x","team":null},"annotations":null}`,
			at, stream, level, space, program, uint32(pod)*2654435761, pod*7919%1048576, program, pod%40, program, pod%4, pod%17, uint32(pod)*2654435761)
		if r.IntN(3) > 0 {
			user := "null"
			if r.IntN(2) == 0 {
				user = fmt.Sprintf("%d", zipf(r, users))
			}
			fmt.Fprintf(b, `,"request":{"id":"%08x-%04x-4%03x-8%03x-%012x","method":"%s","status":%d,"ms":%.2f,"user":%s,"tags":["%s","%s"]}`,
				r.Uint32(), r.IntN(65536), r.IntN(4096), r.IntN(4096), r.Uint64()>>16, pick(r, methods), statusOf(r.Float64()), 40*r.ExpFloat64(), user, pick(r, teams), pick(r, languages))
		} else {
			b.WriteString(`,"request":null`)
		}
		msg := clusterMessage(r, program)
		if failed {
			msg = "unhandled: " + msg + stack(r, program)
			fmt.Fprintf(b, `,"error":{"kind":"%s","code":%d,"retry":%t}`, pick(r, []string{"timeout", "refused", "invalid", "conflict"}), 1000+r.IntN(40), r.IntN(2) == 0)
		}
		fmt.Fprintf(b, `,"_msg":%s}`+"\n", quoted(msg))
	}
}

func clusterMessage(r *rand.Rand, program string) string {
	switch r.IntN(6) {
	case 0:
		return fmt.Sprintf("I%02d%02d %02d:%02d:%02d.%06d       1 %s.go:%d] Reconciled %q in %d.%03dms", 1+r.IntN(12), 1+r.IntN(28), r.IntN(24), r.IntN(60), r.IntN(60), r.IntN(1e6), program, r.IntN(900), pick(r, namespaces)+"/"+pick(r, programs), r.IntN(90), r.IntN(1000))
	case 1:
		return fmt.Sprintf(`level=info component=%s msg="compacted block" mint=%d maxt=%d ulid=01%s duration=%.6fs`, program, 1_742_083_200_000+r.IntN(86_400_000), 1_742_090_400_000+r.IntN(86_400_000), strings.ToUpper(base64ish(r, 24)), r.ExpFloat64())
	case 2:
		return fmt.Sprintf("[%s] processed %d messages from partition %d, offset %d, lag %d", program, zipf(r, 5000), r.IntN(64), r.Uint64()>>30, zipf(r, 100_000))
	case 3:
		return fmt.Sprintf("cache %s key=%s:%d:%s ttl=%ds", pick(r, []string{"hit", "miss", "evict"}), pick(r, nouns), zipf(r, users), pick(r, languages), 60*(1+r.IntN(60)))
	case 4:
		return fmt.Sprintf("connection from [fd00:%x::%x]:%d accepted, tls 1.3, cipher TLS_AES_%d_GCM", r.IntN(65536), r.IntN(65536), 1024+r.IntN(64_000), 128+128*r.IntN(2))
	}
	return "health check passed"
}

// stack is a stack trace of some lines.
func stack(r *rand.Rand, program string) string {
	var b strings.Builder
	for range 5 + r.IntN(12) {
		fmt.Fprintf(&b, "\n\tat com.example.%s.%sService.handle%s(%sService.java:%d)", program, pick(r, nouns), pick(r, teams), pick(r, nouns), r.IntN(900))
	}
	return b.String()
}
