package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	plumbline "github.com/plumbline/plumbline/sdk"
	"github.com/plumbline/plumbline/sdk/delay"
	"github.com/plumbline/plumbline/sdk/health"
	"github.com/plumbline/plumbline/sdk/line"
	"github.com/plumbline/plumbline/sdk/monitor"
	"github.com/plumbline/plumbline/sdk/profile"
	"github.com/plumbline/plumbline/sdk/sink"
)

// Fields that this service's lines have beside those of every request.
var (
	lineProduct  = line.Text("product")
	lineQuantity = line.Int("quantity")
	lineAmount   = line.Int("amount", line.Unit("cents"))
	linePrice    = line.Stage("price")
	lineReserve  = line.Stage("reserve")
)

// watch makes the observer of a shop: a monitor, variables, a delay, a check, and
// prices that are read anew.
func watch(s *shop, server string) (*plumbline.Observer, error) {
	return watchWith(s, plumbline.Options{
		Service: "shop", Team: "sales", Server: sink.To(server),
		Interim: time.Minute, // /feed lasts
		Recall:  true,
		Monitor: &monitor.Options{Profiles: profile.Pages(), Dir: "."},
	})
}

func watchWith(s *shop, options plumbline.Options) (*plumbline.Observer, error) {
	o := plumbline.New(options)
	s.log = o.Logger()
	_, err1 := o.Status("SHOP", &s.vars)
	reserve, err2 := o.Delay("reserve", delay.Options{})
	s.reserved = reserve
	err3 := o.Health().Add(health.Check{Name: "stock", Run: s.inStock, Warn: true})
	err4 := o.Monitor().Reload(monitor.File("prices", "prices.json", parsePrices, &s.prices))
	err5 := o.Monitor().Page("prices", monitor.JSON(func() any { return s.prices.Load() }))
	return o, errors.Join(err1, err2, err3, err4, err5)
}

// parsePrices reads what products cost, in cents.
func parsePrices(text []byte) (*map[string]int64, error) {
	prices := map[string]int64{}
	if err := json.Unmarshal(text, &prices); err != nil {
		return nil, err
	}
	for product, cents := range prices {
		if cents <= 0 {
			return nil, fmt.Errorf("%s costs %d cents", product, cents)
		}
	}
	return &prices, nil
}

// closeDay is a job: a unit of work with a line of its own.
func closeDay(ctx context.Context, o *plumbline.Observer, s *shop) (err error) {
	ctx, unit := o.Begin(ctx, "day.close")
	defer unit.End(&err)
	orders, amount := s.sum()
	lineQuantity.Set(ctx, int64(orders))
	lineAmount.Set(ctx, amount)
	return nil
}
