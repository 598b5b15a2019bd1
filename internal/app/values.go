package app

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"

	"github.com/plumbline/plumbline/internal/when"
)

// settable is a value that a flag, the environment or the file sets from a
// text. It is pflag's Value.
type settable interface {
	Set(text string) error
	String() string
	Type() string
}

// Size is a number of bytes: 512MiB, 10GB, 4096.
type Size int64

// sizeUnits are the units of sizes, the longer ones first.
var sizeUnits = []struct {
	name  string
	bytes float64
}{
	{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"TiB", 1 << 40},
	{"kB", 1e3}, {"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"TB", 1e12}, {"B", 1},
}

// Set reads a size.
func (s *Size) Set(text string) error {
	number, unit := text, 1.0
	for _, u := range sizeUnits {
		if rest, ok := strings.CutSuffix(text, u.name); ok {
			number, unit = strings.TrimSpace(rest), u.bytes
			break
		}
	}
	f, err := strconv.ParseFloat(number, 64)
	if err != nil || f < 0 || f*unit >= math.MaxInt64 {
		return fmt.Errorf("%q is no size; write it as 512MiB or 10GB", text)
	}
	*s = Size(f * unit)
	return nil
}

// String is the size in the greatest unit that divides it.
func (s Size) String() string {
	for i := 3; i >= 0; i-- {
		if u := sizeUnits[i]; s >= Size(u.bytes) && s%Size(u.bytes) == 0 {
			return fmt.Sprintf("%d%s", int64(s)/int64(u.bytes), u.name)
		}
	}
	return strconv.FormatInt(int64(s), 10)
}

// Type names the value in help.
func (*Size) Type() string { return "size" }

// UnmarshalYAML is Set, for the file.
func (s *Size) UnmarshalYAML(node ast.Node) error { return setFrom(node, s.Set) }

// Duration is a length of time: 30s, 3d, 1w.
type Duration time.Duration

// Set reads a length of time.
func (d *Duration) Set(text string) error {
	if text == "0" {
		*d = 0
		return nil
	}
	ns, err := when.ParseDuration(text)
	if err != nil {
		return err
	}
	if ns < 0 {
		return fmt.Errorf("%q is negative", text)
	}
	*d = Duration(ns)
	return nil
}

// String is the duration as Set reads it.
func (d Duration) String() string {
	if d == 0 {
		return "0"
	}
	return when.FixedSpan(int64(d)).String()
}

// Type names the value in help.
func (*Duration) Type() string { return "time" }

// UnmarshalYAML is Set, for the file.
func (d *Duration) UnmarshalYAML(node ast.Node) error { return setFrom(node, d.Set) }

// setFrom sets a value from the text of a node; the error knows its place.
func setFrom(node ast.Node, set func(text string) error) error {
	place := node.GetToken()
	if _, ok := node.(ast.ScalarNode); !ok {
		return &yaml.SyntaxError{Message: "one value is wanted here", Token: place}
	}
	if err := set(place.Value); err != nil {
		return &yaml.SyntaxError{Message: err.Error(), Token: place}
	}
	return nil
}

// List is some texts, with commas between in flags and the environment.
type List []string

// Set reads a list; it replaces the one there was.
func (l *List) Set(s string) error {
	*l = nil
	for part := range strings.SplitSeq(s, ",") {
		if part = strings.TrimSpace(part); part != "" {
			*l = append(*l, part)
		}
	}
	return nil
}

// String joins the list with commas.
func (l *List) String() string { return strings.Join(*l, ",") }

// Type names the value in help.
func (*List) Type() string { return "list" }

type text string

func (t *text) Set(s string) error { *t = text(s); return nil }
func (t *text) String() string     { return string(*t) }
func (*text) Type() string         { return "text" }

type count int

func (c *count) Set(s string) error {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		return fmt.Errorf("%q is no number of things", s)
	}
	*c = count(n)
	return nil
}
func (c *count) String() string { return strconv.Itoa(int(*c)) }
func (*count) Type() string     { return "number" }

type share float64

func (f *share) Set(s string) error {
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return fmt.Errorf("%q is no number", s)
	}
	*f = share(v)
	return nil
}
func (f *share) String() string { return strconv.FormatFloat(float64(*f), 'g', -1, 64) }
func (*share) Type() string     { return "number" }

type truth bool

func (t *truth) Set(s string) error {
	v, err := strconv.ParseBool(s)
	if err != nil {
		return fmt.Errorf("%q is neither true nor false", s)
	}
	*t = truth(v)
	return nil
}
func (t *truth) String() string { return strconv.FormatBool(bool(*t)) }
func (*truth) Type() string     { return "bool" }

// IsBoolFlag lets --insecure stand without a value.
func (*truth) IsBoolFlag() bool { return true }
