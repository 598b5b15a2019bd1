// Command plumbline is bare with a server for its lines and a monitor.
package main

import (
	"context"
	"log/slog"
	"net/http"

	plumbline "github.com/plumbline/plumbline/sdk"
	"github.com/plumbline/plumbline/sdk/monitor"
	"github.com/plumbline/plumbline/sdk/sink"
)

func main() {
	o := plumbline.New(plumbline.Options{Service: "size", Server: sink.To("http://127.0.0.1:7420"), Monitor: &monitor.Options{}})
	defer o.Close(context.Background())
	mux := http.NewServeMux()
	slog.Error("ended", "error", http.ListenAndServe("127.0.0.1:8080", o.HTTP(mux)))
}
