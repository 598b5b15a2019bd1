package intake

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/plumbline/plumbline/internal/dataset"
	"github.com/plumbline/plumbline/internal/fault"
	"github.com/plumbline/plumbline/internal/when"
)

// Request is a body of lines and how to read it. Body and Format are needed.
type Request struct {
	Format    string // a name in Formats
	Dataset   string // where the lines go; dataset.Default when empty
	BatchName string // names the body, so that sending it twice stores it once
	Source    string // who sends: kept beside lines that cannot be read
	House     bool   // the house itself sends: the dataset may be one of its own

	TimeField  string // names of the time's field, parted by commas, best first
	MsgField   string // the same for the message
	TimeFormat string // how the time is written, see when.ParseLayout; empty and "auto" mean any form
	Multiline  string // text only: auto, off, or a regular expression a first line matches

	Body     io.Reader
	Encoding string // identity, gzip, zstd or deflate; what the first bytes say goes first
	Size     int64  // bytes of Body when known, which lets small bodies reserve little memory
}

// Receipt says what became of the lines of a body: each was accepted, rejected,
// refused or dropped.
type Receipt struct {
	Accepted int         `json:"accepted"`          // stored as rows, repaired or not
	Rejected int         `json:"rejected"`          // could not be read, kept whole in _rejected
	Refused  int         `json:"refused,omitempty"` // older than the dataset's retention: not kept
	Dropped  int         `json:"dropped,omitempty"` // left out by the pipes of the dataset: not kept
	Joined   int         `json:"joined,omitempty"`  // lines that continue one of these
	Errors   []LineError `json:"errors,omitempty"`  // of the first few rejected and refused lines
	Repeated bool        `json:"repeated,omitempty"`
	From     int64       `json:"from,omitempty"` // times of the oldest and the newest accepted line,
	To       int64       `json:"to,omitempty"`   // nanoseconds since the Unix epoch
}

// LineError says why a line was rejected or refused.
type LineError struct {
	Line   int    `json:"line"` // of the body, from 1
	Reason string `json:"reason"`
}

// errorsMost is how many reasons a receipt carries: enough to see what is
// wrong, few enough to be read.
const errorsMost = 10

// note keeps why a line was not accepted, of the first few.
func (r *Receipt) note(line int, reason string) {
	if len(r.Errors) < errorsMost {
		r.Errors = append(r.Errors, LineError{line, reason})
	}
}

// chunkReceipt is what the store keeps with a chunk of a named body: the sum up
// to and with this chunk, and whether it was the last.
type chunkReceipt struct {
	Receipt
	Last bool `json:"last"`
}

func (c chunkReceipt) encode() []byte {
	text, err := json.Marshal(c)
	if err != nil { // no field of it can fail
		return []byte("{}")
	}
	return text
}

func readChunkReceipt(text []byte) (c chunkReceipt, err error) {
	if err = json.Unmarshal(text, &c); err != nil {
		err = fault.Wrap(fault.Corrupt, err, "read the receipt of a named batch")
	}
	return c, err
}

// job is a request that was checked: all that reading its lines needs.
type job struct {
	format  Format
	dataset dataset.Dataset
	names   names
	layout  *when.Layout // nil: any form
	source  string
	now     int64
	cleanup cleanup

	readTime  bool // the sender asked that a time be looked for
	multiline string
}

// check makes a job of a request; what is wrong with it is Invalid.
func (in *Intake) check(r Request) (*job, error) {
	format, err := formatOf(r.Format)
	if err != nil {
		return nil, err
	}
	if r.Dataset == "" {
		r.Dataset = dataset.Default
	}
	if strings.HasPrefix(r.Dataset, "_") && !r.House {
		return nil, fault.New(fault.Invalid, "dataset %q: names that begin with _ belong to the house", r.Dataset)
	}
	ds, err := in.options.Datasets(r.Dataset)
	if err != nil {
		return nil, err
	}
	pipes, err := cleanupOf(ds)
	if err != nil {
		return nil, err
	}
	if format.Name != textFormat && r.Multiline != "" && r.Multiline != "auto" && r.Multiline != "off" {
		return nil, fault.New(fault.Invalid, "multiline: in format %s no lines are joined; an expression is for %s", format.Name, textFormat)
	}
	j := &job{
		format:  format,
		dataset: ds,
		names:   format.names.with(r.TimeField, r.MsgField),
		source:  r.Source,
		now:     in.options.Now().UnixNano(),
		cleanup: pipes,

		readTime:  r.TimeFormat != "",
		multiline: r.Multiline,
	}
	if r.TimeFormat != "" && r.TimeFormat != "auto" {
		layout, err := when.ParseLayout(r.TimeFormat)
		if err == nil {
			err = layout.CanRead()
		}
		if err != nil {
			return nil, fault.Wrap(fault.Invalid, err, "time_format")
		}
		j.layout = &layout
	}
	return j, nil
}

// tooOld is the refusal of a line older than the retention of its dataset.
func tooOld(ds dataset.Dataset) string {
	return fmt.Sprintf("older than the %s that dataset %s is kept", days(ds.Retention.Age), ds.Name)
}

func days(d time.Duration) string {
	const day = 24 * time.Hour
	if d%day != 0 {
		return d.String()
	}
	if d == day {
		return "day"
	}
	return fmt.Sprintf("%d days", d/day)
}
