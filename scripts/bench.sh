#!/usr/bin/env bash
# Loads LINES canonical lines (a million) into a fresh server and prints what it
# cost: lines/s, CPU per line, bytes per line on disk, and the time of ten questions.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/env.sh
lines=${LINES:-1000000}
batch=5000 # lines a POST, what a busy agent sends
address=127.0.0.1:${PORT:-7429}
corpus=tmp/bench-$lines data=tmp/bench-data

# The same lines every time: seed and clock are fixed.
generate() {
  [ -d "$corpus" ] && return
  mkdir -p "$corpus.new"
  gawk -v lines="$lines" -f scripts/canonical.awk | split -l "$batch" -d -a 5 - "$corpus.new/"
  mv "$corpus.new" "$corpus"
}

# cpu_ms: processor time the server has used so far.
cpu_ms() { awk -v tick="$(getconf CLK_TCK)" '{ print ($14 + $15) * 1000 / tick }' "/proc/$server/stat"; }
now_ms() { date +%s%3N; }

start() {
  rm -rf "$data"
  go build -trimpath -o tmp/bin/plumbline ./cmd/plumbline
  tmp/bin/plumbline serve --data "$data" --listen "$address" >tmp/bench.log 2>&1 &
  server=$!
  trap 'kill "$server" 2>/dev/null; wait "$server" 2>/dev/null || true' EXIT
  curl -sf --retry 50 --retry-delay 0 --retry-connrefused --retry-all-errors "http://$address/readyz" >/dev/null ||
    { cat tmp/bench.log >&2; exit 1; }
}

# load posts every file over one connection.
load() {
  for file in "${files[@]}"; do
    printf 'url = "http://%s/api/v1/ingest/jsonl"\ndata-binary = "@%s"\noutput = "/dev/null"\nfail\nsilent\nshow-error\nnext\n' "$address" "$file"
  done | sed '$d' | curl -K -
}

# ask NAME prints the fastest of five answers, without kept results.
ask() {
  local best
  best=$(for _ in 1 2 3 4 5; do
    curl -sf -o /dev/null -w '%{time_total}\n' -G "http://$address/api/v1/query" --data-urlencode "q=$1" -d cache=no
  done | sort -n | head -n 1)
  awk -v s="$best" -v q="$1" 'BEGIN { printf "%9.1f ms  %s\n", s * 1000, q }'
}

generate
files=("$corpus"/*)
start
from_cpu=$(cpu_ms) from=$(now_ms)
load
to=$(now_ms) to_cpu=$(cpu_ms)
curl -sf -X POST "http://$address/api/v1/flush" >/dev/null
rest_cpu=$(cpu_ms)
raw=$(cat "${files[@]}" | wc -c)
kept=$(($(du -sb "$data" | cut -f1) - $(du -sb "$data/wal" | cut -f1)))

awk -v n="$lines" -v ms=$((to - from)) -v cpu="$from_cpu" -v in_cpu="$to_cpu" -v all_cpu="$rest_cpu" -v raw="$raw" -v kept="$kept" 'BEGIN {
  printf "%9d lines/s acknowledged\n", n * 1000 / ms
  printf "%9.2f CPU µs per line until acknowledged, %.2f until at rest\n", (in_cpu - cpu) * 1000 / n, (all_cpu - cpu) * 1000 / n
  printf "%9.1f bytes per line at rest without the log, of %.1f sent\n", kept / n, raw / n
}'

ask 'canonical-log-line | stats count'
ask 'canonical-log-line | stats count by http_status'
ask 'canonical-log-line http_status>=500 | head 10'
ask 'canonical-log-line user_id=usr_123 | head 100'
ask "request_id=$(head -n 1 "${files[${#files[@]} / 2]}" | grep -o 'req_[0-9a-f]*')"
ask 'canonical-log-line rate_allowed=false | stats count by user_id | sort -count | head 10'
ask 'canonical-log-line http_path=/v1/charges* | timechart span=5m p50(duration) p95(duration) p99(duration)'
ask 'canonical-log-line | stats dc(user_id) by http_path'
ask 'error="connection reset*" | stats count by service'
ask 'canonical-log-line | top 10 user_id'
