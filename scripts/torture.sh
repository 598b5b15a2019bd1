#!/usr/bin/env bash
# Torture: kills, power cuts, broken and full disks, damage, overload, hostile
# questions, planted faults; docs/torture.md says what each must show. About an hour
# on two cores. The last lines are a table of what was done; it goes into that page,
# with the date and the commit, when all of it passed.
#   ONLY=regexp   some of the tests, TestTorture…; the page stays as it is
#   RACE=1        under the race detector, several times as long
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/env.sh
flags=(-count=1 -v -tags "$all_tags" -timeout 4h -p 1)
[ -z "${RACE:-}" ] || flags+=(-race)
log=tmp/torture.log

failed=0
go test "${flags[@]}" -run "^TestTorture.*${ONLY:-}" ./... 2>&1 | tee "$log" | grep -E '^(---|FAIL|ok|panic)|torture:' || true
grep -qE '^(--- FAIL|FAIL|panic)' "$log" && failed=1

# rows turns "torture: what | how much | result" into rows of a table.
rows() { sed -n 's/.*torture: \(.*[^ |]\) *|* *$/| \1 |/p' "$log"; }

printf '\n| what | how much | result |\n|---|---|---|\n'
rows
[ "$failed" = 0 ] || { printf '\nsomething failed, see %s\n' "$log"; exit 1; }
[ -z "${ONLY:-}${RACE:-}" ] || exit 0

page=docs/torture.md
{
  sed '/<!-- results -->/q' $page
  printf '%s, commit %s, on %s cores:\n\n| what | how much | result |\n|---|---|---|\n' "$(date -u +%Y-%m-%d)" "$(git rev-parse --short HEAD)" "$(nproc)"
  rows
  sed -n '/<!-- end of results -->/,$p' $page
} >tmp/torture.md
mv tmp/torture.md $page
