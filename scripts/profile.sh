#!/usr/bin/env bash
# Renews cmd/plumbline/release.pgo, the profile that make build optimises by: where
# processor time goes while lines of four kinds are taken in and asked for. It fits until
# hot code moves elsewhere; the compiler passes over what it does not find any more.
#   LINES=2000000  as many bytes of each kind as so many canonical lines have
#   ROUNDS=10      how often each question is asked: together they cost what the lines do
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/env.sh
work=tmp/profile
rm -rf "$work"
mkdir -p "$work"
trap 'rm -rf "$work"' EXIT

make --silent build BINARY=tmp/bin/plumbline
go -C bench build -o ../tmp/bin/race .
for corpus in canonical text wide cluster; do
  tmp/bin/race -plumbline tmp/bin/plumbline -corpus "$corpus" -lines "${LINES:-2000000}" \
    -rounds "${ROUNDS:-10}" -dir "$work/data" -results "$work/results" \
    -profile "$work/$corpus" load ask
  rm -rf "$work/data"
done
go tool pprof -proto -output=cmd/plumbline/release.pgo "$work"/*/*.prof
