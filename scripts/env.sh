# What every script here shares; sourced from the root of the repository.
# shellcheck shell=bash disable=SC2034

# Each module is tested as its users get it, without the work file.
export GOWORK=off

# The Node that setup fetches when the machine's own is too old for Vite.
node_version=22.23.3
mkdir -p tmp/bin
export PATH="$PWD/tmp/node/bin:$PATH"

# Tests behind a build tag: system ones need programs that setup installs,
# torture ones need patience.
tags=system
all_tags=system,torture

# modules lists the folder of every go.mod.
modules() { git ls-files -- 'go.mod' '*/go.mod' | grep -v testdata | xargs -n1 dirname; }
