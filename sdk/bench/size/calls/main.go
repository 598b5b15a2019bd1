// Command calls is bare that also calls another service and speaks JSON, as most do.
package main

import (
	"encoding/json"
	"log/slog"
	"net/http"
)

func main() {
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		response, err := http.Get("http://127.0.0.1:8081/")
		if err != nil {
			slog.Error("call", "error", err)
			return
		}
		defer response.Body.Close()
		var v any
		_ = json.NewDecoder(response.Body).Decode(&v)
		_ = json.NewEncoder(w).Encode(v)
	})
	slog.Error("ended", "error", http.ListenAndServe("127.0.0.1:8080", mux))
}
