package app

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/rule"
	"github.com/plumbline/plumbline/internal/watch"
)

// rulesFiles are the files of rules that paths name: files, and what ends in
// .yaml or .yml in folders.
func rulesFiles(paths []string) ([]string, error) {
	var files []string
	for _, p := range paths {
		info, err := os.Stat(p)
		if err != nil {
			return nil, fault.Wrap(fault.NotFound, err, "rules")
		}
		if !info.IsDir() {
			files = append(files, p)
			continue
		}
		for _, pattern := range []string{"*.yaml", "*.yml"} {
			found, err := filepath.Glob(filepath.Join(p, pattern))
			if err != nil {
				return nil, fault.Wrap(fault.Invalid, err, "rules in %s", p)
			}
			files = append(files, found...)
		}
	}
	slices.Sort(files)
	return files, nil
}

// readRules reads and checks the rules of some files or folders.
func readRules(paths []string) ([]rule.Rule, error) {
	files, err := rulesFiles(paths)
	if err != nil {
		return nil, err
	}
	var rules []rule.Rule
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			return nil, fault.Wrap(fault.Invalid, err, "rules")
		}
		more, err := rule.Parse(f, data, watch.Check)
		if err != nil {
			return nil, err
		}
		rules = append(rules, more...)
	}
	_, err = watch.CompileAll(rules)
	return rules, err
}

// CheckNamed reads the files that a configuration names: rules, and who is told.
func CheckNamed(c *Config) error {
	if _, err := readRules(c.Rules); err != nil {
		return err
	}
	_, err := readNotify(c)
	return err
}

// CheckRules reads files or folders of rules and writes what is in them.
func CheckRules(out io.Writer, paths []string) error {
	rules, err := readRules(paths)
	if err != nil {
		return err
	}
	for _, r := range rules {
		fmt.Fprintf(out, "%-8s %s: %s, every %s over %s\n", r.Severity, r.Name, r.Question, r.Every, r.Over)
	}
	fmt.Fprintf(out, "rules without an error: %d\n", len(rules))
	return nil
}

// TestRules runs tests of rules and writes where they come otherwise than
// wanted; failed is how many did.
func TestRules(ctx context.Context, out io.Writer, files []string) (failed int, err error) {
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			return failed, fault.Wrap(fault.NotFound, err, "test of rules")
		}
		trial, err := watch.ParseTrial(f, string(text))
		if err != nil {
			return failed, err
		}
		got, err := trial.Run(ctx)
		if err != nil {
			return failed, err
		}
		diff := trial.Compare(got)
		if diff == "" {
			fmt.Fprintf(out, "ok    %s\n", f)
			continue
		}
		failed++
		fmt.Fprintf(out, "FAIL  %s\n", strings.TrimSuffix(diff, "\n"))
	}
	return failed, nil
}

// RuleOf is one rule of some files or folders as JSON, for a server; name may be
// empty when there is only one.
func RuleOf(paths []string, name string) (json.RawMessage, error) {
	rules, err := readRules(paths)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, r := range rules {
		if r.Name == name || name == "" && len(rules) == 1 {
			return json.Marshal(r)
		}
		names = append(names, r.Name)
	}
	return nil, fault.New(fault.NotFound, "there is no rule %q; there are %s; choose one by --rule", name, strings.Join(names, ", "))
}
