package plumbline_test

import (
	"context"
	"net/http"
	"net/http/httptest"

	plumbline "github.com/plumbline/plumbline/sdk"
	"github.com/plumbline/plumbline/sdk/line"
)

// The lines of a service that names nothing but itself go to standard output.
func Example() {
	o := plumbline.New(plumbline.Options{Service: "shop"})
	defer o.Close(context.Background())

	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/charges", func(w http.ResponseWriter, r *http.Request) {
		line.UserID.Set(r.Context(), "usr_123")
		query(r.Context())
		o.Logger().InfoContext(r.Context(), "Charge created", "charge_id", "ch_123")
	})
	server := httptest.NewServer(o.HTTP(mux)) // or http.ListenAndServe(":8080", o.HTTP(mux))
	defer server.Close()
}

func query(ctx context.Context) {
	defer line.Database.Start(ctx).End()
}

// A job has a line of its own; its error decides how it ended.
func ExampleObserver_Begin() {
	o := plumbline.New(plumbline.Options{Service: "invoices"})
	defer o.Close(context.Background())

	closeMonth := func(ctx context.Context) (err error) {
		ctx, unit := o.Begin(ctx, "invoice.close")
		defer unit.End(&err)
		line.UserID.Set(ctx, "usr_123")
		return nil
	}
	_ = closeMonth(context.Background())
}
