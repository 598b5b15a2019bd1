package bench

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// How much a program grows, stripped: by canonical lines to standard output, by
// everything the SDK has, and by client_golang with the metrics of requests alone. A service that calls others and speaks JSON has some of
// it already.
func BenchmarkBinarySize(b *testing.B) {
	size := func(name string) float64 {
		file := filepath.Join(b.TempDir(), name)
		if out, err := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", file, "./size/"+name).CombinedOutput(); err != nil {
			b.Fatalf("build %s: %v\n%s", name, err, out)
		}
		info, err := os.Stat(file)
		if err != nil {
			b.Fatal(err)
		}
		return float64(info.Size()) / 1e6
	}
	for b.Loop() {
		bare, calls := size("bare"), size("calls")
		lines, plumbline, client := size("lines"), size("plumbline"), size("client_golang")
		b.ReportMetric(bare, "bare-MB")
		b.ReportMetric(lines-bare, "lines-over-bare-MB")
		b.ReportMetric(plumbline-bare, "plumbline-over-bare-MB")
		b.ReportMetric(plumbline-calls, "plumbline-over-calls-MB")
		b.ReportMetric(client-bare, "client_golang-over-bare-MB")
		b.ReportMetric(client-calls, "client_golang-over-calls-MB")
	}
}
