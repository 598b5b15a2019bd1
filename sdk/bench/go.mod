module github.com/plumbline/plumbline/sdk/bench

go 1.25

require (
	github.com/bufbuild/protocompile v0.14.1
	github.com/go-chi/httplog/v3 v3.3.0
	github.com/phuslu/log v1.0.121
	github.com/plumbline/plumbline/sdk v0.0.0
	github.com/rs/zerolog v1.35.1
	github.com/samber/slog-http v1.12.1
	go.uber.org/zap v1.28.0
	google.golang.org/protobuf v1.36.12
)

require (
	github.com/go-chi/chi/v5 v5.1.0 // indirect
	github.com/google/uuid v1.6.0 // indirect
	github.com/mattn/go-colorable v0.1.14 // indirect
	github.com/mattn/go-isatty v0.0.20 // indirect
	go.opentelemetry.io/otel v1.29.0 // indirect
	go.opentelemetry.io/otel/trace v1.29.0 // indirect
	go.uber.org/multierr v1.10.0 // indirect
	golang.org/x/sync v0.8.0 // indirect
	golang.org/x/sys v0.29.0 // indirect
)

replace github.com/plumbline/plumbline/sdk => ../
