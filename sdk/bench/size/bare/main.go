// Command bare is a server of net/http and log/slog, and nothing else.
package main

import (
	"log/slog"
	"net/http"
)

func main() {
	mux := http.NewServeMux()
	slog.Error("ended", "error", http.ListenAndServe("127.0.0.1:8080", mux))
}
