module github.com/plumbline/plumbline/sdk/adapters/gometrics

go 1.25

require (
	github.com/hashicorp/go-metrics v0.5.4
	github.com/plumbline/plumbline/sdk v0.0.0
)

require (
	github.com/hashicorp/go-immutable-radix v1.0.0 // indirect
	github.com/hashicorp/golang-lru v0.5.0 // indirect
)

replace github.com/plumbline/plumbline/sdk => ../..
