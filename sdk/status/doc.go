// Package status holds the variables that say how a service is: counters that
// grow, gauges that move, states that name. They are fields of a struct, ready as
// they are, and cost an addition.
//
//	type Proxy struct {
//		ReqServed status.Counter `help:"Requests served."`
//		ConActive status.Gauge
//		Mode      status.State
//		Answers   status.CounterVec[Answer] `max:"200"`
//	}
//	var proxy Proxy
//	set, err := status.New("PROXY", &proxy, status.Options{})
//	proxy.ReqServed.Inc()
//
// A Set reads them all at once (All) or tells by how much they grew in the last
// window of 20 s (Diff), as JSON, as lines of names and values, as the text of
// Prometheus or of OpenMetrics. A Board closes the windows of all sets and says
// each as a notice.
package status
