package watch

import (
	"context"
	"time"

	"github.com/plumbline/plumbline/internal/row"
	"github.com/plumbline/plumbline/internal/state"
)

const (
	// releasesEvery is how often new releases are looked for: a mark on a chart may
	// come a minute late.
	releasesEvery = time.Minute
	// releasesOver is how far back: a little more, for lines that come late.
	releasesOver = 2 * releasesEvery
	// releasesKnown is how far back deploys are known; a release that comes again
	// after it is a new one.
	releasesKnown = 90 * 24 * time.Hour
)

// releases notes as deploys what canonical lines bring for the first time: a
// release of a service, which somebody deployed and did not tell. That of a service
// that was not known itself is no deploy, only what the next is compared with.
func (t *turn) releases(ctx context.Context, now int64) error {
	if now-t.released < int64(releasesEvery) && now >= t.released {
		return nil
	}
	t.released = now
	if t.deployed == nil {
		known, err := state.Records[Deploy](ctx, t.opts.State, state.Deploys, now-int64(releasesKnown), forever)
		if err != nil {
			return err
		}
		t.deployed, t.served = map[string]bool{}, map[string]bool{}
		for _, d := range known {
			t.deployed[d.key()], t.served[d.Service] = true, true
		}
	}
	b, err := ask(ctx, t.opts.Ask(), "canonical-log-line release=* | stats earliest(_time) as first by service, release | sort first", now-int64(releasesOver), now, maxInstances)
	if err != nil {
		t.opts.Log.Warn("new releases were not looked for", "error", err)
		return nil
	}
	return t.firstSeen(ctx, b)
}

// firstSeen keeps the releases of the rows that are not known.
func (t *turn) firstSeen(ctx context.Context, b *row.Batch) error {
	service, release, first := b.Col("service"), b.Col("release"), b.Col("first")
	for i := range b.Len {
		d := Deploy{At: first.Value(i).Nums(), Service: service.Value(i).Text(), Release: release.Value(i).Text(), Seen: true}
		key := d.key()
		if t.deployed[key] {
			continue
		}
		// Somebody may have told of it since deploys were read.
		told, err := state.Records[Deploy](ctx, t.opts.State, state.Deploys, d.At-int64(time.Hour), forever)
		if err != nil {
			return err
		}
		known := false
		for _, x := range told {
			known = known || x.Service == d.Service && x.Release == d.Release
			t.served[x.Service] = true
		}
		if d.First = !t.served[d.Service]; !known {
			if err := t.opts.State.Put(ctx, state.Deploys, key, d.At, d); err != nil {
				return err
			}
		}
		t.deployed[key], t.served[d.Service] = true, true
	}
	return nil
}
