#!/usr/bin/env bash
# Related ids: the embedded engine beside PostgreSQL, over the same links in one
# run. LINKS=1000000,10000000 are the sizes, PG=10000000 the largest that
# PostgreSQL is given, DIR a folder on the disk that is to be measured. KEEP=1 leaves
# the embedded engine's links there, and asks those of an earlier run.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/env.sh

go test -tags system ./internal/links -run '^$' -bench '^BenchmarkRelated$' -benchtime 1x -timeout 12h \
  -links "${LINKS:-1000000,10000000}" -pg "${PG:-0}" -dir "${DIR:-$PWD/tmp}" ${KEEP:+-keep} -table "${TABLE:-$PWD/docs/bench-related.md}"
cat "${TABLE:-docs/bench-related.md}"
