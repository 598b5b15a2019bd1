// Package app puts the house together: it reads the configuration, gives each
// room its options, opens them, runs them, and closes them in reverse.
package app

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"slices"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/plumbline/plumbline/internal/dataset"
	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/incident"
	"github.com/plumbline/plumbline/internal/intake"
)

// Config is the whole configuration. Every key has the same name in the file,
// as a flag (--max-rows) and in the environment (PLUMBLINE_MAX_ROWS); flags go
// before the environment, that before the file, that before the defaults.
type Config struct {
	Data   string `yaml:"data"`
	Listen string `yaml:"listen"`
	Alerts string `yaml:"alerts"`

	Memory       Size     `yaml:"memory"`
	IntakeMemory Size     `yaml:"intake-memory"`
	CacheMemory  Size     `yaml:"cache-memory"`
	MaxRunTime   Duration `yaml:"max-run-time"`
	MaxRows      int      `yaml:"max-rows"`
	MaxGroups    int      `yaml:"max-groups"`
	MaxJoinRows  int      `yaml:"max-join-rows"`
	DiskShare    float64  `yaml:"disk-share"`
	Lookups      string   `yaml:"lookups"`

	Insecure bool    `yaml:"insecure"`
	TLSCert  string  `yaml:"tls-cert"`
	TLSKey   string  `yaml:"tls-key"`
	Hosts    List    `yaml:"hosts"`
	Tokens   []Token `yaml:"tokens"`

	GELFTCP     string `yaml:"gelf-tcp"`
	GELFUDP     string `yaml:"gelf-udp"`
	GELFDataset string `yaml:"gelf-dataset"`

	Tail        List   `yaml:"tail"`
	TailDataset string `yaml:"tail-dataset"`
	TailFormat  string `yaml:"tail-format"`

	OwnLines bool `yaml:"own-lines"`

	Links       string   `yaml:"links"`
	LinksKeep   Duration `yaml:"links-keep"`
	LinksHashed bool     `yaml:"links-hashed"`
	Site        string   `yaml:"site"`

	State      string `yaml:"state"`
	Rules      List   `yaml:"rules"`
	ReadyRules bool   `yaml:"ready-rules"`
	Notify     string `yaml:"notify"`
	Public     string `yaml:"public"`

	IncidentBy    List     `yaml:"incident-by"`
	IncidentJoin  Duration `yaml:"incident-join"`
	IncidentNear  Duration `yaml:"incident-near"`
	IncidentDelay Duration `yaml:"incident-delay"`

	Datasets map[string]DatasetConfig `yaml:"datasets"`
}

// Token is a secret and what its bearer may do.
type Token struct {
	Token    string   `yaml:"token"`
	Access   string   `yaml:"access"` // read, write or admin
	Datasets []string `yaml:"datasets"`
}

// DatasetConfig declares a dataset; what is left out has its default.
type DatasetConfig struct {
	Period    Duration               `yaml:"period"`
	Retention RetentionConfig        `yaml:"retention"`
	Fields    map[string]FieldConfig `yaml:"fields"`
	IDs       []string               `yaml:"ids"`
	Kinds     map[string]string      `yaml:"kinds"`
	Hubs      []string               `yaml:"hubs"`
	Expect    []ExpectConfig         `yaml:"expect"`
	Aliases   map[string]string      `yaml:"aliases"`
	Limits    LimitsConfig           `yaml:"limits"`
	Pipes     string                 `yaml:"pipes"`
}

// ExpectConfig says what should follow on what.
type ExpectConfig struct {
	Kind   string   `yaml:"kind"`
	After  string   `yaml:"after"`
	Said   string   `yaml:"said"`
	Want   string   `yaml:"want"`
	Wanted string   `yaml:"wanted"`
	Within Duration `yaml:"within"`
}

// RetentionConfig says how long lines are kept.
type RetentionConfig struct {
	Age  Duration `yaml:"age"`
	Size Size     `yaml:"size"`
}

// FieldConfig declares a field.
type FieldConfig struct {
	Type string `yaml:"type"`
	Unit string `yaml:"unit"`
}

// LimitsConfig bounds lines.
type LimitsConfig struct {
	Line   Size `yaml:"line"`
	Fields int  `yaml:"fields"`
	Name   Size `yaml:"name"`
}

// Defaults is the configuration of a server that was told nothing.
func Defaults() Config {
	policy := incident.DefaultPolicy()
	return Config{
		Data:   "./plumbline-data",
		Listen: "127.0.0.1:7420",
		// Half of the memory of a small machine of 2 GiB: questions and intake
		// together stay under it.
		Memory:       Size(768 << 20),
		IntakeMemory: Size(256 << 20),
		CacheMemory:  Size(128 << 20),
		MaxRunTime:   Duration(time.Minute),
		MaxGroups:    2_000_000,
		MaxJoinRows:  1_000_000,
		DiskShare:    0.8,
		GELFDataset:  dataset.Default,
		TailDataset:  dataset.Default,
		LinksKeep:    Duration(14 * 24 * time.Hour), // twice the week that a walk reaches
		ReadyRules:   true,
		IncidentJoin: Duration(policy.Join), IncidentNear: Duration(policy.Near), IncidentDelay: Duration(policy.Delay),
		OwnLines: true,
	}
}

// leastCache holds the footers and dictionaries of a few parts.
const leastCache = Size(1 << 20)

// setting is a key that flags and the environment can set.
type setting struct {
	name  string
	usage string
	value settable
}

// settings are the keys of c beside tokens and datasets, which are lists of
// things and stand in the file alone.
func settings(c *Config) []setting {
	return []setting{
		{"data", "`folder` of the data", (*text)(&c.Data)},
		{"listen", "`address` to listen on", (*text)(&c.Listen)},
		{"alerts", "`address` at whose root alerts are taken as Alertmanager takes them, for example 127.0.0.1:9093", (*text)(&c.Alerts)},
		{"memory", "`size` of memory for all questions together", &c.Memory},
		{"intake-memory", "`size` of memory for lines on their way in", &c.IntakeMemory},
		{"cache-memory", "`size` of memory for what questions read, to be read again", &c.CacheMemory},
		{"max-run-time", "`time` after which a question is stopped; 0: never", &c.MaxRunTime},
		{"max-rows", "`rows` of an answer; 0: no bound", (*count)(&c.MaxRows)},
		{"max-groups", "`groups` of an aggregation; 0: no bound", (*count)(&c.MaxGroups)},
		{"max-join-rows", "`rows` of the right side of a join; 0: no bound", (*count)(&c.MaxJoinRows)},
		{"disk-share", "`share` of the disk that may be full before the oldest lines go", (*share)(&c.DiskShare)},
		{"lookups", "`folder` of CSV files for the pipe lookup", (*text)(&c.Lookups)},
		{"insecure", "listen on other addresses than loopback without tokens or without TLS", (*truth)(&c.Insecure)},
		{"tls-cert", "`file` with the certificate, PEM", (*text)(&c.TLSCert)},
		{"tls-key", "`file` with the certificate's key, PEM", (*text)(&c.TLSKey)},
		{"hosts", "`names` under which the server is known, beside localhost and addresses", &c.Hosts},
		{"gelf-tcp", "`address` for GELF over TCP, for example 127.0.0.1:12201", (*text)(&c.GELFTCP)},
		{"gelf-udp", "`address` for GELF over UDP", (*text)(&c.GELFUDP)},
		{"gelf-dataset", "`dataset` that GELF goes to", (*text)(&c.GELFDataset)},
		{"tail", "`globs` of files to follow", &c.Tail},
		{"tail-dataset", "`dataset` that followed files go to", (*text)(&c.TailDataset)},
		{"tail-format", "`format` of followed files; found by looking when it is not said", (*text)(&c.TailFormat)},
		{"own-lines", "a line about each request the server answers, in the dataset _plumbline", (*truth)(&c.OwnLines)},
		{"links", "`place` of the links of ids: postgres://…; empty: none are kept beside the lines", (*text)(&c.Links)},
		{"links-keep", "`time` that links are kept, at most 240 days", &c.LinksKeep},
		{"links-hashed", "keep 64 bits of each id in its place, in two thirds of the room", (*truth)(&c.LinksHashed)},
		{"site", "`name` of this server among those that share links; its host name when empty", (*text)(&c.Site)},
		{"state", "`place` of the state: a file, or postgres://…", (*text)(&c.State)},
		{"rules", "`files` or folders of rules", &c.Rules},
		{"ready-rules", "drive the rules that come along", (*truth)(&c.ReadyRules)},
		{"notify", "`file` of channels and routes: who is told of what", (*text)(&c.Notify)},
		{"public", "`address` under which people reach the server, for links in notices", (*text)(&c.Public)},
		{"incident-by", "`labels` that tell incidents apart; none: what burns together is one", &c.IncidentBy},
		{"incident-join", "`time` within which an incident that fires again goes on", &c.IncidentJoin},
		{"incident-near", "`time` before an incident whose lamps stand beside it", &c.IncidentNear},
		{"incident-delay", "`time` within which a warning that closes itself was never sent", &c.IncidentDelay},
	}
}

// Check says what is wrong with the configuration, and what to do.
func (c *Config) Check() error {
	if _, _, err := net.SplitHostPort(c.Listen); err != nil {
		return fault.New(fault.Invalid, "listen: %q is no address; write it as 127.0.0.1:7420", c.Listen)
	}
	if _, _, err := net.SplitHostPort(c.Alerts); err != nil && c.Alerts != "" {
		return fault.New(fault.Invalid, "alerts: %q is no address; write it as 127.0.0.1:9093", c.Alerts)
	}
	if why := c.exposed(); why != "" && !c.Insecure {
		return fault.New(fault.Invalid, "listen: %s, or start with --insecure", why)
	}
	if err := errors.Join(c.checkGELF("gelf-tcp", c.GELFTCP), c.checkGELF("gelf-udp", c.GELFUDP)); err != nil {
		return err
	}
	if (c.TLSCert == "") != (c.TLSKey == "") {
		return fault.New(fault.Invalid, "tls-cert and tls-key belong together; one of them is missing")
	}
	if c.DiskShare <= 0 || c.DiskShare > 1 {
		return fault.New(fault.Invalid, "disk-share: %v is no share; write a number above 0 and up to 1, as 0.8", c.DiskShare)
	}
	if c.CacheMemory < leastCache {
		return fault.New(fault.Invalid, "cache-memory: %v is too little to keep anything; write %v or more", c.CacheMemory, leastCache)
	}
	for i, t := range c.Tokens {
		if _, err := t.access(); err != nil || t.Token == "" {
			err := fault.New(fault.Invalid, "tokens: number %d wants a token, and access: read, write or admin", i+1)
			return &misplaced{root().Child("tokens").Index(uint(i)).Build(), err}
		}
	}
	if len(c.Datasets) > dataset.MaxDatasets {
		return fault.New(fault.Invalid, "datasets: there can be at most %d", dataset.MaxDatasets)
	}
	for name := range c.Datasets {
		if err := c.Dataset(name).Check(); err != nil {
			return &misplaced{root().Child("datasets").Child(name).Build(), err}
		}
		if err := intake.CheckPipes(c.Dataset(name)); err != nil {
			return &misplaced{root().Child("datasets").Child(name).Child("pipes").Build(), err}
		}
	}
	return nil
}

// misplaced is an error of what stands at a path in the file, and can stand
// nowhere else.
type misplaced struct {
	path *yaml.Path
	error
}

func (m *misplaced) Unwrap() error { return m.error }

func root() *yaml.PathBuilder { return new(yaml.PathBuilder).Root() }

// checkGELF checks an address for GELF, which knows no tokens: it is open to
// whoever reaches it.
func (c *Config) checkGELF(key, address string) error {
	if address == "" {
		return nil
	}
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return fault.New(fault.Invalid, "%s: %q is no address; write it as 127.0.0.1:12201", key, address)
	}
	if !loopback(host) && !c.Insecure {
		return fault.New(fault.Invalid, "%s: %s can be reached from other machines, and GELF knows no tokens; --insecure allows it", key, address)
	}
	return nil
}

// loopback reports whether only this machine reaches a host.
// exposed says what is missing where other machines reach the server; "" when
// nothing is, or they do not.
func (c *Config) exposed() string {
	address := c.Listen
	host, _, _ := net.SplitHostPort(address) // Check has read it
	if loopback(host) && c.Alerts != "" {
		address = c.Alerts
		host, _, _ = net.SplitHostPort(address)
	}
	switch {
	case loopback(host):
		return ""
	case len(c.Tokens) == 0:
		return address + " can be reached from other machines, and there are no tokens; add tokens to the configuration file"
	case c.TLSCert == "":
		return address + " can be reached from other machines, and tokens would cross the network in the open; give a certificate by tls-cert and tls-key"
	}
	return ""
}

func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// Dataset is the declaration of a dataset, defaults filled in.
func (c *Config) Dataset(name string) dataset.Dataset {
	d := dataset.New(name)
	if name == dataset.Own {
		d.Retention.Age = ownAge
	}
	x, ok := c.Datasets[name]
	if !ok {
		return d
	}
	if x.Period != 0 {
		d.Period = time.Duration(x.Period)
	}
	d.Retention = dataset.Retention{Age: time.Duration(x.Retention.Age), Bytes: int64(x.Retention.Size)}
	d.IDs, d.Kinds, d.Hubs, d.Pipes = x.IDs, x.Kinds, x.Hubs, x.Pipes
	if len(x.Fields) > 0 {
		d.Fields = map[string]dataset.Field{}
		for name, f := range x.Fields {
			d.Fields[name] = dataset.Field{Type: dataset.Type(f.Type), Unit: f.Unit}
		}
	}
	for _, e := range x.Expect {
		d.Expect = append(d.Expect, dataset.Expect{Kind: e.Kind, After: e.After, Said: e.Said, Want: e.Want, Wanted: e.Wanted, Within: time.Duration(e.Within)})
	}
	for alias, field := range x.Aliases {
		if field == "" {
			delete(d.Aliases, alias) // switched off
			continue
		}
		d.Aliases[alias] = field
	}
	if x.Limits.Line > 0 {
		d.Limits.LineBytes = int(x.Limits.Line)
	}
	if x.Limits.Fields > 0 {
		d.Limits.FieldCount = x.Limits.Fields
	}
	if x.Limits.Name > 0 {
		d.Limits.NameBytes = int(x.Limits.Name)
	}
	return d
}

// expected is what the datasets expect, in the order of their names.
func (c *Config) expected() []dataset.Expect {
	var list []dataset.Expect
	for _, name := range slices.Sorted(maps.Keys(c.Datasets)) {
		list = append(list, c.Dataset(name).Expect...)
	}
	return list
}

// URL is the address a person can open.
func (c *Config) URL() string {
	scheme := "http"
	if c.TLSCert != "" {
		scheme = "https"
	}
	address := c.Listen
	if host, port, err := net.SplitHostPort(address); err == nil && net.ParseIP(host).IsUnspecified() {
		address = net.JoinHostPort("127.0.0.1", port) // all addresses are none to go to
	}
	return fmt.Sprintf("%s://%s", scheme, address)
}
