#!/usr/bin/env bash
# Brings log files in and compares what the server answers with what awk counts: every
# line accounted for, top paths, status per hour, bytes per client, patterns – before
# and after sealing, and after a new start. SAMPLES=DIR is a folder with
# apache_combined.log and loghub/*_2k.log; without it the files come from templates.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/env.sh
export LC_ALL=C TZ=UTC
work=$PWD/tmp/samples
rm -rf "$work"
mkdir -p "$work"
if [ -z "${SAMPLES:-}" ]; then
  SAMPLES=$work/files
  gawk -v dir="$SAMPLES" -f scripts/templates.awk
fi
go build -trimpath -o tmp/bin/plumbline ./cmd/plumbline
failed=0

start() {
  tmp/bin/plumbline serve --data "$work/data" --listen 127.0.0.1:0 >"$work/log" 2>&1 &
  server=$!
  trap 'kill "$server" 2>/dev/null || true' EXIT
  for _ in $(seq 600); do
    PLUMBLINE_SERVER=$(sed -n 's/^plumbline serves \([^,]*\),.*/\1/p' "$work/log")
    export PLUMBLINE_SERVER
    if [ -n "$PLUMBLINE_SERVER" ] && curl -sf -o /dev/null "$PLUMBLINE_SERVER/readyz"; then return; fi
    kill -0 "$server" 2>/dev/null || break
    sleep 0.1
  done
  cat "$work/log" >&2
  echo "samples: the server did not start" >&2
  exit 1
}

stop() {
  kill "$server"
  wait "$server" || { cat "$work/log" >&2; echo "samples: the server ended badly" >&2; exit 1; }
}

# dataset FILE: OpenSSH_2k.log goes to openssh.
dataset() { basename "$1" .log | sed 's/_2k$//' | tr 'A-Z' 'a-z'; }

# lines FILE: those that are not blank.
lines() { gawk '{ sub(/\r$/, "") } !/^[ \t]*$/ { n++ } END { print n + 0 }' "$1"; }

ask() { tmp/bin/plumbline query -o json "$1" || [ $? = 1 ]; }

# number QUESTION: the one number of its answer.
number() { ask "$1" | sed 's/.*:\([0-9]*\)}/\1/'; }

# same NAME FILE QUESTION: the answer to the question is the one awk gives of the file.
same() {
  gawk -v question="$1" -f scripts/answers.awk "$2" | sort >"$work/want"
  ask "$3" | sort >"$work/got"
  if [ ! -s "$work/want" ]; then
    printf '  awk finds no %s in %s\n' "$1" "$2"
  elif cmp -s "$work/want" "$work/got"; then
    return
  else
    printf '  %s of %s differ (< awk, > server):\n' "$1" "$2"
    diff "$work/want" "$work/got" | sed -n 1,20p
  fi
  failed=$((failed + 1))
}

# compare WHEN
compare() {
  local file d want stored rejected offered=0
  printf '\n%-12s %8s %8s %8s %8s   %s\n' file lines stored rejected patterns "$1"
  for file in "${files[@]}"; do
    d=$(dataset "$file")
    want=$(lines "$file")
    stored=$(number "_dataset=$d | stats count")
    rejected=$(number "_dataset=_rejected dataset=$d | stats count")
    offered=$((offered + want))
    if [ $((stored + rejected)) != "$want" ]; then
      printf '  %s: %d lines, and %d of them accounted for\n' "$d" "$want" $((stored + rejected))
      failed=$((failed + 1))
    fi
    if [ "$file" = "$access" ]; then
      same paths "$file" "_dataset=$d | stats count by http_path"
      same statuses "$file" "_dataset=$d | bin span=1h _time | stats count by _time, http_status"
      same bytes "$file" "_dataset=$d bytes=* | stats sum(bytes) as bytes by client_ip | where bytes > 0"
      printf '%-12s %8d %8d %8d\n' "$d" "$want" "$stored" "$rejected"
    else
      same patterns "$file" "_dataset=$d | patterns | fields pattern, count"
      printf '%-12s %8d %8d %8d %8d\n' "$d" "$want" "$stored" "$rejected" "$(wc -l <"$work/got")"
    fi
  done
  printf '%-12s %8d\n' all "$offered"
}

access=$SAMPLES/apache_combined.log
files=("$access" "$SAMPLES"/loghub/*_2k.log)
for file in "${files[@]}"; do
  [ -s "$file" ] || { echo "samples: there is no $file" >&2; exit 1; }
done

start
for file in "${files[@]}"; do
  # Joined lines would be one row; here every line must be one.
  tmp/bin/plumbline ingest --multiline off --dataset "$(dataset "$file")" "$file" 2>>"$work/said" ||
    { cat "$work/said" >&2; echo "samples: $file could not be brought in" >&2; exit 1; }
done
compare "as they came"
curl -sf -o /dev/null -X POST "$PLUMBLINE_SERVER/api/v1/flush"
compare "sealed and merged"
stop
start
compare "after a new start"
stop
printf '\n'
if [ "$failed" != 0 ]; then
  echo "samples: $failed answers differ"
  exit 1
fi
echo "samples: all answers are those of awk"
