package health

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/plumbline/plumbline/sdk/internal/jsonline"
	"github.com/plumbline/plumbline/sdk/metric"
)

// answer is what a probe says, ready to be sent.
type answer struct {
	up     bool
	status int
	body   []byte // for those who may read reasons
	public []byte // for all others
	length [2][]string
	labels [1]metric.Label
}

// decide makes the answers of all probes anew; the caller holds the lock, or is
// New.
func (h *Health) decide(checks []*check) {
	next := new([probes]answer)
	held := h.answers.Load()
	for p := range probes {
		a := &next[p]
		a.labels[0] = metric.Label{Name: "probe", Value: p.String()}
		a.up = h.passes(p, checks)
		if a.status = 200; !a.up {
			a.status = h.options.Status
		}
		a.body, a.public = h.text(p, checks, nil, true, !a.up), h.text(p, checks, nil, false, !a.up)
		a.length = [2][]string{{strconv.Itoa(len(a.body))}, {strconv.Itoa(len(a.public))}}
		if held != nil && held[p].up != a.up {
			h.note(Change{Probe: p, Up: a.up, Reason: strings.Join(h.reasons(p, checks), "; ")})
		}
	}
	h.answers.Store(next)
}

// passes decides one probe.
func (h *Health) passes(p Probe, checks []*check) bool { return len(h.reasons(p, checks)) == 0 }

// reasons are those a probe fails for.
func (h *Health) reasons(p Probe, checks []*check) (why []string) {
	if h.draining.Load() && asks(p, Ready) {
		why = append(why, "draining")
	}
	for _, c := range checks {
		if s := c.found.Load().state; asks(p, c.Probe) && !c.Warn && !c.holds(s) {
			why = append(why, c.Name)
		}
	}
	return why
}

// holds tells whether a check's state is good enough: what is not known yet is
// for life, but not for work.
func (c *check) holds(s state) bool { return s == passed || s == unknown && c.Probe == Live }

// asks tells whether a probe depends on the checks of another: ready is who has
// started and is ready.
func asks(p, of Probe) bool {
	switch p {
	case Overall:
		return true
	case Ready:
		return of == Ready || of == Startup
	}
	return p == of
}

// text writes the answer as Kubernetes' own servers do:
//
//	[+]cache ok
//	[~]mail failed, not needed: connection refused
//	[-]db failed: connection refused
//	readyz check failed
func (h *Health) text(p Probe, checks []*check, exclude []string, reasons, verbose bool) []byte {
	if !verbose {
		return []byte("ok")
	}
	var b []byte
	up := true
	if h.draining.Load() && asks(p, Ready) {
		b, up = append(b, "[-]drain failed: draining\n"...), false
	}
	for _, c := range checks {
		if !asks(p, c.Probe) {
			continue
		}
		f := c.found.Load()
		switch {
		case slices.Contains(exclude, c.Name):
			b = append(append(append(b, "[+]"...), c.Name...), " excluded: ok\n"...)
			continue
		case f.state == passed:
			b = append(append(append(b, "[+]"...), c.Name...), " ok\n"...)
			continue
		case c.holds(f.state):
			b = append(append(append(b, "[+]"...), c.Name...), " not checked yet\n"...)
			continue
		case c.Warn:
			b = append(append(append(b, "[~]"...), c.Name...), " failed, not needed: "...)
		default:
			b, up = append(append(append(b, "[-]"...), c.Name...), " failed: "...), false
		}
		b = append(append(b, f.why(reasons)...), '\n')
	}
	b = append(b, p.String()...)
	if up {
		return append(b, " check passed\n"...)
	}
	return append(b, " check failed\n"...)
}

func (f *finding) why(reasons bool) string {
	switch {
	case f.state == unknown:
		return "not checked yet"
	case reasons:
		return f.reason
	}
	return "reason withheld"
}

// json writes the answer as the draft of the IETF says, application/health+json.
func (h *Health) json(p Probe, checks []*check, reasons bool) []byte {
	status, warn := "pass", false
	var list []byte
	for _, c := range checks {
		if !asks(p, c.Probe) {
			continue
		}
		f, is := c.found.Load(), "pass"
		if !c.holds(f.state) {
			is, warn = "fail", true
			if c.Warn {
				is = "warn"
			}
		}
		list = append(jsonline.AppendKey(list, c.Name), `[{"componentType":"component","status":"`+is+`"`...)
		if !f.at.IsZero() {
			list = jsonline.AppendTime(jsonline.AppendKey(list, "time"), f.at.Truncate(time.Second))
		}
		if is != "pass" {
			list = jsonline.AppendString(jsonline.AppendKey(list, "output"), f.why(reasons))
		}
		list = append(list, "}]"...)
	}
	if warn {
		status = "warn"
	}
	if !h.passes(p, checks) {
		status = "fail"
	}
	b := []byte(`{"status":"` + status + `"`)
	if h.options.Service != "" {
		b = jsonline.AppendString(jsonline.AppendKey(b, "serviceId"), h.options.Service)
	}
	if h.options.Release != "" {
		b = jsonline.AppendString(jsonline.AppendKey(b, "releaseId"), h.options.Release)
	}
	if h.draining.Load() && asks(p, Ready) {
		b = append(b, `,"output":"draining"`...)
	}
	b = append(b, `,"checks":{`...)
	if len(list) > 0 {
		b = append(b, list[1:]...) // each begins with a comma
	}
	return append(b, "}}\n"...)
}
