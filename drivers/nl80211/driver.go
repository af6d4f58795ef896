package nl80211

import (
	"fmt"
	"sync"

	"gosupplicant/drivers"
)

// Driver implements drivers.Driver, drivers.Watcher and drivers.Creator.
type Driver struct {
	mu   sync.Mutex
	hub  *hub // nil while nobody uses it
	refs int
}

var (
	_ drivers.Driver  = (*Driver)(nil)
	_ drivers.Watcher = (*Driver)(nil)
	_ drivers.Creator = (*Driver)(nil)
)

// New returns the driver. It opens nothing until it is used.
func New() *Driver { return &Driver{} }

// Name implements drivers.Driver.
func (d *Driver) Name() string { return "nl80211" }

// Description implements drivers.Driver.
func (d *Driver) Description() string { return "Linux nl80211/cfg80211" }

// acquire starts the hub for the first user.
func (d *Driver) acquire() (*hub, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.hub == nil {
		h, err := startHub()
		if err != nil {
			return nil, err
		}
		d.hub = h
	}
	d.refs++
	return d.hub, nil
}

// release stops the hub after the last user.
func (d *Driver) release() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.refs--
	if d.refs > 0 {
		return nil
	}
	err := d.hub.close()
	d.hub = nil
	return err
}

// Watch implements drivers.Watcher. Every network interface is reported, of
// whatever kind. The interfaces there are come before Watch returns. stop must
// not be called from within events.
func (d *Driver) Watch(events func(drivers.LinkEvent)) (stop func(), err error) {
	h, err := d.acquire()
	if err != nil {
		return nil, fmt.Errorf("nl80211: watch interfaces: %w", err)
	}
	remove := h.addWatch(events)
	var once sync.Once
	return func() {
		once.Do(func() {
			remove()
			_ = d.release()
		})
	}, nil
}
