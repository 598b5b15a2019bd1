package demo

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

// load is the customers: each with its own client, asking what customers ask. It
// is an open loop – requests come at their rate, however slow the answers are.
type load struct {
	url     string // of the api
	every   time.Duration
	dice    *dice
	users   *users
	client  *http.Client
	wishes  []wish
	turns   int                             // of wishes, all weights together
	answers func(status int, h http.Header) // told of every answer
	known   map[string]memory               // by user
	mu      sync.Mutex                      // guards known
}

// wish is something customers ask for, so many times in a hundred.
type wish struct {
	weight int
	ask    func(u *user) order
}

// order is a request to be made. What it makes is remembered for later.
type order struct {
	method, path, body string
	remember           string // charges or messages
	key                string // other than the user's own
}

// memory is what a user has made lately.
type memory map[string][]string

const (
	maxOpen = 128 // requests at once; beyond it customers wait their turn
	// patient customers wait this long, others leave: some 1 in 200 of them.
	patient   = 5 * time.Second
	impatient = 6 * time.Millisecond
	hurry     = 0.005
	// firstShare of the requests come from the user of the article.
	firstShare  = 0.2
	remembered  = 16
	latestAPI   = "2026-10-01"
	previousAPI = "2025-03-31"
)

func newLoad(url string, rate int, d *dice, u *users) *load {
	l := &load{
		url: url, every: time.Second / time.Duration(rate), dice: d, users: u,
		client: &http.Client{Transport: pooled()}, known: map[string]memory{},
		answers: func(int, http.Header) {},
	}
	l.wishes = []wish{
		{34, l.charge},
		{14, func(u *user) order { return l.again(u, "charges", "GET", "/v1/charges/%s", "") }},
		{6, func(u *user) order {
			return l.again(u, "charges", "POST", "/v1/refunds", `{"charge":"%s","amount":100}`)
		}},
		{16, l.message},
		{10, func(u *user) order { return l.again(u, "messages", "GET", "/v1/messages/%s", "") }},
		{8, func(*user) order { return order{method: "GET", path: "/v1/balance"} }},
		{8, l.customer},
		{2, func(*user) order { return order{method: "GET", path: "/healthz"} }},
		{1, func(*user) order { return order{method: "POST", path: "/v1/charges", body: `{"amount":`} }},
		{1, func(*user) order { return order{method: "GET", path: "/v2/charges"} }},
		{1, func(*user) order { return order{method: "GET", path: "/v1/balance", key: "mk_revoked"} }},
	}
	for _, w := range l.wishes {
		l.turns += w.weight
	}
	return l
}

// run asks at the rate until ctx ends, and waits for the last answers.
func (l *load) run(ctx context.Context) {
	defer l.client.CloseIdleConnections()
	var open sync.WaitGroup
	defer open.Wait()
	slots := make(chan struct{}, maxOpen)
	next := time.Now()
	for {
		next = next.Add(l.dice.around(l.every))
		if sleep(ctx, time.Until(next)) != nil {
			return
		}
		select {
		case slots <- struct{}{}:
		case <-ctx.Done():
			return
		}
		u, o := l.choose()
		open.Go(func() {
			defer func() { <-slots }()
			l.ask(context.WithoutCancel(ctx), u, o) // an answer under way is waited for
		})
	}
}

func (l *load) choose() (*user, order) {
	if l.dice.luck(firstShare) {
		if u := l.users.first(); l.dice.luck(0.8) {
			return u, l.charge(u)
		}
	}
	u := l.users.any()
	turn := l.dice.upTo(l.turns)
	for _, w := range l.wishes {
		if turn -= w.weight; turn < 0 {
			return u, w.ask(u)
		}
	}
	return u, l.charge(u)
}

func (l *load) charge(*user) order {
	body := fmt.Sprintf(`{"amount":%d,"card":"4242"}`, 100+l.dice.upTo(20_000))
	return order{method: "POST", path: "/v1/charges", body: body, remember: "charges"}
}

func (l *load) message(*user) order {
	many := 1
	if l.dice.luck(0.3) { // a campaign rather than a single message
		many = 2 + l.dice.upTo(8)
	}
	countries := []string{"+385", "+386", "+381"}
	to := make([]string, many)
	for i := range to {
		to[i] = fmt.Sprintf("%s91%07d", countries[l.dice.upTo(len(countries))], l.dice.upTo(10_000_000))
	}
	body, _ := json.Marshal(map[string]any{"to": to, "text": "Your code is 4711"}) // strings always marshal
	return order{method: "POST", path: "/v1/messages", body: string(body), remember: "messages"}
}

func (l *load) customer(*user) order {
	return order{method: "GET", path: fmt.Sprintf("/v1/customers/cus_%d", l.dice.upTo(5000))}
}

// again asks for something the user made before; one who made nothing yet does.
func (l *load) again(u *user, of, method, path, body string) order {
	l.mu.Lock()
	made := l.memory(u)[of]
	l.mu.Unlock()
	if len(made) == 0 {
		if of == "messages" {
			return l.message(u)
		}
		return l.charge(u)
	}
	id := made[l.dice.upTo(len(made))]
	return order{method: method, path: strings.Replace(path, "%s", id, 1), body: strings.Replace(body, "%s", id, 1)}
}

func (l *load) memory(u *user) memory {
	if l.known[u.id] == nil {
		l.known[u.id] = memory{}
	}
	return l.known[u.id]
}

// ask makes one request and reads its answer.
func (l *load) ask(ctx context.Context, u *user, o order) {
	patience := patient
	if l.dice.luck(hurry) {
		patience = impatient
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, o.method, l.url+o.path, strings.NewReader(o.body))
	if err != nil {
		return // cannot be: every order above is well formed
	}
	request.Header.Set("Authorization", "Bearer "+cmp.Or(o.key, u.key))
	request.Header.Set("User-Agent", u.agent)
	request.Header.Set("Api-Version", latestAPI)
	if u.quota == trialQuota {
		request.Header.Set("Api-Version", previousAPI)
	}
	response, err := l.client.Do(request)
	if err != nil {
		return // left before the answer; the service has a line of it
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxBodyBytes))
	if err == nil && response.StatusCode == http.StatusOK && o.remember != "" {
		l.remember(u, o.remember, body)
	}
	l.answers(response.StatusCode, response.Header)
}

// remember keeps the first id of an answer.
func (l *load) remember(u *user, what string, body []byte) {
	_, after, _ := strings.Cut(string(body), `"id":"`)
	id, _, found := strings.Cut(after, `"`)
	if !found {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	m := l.memory(u)
	m[what] = append(m[what], id)
	if len(m[what]) > remembered {
		m[what] = m[what][1:]
	}
}
