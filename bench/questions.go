package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/plumbline/plumbline/bench/corpus"
)

// question is the same question in the languages of all systems. The answers
// have the same columns, and are compared before any is timed.
type question struct {
	title     string
	goal      goal // in ms, for two million lines
	plumbline string
	logsQL    string
	sql       string
	columns   []string
	logsSlack float64 // the share by which numbers of VictoriaLogs may differ, which takes samples
	ordered   bool    // the columns are compared as they come: of a top ten only the counts
	gaps      bool    // steps without lines are left out by some
}

// goal is the most that something may take, and what it took the better of the
// others where that was set, so that it can be told on any machine.
type goal struct {
	most float64 // 0: there is none
	of   string  // the other system; "" where only the number itself counts
	took float64
}

// sampled is how far percentiles may lie from ours where a system keeps but
// 10,000 values of a group, as VictoriaLogs does.
const sampled = 0.1

// questions are those about the corpus of a heat that was loaded: they ask for
// what its line in the middle has.
func (h *heat) questions() ([]question, error) {
	c, err := corpus.Named(h.Corpus)
	if err != nil {
		return nil, err
	}
	var line map[string]any
	if err := json.Unmarshal(h.Middle, &line); err != nil {
		return nil, fmt.Errorf("nothing of %s is loaded yet: %w", h.Corpus, err)
	}
	all := question{title: "how many", plumbline: "* | stats count as n", logsQL: "* | stats count() n", sql: "SELECT count() AS n FROM lines", columns: []string{"n"}}
	switch c.Name {
	case "canonical":
		return append([]question{all}, canonicalQuestions(line)...), nil
	case "text":
		return append([]question{all}, textQuestions()...), nil
	case "wide":
		return append([]question{all}, wideQuestions(c)...), nil
	case "access":
		return append([]question{all}, accessQuestions()...), nil
	case "cluster":
		return append([]question{all}, clusterQuestions()...), nil
	case "days":
		return append([]question{all}, growthQuestions(canonicalQuestions(line), h.Lines)...), nil
	}
	return []question{all}, nil
}

func text(line map[string]any, field string) string { s, _ := line[field].(string); return s }

func canonicalQuestions(line map[string]any) []question {
	request, inside, user := text(line, "request_id"), text(line, "trace_id")[10:22], text(line, "user_id")
	return []question{{
		title: "count by http_status", goal: goal{1.5, "ClickHouse", 9},
		plumbline: "* | stats count as n by http_status",
		logsQL:    "* | stats by (http_status) count() n",
		sql:       "SELECT http_status, count() AS n FROM lines GROUP BY http_status",
		columns:   []string{"http_status", "n"},
	}, {
		title: "not allowed, by user, top 10", goal: goal{3, "VictoriaLogs", 26.5},
		plumbline: "rate_allowed=false | stats count as n by user_id | sort -n | head 10",
		logsQL:    "rate_allowed:=false | stats by (user_id) count() n | sort by (n desc) | limit 10",
		sql:       "SELECT user_id, count() AS n FROM lines WHERE NOT rate_allowed GROUP BY user_id ORDER BY n DESC LIMIT 10",
		columns:   []string{"n"}, ordered: true,
	}, {
		title: "by user, top 10", goal: goal{9, "ClickHouse", 54.5},
		plumbline: "* | stats count as n by user_id | sort -n | head 10",
		logsQL:    "* | stats by (user_id) count() n | sort by (n desc) | limit 10",
		sql:       "SELECT user_id, count() AS n FROM lines GROUP BY user_id ORDER BY n DESC LIMIT 10",
		columns:   []string{"n"}, ordered: true,
	}, {
		title: "POST: count, p50, p95, p99", goal: goal{6, "ClickHouse", 31.3},
		plumbline: "http_method=POST | stats count as n p50(duration) as a p95(duration) as b p99(duration) as c",
		logsQL:    "http_method:=POST | stats count() n, " + logsQuantiles("duration"),
		sql:       "SELECT n, q[1] AS a, q[2] AS b, q[3] AS c FROM (SELECT count() AS n, " + sqlQuantiles("duration") + " AS q FROM lines WHERE http_method = 'POST')",
		columns:   []string{"n", "a", "b", "c"}, logsSlack: sampled,
	}, {
		title: "one user, one route, not 4xx: timechart 5m p50 p99", goal: goal{6, "ClickHouse", 62.8},
		plumbline: "user_id=" + user + " http_route=" + text(line, "http_route") + " http_status!=4* | timechart span=5m p50(duration) as a p99(duration) as c",
		logsQL:    "user_id:=" + user + " http_route:=" + quote(text(line, "http_route")) + " http_status:!~\"^4\" | stats by (_time:5m) quantile(0.499999999, duration) a, quantile(0.989999999, duration) c",
		sql: "SELECT _time, q[1] AS a, q[3] AS c FROM (SELECT toStartOfInterval(l._time, INTERVAL 5 MINUTE) AS _time, " + sqlQuantiles("duration") + " AS q FROM lines AS l WHERE user_id = '" + user + "' AND http_route = '" +
			text(line, "http_route") + "' AND NOT startsWith(toString(http_status), '4') GROUP BY _time)",
		columns: []string{"_time", "a", "c"}, gaps: true,
	}, {
		title: "everything: timechart 5m p50 p95 p99, exact", goal: goal{8, "ClickHouse", 45.8},
		plumbline: "* | timechart span=5m p50(duration) as a p95(duration) as b p99(duration) as c",
		logsQL:    "* | stats by (_time:5m) " + logsQuantiles("duration"),
		sql:       "SELECT _time, q[1] AS a, q[2] AS b, q[3] AS c FROM (SELECT toStartOfInterval(l._time, INTERVAL 5 MINUTE) AS _time, " + sqlQuantiles("duration") + " AS q FROM lines AS l GROUP BY _time)",
		columns:   []string{"_time", "a", "b", "c"},
	}, {
		title: "one request, the whole line", goal: goal{0.6, "VictoriaLogs", 2.4},
		plumbline: "request_id=" + request,
		logsQL:    "request_id:=" + request,
		sql:       "SELECT * FROM lines WHERE request_id = '" + request + "'",
		columns:   []string{"request_id", "trace_id", "user_id", "http_path", "alloc_count"},
	}, {
		title: "12 hex digits inside a trace id", goal: goal{5, "ClickHouse", 5.9},
		plumbline: "trace_id=*" + inside + "* | stats count as n",
		logsQL:    `trace_id:~"` + inside + `" | stats count() n`,
		sql:       "SELECT count() AS n FROM lines WHERE trace_id LIKE '%" + inside + "%'",
		columns:   []string{"n"},
	}, {
		title: "an expression on the path", goal: goal{8, "ClickHouse", 31},
		plumbline: `http_path~"/re_[0-9]{3}a.*9$" | stats count as n`,
		logsQL:    `http_path:~"/re_[0-9]{3}a.*9$" | stats count() n`,
		sql:       "SELECT count() AS n FROM lines WHERE match(http_path, '/re_[0-9]{3}a.*9$')",
		columns:   []string{"n"},
	}, {
		title: "distinct users, exact", goal: goal{8, "VictoriaLogs", 89},
		plumbline: "* | stats dc(user_id) as n",
		logsQL:    "* | stats count_uniq(user_id) n",
		sql:       "SELECT uniqExact(user_id) AS n FROM lines",
		columns:   []string{"n"},
	}, {
		title: "the newest 100 errors, whole lines", goal: goal{1.5, "ClickHouse", 31.9},
		plumbline: "http_status>=500 | head 100",
		logsQL:    "http_status:>=500 | sort by (_time desc) limit 100",
		sql:       "SELECT * FROM lines WHERE http_status >= 500 ORDER BY _time DESC LIMIT 100",
		columns:   []string{"request_id", "trace_id", "user_id"}, ordered: true,
	}, {
		title: "sum and max by route and team", goal: goal{7, "ClickHouse", 55},
		plumbline: "* | stats sum(duration) as s max(alloc_count) as m by http_route, team",
		logsQL:    "* | stats by (http_route, team) sum(duration) s, max(alloc_count) m",
		sql:       "SELECT http_route, team, sum(duration) AS s, max(alloc_count) AS m FROM lines GROUP BY http_route, team",
		columns:   []string{"http_route", "team", "s", "m"},
	}}
}

// A percentile is the smallest value that so many do not exceed. Both others
// take the one after it where that many is a whole number, so they are asked
// for a hair less.
const hair = 1e-9

func sqlQuantiles(field string) string {
	return fmt.Sprintf("quantilesExact(%.9f, %.9f, %.9f)(%s)", 0.5-hair, 0.95-hair, 0.99-hair, field)
}

func logsQuantiles(field string) string {
	return fmt.Sprintf("quantile(%.9f, %s) a, quantile(%.9f, %s) b, quantile(%.9f, %s) c", 0.5-hair, field, 0.95-hair, field, 0.99-hair, field)
}

func textQuestions() []question {
	return []question{
		counted("a rare word", goal{5, "VictoriaLogs", 31}, "lost", "lost", "hasToken(_msg, 'lost')"),
		counted("a phrase", goal{5, "VictoriaLogs", 34}, `"connection reset"`, `"Connection reset"`, "position(_msg, 'Connection reset') > 0"),
		counted("a phrase in any case", goal{5, "VictoriaLogs", 433}, `"CONNECTION reset"`, `i("connection reset")`, "positionCaseInsensitive(_msg, 'connection reset') > 0"),
		counted("a fragment inside a word", goal{5, "VictoriaLogs", 199}, "*erminat*", `~"erminat"`, "_msg LIKE '%erminat%'"),
		counted("a fragment that is nowhere", goal{5, "VictoriaLogs", 196}, "*zqxjzq*", `~"zqxjzq"`, "_msg LIKE '%zqxjzq%'"),
		counted("a fragment of digits alone", goal{most: 30}, "*48213*", `~"48213"`, "_msg LIKE '%48213%'"),
		counted("blk_-?[0-9]*77777", goal{10, "VictoriaLogs", 205}, `_msg~"blk_-?[0-9]*77777"`, `~"blk_-?[0-9]*77777"`, "match(_msg, 'blk_-?[0-9]*77777')"),
		counted("nova-comp.*Terminating", goal{10, "VictoriaLogs", 322}, `_msg~"nova-comp.*Terminating"`, `~"nova-comp.*Terminating"`, "match(_msg, 'nova-comp.*Terminating')"),
		patternsQuestion(goal{10, "VictoriaLogs", 827}),
	}
}

// counted asks how many lines match.
func counted(title string, want goal, plumbline, logsQL, sql string) question {
	return question{
		title: title, goal: want, columns: []string{"n"},
		plumbline: plumbline + " | stats count as n", logsQL: logsQL + " | stats count() n", sql: "SELECT count() AS n FROM lines WHERE " + sql,
	}
}

// patternsQuestion: each system has its own idea of a pattern; that no line is
// lost from the counts is what can be compared.
func patternsQuestion(want goal) question {
	return question{
		title: "patterns, counted", goal: want, columns: []string{"n"},
		plumbline: "* | patterns | stats sum(count) as n",
		logsQL:    "* | collapse_nums | stats by (_msg) count() n | stats sum(n) n",
		sql:       "SELECT sum(c) AS n FROM (SELECT replaceRegexpAll(_msg, '[0-9]+', '<n>') AS p, count() AS c FROM lines GROUP BY p)",
	}
}

// wideQuestions ask for the first fields of some kinds.
func wideQuestions(c corpus.Corpus) []question {
	first := func(kind corpus.Kind) string {
		for _, f := range c.Fields[3:] {
			if f.Kind == kind {
				return f.Name
			}
		}
		return ""
	}
	number, word, path := first(corpus.Whole), first(corpus.Word), first(corpus.Text)
	return []question{{
		title:     "sum of a number by kind",
		plumbline: number + "=* | stats sum(" + number + ") as s by event",
		logsQL:    quote(number) + ":* | stats by (event) sum(" + quote(number) + ") s",
		sql:       "SELECT event, sum(`" + number + "`) AS s FROM lines WHERE `" + number + "` != 0 GROUP BY event",
		columns:   []string{"event", "s"},
	}, {
		title:     "count by a field that is often missing",
		plumbline: word + "=* | stats count as n by " + word,
		logsQL:    quote(word) + ":* | stats by (" + quote(word) + ") count() n",
		sql:       "SELECT `" + word + "`, count() AS n FROM lines WHERE `" + word + "` != '' GROUP BY `" + word + "`",
		columns:   []string{word, "n"},
	}, counted("a fragment of one field", goal{}, path+"=*queue*", quote(path)+`:~"queue"`, "`"+path+"` LIKE '%queue%'")}
}

// accessQuestions ask for no patterns: tokens in URLs make nearly each line its own.
func accessQuestions() []question {
	return []question{
		counted("a word", goal{}, "googlebot", `i(googlebot)`, "hasTokenCaseInsensitive(_msg, 'googlebot')"),
		counted("a phrase", goal{}, `"running shoes"`, `"running shoes"`, "match(_msg, '\\\\brunning shoes\\\\b')"),
		counted("a fragment of a URL", goal{}, "*waterproof-blue*", `~"waterproof-blue"`, "_msg LIKE '%waterproof-blue%'"),
		counted("an address", goal{}, "*2001:db8:e37*", `~"2001:db8:e37"`, "_msg LIKE '%2001:db8:e37%'"),
	}
}

func clusterQuestions() []question {
	return []question{{
		title:     "count by namespace",
		plumbline: "* | stats count as n by kubernetes.namespace_name | rename kubernetes.namespace_name as name",
		logsQL:    "* | stats by (kubernetes.namespace_name) count() n | rename kubernetes.namespace_name as name",
		sql:       "SELECT kubernetes.namespace_name::String AS name, count() AS n FROM lines GROUP BY name",
		columns:   []string{"name", "n"},
	}, {
		title:     "errors by pod, top 10",
		plumbline: "level=error | stats count as n by kubernetes.pod_name | sort -n | head 10",
		logsQL:    "level:=error | stats by (kubernetes.pod_name) count() n | sort by (n desc) | limit 10",
		sql:       "SELECT kubernetes.pod_name::String AS pod, count() AS n FROM lines WHERE level = 'error' GROUP BY pod ORDER BY n DESC LIMIT 10",
		columns:   []string{"n"}, ordered: true,
	}, {
		title:     "mean time by status",
		plumbline: "request.status=* | stats count as n avg(request.ms) as a by request.status | rename request.status as status",
		logsQL:    "request.status:* | stats by (request.status) count() n, avg(request.ms) a | rename request.status as status",
		sql:       "SELECT request.status::Int64 AS status, count() AS n, avg(request.ms::Float64) AS a FROM lines WHERE status > 0 GROUP BY status",
		columns:   []string{"status", "n", "a"},
	}, counted("a fragment of a stack", goal{}, "*paymentsService*", `~"paymentsService"`, "_msg LIKE '%paymentsService%'"),
		patternsQuestion(goal{})}
}

// growthQuestions are some of the canonical ones, about everything and about
// the newest day, which has as many lines however many days there are.
func growthQuestions(all []question, lines int) []question {
	var out []question
	first := corpus.Start.Add(time.Duration(lines-1_000_000) * 24 * time.Hour / 1_000_000)
	for _, q := range all {
		switch q.title {
		case "count by http_status", "by user, top 10", "POST: count, p50, p95, p99", "everything: timechart 5m p50 p95 p99, exact":
			day := q
			day.title = "newest day: " + strings.TrimPrefix(q.title, "everything: ")
			day.plumbline = "earliest=" + first.Format(time.RFC3339) + " latest=" + first.AddDate(0, 0, 1).Format(time.RFC3339) + " " + strings.TrimPrefix(q.plumbline, "* ")
			out = append(out, day)
		}
		if strings.HasPrefix(q.title, "everything") || strings.HasPrefix(q.title, "one user") {
			continue // a chart of weeks in steps of five minutes
		}
		q.goal = goal{}
		out = append(out, q)
	}
	return out
}

// quote is a name or a text as LogsQL wants it.
func quote(s string) string { return `"` + s + `"` }
