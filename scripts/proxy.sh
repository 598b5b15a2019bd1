#!/usr/bin/env bash
# Packs the SDK as it stands into a folder that Go takes for a module proxy, so that
# it can be added to a program as it will be once it is published:
#
#	eval "$(scripts/proxy.sh)"
#	go get github.com/plumbline/plumbline/sdk@latest
#
# The folder is the argument, or tmp/proxy. What is printed are the settings.
set -euo pipefail
cd "$(dirname "$0")/.."
module=github.com/plumbline/plumbline/sdk
version=v0.1.$(git log -1 --format=%ct -- sdk) # of its own, for Go keeps what it once had of a version
folder=${1:-tmp/proxy}
mkdir -p "$folder/$module/@v"
folder=$(cd "$folder" && pwd)
at=$folder/$module/@v

rm -f "$at"/v*
echo $version >"$at/list"
printf '{"Version":"%s","Time":"%s"}\n' $version "$(git log -1 --format=%cI -- sdk)" >"$at/$version.info"
cp sdk/go.mod "$at/$version.mod"
# A module holds no other: those below have their own go.mod.
mapfile -t below < <(cd sdk && git ls-files -- '*/go.mod' | xargs -n1 dirname)
git archive --format=zip --prefix="$module@$version/" -o "$at/$version.zip" HEAD:sdk $(cd sdk && git ls-files | grep -v -F -f <(printf '%s/\n' "${below[@]}"))

echo "export GOPROXY=file://$folder,$(go env GOPROXY) GONOSUMDB=$module"
