#!/usr/bin/env bash
# Form, for every module: gofmt, go vet on each platform we promise, staticcheck.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/env.sh
bin=$PWD/tmp/bin
failed=0

say() { printf 'lint: %s\n' "$*"; }

unformatted=$(git ls-files -z -- '*.go' | xargs -0r gofmt -l)
if [ -n "$unformatted" ]; then
  say "gofmt would change ${unformatted//$'\n'/ }"
  failed=1
fi

# vet MODULE OS ARCH. Other platforms are vetted without cgo: no cross compiler here.
vet() {
  local cgo=0
  [ "$2/$3" = "$(go env GOHOSTOS)/$(go env GOHOSTARCH)" ] && cgo=1
  CGO_ENABLED=$cgo GOOS=$2 GOARCH=$3 go -C "$1" vet -tags "$all_tags" ./... || { say "go vet for $2/$3 in $1"; failed=1; }
}

for module in $(modules); do
  vet "$module" linux amd64
  # The other platforms are promised for what users build: the binary and the SDK.
  case $module in . | sdk)
    vet "$module" linux arm64
    vet "$module" darwin arm64
    vet "$module" windows amd64
    ;;
  esac
  (cd "$module" && "$bin/staticcheck" -tags "$all_tags" ./...) || { say "staticcheck in $module"; failed=1; }
done
exit "$failed"
