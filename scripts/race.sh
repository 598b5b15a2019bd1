#!/usr/bin/env bash
# The race: this build beside VictoriaLogs and ClickHouse, on the same lines and
# questions, in turns; answers are compared before anything is timed. What was measured
# is kept in bench/results, its tables are bench/RESULTS.md.
#   LINES=2000000              as many bytes as so many canonical lines have
#   LOADS=3                    runs of intake, medians are taken
#   CORPORA="canonical text …" a corpus not named keeps its last results
#   SAMPLES=DIR                grows the free text from the *.log files of a folder
#   QUIETLY="flock FILE"       a command that runs the timed steps, for a shared machine
#   scripts/race.sh growth     GROWTH="1000000 10000000 50000000" lines of this build alone
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/env.sh
lines=${LINES:-2000000}
loads=${LOADS:-3}
corpora=${CORPORA:-canonical text wide access cluster}
victorialogs=v1.43.1
clickhouse=26.5.3

peers=(-victorialogs "tmp/bin/victoria-logs-$victorialogs" -clickhouse "tmp/bin/clickhouse-$clickhouse")
bench=(tmp/bin/race -plumbline tmp/bin/plumbline -commit "$(git rev-parse --short HEAD)")
# shellcheck disable=SC2206  # a command and its arguments
quietly=(${QUIETLY:-})

# Each peer is built in a place of its own, so that its needs are not the race's.
build_victorialogs() {
  local module=github.com/VictoriaMetrics/VictoriaLogs from
  from=$(cd bench && go mod download -json "$module@$victorialogs" | sed -n 's/^[[:space:]]*"Dir": "\(.*\)",\{0,1\}$/\1/p')
  rm -rf tmp/victorialogs
  cp -r "$from" tmp/victorialogs
  chmod -R u+w tmp/victorialogs
  (cd tmp/victorialogs && GOFLAGS=-mod=mod go build -o "../bin/victoria-logs-$victorialogs" ./app/victoria-logs)
}

build_clickhouse() {
  local library=tmp/clickhouse/node_modules/@chdb/lib-linux-x64-gnu
  npm install --silent --no-save --prefix tmp/clickhouse "@chdb/lib-linux-x64-gnu@$clickhouse"
  cc -O2 -Wall -Wextra -o "tmp/bin/clickhouse-$clickhouse" bench/clickhouse/main.c "$library/libchdb.so" -Wl,-rpath,"$PWD/$library"
}

race() {
  local corpus
  [ -x "tmp/bin/victoria-logs-$victorialogs" ] || build_victorialogs
  [ -x "tmp/bin/clickhouse-$clickhouse" ] || build_clickhouse
  for corpus in $corpora; do
    rm -f "bench/results/$corpus"-*.json
    for _ in $(seq 2 "$loads"); do "${quietly[@]}" "${bench[@]}" -corpus "$corpus" -lines "$lines" "${peers[@]}" load; done
    "${quietly[@]}" "${bench[@]}" -corpus "$corpus" -lines "$lines" "${peers[@]}" load ask
    if [ "$corpus" = wide ]; then "${bench[@]}" -corpus wide -lines "$lines" "${peers[@]}" pack; fi
    rm -rf tmp/race
  done
}

# growth is loaded once each, and without waiting for quiet: processor time counts.
growth() {
  local lines
  rm -f bench/results/days-*.json
  for lines in ${GROWTH:-1000000 10000000 50000000}; do
    "${bench[@]}" -corpus days -lines "$lines" load
    "${quietly[@]}" "${bench[@]}" -corpus days -lines "$lines" ask
    rm -rf tmp/race
  done
}

trap 'rm -rf tmp/race' EXIT
make --silent build BINARY=tmp/bin/plumbline
go -C bench build -o ../tmp/bin/race .
"${1:-race}"
tmp/bin/race -out bench/RESULTS.md report
