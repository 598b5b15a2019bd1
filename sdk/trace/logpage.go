package trace

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/plumbline/plumbline/sdk/internal/jsonline"
	"github.com/plumbline/plumbline/sdk/internal/page"
)

// ages are how long ago the last error of a log may be, those of x/net/trace.
var ages = [...]time.Duration{10 * time.Second, time.Minute, 10 * time.Minute, time.Hour, 10 * time.Hour, 1<<63 - 1}

// LogPages shows the logs that are open: a row for each family, and with ?fam=NAME
// its logs with their events; b=1 to 6 those only whose last error is within 10 s,
// 1 min, 10 min, 1 h, 10 h or ever. format=json answers in JSON.
func (t *Tracer) LogPages(sensitive func(*http.Request) bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		query, now := r.URL.Query(), time.Now()
		family := query.Get("fam")
		logs := t.Logs(family, family != "")
		if age, err := strconv.Atoi(query.Get("b")); err == nil && age >= 1 && age <= len(ages) {
			logs = slices.DeleteFunc(logs, func(v LogView) bool { return !v.erredWithin(ages[age-1], now) })
		}
		if !sensitive(r) {
			for i := range logs {
				withholdEvents(logs[i].Events)
			}
		}
		switch {
		case query.Get("format") == "json":
			w.Header().Set("Content-Type", "application/json")
			page.Guard(w.Header())
			_, _ = w.Write(appendLogs(nil, logs))
		case family != "":
			p := page.New("Events of " + family)
			p.Markup("<p>").Link("?", "all families").Markup("</p>")
			for i := range logs {
				writeLog(p, &logs[i])
			}
			p.Send(w)
		default:
			writeLogs(logs, now).Send(w)
		}
	})
}

func (v *LogView) erredWithin(age time.Duration, now time.Time) bool {
	return v.Errors > 0 && now.Sub(v.Errored) <= age
}

func writeLogs(logs []LogView, now time.Time) *page.Page {
	p := page.New("Events")
	p.Markup(`<table><tr><th>family<th class="n">open`)
	for _, name := range []string{"10 s", "1 min", "10 min", "1 h", "10 h", "ever"} {
		p.Markup(`<th class="n">error `).Text(name)
	}
	p.Markup("</tr>")
	for len(logs) > 0 {
		family := logs[0].Family
		end := slices.IndexFunc(logs, func(v LogView) bool { return v.Family != family })
		if end < 0 {
			end = len(logs)
		}
		link := "?fam=" + url.QueryEscape(family)
		p.Markup("<tr><td>").Text(family).Markup(`<td class="n">`).Link(link, strconv.Itoa(end))
		for i, age := range ages {
			n := 0
			for j := range logs[:end] {
				if logs[j].erredWithin(age, now) {
					n++
				}
			}
			p.Markup(`<td class="n">`).Link(link+"&b="+strconv.Itoa(i+1), strconv.Itoa(n))
		}
		p.Markup("</tr>")
		logs = logs[end:]
	}
	return p.Markup("</table>")
}

func writeLog(p *page.Page, v *LogView) {
	p.Markup("<h3>").Text(v.Title).Markup(`</h3><p class="dim">opened `)
	p.Text(v.Opened.UTC().Format("2006-01-02 15:04:05")).Markup(" at ").Text(v.Caller).Markup("</p>")
	if v.Missing > 0 {
		p.Markup(`<p class="dim">`).Text(strconv.Itoa(v.Missing)).Markup(" older events are forgotten</p>")
	}
	writeEvents(p, v.Events, 0, 0)
}

func appendLogs(b []byte, logs []LogView) []byte {
	b = append(b, `{"logs":[`...)
	for i := range logs {
		v := &logs[i]
		if i > 0 {
			b = append(b, ',')
		}
		b = jsonline.AppendString(append(b, `{"family":`...), v.Family)
		b = jsonline.AppendString(jsonline.AppendKey(b, "title"), v.Title)
		b = jsonline.AppendTime(jsonline.AppendKey(b, "opened"), v.Opened)
		b = jsonline.AppendString(jsonline.AppendKey(b, "caller"), v.Caller)
		b = strconv.AppendInt(jsonline.AppendKey(b, "errors"), int64(v.Errors), 10)
		b = strconv.AppendInt(jsonline.AppendKey(b, "missing"), int64(v.Missing), 10)
		b = append(appendEvents(jsonline.AppendKey(b, "events"), v.Events), '}')
	}
	return append(b, "]}\n"...)
}
