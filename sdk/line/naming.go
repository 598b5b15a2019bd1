package line

import "github.com/plumbline/plumbline/sdk/internal/jsonline"

// Naming gives fields the names of a convention. The keys in the code stay the
// same, and so do fields that the convention does not know.
type Naming struct {
	names map[string]string
	nanos bool // the duration of the work in nanoseconds, a whole number
}

// OTel names fields as OpenTelemetry's semantic conventions do. They have no names
// for the time and the message, which keep theirs.
func OTel() *Naming {
	return &Naming{names: map[string]string{
		"service": "service.name", "release": "service.version", "host": "host.name",
		"http_method": "http.request.method", "http_path": "url.path", "http_route": "http.route",
		"http_status": "http.response.status_code", "bytes_in": "http.request.body.size",
		"bytes_out": "http.response.body.size", "remote_ip": "client.address", "user_agent": "user_agent.original",
		"user_id": "user.id", "error": "exception.message", "error_kind": "error.type",
	}}
}

// ECS names fields as the Elastic Common Schema does.
func ECS() *Naming {
	return &Naming{nanos: true, names: map[string]string{
		"_time": "@timestamp", "_msg": "message",
		"service": "service.name", "release": "service.version", "host": "host.hostname",
		"request_id": "http.request.id", "trace_id": "trace.id", "span_id": "span.id", "parent_id": "parent.id",
		"http_method": "http.request.method", "http_path": "url.path", "http_status": "http.response.status_code",
		"bytes_in": "http.request.body.bytes", "bytes_out": "http.response.body.bytes",
		"remote_ip": "client.ip", "user_agent": "user_agent.original",
		"user_id": "user.id", "error": "error.message", "error_kind": "error.type", "duration": "event.duration",
	}}
}

// Stripe names fields as Stripe's article does, which are the names of the keys.
func Stripe() *Naming { return nil }

func (n *Naming) name(k *key) string {
	if n != nil {
		if name := n.names[k.name]; name != "" {
			return name
		}
	}
	return k.name
}

// heads are the encoded names of keys by id; nil where they are the keys' own.
func (n *Naming) heads(keys []*key) []jsonline.Name {
	if n == nil {
		return nil
	}
	heads := make([]jsonline.Name, len(keys))
	for _, k := range keys {
		heads[k.id] = jsonline.NameOf(n.name(k))
	}
	return heads
}

// appendHead appends `,"name":` of k. Keys registered since the source was made are
// rare.
func (s *Source) appendHead(to []byte, k *key) []byte {
	switch n := s.options.Naming; {
	case n == nil:
		return k.head.Append(to)
	case uint(k.id) < uint(len(s.heads)):
		return s.heads[k.id].Append(to)
	default:
		return jsonline.AppendKey(to, n.name(k))
	}
}

// inNanos tells whether a duration is written as whole nanoseconds.
func (s *Source) inNanos(k *key) bool {
	return k == Duration.key && s.options.Naming != nil && s.options.Naming.nanos
}
