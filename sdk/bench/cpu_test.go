package bench

import (
	"syscall"
	"testing"
	"time"
)

// measure runs f and reports, beside the time on the clock, the processor's time: on
// a machine that others use too, only that is ours.
func measure(b *testing.B, f func()) {
	b.ReportAllocs()
	start, n := spent(b), 0
	for b.Loop() {
		f()
		n++
	}
	b.ReportMetric(float64((spent(b)-start).Nanoseconds())/float64(n), "cpu-ns/op")
}

func spent(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
