package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
)

type chargeRequest struct {
	Amount int    `json:"amount"` // in cents
	Card   string `json:"card"`
}

func (a *api) createCharge(ctx context.Context, c call) (any, error) {
	var want chargeRequest
	if err := readJSON(c.Request, &want); err != nil {
		return nil, err
	}
	if want.Amount <= 0 {
		return nil, &refusal{http.StatusBadRequest, "amount: more than nothing, please"}
	}
	fieldAmount.Set(ctx, int64(want.Amount))
	// The customer, its account, the card, and whether this was asked before.
	if err := a.database.read(ctx, 4, func() {}); err != nil {
		return nil, err
	}
	if err := a.authorise(ctx, c.user, want); err != nil {
		return nil, err
	}
	made := charge{ID: newID("ch_"), User: c.user.id, Amount: want.Amount, Left: want.Amount}
	if err := a.database.write(ctx, 3, func() { a.database.charges.put(made.ID, made) }); err != nil {
		return nil, err
	}
	fieldCharge.Set(ctx, made.ID)
	a.log.LogAttrs(ctx, slog.LevelInfo, "Charge created", slog.String("charge_id", made.ID),
		slog.String("permissions_used", c.endpoint.permission), slog.String("team", c.endpoint.team))
	return made, nil
}

// authorise asks the card network, and once more where it fails.
func (a *api) authorise(ctx context.Context, u *user, want chargeRequest) error {
	body, err := json.Marshal(authorisation{Merchant: u.id, Amount: want.Amount, Card: want.Card})
	if err != nil {
		return fmt.Errorf("asking the card network: %w", err)
	}
	for attempt := 1; ; attempt++ {
		status, err := post(ctx, a.client, a.network+"/authorize", body, nil)
		switch {
		case err == nil && status == http.StatusOK:
			return nil
		case err == nil && status == http.StatusPaymentRequired:
			return &refusal{http.StatusPaymentRequired, "card declined"}
		case err == nil:
			err = fmt.Errorf("card network says %d", status)
		}
		a.log.LogAttrs(ctx, slog.LevelWarn, fmt.Sprintf("Card network failed: attempt %d", attempt), slog.String("error", err.Error()))
		if attempt == 2 || ctx.Err() != nil {
			return &refusal{http.StatusBadGateway, err.Error()}
		}
	}
}

func (a *api) readCharge(ctx context.Context, c call) (any, error) {
	id := c.PathValue("id")
	fieldCharge.Set(ctx, id)
	var found charge
	var known bool
	err := a.database.read(ctx, 2, func() { found, known = a.database.charges.rows[id] })
	if err == nil && (!known || found.User != c.user.id) {
		err = &refusal{http.StatusNotFound, "no such charge"}
	}
	return found, err
}

func (a *api) createRefund(ctx context.Context, c call) (any, error) {
	var want struct {
		Charge string `json:"charge"`
		Amount int    `json:"amount"`
	}
	if err := readJSON(c.Request, &want); err != nil {
		return nil, err
	}
	fieldCharge.Set(ctx, want.Charge)
	fieldAmount.Set(ctx, int64(want.Amount))
	var after charge
	refused := &refusal{http.StatusNotFound, "no such charge"}
	err := a.database.write(ctx, 5, func() {
		found, known := a.database.charges.rows[want.Charge]
		switch {
		case !known || found.User != c.user.id:
		case want.Amount <= 0 || want.Amount > found.Left:
			refused = &refusal{http.StatusConflict, "more than is left of the charge"}
		default:
			found.Left -= want.Amount
			a.database.charges.put(found.ID, found)
			after, refused = found, nil
		}
	})
	if err == nil && refused != nil {
		return nil, refused
	}
	return after, err
}

func (a *api) readBalance(ctx context.Context, c call) (any, error) {
	var total int
	// Sums are what makes this the slowest of the reads.
	err := a.database.read(ctx, 12, func() {
		for _, one := range a.database.charges.rows {
			if one.User == c.user.id {
				total += one.Left
			}
		}
	})
	return map[string]int{"balance": total}, err
}

func (a *api) readCustomer(ctx context.Context, c call) (any, error) {
	id := c.PathValue("id")
	fieldCustomer.Set(ctx, id)
	if err := a.database.read(ctx, 2, func() {}); err != nil {
		return nil, err
	}
	if id == "" || id[0] != 'c' {
		return nil, &refusal{http.StatusNotFound, "no such customer"}
	}
	return map[string]string{"id": id, "of": c.user.id}, nil
}
