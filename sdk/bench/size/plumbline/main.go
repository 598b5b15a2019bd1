// Command plumbline is bare with everything the SDK has.
package main

import (
	"context"
	"log/slog"
	"net/http"

	plumbline "github.com/plumbline/plumbline/sdk"
	"github.com/plumbline/plumbline/sdk/monitor"
)

func main() {
	o := plumbline.New(plumbline.Options{Service: "size", Server: "http://127.0.0.1:7420", Monitor: &monitor.Options{}})
	defer o.Close(context.Background())
	mux := http.NewServeMux()
	slog.Error("ended", "error", http.ListenAndServe("127.0.0.1:8080", o.HTTP(mux)))
}
