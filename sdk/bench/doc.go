// Package bench races the SDK against the libraries a Go service would use
// otherwise, side by side in one run, so that the ratios hold on any machine:
//
//	cd sdk/bench && GOWORK=off go test -bench . -cpu 1 -count 5
//
// It also asks them the questions of package linetest, and checks the protobuf
// form against the official implementation. It is a module of its own, so that
// what it needs stays out of the SDK.
package bench
