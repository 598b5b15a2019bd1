#!/usr/bin/env bash
# Loads LINES canonical lines (a million) into a fresh server and prints what it cost:
# lines/s, processor time a line, bytes a line on disk, peak memory, the time of twelve
# questions (medians of five, without anything kept from the question before), and how
# long a start takes that finds all lines in the log.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/env.sh
lines=${LINES:-1000000}
batch=5000 # lines a POST, what a busy agent sends
senders=4  # at once, so that one may send while another waits for the disk
corpus=tmp/bench-$lines data=tmp/bench-data

# The same lines every time: seed and clock are fixed. A changed generator makes new ones.
generate() {
  cmp -s scripts/canonical.awk "$corpus/made-by" && return
  rm -rf "$corpus"
  mkdir -p "$corpus.new"
  LC_ALL=C gawk -v lines="$lines" -f scripts/canonical.awk | split -l "$batch" -d -a 5 - "$corpus.new/"
  cp scripts/canonical.awk "$corpus.new/made-by"
  mv "$corpus.new" "$corpus"
}

# cpu_ms: processor time the server has used so far, over all its threads.
cpu_ms() { awk -v tick="$(getconf CLK_TCK)" '{ sub(/.*\) /, ""); print ($12 + $13) * 1000 / tick }' "/proc/$server/stat"; }
now_ms() { date +%s%3N; }
folder_bytes() { du -sb "$1" | cut -f1; }

# start [FLAG…] starts a server over what is in $data.
start() {
  tmp/bin/plumbline serve --data "$data" --listen 127.0.0.1:0 "$@" >tmp/bench.log 2>&1 &
  server=$!
  url=
  for _ in $(seq 3000); do
    if [ -z "$url" ]; then url=$(sed -n 's/^plumbline serves \([^,]*\),.*/\1/p' tmp/bench.log); fi
    if [ -n "$url" ] && curl -sf -o /dev/null "$url/readyz"; then return; fi
    sleep 0.01
  done
  cat tmp/bench.log >&2
  exit 1
}

# stop SIGNAL
stop() {
  kill "-$1" "$server"
  wait "$server" 2>/dev/null || [ "$1" = KILL ]
}

# load posts every file; a request that fails ends the run.
load() {
  for file in "${files[@]}"; do
    printf 'url = "%s/api/v1/ingest/jsonl"\ndata-binary = "@%s"\noutput = "/dev/null"\nfail\nsilent\nshow-error\nnext\n' "$url" "$file"
  done | sed '$d' | curl --no-progress-meter --parallel --parallel-max "$senders" --fail-early -K -
}

# all_there ends the run unless every line can be found.
all_there() {
  local stored
  stored=$(curl -sf "$url/api/v1/query" -d 'q=* | stats count dc(request_id)' -d format=csv | tail -n 1 | tr -d '\r')
  [ "$stored" = "$lines,$lines" ] || { echo "bench: $lines lines were sent, there are $stored" >&2; exit 1; }
}

# ask QUESTION prints the median time of five answers, and how many rows they had.
ask() {
  local times rows
  rows=$(curl -sf -G "$url/api/v1/query" --data-urlencode "q=$1" -d cache=no | wc -l)
  times=$(for _ in 1 2 3 4 5; do
    curl -sf -o /dev/null -w '%{time_total}\n' -G "$url/api/v1/query" --data-urlencode "q=$1" -d cache=no
  done)
  sort -n <<<"$times" | awk -v q="$1" -v rows="$rows" 'NR == 3 { printf "%9.1f ms  %5d rows  %s\n", $1 * 1000, rows, q }'
}

trap 'kill "$server" 2>/dev/null; wait "$server" 2>/dev/null || true' EXIT
make --silent build BINARY=tmp/bin/plumbline
generate
files=("$corpus"/[0-9]*)
rm -rf "$data"
start
from_cpu=$(cpu_ms) from=$(now_ms)
load
to=$(now_ms) in_cpu=$(cpu_ms)
curl -sf -o /dev/null -X POST "$url/api/v1/flush"
rest=$(now_ms) all_cpu=$(cpu_ms)
all_there
raw=$(cat "${files[@]}" | wc -c)
log=$(folder_bytes "$data/wal")
kept=$(folder_bytes "$data/app") # without the log, and the ballast that is kept for a full disk

awk -v n="$lines" -v ms=$((to - from)) -v rest_ms=$((rest - to)) -v cpu="$from_cpu" -v in_cpu="$in_cpu" -v all_cpu="$all_cpu" -v raw="$raw" -v kept="$kept" -v log_bytes="$log" 'BEGIN {
  printf "%9d lines/s acknowledged, after %.1f s more at rest\n", n * 1000 / ms, rest_ms / 1000
  printf "%9.2f µs of processor a line until acknowledged, %.2f until at rest\n", (in_cpu - cpu) * 1000 / n, (all_cpu - cpu) * 1000 / n
  printf "%9.1f bytes a line at rest, of %.1f sent; the log takes %.0f MiB\n", kept / n, raw / n, log_bytes / 1048576
}'

# One line of the middle is looked for.
line=$(head -n 1 "${files[${#files[@]} / 2]}")
request=$(grep -o 'req_[0-9a-f]*' <<<"$line")
trace=$(sed 's/.*"trace_id":"\([^"]*\)".*/\1/' <<<"$line")
user=$(grep -oh 'usr_[0-9]*' "${files[0]}" | sort | uniq -c | sort -rn | awk 'NR == 1 { print $2 }')

ask '* | stats count by http_status'
ask 'rate_allowed=false | stats count by user_id | sort -count | head 10'
ask '* | stats count by user_id | sort -count | head 10'
ask 'http_method=POST | stats count p50(duration) p95(duration) p99(duration)'
ask "user_id=$user http_route=/v1/charges http_status!=4* | timechart span=5m p50(duration) p99(duration)"
ask '* | timechart span=5m p50(duration) p95(duration) p99(duration)'
ask "request_id=$request"
ask "trace_id=*${trace:10:12}* | stats count"
ask 'http_path~"/re_[0-9]{3}a.*9$" | stats count'
ask '* | stats dc(user_id)'
ask 'http_status>=500 | head 100'
ask '* | stats sum(duration) max(alloc_count) by http_route, team'
awk '/^VmHWM/ { printf "%9.0f MiB of memory at the peak\n", $2 / 1024 }' "/proc/$server/status"
stop TERM

# Partitions of an hour stay too small to be sealed at once, so that all lines are in
# the log alone when the server is killed.
rm -rf "$data"
printf 'datasets:\n  app: {period: 1h}\n' >tmp/bench.yaml
start --config tmp/bench.yaml
load
stop KILL
from=$(now_ms)
start --config tmp/bench.yaml
to=$(now_ms)
all_there
awk -v ms=$((to - from)) -v log_bytes="$(folder_bytes "$data/wal")" -v parts="$(find "$data" -name '*.part' | wc -l)" 'BEGIN {
  printf "%9.1f s until ready after a kill, a log of %.0f MiB and %d parts\n", ms / 1000, log_bytes / 1048576, parts
}'
