#!/usr/bin/env bash
# The page: "web.sh build" makes the files that the binary embeds; "web.sh test"
# checks types, that the committed build is what the sources give, and the page
# itself in a real browser.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/env.sh

case ${1:?build or test} in
build) npm --prefix web run build ;;
test)
  npm --prefix web run check
  npm --prefix web run build -- --outDir ../tmp/dist --emptyOutDir
  diff -r web/dist tmp/dist || {
    echo "web: the built files are not what the sources give; run make web and commit them" >&2
    exit 1
  }
  go build -o tmp/bin/plumbline ./cmd/plumbline
  PLUMBLINE="$PWD/tmp/bin/plumbline" npm --prefix web test
  ;;
*) echo "web.sh: build or test" >&2; exit 2 ;;
esac
