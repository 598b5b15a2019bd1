#!/usr/bin/env bash
# Everything a change must pass. All of it runs even when something fails early, so
# that one run shows all there is to mend; the last line counts.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/env.sh
passed=0 failed=0 broken=()

# step NAME COMMAND… counts as one test.
step() {
  local name=$1
  shift
  printf '\n== %s\n' "$name"
  if "$@"; then passed=$((passed + 1)); else failed=$((failed + 1)) broken+=("$name"); fi
}

go_tests() {
  local module race
  for module in $(modules); do
    # What we compare with races by itself: httplog's SetAttrs from two goroutines.
    case $module in *bench) race=false ;; *) race=true ;; esac
    go -C "$module" test -json -race=$race -tags "$tags" -timeout 20m ./... || true # tally counts what failed
  done | tmp/bin/tally | tee tmp/test.log
}

printf '== setup\n'
scripts/setup.sh
step lint scripts/lint.sh
step web scripts/web.sh test
step fuzz scripts/fuzz.sh
step samples scripts/samples.sh

printf '\n== go test\n'
go_tests || broken+=("go test")
# tally's last line: "N passed, N failed"
read -r go_passed _ go_failed _ < <(tail -n 1 tmp/test.log)
passed=$((passed + go_passed)) failed=$((failed + go_failed))

if [ ${#broken[@]} -gt 0 ]; then printf '\nbroken:\n'; printf '  %s\n' "${broken[@]}"; fi
printf '\n%d passed, %d failed\n' "$passed" "$failed"
[ ${#broken[@]} -eq 0 ]
