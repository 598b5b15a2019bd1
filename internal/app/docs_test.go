package app

import (
	"bytes"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// examples are the blocks of YAML in docs/configuration.md: every key with its
// default, and tokens and datasets.
func examples(t *testing.T) (defaults, nested string) {
	t.Helper()
	page, err := os.ReadFile("../../docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(string(page), -1)
	if len(blocks) != 2 {
		t.Fatalf("docs/configuration.md has %d blocks of YAML, want 2", len(blocks))
	}
	return blocks[0][1], blocks[1][1]
}

func read(t *testing.T, text string) Config {
	t.Helper()
	c := Config{}
	if err := yaml.NewDecoder(strings.NewReader(text), yaml.Strict()).Decode(&c); err != nil {
		t.Fatal(yaml.FormatError(err, false, true))
	}
	return c
}

// keys are the names of the fields of a struct in the file, with those below.
func keys(of reflect.Type) (list []string) {
	switch of.Kind() {
	case reflect.Slice, reflect.Map:
		return keys(of.Elem())
	case reflect.Struct:
		for f := range of.NumField() {
			list = append(append(list, of.Field(f).Tag.Get("yaml")), keys(of.Field(f).Type)...)
		}
	}
	return list
}

func TestDocsHoldEveryKeyWithItsDefault(t *testing.T) {
	text, _ := examples(t)
	got, want := read(t, text), Defaults()
	// A list that is empty and one that is not there say the same.
	for _, c := range []*Config{&got, &want} {
		c.Hosts, c.Tail = append(List{}, c.Hosts...), append(List{}, c.Tail...)
		c.Rules, c.IncidentBy = append(List{}, c.Rules...), append(List{}, c.IncidentBy...)
		c.Tokens, c.Datasets = append([]Token{}, c.Tokens...), map[string]DatasetConfig{}
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the defaults of docs/configuration.md read as\n%+v, and are\n%+v", got, want)
	}
	var there map[string]any
	if err := yaml.Unmarshal([]byte(text), &there); err != nil {
		t.Fatal(err)
	}
	for f := range reflect.TypeFor[Config]().NumField() {
		name := reflect.TypeFor[Config]().Field(f).Tag.Get("yaml")
		if _, ok := there[name]; !ok {
			t.Errorf("docs/configuration.md does not hold %s", name)
		}
	}
}

func TestDocsHoldTokensAndDatasets(t *testing.T) {
	_, text := examples(t)
	c := read(t, text)
	d := Defaults()
	d.Tokens, d.Datasets = c.Tokens, c.Datasets
	if err := d.Check(); err != nil {
		t.Errorf("the example is refused: %v", err)
	}
	for _, of := range []reflect.Type{reflect.TypeFor[Token](), reflect.TypeFor[DatasetConfig]()} {
		for _, key := range keys(of) {
			if !regexp.MustCompile(`(?m)^[ -]*` + key + `:`).MatchString(text) {
				t.Errorf("docs/configuration.md does not hold %s of %s", key, of.Name())
			}
		}
	}
}

// Each key but tokens and datasets is also a flag and an environment variable.
func TestSettingsAreTheKeys(t *testing.T) {
	c := Defaults()
	var names []string
	for _, s := range settings(&c) {
		names = append(names, s.name)
	}
	var want []string
	for f := range reflect.TypeFor[Config]().NumField() {
		if name := reflect.TypeFor[Config]().Field(f).Tag.Get("yaml"); name != "tokens" && name != "datasets" {
			want = append(want, name)
		}
	}
	if !reflect.DeepEqual(names, want) {
		t.Errorf("settings %v, keys %v", names, want)
	}
}

// What a setting prints is what it reads: help shows defaults in the form in which
// they are written.
func TestSettingsReadWhatTheyPrint(t *testing.T) {
	want, got := Defaults(), Config{}
	from, to := settings(&want), settings(&got)
	for i := range from {
		if err := to[i].value.Set(from[i].value.String()); err != nil {
			t.Errorf("%s: %v", from[i].name, err)
		}
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// A file that says nothing changes nothing.
func TestEmptyConfiguration(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, text := range []string{"", "\n", "# memory: 1GiB\n", "---\n", "null\n", "{}\n"} {
		if err := os.WriteFile(DefaultFile, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := new(Loader).Load()
		if want := Defaults(); err != nil || !reflect.DeepEqual(*c, want) {
			t.Errorf("%q: %+v, %v, want %+v", text, c, err, want)
		}
	}
}

func TestWrongConfigurationIsSaidWithItsPlace(t *testing.T) {
	for text, want := range map[string]string{
		"memory: lots":                               `[1:9] "lots" is no size`,
		"memory: [1]":                                "[1:9] one value is wanted here",
		"max-run-time: soon":                         "[1:15]",
		"max-rows: many":                             "[1:11]",
		"data: x\nmemroy: 1":                         `[2:1] unknown field "memroy"`,
		"datasets:\n  app:\n    period: 7h":          "[3:11] dataset app: period",
		"datasets:\n  A B:\n    period: 1h":          `[3:11] "A B" cannot be the name of a dataset`,
		"datasets:\n  lock: {period: 1h}":            `"lock" cannot be the name of a dataset`,
		"tokens:\n  - {token: x, access: all}":       "[2:5] tokens: number 1",
		"datasets:\n  app: {fields: {n: {type: i}}}": `there is no type "i"`,
		"datasets:\n  app: {period: 1h":              "[2:8]",
		"disk-share: 2":                              "disk-share: 2 is no share",
		"cache-memory: 0":                            "cache-memory: 0 is too little",
		"listen: here":                               `listen: "here" is no address`,
	} {
		t.Chdir(t.TempDir())
		if err := os.WriteFile(DefaultFile, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := new(Loader).Load(); err == nil || !bytes.Contains([]byte(err.Error()), []byte(want)) {
			t.Errorf("%q: want an error with %q, got %v", text, want, err)
		}
	}
}
