package notice_test

import (
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/plumbline/plumbline/sdk/notice"
)

func ExampleWriter_Say() {
	put := func(line []byte) { fmt.Println(string(line)) } // or the Put of a sink
	w := notice.New(put, at, slog.String("service", "shop"))
	w.Say("reload", "reload name_conf", slog.String("version", "7"), slog.Duration("took", 2*time.Millisecond))
	// Output: {"_time":"2026-11-21T09:30:20Z","_msg":"reload name_conf","kind":"reload","service":"shop","version":"7","took":0.002000}
}

func ExampleNew() {
	w := notice.New(func(line []byte) { os.Stdout.Write(append(line, '\n')) }, at)
	w.Say("health", "ready")
	// Output: {"_time":"2026-11-21T09:30:20Z","_msg":"ready","kind":"health"}
}

// For a stream whose other lines are logfmt.
func ExampleNewLogfmt() {
	w := notice.NewLogfmt(func(line []byte) { fmt.Println(string(line)) }, at, slog.String("service", "shop"))
	w.Say("deploy", "release 7")
	// Output: _time=2026-11-21T09:30:20Z _msg="release 7" kind=deploy service=shop
}
