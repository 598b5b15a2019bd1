package trace

import (
	"encoding/hex"
	"net/http"
	"net/url"
	"sort"
	"strconv"
	"time"

	"github.com/plumbline/plumbline/sdk/internal/jsonline"
	"github.com/plumbline/plumbline/sdk/internal/page"
)

// Pages shows the traces: a row for each family, and with ?fam=NAME&b=CLASS its
// traces; b is -1 for those under way, 0 to 7 for the classes, 8 for those that
// failed. ?id=HEX finds all parts of one trace, format=json answers in JSON.
// sensitive tells who is shown sensitive events.
func (t *Tracer) Pages(sensitive func(*http.Request) bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		query := r.URL.Query()
		views, chosen := t.choose(query)
		if !sensitive(r) {
			withhold(views)
		}
		switch {
		case query.Get("format") == "json":
			w.Header().Set("Content-Type", "application/json")
			page.Guard(w.Header())
			_, _ = w.Write(t.appendJSON(nil, views, chosen))
		case chosen:
			p := page.New("Traces")
			p.Markup("<p>").Link("?", "all families").Markup("</p>")
			for i := range views {
				writeTrace(p, &views[i])
			}
			if len(views) == 0 {
				p.Markup("<p>None.</p>")
			}
			p.Send(w)
		default:
			t.overview().Send(w)
		}
	})
}

// choose finds the traces that a query asks for; chosen is false where it asks for
// none.
func (t *Tracer) choose(query url.Values) (views []View, chosen bool) {
	if id := query.Get("id"); id != "" {
		return t.Find(id), true
	}
	name := query.Get("fam")
	if t == nil || name == "" {
		return nil, false
	}
	f, ok := (*t.families.Load())[name]
	if !ok {
		return nil, true
	}
	which, err := strconv.Atoi(query.Get("b"))
	if err != nil {
		which = int(Recent)
	}
	return f.Traces(Which(which)), true
}

// Find copies every part that is kept of the trace with that id in hex, oldest
// first.
func (t *Tracer) Find(id string) (views []View) {
	raw, err := hex.DecodeString(id)
	if err != nil || len(raw) != 16 {
		return nil
	}
	type key struct {
		span  [8]byte
		start time.Time
	}
	seen := map[key]bool{}
	for _, f := range t.Families() {
		for which := Active; which <= Failed; which++ {
			for _, v := range f.Traces(which) {
				if k := (key{v.Span, v.Start}); v.ID == [16]byte(raw) && !seen[k] {
					seen[k] = true
					views = append(views, v)
				}
			}
		}
	}
	// Sorting large structs by slices.SortFunc adds 24 KB to every binary.
	sort.Slice(views, func(i, j int) bool { return views[i].Start.Before(views[j].Start) })
	return views
}

// withhold takes away what only some may see.
func withhold(views []View) {
	for i := range views {
		withholdEvents(views[i].Events)
	}
}

func withholdEvents(events []Event) {
	for i := range events {
		if events[i].Sensitive {
			events[i].Text = "[sensitive]"
		}
	}
}

// overview is a row for each family, as x/net/trace has it.
func (t *Tracer) overview() *page.Page {
	p := page.New("Traces")
	p.Markup(`<table><tr><th>family<th class="n">active`)
	for _, c := range classes {
		p.Markup(`<th class="n">≥ `).Text(c.String())
	}
	p.Markup(`<th class="n">failed<th class="n">calls<th class="n">average</tr>`)
	for _, f := range t.Families() {
		s := f.Summary()
		p.Markup("<tr><td>").Text(s.Family)
		cell := func(which Which, n int) {
			p.Markup(`<td class="n">`)
			if n == 0 {
				p.Markup("0")
				return
			}
			p.Link("?fam="+url.QueryEscape(s.Family)+"&b="+strconv.Itoa(int(which)), strconv.Itoa(n))
		}
		cell(Active, s.Active)
		for i, n := range s.Kept {
			cell(Which(i), n)
		}
		p.Markup(`<td class="n">`).Text(strconv.FormatUint(s.Calls, 10)).Markup(`<td class="n">`)
		if s.Calls > 0 {
			p.Text(short(s.Total / time.Duration(s.Calls)))
		}
		p.Markup("</tr>")
	}
	return p.Markup("</table>")
}

func writeTrace(p *page.Page, v *View) {
	p.Markup("<h3>").Text(v.Family).Markup(" ").Text(v.Title).Markup("</h3><p>")
	p.Text(v.Start.UTC().Format("2006-01-02 15:04:05.000000")).Markup(" · ").Text(short(v.Took))
	if v.Active {
		p.Markup(" so far")
	}
	if v.Above != "" {
		p.Markup(" · part of ").Text(v.Above)
	}
	id := hex.EncodeToString(v.ID[:])
	p.Markup(" · trace ").Link("?id="+id, id)
	if v.Failed {
		p.Markup(` · <span class="bad">`).Text(v.Failure).Markup("</span>")
	}
	p.Markup("</p>")
	writeEvents(p, v.Events, v.First, v.Missing)
}

func writeEvents(p *page.Page, events []Event, first, missing int) {
	p.Markup("<table>")
	for i, e := range events {
		if i == first && missing > 0 {
			p.Markup(`<tr><td><td class="dim">… `).Text(strconv.Itoa(missing)).Markup(" more</tr>")
		}
		p.Markup(`<tr><td class="n dim">`).Text(short(e.Elapsed))
		if e.Failure {
			p.Markup(`<td class="bad">`)
		} else {
			p.Markup("<td>")
		}
		p.Text(e.Text).Markup("</tr>")
	}
	p.Markup("</table>")
}

// short is a duration with three digits that matter.
func short(d time.Duration) string {
	for unit := time.Duration(1); ; unit *= 10 {
		if d < 1000*unit {
			return d.Round(unit).String()
		}
	}
}

// appendJSON appends the traces that were chosen, or the counts of all families.
func (t *Tracer) appendJSON(b []byte, views []View, chosen bool) []byte {
	if !chosen {
		b = append(b, `{"families":[`...)
		for i, f := range t.Families() {
			if i > 0 {
				b = append(b, ',')
			}
			s := f.Summary()
			b = jsonline.AppendString(append(b, `{"family":`...), s.Family)
			b = strconv.AppendInt(jsonline.AppendKey(b, "active"), int64(s.Active), 10)
			b = strconv.AppendUint(jsonline.AppendKey(b, "calls"), s.Calls, 10)
			b = strconv.AppendUint(jsonline.AppendKey(b, "failures"), s.Failures, 10)
			b = append(jsonline.AppendSeconds(jsonline.AppendKey(b, "duration"), s.Total), '}')
		}
		return append(b, "]}\n"...)
	}
	b = append(b, `{"traces":[`...)
	for i := range views {
		if i > 0 {
			b = append(b, ',')
		}
		b = views[i].appendJSON(b)
	}
	return append(b, "]}\n"...)
}

func (v *View) appendJSON(b []byte) []byte {
	b = jsonline.AppendString(append(b, `{"family":`...), v.Family)
	b = jsonline.AppendString(jsonline.AppendKey(b, "title"), v.Title)
	b = jsonline.AppendHex(jsonline.AppendKey(b, "trace_id"), v.ID[:])
	b = jsonline.AppendHex(jsonline.AppendKey(b, "span_id"), v.Span[:])
	b = jsonline.AppendTime(jsonline.AppendKey(b, "start"), v.Start)
	b = jsonline.AppendSeconds(jsonline.AppendKey(b, "duration"), v.Took)
	b = strconv.AppendBool(jsonline.AppendKey(b, "active"), v.Active)
	if v.Above != "" {
		b = jsonline.AppendString(jsonline.AppendKey(b, "part_of"), v.Above)
	}
	if v.Failed {
		b = jsonline.AppendString(jsonline.AppendKey(b, "error"), v.Failure)
	}
	b = strconv.AppendInt(jsonline.AppendKey(b, "missing"), int64(v.Missing), 10)
	return append(appendEvents(jsonline.AppendKey(b, "events"), v.Events), '}')
}

func appendEvents(b []byte, events []Event) []byte {
	b = append(b, '[')
	for i, e := range events {
		if i > 0 {
			b = append(b, ',')
		}
		b = jsonline.AppendSeconds(append(b, `{"elapsed":`...), e.Elapsed)
		b = jsonline.AppendString(jsonline.AppendKey(b, "text"), e.Text)
		if e.Failure {
			b = append(b, `,"failure":true`...)
		}
		b = append(b, '}')
	}
	return append(b, ']')
}
