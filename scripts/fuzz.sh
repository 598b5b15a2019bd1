#!/usr/bin/env bash
# Runs every fuzz target for FUZZTIME (10s; 10m, or 5000000x for a number of inputs)
# and prints how many inputs each saw. FUZZ=regexp chooses among the targets.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/env.sh
time=${FUZZTIME:-10s}
chosen=${FUZZ:-.}
log=tmp/fuzz.log
failed=0 targets=0

# Before Go 1.27 the end of -fuzztime itself can be taken for a failure, without any
# input to show for it: https://go.dev/issue/75804. Only that is forgiven.
time_was_up() {
  ! grep -qiE 'failing input|panic:|data race|fatal error|_test\.go:' "$log" &&
    [ "$(grep -A1 '^--- FAIL' "$log" | tail -n 1)" = '    context deadline exceeded' ]
}

# fuzz MODULE PACKAGE TARGET
fuzz() {
  if go -C "$1" test -run '^$' -fuzz "^$3\$" -fuzztime "$time" "$2" >"$log" 2>&1 || time_was_up; then
    printf '%12s inputs  %s %s\n' "$(sed -n 's/.*execs: \([0-9]*\).*/\1/p' "$log" | tail -n 1)" "$2" "$3"
  else
    cat "$log"
    printf 'FAIL  %s %s\n' "$2" "$3"
    failed=$((failed + 1))
  fi
}

for module in $(modules); do
  # "go test -list" names a package's targets first, then the package: "ok <package> <time>".
  listed=$(go -C "$module" test -list '^Fuzz' ./...)
  names=()
  while read -r word package _; do
    case $word in
    Fuzz*) if [[ $word =~ $chosen ]]; then names+=("$word"); fi ;;
    ok)
      for name in "${names[@]}"; do
        targets=$((targets + 1))
        fuzz "$module" "$package" "$name"
      done
      names=()
      ;;
    esac
  done <<<"$listed"
done
printf '%d fuzz targets for %s each, %d failed\n' "$targets" "$time" "$failed"
[ "$failed" = 0 ]
