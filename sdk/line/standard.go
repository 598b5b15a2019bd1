package line

// Fields of Stripe's article on canonical log lines, so that its questions run
// as they were published. What the SDK sets by itself is marked.
var (
	HTTPMethod = Text("http_method", Number(20))                                      // set by the HTTP middleware
	HTTPPath   = Text("http_path", Number(21), About("path, without the query"))      // set by the HTTP middleware
	HTTPRoute  = Text("http_route", Number(22), About("pattern that the path met"))   // set from http.ServeMux; other routers set it themselves
	HTTPStatus = Int("http_status", Number(23))                                       // set by the HTTP middleware
	Duration   = Seconds("duration", Number(24), About("from begin to end"))          // set on every line
	AllocCount = Int("alloc_count", Number(25), About("objects allocated meanwhile")) // set where Options.Allocs asks for it

	UserID      = Text("user_id", Number(26), Personal())
	AuthType    = Text("auth_type", Number(27), About("how the caller proved who it is"))
	KeyID       = Text("key_id", Number(28), About("of the API key, never the key"))
	Permissions = Text("permissions_used", Number(29))
	Team        = Text("team", Number(30), About("who looks after it"))

	RateAllowed   = Bool("rate_allowed", Number(31))
	RateQuota     = Int("rate_quota", Number(32))
	RateRemaining = Int("rate_remaining", Number(33))
)

// Fields beyond the article that every service ends up wanting.
var (
	Error     = Text("error", Number(34), About("what went wrong, for a person"))
	ErrorKind = Text("error_kind", Number(35), About("type of the error"))
	Operation = Text("operation", Number(36), About("name of a job, message or call"))

	Language        = Text("language", Number(37), About("of the client, from its User-Agent"))
	LanguageVersion = Text("language_version", Number(38), About("of the client, from its User-Agent"))
	APIVersion      = Text("api_version", Number(39), About("that the client asked for"))

	RemoteIP  = Text("remote_ip", Number(40), Personal())
	UserAgent = Text("user_agent", Number(41))
	BytesIn   = Int("bytes_in", Number(42), Unit("bytes"), About("of the request's body that were read"))
	BytesOut  = Int("bytes_out", Number(43), Unit("bytes"), About("of the answer's body"))
	InFlight  = Int("in_flight", Number(44), About("requests under way when this one began, with it"))
	BodyError = Text("body_error", Number(45), About("why the request's body could not be read"))
	PanicAt   = Text("panic_at", Number(46), About("function and line that panicked"))

	LogWarnings = Int("log_warnings", Number(47), About("ordinary lines of level warn"))
	LogErrors   = Int("log_errors", Number(48), About("ordinary lines of level error and above"))

	Service = Text("service", Number(49))
	Release = Text("release", Number(50))
	Host    = Text("host", Number(51))

	CacheHits   = Int("cache_hits", Number(52))
	CacheMisses = Int("cache_misses", Number(53))
)

// Database counts queries and the time spent waiting for them.
var Database = Timer{
	Name:  "database",
	Calls: Int("database_queries", Number(60)),
	Total: Seconds("database_duration", Number(61)),
}

// HTTPClient counts calls to other services; the client transport keeps it.
var HTTPClient = Timer{
	Name:  "http_client",
	Calls: Int("http_client_calls", Number(62)),
	Total: Seconds("http_client_duration", Number(63)),
}

// OutcomeKey is the field of the Outcome, to read and to repeat in a Kind's digest.
var OutcomeKey = TextKey{own("outcome", kindText, 8, "how the work ended")}

// Fields that the line writes by itself and nobody else may set.
var (
	timeKey      = own("_time", kindTime, 1, "when the work ended")
	messageKey   = own("_msg", kindText, 2, "begins with canonical-log-line")
	kindKey      = own("kind", kindText, 3, "kind of work: http, job …")
	requestIDKey = own("request_id", kindText, 4, "shared by all that is done for one request")
	traceIDKey   = own("trace_id", kindHex, 5, "W3C trace")
	spanIDKey    = own("span_id", kindHex, 6, "this unit of work")
	parentIDKey  = own("parent_id", kindHex, 7, "the caller's unit of work")
	weightKey    = own("sample_weight", kindInt, 9, "units of work this line stands for")
	interimKey   = own("interim", kindInt, 10, "number of this line of work still under way")
	truncatedKey = own("truncated", kindInt, 11, "fields cut to keep the line short")
	stagesKey    = own("stages", kindStages, 12, "stages and the seconds each took")
)

// own registers a field that only the line itself writes.
func own(name string, k kind, number int, about string) *key {
	made := registry.key(name, k, []Option{Number(number), About(about)})
	made.own = true
	return made
}
