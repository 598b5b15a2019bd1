#!/usr/bin/env bash
# The race: this build beside VictoriaLogs, on the same LINES (a million) and questions,
# in turns; answers are compared before anything is timed. Writes bench/RESULTS.md.
# SAMPLES=DIR grows the free text from the *.log files of a folder.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/env.sh
lines=${LINES:-1000000}
version=v1.43.1 # of VictoriaLogs
peer=tmp/bin/victoria-logs-$version

# The peer is built in a module of its own, so that its needs are not the race's.
build_peer() {
  local module=github.com/VictoriaMetrics/VictoriaLogs from
  from=$(cd bench && go mod download -json "$module@$version" | sed -n 's/^[[:space:]]*"Dir": "\(.*\)",\{0,1\}$/\1/p')
  rm -rf tmp/victorialogs
  cp -r "$from" tmp/victorialogs
  chmod -R u+w tmp/victorialogs
  (cd tmp/victorialogs && GOFLAGS=-mod=mod go build -o "../../$peer" ./app/victoria-logs)
}

[ -x "$peer" ] || build_peer
go build -trimpath -o tmp/bin/plumbline ./cmd/plumbline
go -C bench build -o ../tmp/bin/race .
trap 'rm -rf tmp/race' EXIT
tmp/bin/race -plumbline tmp/bin/plumbline -victorialogs "$peer" -lines "$lines" -dir tmp/race -commit "$(git rev-parse --short HEAD)" -out bench/RESULTS.md
