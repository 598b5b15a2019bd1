module github.com/plumbline/plumbline/sdk/adapters/zap

go 1.25

require (
	github.com/plumbline/plumbline/sdk v0.0.0
	go.uber.org/zap v1.28.0
)

require go.uber.org/multierr v1.10.0 // indirect

replace github.com/plumbline/plumbline/sdk => ../../
