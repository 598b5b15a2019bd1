module github.com/plumbline/plumbline/sdk/adapters/otel

go 1.25

require (
	github.com/plumbline/plumbline/sdk v0.0.0
	go.opentelemetry.io/otel/trace v1.38.0
)

require go.opentelemetry.io/otel v1.38.0 // indirect

replace github.com/plumbline/plumbline/sdk => ../..
