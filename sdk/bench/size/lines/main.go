// Command lines is bare with a canonical line for each request, to standard output.
package main

import (
	"context"
	"log/slog"
	"net/http"

	plumbline "github.com/plumbline/plumbline/sdk"
)

func main() {
	o := plumbline.New(plumbline.Options{Service: "size"})
	defer o.Close(context.Background())
	mux := http.NewServeMux()
	slog.Error("ended", "error", http.ListenAndServe("127.0.0.1:8080", o.HTTP(mux)))
}
