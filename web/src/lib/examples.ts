// Questions that show the language; they answer on the lines of the demo.

export const examples: { q: string; note: string }[] = [
  { q: '"Message sent"', note: 'messages on their way; open one and see what is related to its message_id' },
  { q: 'canonical-log-line http_status>=500', note: 'requests that failed' },
  { q: 'canonical-log-line | stats count p50(duration) p95(duration) p99(duration) by http_path | sort -count', note: 'how long each path takes' },
  { q: 'canonical-log-line | timechart count by http_status', note: 'answers by status over time' },
  { q: 'canonical-log-line | timechart p50(duration) p95(duration) p99(duration)', note: 'latency over time' },
  { q: 'canonical-log-line rate_allowed=false | stats count by user_id | sort -count | head 10', note: 'who is held back by rate limits' },
  { q: 'level=error | patterns', note: 'what kinds of errors there are' },
];
