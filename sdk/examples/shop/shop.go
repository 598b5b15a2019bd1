package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	plumbline "github.com/plumbline/plumbline/sdk"
	"github.com/plumbline/plumbline/sdk/delay"
	"github.com/plumbline/plumbline/sdk/line"
	"github.com/plumbline/plumbline/sdk/status"
)

// shop sells what it has prices for, as long as it is in stock. It works whether
// anybody watches or not.
type shop struct {
	prices   atomic.Pointer[map[string]int64]
	log      *slog.Logger
	reserved *delay.Counter // nil counts nothing
	vars     struct {
		Orders  status.Counter         `help:"Orders taken."`
		Stock   status.Gauge           `help:"Articles that are left."`
		Readers status.Gauge           `help:"Who follows the feed."`
		Refused status.CounterVec[why] `help:"Orders refused."`
	}

	mu     sync.Mutex
	orders map[string]order // the last ones, by id
	made   int
	cents  int64
}

type why struct{ Reason string }

type order struct {
	ID       string `json:"id"`
	Product  string `json:"product"`
	Quantity int64  `json:"quantity"`
	Amount   int64  `json:"amount"`
}

const (
	maxBodyBytes = 4 << 10 // an order is a line
	keptOrders   = 10_000
	firstStock   = 1 << 40 // more than a benchmark sells
)

func newShop() *shop {
	s := &shop{log: slog.New(slog.DiscardHandler), orders: map[string]order{}}
	s.prices.Store(&map[string]int64{"tea": 450, "bread": 320, "lamp": 8900})
	s.vars.Stock.Set(firstStock)
	return s
}

func (s *shop) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /products", func(w http.ResponseWriter, _ *http.Request) { reply(w, http.StatusOK, s.prices.Load()) })
	mux.HandleFunc("POST /orders", s.order)
	mux.HandleFunc("GET /orders/{id}", s.find)
	mux.HandleFunc("GET /feed", s.feed)
	return mux
}

// order takes an order.
func (s *shop) order(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	line.UserID.Set(ctx, r.URL.Query().Get("user"))
	var o order
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBodyBytes)).Decode(&o); err != nil {
		s.refuse(w, http.StatusBadRequest, "body", err)
		return
	}
	lineProduct.Set(ctx, o.Product)
	lineQuantity.Set(ctx, o.Quantity)
	price, err := s.price(ctx, o.Product)
	if err != nil || o.Quantity <= 0 {
		s.refuse(w, http.StatusUnprocessableEntity, "product", errors.Join(err, positive(o.Quantity)))
		return
	}
	o.Amount = price * o.Quantity
	if err := s.reserve(ctx, &o); err != nil {
		s.refuse(w, http.StatusConflict, "stock", err)
		return
	}
	lineAmount.Set(ctx, o.Amount)
	s.vars.Orders.Inc()
	s.log.DebugContext(ctx, "Order taken", "id", o.ID) // kept, and written only if something goes wrong
	reply(w, http.StatusCreated, o)
}

func positive(n int64) error {
	if n > 0 {
		return nil
	}
	return fmt.Errorf("a quantity of %d", n)
}

func (s *shop) price(ctx context.Context, product string) (int64, error) {
	defer linePrice.Start(ctx).End()
	if cents, ok := (*s.prices.Load())[product]; ok {
		return cents, nil
	}
	return 0, fmt.Errorf("no product %q", product)
}

// reserve takes articles out of stock and gives the order its id.
func (s *shop) reserve(ctx context.Context, o *order) error {
	start := time.Now()
	defer lineReserve.Start(ctx).End()
	defer line.Database.Start(ctx).End()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.vars.Stock.Value() < o.Quantity {
		return errors.New("out of stock")
	}
	s.vars.Stock.Add(-o.Quantity)
	s.made++
	s.cents += o.Amount
	o.ID = "ord_" + strconv.Itoa(s.made)
	s.orders[o.ID] = *o
	delete(s.orders, "ord_"+strconv.Itoa(s.made-keptOrders))
	s.reserved.Observe(ctx, time.Since(start))
	return nil
}

func (s *shop) sum() (orders int, cents int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.made, s.cents
}

func (s *shop) inStock(context.Context) error {
	if s.vars.Stock.Value() <= 0 {
		return errors.New("nothing is left")
	}
	return nil
}

func (s *shop) find(w http.ResponseWriter, r *http.Request) {
	defer line.Database.Start(r.Context()).End()
	s.mu.Lock()
	o, ok := s.orders[r.PathValue("id")]
	s.mu.Unlock()
	if !ok {
		s.refuse(w, http.StatusNotFound, "order", errors.New("no such order"))
		return
	}
	reply(w, http.StatusOK, o)
}

// feed tells the number of orders every second, until the reader leaves.
func (s *shop) feed(w http.ResponseWriter, r *http.Request) {
	s.vars.Readers.Inc()
	defer s.vars.Readers.Dec()
	w.Header().Set("Content-Type", "text/event-stream")
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		orders, _ := s.sum()
		fmt.Fprintf(w, "data: %d\n\n", orders)
		if err := http.NewResponseController(w).Flush(); err != nil {
			return
		}
		select {
		case <-r.Context().Done():
			return
		case <-tick.C:
		}
	}
}

// refuse answers an error, and puts it on the line of the request.
func (s *shop) refuse(w http.ResponseWriter, status int, reason string, err error) {
	s.vars.Refused.With(why{reason}).Inc()
	plumbline.LineOf(w).Fail(err)
	reply(w, status, map[string]string{"error": err.Error()})
}

func reply(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // a client that left is on the line
}
