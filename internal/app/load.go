package app

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/parser"
	"github.com/spf13/pflag"

	"github.com/plumbline/plumbline/internal/api"
	"github.com/plumbline/plumbline/internal/fault"
)

// DefaultFile is read when it is there and no other is named.
const DefaultFile = "plumbline.yaml"

// Loader gives the configuration from the file, the environment and the flags,
// as often as it is asked: again when the file has changed.
type Loader struct {
	File  string // the configuration file; "" for DefaultFile if it is there
	flags *pflag.FlagSet
	given Config // what flags were parsed into
}

// Bind makes a flag of every setting.
func (l *Loader) Bind(flags *pflag.FlagSet) {
	l.flags, l.given = flags, Defaults()
	flags.StringVar(&l.File, "config", "", "configuration `file` (default "+DefaultFile+" when it is there)")
	for _, s := range settings(&l.given) {
		f := flags.VarPF(s.value, s.name, "", s.usage)
		if s.value.Type() == "bool" {
			f.NoOptDefVal = "true"
		}
	}
}

// Load reads the configuration and checks it.
func (l *Loader) Load() (*Config, error) {
	c := Defaults()
	file, err := l.readFile(&c)
	if err != nil {
		return nil, err
	}
	for _, s := range settings(&c) {
		name := "PLUMBLINE_" + strings.ToUpper(strings.ReplaceAll(s.name, "-", "_"))
		if text, ok := os.LookupEnv(name); ok {
			if err := s.value.Set(text); err != nil {
				return nil, fault.Wrap(fault.Invalid, err, "environment variable %s", name)
			}
		}
		if l.flags != nil && l.flags.Changed(s.name) {
			if err := s.value.Set(l.flags.Lookup(s.name).Value.String()); err != nil {
				return nil, fault.Wrap(fault.Invalid, err, "flag --%s", s.name)
			}
		}
	}
	return &c, file.locate(c.Check())
}

// file is the configuration file as it was read.
type file struct {
	name string
	data []byte
}

// readFile reads the file into c. There need not be one, unless it was named.
func (l *Loader) readFile(c *Config) (file, error) {
	f := file{name: l.File}
	if f.name == "" {
		f.name = DefaultFile
	}
	var err error
	f.data, err = os.ReadFile(f.name)
	if errors.Is(err, os.ErrNotExist) && l.File == "" {
		return f, nil
	}
	if err != nil {
		return f, fault.Wrap(fault.Invalid, err, "configuration file")
	}
	if !says(f.data) {
		return f, nil
	}
	if err = decode(f.data, c); err != nil {
		return f, fault.New(fault.Invalid, "configuration file %s: %s", f.name, yaml.FormatError(err, false, true))
	}
	return f, nil
}

// decode reads YAML into a value, which must know every key. The library stumbles
// over a few broken texts; that is the text's fault, and no reason to end.
func decode(data []byte, into any) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("this is no YAML: %v", r)
		}
	}()
	return yaml.NewDecoder(bytes.NewReader(data), yaml.Strict()).Decode(into)
}

// says reports whether a file says anything: an empty document, or one of comments,
// would be read as a configuration in which everything is nothing.
func says(data []byte) bool {
	var doc any
	err := decode(data, &doc)
	return err != nil && !errors.Is(err, io.EOF) || doc != nil
}

// locate gives an error of something that only the file can say its place there.
func (f file) locate(err error) error {
	var at *misplaced
	if !errors.As(err, &at) {
		return err
	}
	tree, parseErr := parser.ParseBytes(f.data, 0)
	if parseErr != nil {
		return err
	}
	node, pathErr := at.path.FilterFile(tree)
	if pathErr != nil {
		return err
	}
	place := &yaml.SyntaxError{Message: err.Error(), Token: node.GetToken()}
	return fault.New(fault.Invalid, "configuration file %s: %s", f.name, yaml.FormatError(place, false, true))
}

// access is the rule of a token.
func (t Token) access() (api.Access, error) {
	switch t.Access {
	case "read":
		return api.Read, nil
	case "write":
		return api.Write, nil
	case "admin":
		return api.Admin, nil
	}
	return 0, fmt.Errorf("there is no access %q", t.Access)
}
