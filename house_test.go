package plumbline_test

// The floor plan of the house. ARCHITECTURE.md draws it; this table enforces it.
//
// A room stands on a floor and may import only what its lines name. A line leads
// down; one that leads to a neighbour on the same floor says so with beside, for
// those are the lines that turn a house into a knot. No line leads up.
//
// Names are folders seen from internal/, except web, sdk and cmd/….

const (
	pure = true  // works on values alone: no files, no network, no database
	acts = false // reaches outside the process, or owns something that does
)

// sdkFloor lies below the ground floor: the SDK is a module of its own, which
// imports the standard library only.
const sdkFloor = -1

// maxPackages is the size at which one person can still hold the whole house in
// the head. One more needs a paragraph in docs/adr/ and a change here.
const maxPackages = 45

type room struct {
	name  string
	floor int
	pure  bool
	holds string // what stands there, in a few words
	needs []line
}

// line permits one import, and says what for.
type line struct {
	to     string
	reason string
	beside bool // to a room on the same floor
}

func needs(to, reason string) line  { return line{to: to, reason: reason} }
func beside(to, reason string) line { return line{to: to, reason: reason, beside: true} }

var house = []room{
	{"sdk", sdkFloor, acts, "the public Go SDK, its own module", nil},

	// Floor 0: words everybody speaks.
	{"fault", 0, pure, "kinds of error that cross a boundary", nil},
	{"keyval", 0, pure, "pull scanners for JSON, logfmt, key=value", nil},
	{"when", 0, pure, "every text that means a time or a duration", nil},
	{"row", 0, pure, "batches of rows in columns", []line{
		beside("keyval", "a list or a nested value is kept as the text it came in"),
		beside("when", "a time column prints and reads as time"),
	}},
	{"disk", 0, acts, "the file-system seam: real, memory, crashable, failing", []line{
		beside("fault", "a full disk is Busy, a held lock is a Conflict"),
	}},
	{"postgrestest", 0, acts, "a PostgreSQL of their own for tests of links and state", nil},
	{"web", 0, acts, "the page, built and embedded", nil},
	{"demo", 0, acts, "a small real service under its own load", []line{
		needs("sdk", "writes its lines as any service would; knows no other room"),
	}},

	// Floor 1: one craft each, on rows or bytes.
	{"expr", 1, pure, "expressions and filters: lex, parse, print, evaluate", []line{
		needs("row", "evaluates a column at a time"),
		needs("when", "times in comparisons and in time functions"),
		needs("keyval", "json_extract and the functions that read pairs"),
		needs("fault", "errors point at a column and propose a name"),
	}},
	{"agg", 1, pure, "aggregates over columns: add, merge, finish", []line{
		needs("fault", "a panic of a helper is handed to the caller with its stack"),
		needs("row", "adds columns, finishes into columns"),
	}},
	{"frame", 1, pure, "the one binary form of a batch", []line{
		needs("row", "what it packs and unpacks"),
		needs("fault", "a frame that does not check is Corrupt"),
	}},
	{"dataset", 1, pure, "period, retention, declared fields, ids, aliases, limits", []line{
		needs("row", "declared fields have kinds of columns"),
		needs("fault", "a wrong setting is Invalid and proposes the nearest name"),
	}},
	{"related", 1, pure, "closure over ids", []line{
		needs("row", "the ids a value holds"),
	}},
	{"rule", 1, pure, "saved questions stepped into states", []line{
		needs("row", "judges the rows of a question"),
		beside("expr", "the condition and the one that ends it are expressions over rows"),
		needs("when", "for, keep_for, every: lengths of time"),
		needs("fault", "a wrong rule is Invalid, with its place in the file"),
	}},
	{"tail", 1, acts, "following files", []line{
		needs("disk", "reads files and keeps its positions where tests can fail them"),
	}},
	{"intake/jsonl", 1, pure, "lines of JSON", []line{
		needs("keyval", "scans objects"),
	}},
	{"intake/logfmt", 1, pure, "lines of key=value", []line{
		needs("keyval", "scans pairs"),
		needs("when", "reads the time field or the bracket"),
	}},
	{"intake/text", 1, pure, "plain lines, with the traces that continue them", []line{
		needs("keyval", "finds pairs inside a line"),
		needs("when", "reads a time where told how"),
		needs("fault", "a wrong multiline rule is Invalid"),
	}},
	{"intake/combined", 1, pure, "access and error logs of web servers", []line{
		needs("keyval", "numbers kept as they were written"),
	}},
	{"intake/gelf", 1, pure, "GELF messages and their chunks", []line{
		needs("keyval", "scans objects"),
	}},

	// Floor 2: what can be asked, and what is on disk.
	{"scan", 2, pure, "what a store can be asked, and what was read", []line{
		needs("when", "a scan prints its range"),
		needs("expr", "the filter and the keys of groups"),
		needs("agg", "the aggregates of a group"),
	}},
	{"journal", 2, acts, "append-only checksummed frames", []line{
		needs("disk", "every write and sync can fail in a test"),
		needs("fault", "a torn frame in the middle is Corrupt"),
	}},
	{"incident", 2, pure, "alert changes become incidents with a timeline", []line{
		needs("rule", "absorbs the alerts that rules begin and end"),
		needs("fault", "what a person may not do now is a Conflict"),
	}},
	{"store/columnar/colfile", 2, acts, "one part: pages, row groups, indices of ids", []line{
		needs("keyval", "tables of texts that are told apart at first sight"),
		needs("row", "pages are encoded from columns and decoded into them"),
		needs("expr", "filters are answered on codes"),
		needs("frame", "shares the bit packing of a batch"),
		needs("fault", "a page that does not check is Corrupt"),
	}},

	// Floor 3: pipes, and the stores they run over.
	{"pipe", 3, pure, "one file per pipe, and the table of them", []line{
		needs("row", "rows in, rows out"),
		needs("when", "spans, bins and ranges"),
		needs("keyval", "json, logfmt and kv read pairs out of a field"),
		needs("fault", "errors point at the column; limits name their setting"),
		needs("expr", "where, eval and the search before the first pipe"),
		needs("agg", "stats and its family"),
		needs("scan", "a pipe may hand part of its work to the store"),
		needs("dataset", "which fields hold ids"),
		needs("related", "the walk from ids to ids"),
	}},
	{"store/memory", 3, acts, "the simple store that others are compared with", []line{
		needs("row", "keeps batches"),
		needs("expr", "filters them"),
		needs("scan", "what it is asked"),
		needs("dataset", "declared fields and limits"),
	}},
	{"store/columnar", 3, acts, "the embedded engine", []line{
		needs("agg", "aggregates where the rows lie"),
		needs("row", "appends and answers batches"),
		needs("when", "periods"),
		needs("expr", "simplifies a filter against a part's facts"),
		needs("frame", "what goes into the log"),
		needs("dataset", "periods, retention, declared fields, limits"),
		needs("scan", "what it is asked"),
		needs("journal", "the write-ahead log"),
		needs("store/columnar/colfile", "its own parts"),
		needs("disk", "folders, manifests, locks"),
		needs("fault", "Busy, Corrupt, NotFound, Conflict"),
	}},

	{"notify/mail", 3, acts, "notices by SMTP", []line{
		needs("incident", "what is sent"),
		needs("fault", "what a server refuses for good is Invalid"),
	}},
	{"notify/hook", 3, acts, "notices by HTTP: webhooks, services, templates; what must not be reached", []line{
		needs("incident", "what is sent"),
		needs("rule", "severities become those of services"),
		needs("fault", "an address that must not be reached is Denied"),
	}},
	{"links", 3, acts, "ids joined, in PostgreSQL", []line{
		needs("row", "reads the ids of lines, and forms of ids"),
		needs("expr", "lines after a number"),
		needs("scan", "follows the store's lines"),
		needs("dataset", "which fields hold ids"),
		needs("related", "answers walks as the store does"),
		needs("fault", "PostgreSQL that does not answer is Busy"),
	}},

	// Floor 4: one way through the house each.
	{"query", 4, acts, "text, plan, lanes, result", []line{
		needs("row", "the result"),
		needs("when", "from and to"),
		needs("fault", "what the asker did wrong, and where"),
		needs("expr", "subsearches inside filters"),
		needs("related", "hands links on to the walk"),
		needs("dataset", "what a pipe may know of the datasets a question may read"),
		needs("scan", "what it wants of a store"),
		needs("pipe", "parses and runs the chain"),
	}},
	{"intake", 4, acts, "listeners, framing, limits, batching", []line{
		needs("row", "hands on batches"),
		needs("when", "time formats told by the sender"),
		needs("keyval", "looks at a line to find its format"),
		needs("fault", "a full house answers Busy"),
		needs("dataset", "limits and declared fields at the door"),
		needs("related", "a link holds two ids"),

		needs("pipe", "clean-up of lines on their way in"),
		needs("intake/jsonl", "a row of its table of formats"),
		needs("intake/logfmt", "a row of its table of formats"),
		needs("intake/text", "a row of its table of formats"),
		needs("intake/combined", "a row of its table of formats"),
		needs("intake/gelf", "a row of its table of formats"),
	}},
	{"store", 4, acts, "opens the chosen store", []line{
		needs("dataset", "what every store keeps apart"),
		needs("disk", "where the embedded one lies"),
		needs("fault", "an unknown store is Invalid"),
		needs("store/columnar", "a row of its table of stores"),
	}},
	{"metric", 4, acts, "the Prometheus engine behind a small face", nil},
	{"agent", 4, acts, "runs probes, spools, ships", nil},
	{"notify", 4, acts, "routes, mutes, rotas, escalation; the table of channels", []line{
		needs("incident", "what is told"),
		needs("rule", "routes match labels as exceptions of rules do"),
		needs("fault", "a wrong channel is Invalid, by its name"),
		needs("notify/mail", "a channel"),
		needs("notify/hook", "the channels that speak HTTP"),
	}},
	{"state", 4, acts, "all that must be remembered and is not a row", []line{
		needs("rule", "keeps the states of instances"),
		needs("incident", "keeps incidents, lamps and notices"),
		needs("fault", "what was changed meanwhile is a Conflict"),
	}},

	// Floor 5: faces.
	{"api", 5, acts, "the whole HTTP surface", []line{
		needs("row", "writes rows as JSON, CSV, logfmt"),
		needs("keyval", "quotes the values of logfmt"),
		needs("agg", "completion lists the aggregates"),
		needs("when", "from and to as people write them"),
		needs("fault", "kinds become statuses"),
		needs("expr", "completion and errors at the column"),
		needs("scan", "histograms, fields and values are scans"),
		needs("pipe", "completion lists the pipes"),
		needs("dataset", "who may read which"),
		needs("query", "questions out"),
		needs("related", "the ids that lines hold"),
		needs("intake", "lines in"),
		needs("sdk", "what a request was about goes on its canonical line"),
		needs("rule", "rules are written and shown as JSON"),
		needs("incident", "incidents are shown, and acted on by people"),
		beside("watch", "the wall, incidents and backtests are its nouns; there is one of it, so no interface stands between"),
	}},
	{"watch", 5, acts, "drives rules: asks, steps, saves, hands on", []line{
		needs("row", "the rows that rules judge"),
		needs("when", "times in questions and in tests of rules"),
		needs("fault", "a wrong rule is Invalid"),
		needs("expr", "conditions"),
		needs("pipe", "reads a rule's question and parts it at its condition"),
		needs("query", "asks"),
		needs("rule", "steps"),
		needs("incident", "what begins and ends becomes incidents and notices"),
		needs("state", "saves each round"),
		needs("notify", "who is told of a notice, and when"),
		needs("intake", "tests of rules take their lines in as a server would"),
		needs("store/memory", "tests of rules keep their lines there"),
	}},
	{"cli", 5, acts, "what commands that talk to a server share", []line{
		needs("when", "--since and --until"),
		needs("keyval", "reads the streams a server answers"),
		needs("tail", "tail-file follows on the client's side"),
		needs("intake", "finds the format of a file by looking"),
	}},

	// Floor 6 and 7: the roof.
	{"app", 6, acts, "reads the config, opens, runs, closes in reverse", []line{
		needs("fault", "a wrong setting is said with line and column"),
		needs("when", "settings that are durations"),
		needs("row", "batches followed files hand on"),
		needs("disk", "the data folder and its lock"),
		needs("dataset", "settings per dataset"),
		needs("pipe", "the memory of questions and their limits"),
		needs("tail", "serve --tail"),
		needs("query", "gives it a source and limits"),
		needs("intake", "gives it a sink and limits"),
		needs("store", "opens and closes it"),
		needs("rule", "reads the files of rules"),
		needs("incident", "how alerts become incidents is a setting"),
		needs("links", "keeps links of ids in PostgreSQL"),
		needs("related", "hands links to questions"),
		needs("state", "opens and closes it"),
		needs("watch", "checks and tests rules, and drives them"),
		needs("notify", "reads who is told of what"),
		needs("api", "serves it"),
		needs("web", "hands the page to api"),
		needs("demo", "runs the demo service beside the server"),
		needs("sdk", "watches the server as it would any service: lines, monitor, log, health"),
	}},
	{"cmd/plumbline", 7, acts, "the binary: one short file per command", []line{
		needs("app", "serve, demo, inspect, config"),
		needs("cli", "query, ingest, tail-file"),
	}},
}
