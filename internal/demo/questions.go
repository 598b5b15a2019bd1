package demo

// Question is one worth asking of the demo, in the query language.
type Question struct {
	Text string
	Why  string
}

// Questions are five that lead somewhere: the first to a loss, the rest from the
// everyday to the fault.
func Questions() []Question {
	return []Question{
		{
			Text: `"Message sent" latest=-40s NOT operator_id in ["Delivery report received" latest=now | fields operator_id]`,
			Why:  "Which message went to the operator and never got its delivery report? (after a minute; open its line and choose “Related to this message_id”)",
		},
		{
			Text: `canonical-log-line rate_allowed=false | stats count by user_id | sort -count`,
			Why:  "Who runs into the rate limiter?",
		},
		{
			Text: `canonical-log-line user=usr_123 http_method=POST http_path=/v1/charges http_status!=4* | timechart span=10s p50(duration) p95(duration) p99(duration)`,
			Why:  "How fast are charges for our first customer? (from the second minute on: not fast)",
		},
		{
			Text: `canonical-log-line service=api http_route=/v1/charges | timechart span=10s p95(database_duration) p95(http_client_duration)`,
			Why:  "Is it our database, or the card network behind us?",
		},
		{
			Text: `canonical-log-line service=api http_status=5* | stats count, latest(error) by user_id, http_status | sort -count`,
			Why:  "Whose requests fail, and with what? (from the second minute on: nearly all of one customer)",
		},
	}
}
