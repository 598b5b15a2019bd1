package line

// Fields of Stripe's article on canonical log lines, so that its questions run
// as they were published. What the SDK sets by itself is marked.
const (
	HTTPMethod = Text("http_method") // set by the HTTP middleware
	HTTPPath   = Text("http_path")   // set by the HTTP middleware, without the query string
	HTTPRoute  = Text("http_route")  // set from http.ServeMux; other routers set it themselves
	HTTPStatus = Int("http_status")  // set by the HTTP middleware
	Duration   = Seconds("duration") // set on every line
	AllocCount = Int("alloc_count")  // set where Options.Allocs asks for it

	UserID      = Text("user_id")
	AuthType    = Text("auth_type")
	KeyID       = Text("key_id")
	Permissions = Text("permissions_used")
	Team        = Text("team")

	RateAllowed   = Bool("rate_allowed")
	RateQuota     = Int("rate_quota")
	RateRemaining = Int("rate_remaining")
)

// Fields beyond the article that every service ends up wanting.
const (
	Outcome   = Text("outcome") // set on every line: ok, error, client_error, server_error, panic, client_abort, timeout, hijacked, interrupted
	Error     = Text("error")   // what went wrong, for a person to read
	Operation = Text("operation")

	Language        = Text("language")         // of the client, from its User-Agent
	LanguageVersion = Text("language_version") // of the client, from its User-Agent
	APIVersion      = Text("api_version")      // that the client asked for
)

// Database counts queries and the time spent waiting for them.
var Database = Timer{Calls: "database_queries", Total: "database_duration"}

// HTTPClient counts calls to other services; the client transport keeps it.
var HTTPClient = Timer{Calls: "http_client_calls", Total: "http_client_duration"}
