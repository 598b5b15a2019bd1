package demo

import (
	"context"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	plumbline "github.com/plumbline/plumbline/sdk"
	"github.com/plumbline/plumbline/sdk/line"
	"github.com/plumbline/plumbline/sdk/sink"
)

// Fields of the demo's own, beyond those of the SDK.
var (
	fieldCharge       = line.Text("charge_id")
	fieldCustomer     = line.Text("customer_id")
	fieldMessage      = line.Text("message_id")
	fieldBulk         = line.Text("bulk_id")
	fieldMessageCount = line.Int("message_count")
	fieldReportCount  = line.Int("report_count")
	fieldAmount       = line.Int("amount")
)

// api is the service that customers talk to.
type api struct {
	http.Handler
	observer *plumbline.Observer
	log      *slog.Logger // what requests do
	comm     *slog.Logger // what happens to messages
	users    *users
	limiter  *limiter
	database *database
	outbox   chan<- message
	network  string // base URL of the card network
	client   *http.Client
}

// endpoint is one thing customers may ask for.
type endpoint struct {
	pattern    string
	team       string
	permission string
	answer     func(ctx context.Context, c call) (any, error)
}

// call is a request of a known user.
type call struct {
	*http.Request
	user     *user
	endpoint *endpoint
}

func newAPI(o *plumbline.Observer, comm *sink.Queue, users *users, d *database, outbox chan<- message) *api {
	a := &api{
		observer: o, log: o.Logger(), comm: slog.New(o.LogHandlerTo(comm)),
		users: users, limiter: newLimiter(), database: d, outbox: outbox,
		client: &http.Client{Transport: o.Transport(pooled()), Timeout: 2 * time.Second},
	}
	mux := http.NewServeMux()
	for _, e := range []endpoint{
		{"POST /v1/charges", "acquiring", "account_write", a.createCharge},
		{"GET /v1/charges/{id}", "acquiring", "account_read", a.readCharge},
		{"POST /v1/refunds", "acquiring", "account_write", a.createRefund},
		{"POST /v1/messages", "messaging", "message_write", a.createMessages},
		{"GET /v1/messages/{id}", "messaging", "message_read", a.readMessage},
		{"GET /v1/balance", "ledger", "account_read", a.readBalance},
		{"GET /v1/customers/{id}", "identity", "account_read", a.readCustomer},
	} {
		mux.HandleFunc(e.pattern, func(w http.ResponseWriter, r *http.Request) { a.serve(w, r, &e) })
	}
	mux.HandleFunc("POST /v1/reports", a.takeReports)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, "ok") })
	a.Handler = o.HTTP(mux)
	return a
}

// serve is the way of every request of a customer: who are you, may you, do it.
func (a *api) serve(w http.ResponseWriter, r *http.Request, e *endpoint) {
	ctx := r.Context()
	line.Team.Set(ctx, e.team)
	u, err := a.authenticate(ctx, r)
	if err != nil {
		refuse(ctx, w, err)
		return
	}
	if !a.permit(ctx, w, u) {
		return
	}
	line.Permissions.Set(ctx, e.permission)
	body, err := e.answer(ctx, call{Request: r, user: u, endpoint: e})
	if err != nil {
		refuse(ctx, w, err)
		return
	}
	answer(w, http.StatusOK, body)
}

func (a *api) authenticate(ctx context.Context, r *http.Request) (*user, error) {
	key, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	var u *user
	if err := a.database.read(ctx, 1, func() { u = a.users.byKey[key] }); err != nil {
		return nil, err
	}
	if u == nil {
		return nil, &refusal{http.StatusUnauthorized, "no such key"}
	}
	line.AuthType.Set(ctx, u.authType)
	line.KeyID.Set(ctx, u.key)
	line.UserID.Set(ctx, u.id)
	a.log.LogAttrs(ctx, slog.LevelInfo, "User authenticated",
		slog.String("auth_type", u.authType), slog.String("key_id", u.key), slog.String("user_id", u.id))
	return u, nil
}

// permit asks the rate limiter, and refuses in its name.
func (a *api) permit(ctx context.Context, w http.ResponseWriter, u *user) bool {
	now := time.Now()
	allowed, remaining := a.limiter.allow(u, now)
	line.RateAllowed.Set(ctx, allowed)
	line.RateQuota.Set(ctx, int64(u.quota))
	line.RateRemaining.Set(ctx, int64(remaining))
	a.log.LogAttrs(ctx, slog.LevelInfo, "Rate limiting ran",
		slog.Bool("rate_allowed", allowed), slog.Int("rate_quota", u.quota), slog.Int("rate_remaining", remaining))
	if !allowed {
		w.Header().Set("Retry-After", strconv.Itoa(a.limiter.again(now)))
		refuse(ctx, w, &refusal{http.StatusTooManyRequests, "quota is spent"})
	}
	return allowed
}
