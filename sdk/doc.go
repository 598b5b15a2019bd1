// Package plumbline makes a Go service say what is worth keeping: one rich
// canonical line per unit of work, and ordinary log lines that carry the ids
// of the request they belong to.
//
//	o := plumbline.New(plumbline.Options{
//		Service: "shop",
//		Server:  sink.To("http://127.0.0.1:7420"),            // or standard output
//		Monitor: &monitor.Options{Address: "127.0.0.1:8421"}, // or none
//	})
//	defer o.Close(context.Background())
//	http.ListenAndServe(":8080", o.HTTP(mux))
//
// Every request then ends in exactly one line whose _msg begins with
// canonical-log-line – also when the handler panics, the client leaves or the
// connection is hijacked. Handlers add to it through the context:
//
//	line.UserID.Set(ctx, "usr_123")
//	defer line.Database.Start(ctx).End()
//
// With Options.Monitor the service also shows, on an address of its own, its
// requests by route as metrics and as traces – recent, slow and failed ones, each
// with its line –, its health, the level of its log, and whatever status
// variables, delay counters, pages and reloads it adds. All of that works without
// a server, too.
//
// Nothing here slows or breaks the service it observes: lines go into a
// bounded buffer, what does not fit is dropped and counted, and a failure
// while emitting is counted and never reaches the request.
//
// The package needs the standard library only.
package plumbline
