package demo

import (
	"fmt"
	"math/rand/v2"
)

// user is a customer of the service, with the client it uses.
type user struct {
	id, key  string
	authType string
	agent    string // User-Agent of its client: language/version
	quota    int    // requests in a window of the rate limiter
}

// users are ordered by how active they are.
type users struct {
	all   []*user
	byKey map[string]*user
	zipf  *rand.Zipf
	dice  *dice
}

const (
	manyUsers = 200
	// The most active user is the one of the article, and is always at work.
	firstUser = "usr_123"
	// skew and shift of Zipf's law: the second user sends about a fifth of what the
	// first one leaves, the last one still shows up now and then.
	skew, shift = 1.2, 1

	usualQuota = 1000
	trialQuota = 20 // too little for a busy user: the limiter has work at once
)

// Clients as they are found in the wild: a few current versions, a long tail.
func agents() []string {
	return []string{
		"go/1.22.1", "go/1.25.4", "go/1.24.9", "go/1.21.13", "go/1.26.0",
		"ruby/3.3.0", "ruby/3.4.7", "ruby/2.7.8",
		"python/3.12.1", "python/3.13.9", "python/3.8.20",
		"node/22.11.0", "node/24.9.0", "php/8.3.14", "java/21.0.5",
	}
}

func newUsers(d *dice) *users {
	u := &users{byKey: map[string]*user{}, dice: d}
	clients := agents()
	taken := map[string]bool{}
	for i := range manyUsers {
		one := &user{id: firstUser, authType: "api_key", agent: clients[0], quota: usualQuota}
		for i > 0 && (one.id == firstUser || taken[one.id]) {
			one.id = fmt.Sprintf("usr_%d", 124+d.upTo(9*manyUsers))
		}
		if i > 0 {
			one.agent = clients[d.upTo(len(clients))]
		}
		if i == 1 || i == 5 {
			one.quota = trialQuota
		}
		if i%4 == 2 {
			one.authType = "oauth"
		}
		taken[one.id] = true
		one.key = "mk_" + one.id[len("usr_"):]
		u.all = append(u.all, one)
		u.byKey[one.key] = one
	}
	u.zipf = rand.NewZipf(d.rand, skew, shift, manyUsers-2)
	return u
}

// first is the user of the article.
func (u *users) first() *user { return u.all[0] }

// unlucky is the customer that the fault strikes: active enough to be noticed.
func (u *users) unlucky() *user { return u.all[2] }

// any is one of the others, by Zipf's law.
func (u *users) any() *user {
	u.dice.mu.Lock()
	defer u.dice.mu.Unlock()
	return u.all[1+u.zipf.Uint64()]
}
