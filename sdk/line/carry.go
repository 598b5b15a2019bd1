package line

// Names under which ids travel, in the headers of a request as in the properties
// of a message.
const (
	TraceHeader     = "Traceparent"
	StateHeader     = "Tracestate"
	RequestIDHeader = "X-Request-Id"
)

const (
	maxIDBytes    = 128 // up to which a caller's request id is taken over
	maxStateBytes = 512 // that the recommendation asks to pass on at least
)

// Received reads what a caller sent along. What does not conform is left out, and
// so made anew:
//
//	o.BeginFrom(ctx, "charge.consume", line.Received(message.Header.Get))
func Received(get func(name string) string) (o Origin) {
	if header := get(TraceHeader); header != "" {
		if trace, ok := ParseTrace(header); ok {
			o.Trace = trace
			if state := get(StateHeader); len(state) <= maxStateBytes && printable(state) {
				o.State = state
			}
		}
	}
	if id := get(RequestIDHeader); id != "" && takenOver(id) {
		o.RequestID = id
	}
	return o
}

// Carry hands the ids of the work on to whoever does part of it:
//
//	line.From(ctx).Carry(message.Header.Set)
//
// On no line it does nothing.
func (l *Line) Carry(set func(name, value string)) {
	if l == nil {
		return
	}
	set(TraceHeader, l.trace.String())
	set(RequestIDHeader, l.requestID)
	if state := l.TraceState(); state != "" {
		set(StateHeader, state)
	}
}

// TraceState is what the caller's tracestate said, to be passed on as it came;
// empty once the line has ended.
func (l *Line) TraceState() (state string) {
	l.read(func(b *body) { state = b.state })
	return state
}

// takenOver tells whether a caller's request id is fit to be ours: printable,
// without what would need quoting somewhere.
func takenOver(id string) bool {
	if len(id) > maxIDBytes {
		return false
	}
	for i := range len(id) {
		if c := id[i]; c <= ' ' || c >= 0x7f || c == '"' || c == '\\' || c == '=' || c == ',' {
			return false
		}
	}
	return true
}

func printable(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] >= 0x7f {
			return false
		}
	}
	return true
}
