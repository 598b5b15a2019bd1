package rule

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/parser"

	"github.com/plumbline/plumbline/internal/fault"
)

// File is a file of rules:
//
//	rules:
//	  - name: charges-fail
//	    question: canonical-log-line http_status=5* | stats count by http_route | where count > 10
//	    over: 5m
//	    for: 2m
//	    severity: critical
//	slos:
//	  - name: api
//	    slo: 99.9% of canonical-log-line over 30d good http_status<500
type File struct {
	Rules []Rule    `yaml:"rules"`
	SLOs  []Promise `yaml:"slos"`
}

// Promise is an SLO as it is written in a file.
type Promise struct {
	Name   string            `yaml:"name"`
	SLO    string            `yaml:"slo"`
	Labels map[string]string `yaml:"labels"`
}

// Parse reads a file of rules; what an SLO makes stands behind the rules that
// were written. check judges each rule's question. Errors name the file, the
// line and the rule.
func Parse(name string, data []byte, check func(*Rule) error) ([]Rule, error) {
	f, err := decode(data)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fault.New(fault.Invalid, "rules file %s: %s", name, yaml.FormatError(err, false, true))
	}
	rules := f.Rules
	for i := range rules {
		if err := checked(&rules[i], check); err != nil {
			return nil, place(name, data, fmt.Sprintf("$.rules[%d]", i), err)
		}
	}
	for i, p := range f.SLOs {
		slo, err := ParseSLO(p.Name, p.SLO)
		if err != nil {
			return nil, place(name, data, fmt.Sprintf("$.slos[%d]", i), err)
		}
		for _, r := range slo.Rules(p.Labels) {
			if err := checked(&r, check); err != nil {
				return nil, place(name, data, fmt.Sprintf("$.slos[%d]", i), err)
			}
			rules = append(rules, r)
		}
	}
	return rules, nil
}

// decode reads the YAML. Its library stumbles over a few broken texts; that is
// the text's fault, and no reason to end.
func decode(data []byte) (f File, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("this is no YAML: %v", r)
		}
	}()
	err = yaml.NewDecoder(bytes.NewReader(data), yaml.Strict()).Decode(&f)
	return f, err
}

func checked(r *Rule, check func(*Rule) error) error {
	if err := r.Check(); err != nil {
		return err
	}
	if err := check(r); err != nil {
		return fmt.Errorf("rule %s: %w", r.Name, err)
	}
	return nil
}

// place gives an error its place in the file, with the lines around it.
func place(name string, data []byte, path string, err error) error {
	tree, treeErr := parser.ParseBytes(data, 0) // was decoded before, so it is YAML
	at, pathErr := yaml.PathString(path)
	if treeErr == nil && pathErr == nil {
		if node, findErr := at.FilterFile(tree); findErr == nil {
			placed := &yaml.SyntaxError{Message: err.Error(), Token: node.GetToken()}
			return fault.New(fault.Invalid, "rules file %s: %s", name, yaml.FormatError(placed, false, true))
		}
	}
	return fault.Wrap(fault.Invalid, err, "rules file %s", name)
}
