package demo

// Rules is a file of rules for the demo: quick ones, because a fault that takes
// a minute should be seen to begin and to end.
func Rules() []byte {
	return []byte(`
rules:
  - name: charges-slow
    question: canonical-log-line service=api http_route=/v1/charges http_method=POST | stats p95(duration) as p95, count | where p95 > 0.25 and count > 5
    resolve: p95 < 0.2
    every: 5s
    over: 15s
    delay: 1s
    for: 5s
    keep_for: 10s
    severity: critical
    summary: "charges are slow: one in twenty takes longer than {{p95}} s"
    why: customers wait, and leave
    look: our database or the card network? database_duration and http_client_duration say
    labels: {team: acquiring, service: api}
  - name: card-network-slow
    question: canonical-log-line service=api http_client_duration=* | stats p95(http_client_duration) as p95 | where p95 > 0.25
    every: 5s
    over: 15s
    delay: 1s
    summary: "the card network answers in {{p95}} s"
    why: every charge waits for it
    look: service=cardnet
  - name: database-slow
    question: canonical-log-line database_duration=* | stats p95(database_duration) as p95 by service | where p95 > 0.25
    every: 5s
    over: 15s
    delay: 1s
    summary: "the database answers {{service}} in {{p95}} s"
    why: everything waits for it
  - name: customer-fails
    question: canonical-log-line service=api http_status=5* | stats count by user_id | where count > 3
    every: 5s
    over: 30s
    delay: 1s
    for: 5s
    severity: warning
    summary: "requests of {{user_id}} fail, {{count}} in 30 s"
    why: one customer is cut off
    look: the field error of the lines
  - name: user-limited
    question: canonical-log-line rate_allowed=false | stats count by user_id | where count > 10
    every: 5s
    over: 30s
    delay: 1s
    summary: "{{user_id}} runs into the rate limit, {{count}} times in 30 s"
    why: a customer whose client does not back off, or whose quota is too small
slos:
  - name: charges
    slo: 90% of canonical-log-line service=api http_route=/v1/charges over 7d good http_status<500
`)
}
