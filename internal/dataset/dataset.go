// Package dataset says what is kept apart and how: a dataset has a period, a
// retention, declared fields, ids, aliases and limits of its own. Application
// logs and communication logs live in different datasets because they are kept
// for different times.
package dataset

import (
	"time"

	"github.com/plumbline/plumbline/internal/fault"
)

// Dataset is the declaration of one dataset. The zero value of a limit means
// none.
type Dataset struct {
	Name      string
	Period    time.Duration     // length of a partition: 30 min to 24 h, a divisor of a day
	Retention Retention         // what is kept; nothing is too old while it is zero
	Fields    map[string]Field  // declared fields
	IDs       []string          // fields that are ids, beside those named id, *_id, *.id
	Kinds     map[string]string // fields that are ids, and the kind they are of where that is not their own name
	Hubs      []string          // fields that never join lines though they look like ids
	Expect    []Expect          // what should follow on what, for pictures of related ids
	Aliases   map[string]string // a second name for a field: status → http_status
	Limits    Limits
	Pipes     string // that lines go through before they are stored; "" for none
}

// Retention says when rows may go. A partition goes whole, the oldest first.
type Retention struct {
	Age   time.Duration // older rows go, and are refused when they arrive
	Bytes int64         // the dataset takes no more than this on disk
}

// Field is a declared field: a value of another type is set aside.
type Field struct {
	Type Type
	Unit string // s, ms, bytes …: shown beside the axis of a chart
}

// Type is the type a declared field must have.
type Type string

// The types a field can be declared as.
const (
	Text   Type = "text"
	Number Type = "number"
	Bool   Type = "bool"
	Time   Type = "time"
)

// Limits bound what a sender can make a dataset hold.
type Limits struct {
	LineBytes  int // a longer line is cut, with a flag
	FieldCount int // fields of a line beyond this are packed into one
	NameBytes  int // a longer name of a field is cut
}

// DefaultLimits: a line of 1 MiB holds any stack trace; 1,000 fields is twice
// the widest event met; names beyond 256 bytes are data that slipped into a
// name.
var DefaultLimits = Limits{LineBytes: 1 << 20, FieldCount: 1000, NameBytes: 256}

// MaxDatasets is how many datasets there can be: they are made by the first
// line that names them, and a sender must not make thousands by mistake.
const MaxDatasets = 64

// Names of datasets the house itself writes to.
const (
	Default  = "app"       // where lines go that name no dataset
	Rejected = "_rejected" // lines that could not be read, whole
	Links    = "links"     // where links go: lines of two ids that belong together

	Own = "_plumbline" // the server's lines about its own requests
)

// The other names of Stripe's canonical lines, as their article uses them.
func defaultAliases() map[string]string {
	return map[string]string{"allowed": "rate_allowed", "status": "http_status", "user": "user_id"}
}

// New returns a dataset of this name with defaults: a partition a day,
// everything kept.
func New(name string) Dataset {
	return Dataset{Name: name, Period: 24 * time.Hour, Aliases: defaultAliases(), Limits: DefaultLimits}
}

// maxName keeps folder names short on every file system.
const maxName = 64

// CheckName says whether a name can be that of a dataset: lower-case letters,
// digits, - and _, as it becomes a folder and part of URLs.
func CheckName(name string) error {
	switch name {
	case "wal", "names", "lock", "format", "ballast": // some file systems do not tell small letters from capitals
		return fault.New(fault.Invalid, "%q cannot be the name of a dataset: a file of the data folder is called so", name)
	}
	ok := name != "" && len(name) <= maxName && name[0] != '-'
	for _, c := range name {
		ok = ok && (c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '_')
	}
	if !ok {
		return fault.New(fault.Invalid, "%q cannot be the name of a dataset: use up to %d lower-case letters, digits, - and _", name, maxName)
	}
	return nil
}

// Check says what is wrong with a declaration.
func (d Dataset) Check() error {
	if err := CheckName(d.Name); err != nil {
		return err
	}
	if d.Period < 30*time.Minute || d.Period > 24*time.Hour || 24*time.Hour%d.Period != 0 {
		return fault.New(fault.Invalid, "dataset %s: period %s does not divide a day into parts of 30 minutes or more", d.Name, d.Period)
	}
	if d.Retention.Age < 0 || d.Retention.Bytes < 0 {
		return fault.New(fault.Invalid, "dataset %s: retention cannot be negative", d.Name)
	}
	if d.Retention.Age > 0 && d.Retention.Age < d.Period {
		return fault.New(fault.Invalid, "dataset %s: retention of %s is shorter than its period of %s", d.Name, d.Retention.Age, d.Period)
	}
	for name, f := range d.Fields {
		switch f.Type {
		case Text, Number, Bool, Time:
		default:
			return fault.New(fault.Invalid, "dataset %s: field %s: there is no type %q; use text, number, bool or time", d.Name, name, f.Type)
		}
	}
	if err := d.checkKinds(); err != nil {
		return err
	}
	if err := d.checkExpect(); err != nil {
		return err
	}
	for alias, field := range d.Aliases {
		if d.Aliases[field] != "" {
			return fault.New(fault.Invalid, "dataset %s: alias %s leads to %s, which is an alias itself", d.Name, alias, field)
		}
	}
	return nil
}
