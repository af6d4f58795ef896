package none

import (
	"fmt"
	"net"
	"sync/atomic"

	"gosupplicant/drivers"
	"gosupplicant/engine/dot11"
)

// Driver is the `none` driver. The zero value is ready for use.
type Driver struct {
	lookup func(ifname string) (*net.Interface, error) // nil: net.InterfaceByName
}

// Name returns "none".
func (Driver) Name() string { return "none" }

// Description returns the line of the usage message.
func (Driver) Description() string { return "no driver (RADIUS server/WPS ER)" }

// Open returns an interface that does nothing. An interface the kernel does
// not know is drivers.ErrNoInterface.
func (d Driver) Open(cfg drivers.Config) (drivers.Interface, error) {
	lookup := d.lookup
	if lookup == nil {
		lookup = net.InterfaceByName
	}
	ifi, err := lookup(cfg.Ifname)
	if err != nil {
		return nil, fmt.Errorf("none: %q: %w: %w", cfg.Ifname, drivers.ErrNoInterface, err)
	}
	i := &iface{info: drivers.Info{Driver: d.Name(), Ifname: cfg.Ifname, Ifindex: ifi.Index}}
	i.state.Up, i.state.Running = true, true
	// Loopback and tunnels have no address of six bytes; theirs stays zero.
	if mac, err := dot11.MACFromBytes(ifi.HardwareAddr); err == nil {
		i.state.MAC, i.state.PermMAC = mac, mac
	}
	return i, nil
}

type iface struct {
	info   drivers.Info
	state  drivers.State
	closed atomic.Bool
}

func (i *iface) Info() drivers.Info { return i.info }

// Capability says that nothing is known, so that front ends print their
// fallback lists.
func (i *iface) Capability() *drivers.Capability { return &drivers.Capability{Unknown: true} }

// State returns what Open saw: the interface counts as up for ever.
func (i *iface) State() (drivers.State, error) {
	if i.closed.Load() {
		return drivers.State{}, drivers.ErrClosed
	}
	return i.state, nil
}

func (i *iface) Scan(*drivers.ScanParams) error { return i.refuse("scan") }

// ScanResults returns an empty list: asking is no error upstream either.
func (i *iface) ScanResults() (*drivers.ScanResults, error) {
	if i.closed.Load() {
		return nil, drivers.ErrClosed
	}
	return &drivers.ScanResults{}, nil
}

func (i *iface) Close() error {
	if i.closed.Swap(true) {
		return drivers.ErrClosed
	}
	return nil
}

func (i *iface) refuse(op string) error {
	if i.closed.Load() {
		return drivers.ErrClosed
	}
	return fmt.Errorf("none: %s: %w", op, drivers.ErrNotSupported)
}
