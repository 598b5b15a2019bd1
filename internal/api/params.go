package api

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/plumbline/plumbline/internal/fault"
)

// formMost bounds the parameters in a body: a question of 1 MiB, as the language
// allows, of which every byte may be written as three.
const formMost = 4 << 20

// check refuses a parameter that the route does not know, and one that is said
// twice: what is passed over in silence is found out when the answer is wrong.
func (r Route) check(req *http.Request) error {
	if r.Params == anyParams {
		return nil
	}
	given, err := given(req, r.Access)
	if err != nil {
		return err
	}
	known := strings.Fields(r.Params)
	for name, values := range given {
		if !slices.Contains(known, name) {
			return unknown(name, req.URL.Path, known)
		}
		if len(values) > 1 {
			return fault.New(fault.Invalid, "parameter %s= is said %d times; once is understood", name, len(values))
		}
	}
	return nil
}

// given are the parameters of a request: those of its URL, and where a question
// is posted those of its body.
func given(req *http.Request, access Access) (url.Values, error) {
	if req.Method != http.MethodPost || access != Read {
		return req.URL.Query(), nil // ServeHTTP has looked that it reads
	}
	req.Body = http.MaxBytesReader(nil, req.Body, formMost)
	if err := req.ParseForm(); err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "the parameters of the body cannot be read")
	}
	if len(req.PostForm) == 0 && req.ContentLength > 0 {
		return nil, fault.New(fault.Invalid, "the body is %q; parameters come as application/x-www-form-urlencoded", req.Header.Get("Content-Type"))
	}
	return req.Form, nil
}

// unknown names the parameter that was probably meant.
func unknown(name, path string, known []string) error {
	switch near := fault.Nearest(name, known); {
	case near != "":
		return fault.New(fault.Invalid, "%s takes no parameter %s=; did you mean %s=?", path, name, near)
	case len(known) == 0:
		return fault.New(fault.Invalid, "%s takes no parameters, and there is %s=", path, name)
	}
	return fault.New(fault.Invalid, "%s takes no parameter %s=; there are %s", path, name, strings.Join(known, ", "))
}
