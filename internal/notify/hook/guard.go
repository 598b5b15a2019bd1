package hook

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"

	"github.com/plumbline/plumbline/internal/fault"
)

// Guard says which addresses may be connected to. The address is looked at when
// the connection is made, after every name was resolved, so neither a name that
// resolves otherwise the second time nor a redirect leads past it.
type Guard struct {
	// Reach are networks of this house that may be reached beside the internet.
	Reach []netip.Prefix

	resolver *net.Resolver // of names; nil: that of the system
}

// inner are networks that are not the internet though they do not say so by
// themselves. https://www.iana.org/assignments/iana-ipv4-special-registry and
// -ipv6-special-registry
var inner = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),       // this host
	netip.MustParsePrefix("100.64.0.0/10"),   // carrier-grade NAT
	netip.MustParsePrefix("192.0.0.0/24"),    // protocol assignments
	netip.MustParsePrefix("192.0.2.0/24"),    // documentation
	netip.MustParsePrefix("198.18.0.0/15"),   // benchmarks
	netip.MustParsePrefix("198.51.100.0/24"), // documentation
	netip.MustParsePrefix("203.0.113.0/24"),  // documentation
	netip.MustParsePrefix("240.0.0.0/4"),     // reserved, and broadcast
	netip.MustParsePrefix("64:ff9b::/96"),    // NAT64: leads to any IPv4 address
	netip.MustParsePrefix("64:ff9b:1::/48"),
	netip.MustParsePrefix("100::/64"),
	netip.MustParsePrefix("2001::/23"), // Teredo and others that wrap addresses
	netip.MustParsePrefix("2001:db8::/32"),
	netip.MustParsePrefix("2002::/16"), // 6to4 wraps an IPv4 address
}

// Allows says why an address must not be connected to; nil when it may.
func (g Guard) Allows(a netip.Addr) error {
	a = a.Unmap().WithZone("")
	for _, p := range g.Reach {
		if p.Contains(a) {
			return nil
		}
	}
	closed := !a.IsGlobalUnicast() || a.IsPrivate()
	for _, p := range inner {
		closed = closed || p.Contains(a)
	}
	if !closed {
		return nil
	}
	return fault.New(fault.Denied, "%s is no address of the internet; if notices are to go there, name it in the file of channels: reach: [%s]", a, netip.PrefixFrom(a, a.BitLen()))
}

// control looks at the address of each connection before it is made.
func (g Guard) control(_, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return fault.New(fault.Denied, "%q is no address", address)
	}
	return g.Allows(at.Addr())
}

const (
	dialWithin   = 10 * time.Second
	answerWithin = 20 * time.Second
	// maxRedirects is what a moved webhook takes; more is a loop.
	maxRedirects = 3
)

// Client makes requests under the guard: no proxy of the environment, which would
// connect in its place, and few redirects, each connection looked at again.
func (g Guard) Client() *http.Client {
	dial := &net.Dialer{Timeout: dialWithin, Control: g.control, Resolver: g.resolver}
	return &http.Client{
		Timeout: answerWithin,
		Transport: &http.Transport{
			DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
				return dial.DialContext(ctx, network, address)
			},
			TLSHandshakeTimeout: dialWithin,
			MaxIdleConnsPerHost: 1,
			IdleConnTimeout:     time.Minute,
		},
		CheckRedirect: func(r *http.Request, via []*http.Request) error {
			if len(via) > maxRedirects {
				return fmt.Errorf("more than %d redirects", maxRedirects)
			}
			if r.URL.Scheme != "https" && via[0].URL.Scheme == "https" {
				return fault.New(fault.Denied, "a redirect from https to %s", r.URL.Scheme)
			}
			return nil
		},
	}
}

// Ask gets a URL, of which only the status matters.
func (g Guard) Ask(ctx context.Context, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return fault.New(fault.Invalid, "the url cannot be used")
	}
	res, err := g.Client().Do(req)
	if err != nil {
		return bare(err)
	}
	defer res.Body.Close()
	return judge(res.StatusCode, nil)
}
