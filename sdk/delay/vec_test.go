package delay

import (
	"testing"
	"time"

	"github.com/plumbline/plumbline/sdk/metric"
)

func TestVec(t *testing.T) {
	v, err := NewVec[struct{ Path string }]("route", 2, Options{Buckets: Bounds(time.Second)})
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/a", "/b", "/c", "/d", "/a"} {
		v.With(struct{ Path string }{path}).Add(time.Millisecond)
	}
	want := `# TYPE route_seconds histogram
route_seconds_bucket{path="/a",le="1"} 2
route_seconds_bucket{path="/a",le="+Inf"} 2
route_seconds_sum{path="/a"} 0.002
route_seconds_count{path="/a"} 2
route_seconds_bucket{path="/b",le="1"} 1
route_seconds_bucket{path="/b",le="+Inf"} 1
route_seconds_sum{path="/b"} 0.001
route_seconds_count{path="/b"} 1
route_seconds_bucket{path="other",le="1"} 2
route_seconds_bucket{path="other",le="+Inf"} 2
route_seconds_sum{path="other"} 0.002
route_seconds_count{path="other"} 2
`
	if got := string(new(metric.Text).Page(v)); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if _, err := NewVec[string]("x", 0, Options{}); err == nil {
		t.Error("labels without names are taken")
	}
	if n := testing.AllocsPerRun(100, func() { v.With(struct{ Path string }{"/a"}).Add(1) }); n > 0 {
		t.Errorf("adding allocates %v times", n)
	}
}
