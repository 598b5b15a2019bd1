package main

import "strings"

// question is the same question in the languages of all systems. The answers
// have the same columns; numbers may differ by the share slack.
type question struct {
	title     string
	plumbline string
	logsQL    string
	columns   []string
	slack     float64
	ordered   bool // the columns are compared as they come: of a top ten only the counts
}

// quantiles are taken by interpolation here and from a sample there.
const quantileSlack = 0.05

// questionsFor are the questions about a corpus. line is one from its middle.
func questionsFor(name string, line map[string]any) []question {
	all := question{title: "how many", plumbline: "* | stats count as n", logsQL: "* | stats count() n", columns: []string{"n"}}
	if name == "text" {
		return []question{all, {
			title: "a word", plumbline: "connection | stats count as n", logsQL: "connection | stats count() n", columns: []string{"n"},
		}, {
			title: "a fragment that is nowhere", plumbline: "*zqxjzq* | stats count as n", logsQL: `~"zqxjzq" | stats count() n`, columns: []string{"n"},
		}}
	}
	if name != "canonical" {
		return []question{all}
	}
	text := func(field string) string { s, _ := line[field].(string); return s }
	request, trace := text("request_id"), text("trace_id")
	inside := trace[10:22]
	return []question{all, {
		title:     "count by http_status",
		plumbline: "* | stats count as n by http_status", logsQL: "* | stats by (http_status) count() n",
		columns: []string{"http_status", "n"},
	}, {
		title:     "not allowed, by user, top 10",
		plumbline: "rate_allowed=false | stats count as n by user_id | sort -n | head 10",
		logsQL:    "rate_allowed:=false | stats by (user_id) count() n | sort by (n desc) | limit 10",
		columns:   []string{"n"}, ordered: true,
	}, {
		title:     "by user, top 10",
		plumbline: "* | stats count as n by user_id | sort -n | head 10",
		logsQL:    "* | stats by (user_id) count() n | sort by (n desc) | limit 10",
		columns:   []string{"n"}, ordered: true,
	}, {
		title:     "POST: count, p50, p95, p99",
		plumbline: "http_method=POST | stats count as n p50(duration) as a p95(duration) as b p99(duration) as c",
		logsQL:    "http_method:=POST | stats count() n, quantile(0.5, duration) a, quantile(0.95, duration) b, quantile(0.99, duration) c",
		columns:   []string{"n", "a", "b", "c"}, slack: quantileSlack,
	}, {
		title: "one request, the whole line", plumbline: "request_id=" + request, logsQL: "request_id:=" + request,
		columns: []string{"request_id", "trace_id", "user_id", "http_path", "alloc_count"},
	}, {
		title: "12 hex digits inside a trace id", plumbline: "trace_id=*" + inside + "* | stats count as n",
		logsQL: `trace_id:~"` + inside + `" | stats count() n`, columns: []string{"n"},
	}, {
		title: "an expression on the path", plumbline: `http_path~"/re_[0-9]{3}a.*9$" | stats count as n`,
		logsQL: `http_path:~"/re_[0-9]{3}a.*9$" | stats count() n`, columns: []string{"n"},
	}, {
		title: "distinct users, exact", plumbline: "* | stats dc(user_id) as n", logsQL: "* | stats count_uniq(user_id) n", columns: []string{"n"},
	}, {
		title: "the newest 100 errors, whole lines", plumbline: "http_status>=500 | head 100",
		logsQL: "http_status:>=500 | sort by (_time desc) limit 100", columns: []string{"request_id", "trace_id", "user_id"},
	}, {
		title:     "sum and max by route and team",
		plumbline: "* | stats sum(duration) as s max(alloc_count) as m by http_route, team",
		logsQL:    "* | stats by (http_route, team) sum(duration) s, max(alloc_count) m",
		columns:   []string{"http_route", "team", "s", "m"}, slack: 1e-6,
	}}
}

// key joins the values of a row that are compared to the letter.
func key(row []string) string { return strings.Join(row, "\x00") }
