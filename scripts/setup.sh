#!/usr/bin/env bash
# Sets up what the tests need and go.mod cannot bring: Debian packages where it may
# install them, a Node that Vite accepts, the npm packages of the lock file, the
# linter. What is missing and cannot be installed is an error that says what to do.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/env.sh

# program or file : Debian package : who needs it
needs='
gcc:gcc:the race detector, and what the race asks ClickHouse by
/usr/include/stdlib.h:libc6-dev:the race detector
git:git:finding the sources
curl:curl:the commands that README gives to paste
gawk:gawk:answers of the import test, computed without our code
zip:zip:imported archives
zstd:zstd:imported files and bodies
script:bsdutils:a terminal for the commands
/usr/bin/python3:python3:the GELF sender
/usr/lib/python3/dist-packages/graypy:python3-graypy:a GELF client of other people
/usr/lib/postgresql/15/bin/postgres:postgresql-15:the state that servers share, and the links of ids
amtool:prometheus-alertmanager:a client of Alertmanager of other people
prometheus-alertmanager:prometheus-alertmanager:the model of alerts in and out
chromium:chromium:tests of the page
npm:npm:building and testing the page
'

# Node is good when Vite accepts it: 20.19 and later 20s, 22.12 and later.
# https://vite.dev/guide/#scaffolding-your-first-vite-project
node_is_good() {
  command -v node >/dev/null && node -e '
    const [major, minor] = process.versions.node.split(".").map(Number)
    process.exit((major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major > 22 ? 0 : 1)'
}

present() { case $1 in /*) [ -e "$1" ] ;; *) command -v "$1" >/dev/null ;; esac; }

absent() {
  while IFS=: read -r thing package reason; do
    if [ -n "$thing" ] && ! present "$thing"; then printf '%s:%s\n' "$package" "$reason"; fi
  done <<<"$needs"
}

install_packages() {
  local missing
  missing=$(absent)
  [ -n "$missing" ] || return 0
  if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    echo "setup: installing$(cut -d: -f1 <<<"$missing" | sort -u | sed 's/^/ /' | tr -d '\n')"
    apt-get -qq update
    # shellcheck disable=SC2046  # one argument per package
    DEBIAN_FRONTEND=noninteractive apt-get -qq install --yes --no-install-recommends \
      $(cut -d: -f1 <<<"$missing" | sort -u) >tmp/apt.log 2>&1 || { cat tmp/apt.log >&2; exit 1; }
    missing=$(absent)
    [ -n "$missing" ] || return 0
  fi
  echo "setup: these are missing, and the tests need them:" >&2
  while IFS=: read -r package reason; do printf '  %-16s %s\n' "$package" "$reason" >&2; done <<<"$missing"
  echo "install them (on Debian: sudo apt-get install $(cut -d: -f1 <<<"$missing" | sort -u | tr '\n' ' ')) and try again" >&2
  exit 1
}

# The distribution's Node may be too old; npm carries newer ones as packages.
install_node() {
  node_is_good && return 0
  local cpu
  case $(uname -m) in x86_64) cpu=x64 ;; aarch64) cpu=arm64 ;; *) cpu=none ;; esac
  if [ "$cpu" != none ]; then
    echo "setup: installing Node $node_version under tmp/node"
    npm install --silent --no-save --prefix tmp/node "node-linux-$cpu@$node_version"
    ln -sfn "$PWD/tmp/node/node_modules/node-linux-$cpu/bin" tmp/node/bin
    hash -r
    node_is_good && return 0
  fi
  echo "setup: Node is $(node --version 2>/dev/null || echo missing), Vite wants 20.19 or later, or 22.12 or later: https://nodejs.org/en/download" >&2
  exit 1
}

# npm ci empties node_modules first, so only a changed lock file is worth it.
install_npm_packages() {
  local stamp=web/node_modules/.plumbline-lock
  cmp -s web/package-lock.json "$stamp" && return 0
  npm --prefix web ci --no-fund --no-audit
  cp web/package-lock.json "$stamp"
}

install_packages
install_node
install_npm_packages
go -C tools build -o ../tmp/bin/ tool ./tally
