# Small targets; each one that is more than a line is a script in scripts/.
.DEFAULT_GOAL := help
.PHONY: help build profile demo test quick spec samples setup lint web fuzz torture bench bench-related race race-growth clean

# Where build puts the binary.
BINARY = plumbline

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## The binary, ./plumbline, optimised by what profile measured: minutes the first time
	go build -trimpath -pgo=cmd/plumbline/release.pgo -o $(BINARY) ./cmd/plumbline

profile: ## Renew the profile that build optimises by, cmd/plumbline/release.pgo
	@scripts/profile.sh

demo: ## A server, a small service under load, and five questions worth asking
	go run ./cmd/plumbline demo

test: ## Everything a change must pass; sets up what it needs by itself
	@scripts/test.sh

quick: ## Go tests that need nothing but Go
	go test ./... ./sdk/...

spec: ## The language's specification, over every store
	go test -count=1 -run '^TestSpec' ./internal/query/...

samples: setup ## Log files in (SAMPLES=DIR, or made from templates), answers compared with awk
	@scripts/samples.sh

setup: ## What the tests need besides Go: Debian and npm packages, Node, the linter
	@scripts/setup.sh

lint: setup ## gofmt, go vet for four platforms, staticcheck
	@scripts/lint.sh

web: setup ## Rebuild the embedded page from its sources
	@scripts/web.sh build

fuzz: ## Each fuzz target for FUZZTIME=10s; FUZZ=regexp chooses
	@scripts/fuzz.sh

torture: ## Kills, power cuts, full and broken disks, overload, planted faults: an hour; writes docs/torture.md
	@scripts/torture.sh

bench: ## Load a million lines, ask twelve questions, print what it cost
	@scripts/bench.sh

bench-related: setup ## Related ids, embedded beside PostgreSQL: LINKS=1000000,10000000
	@scripts/bench-related.sh

race: setup ## This build beside VictoriaLogs and ClickHouse, LINES=2000000; writes bench/RESULTS.md
	@scripts/race.sh

race-growth: ## This build with 1, 10 and 50 million lines; writes bench/RESULTS.md
	@scripts/race.sh growth

clean: ## What the targets above left behind
	rm -rf tmp plumbline
