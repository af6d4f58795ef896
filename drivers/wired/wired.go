package wired

import (
	"errors"
	"fmt"
	"log/slog"

	"golang.org/x/sys/unix"

	"gosupplicant/drivers"
	"gosupplicant/drivers/internal/link"
	"gosupplicant/drivers/internal/packet"
	"gosupplicant/engine/dot11"
)

// paeGroup is the group address that bridges do not forward.
var paeGroup = dot11.MAC{0x01, 0x80, 0xc2, 0x00, 0x00, 0x03}

// Driver is the driver "wired". The zero value is ready for use.
type Driver struct{}

var (
	_ drivers.Driver  = Driver{}
	_ drivers.Watcher = Driver{}
)

// Name returns "wired".
func (Driver) Name() string { return "wired" }

// Description returns the line of the usage message.
func (Driver) Description() string { return "Wired Ethernet driver" }

// Open takes the interface into use and sets it up. A device without an Ethernet
// address is refused with drivers.ErrNotSupported.
func (d Driver) Open(cfg drivers.Config) (_ drivers.Interface, err error) {
	i := &iface{log: cfg.Log, events: cfg.Events, wantBridge: cfg.BridgeIfname}
	if i.log == nil {
		i.log = slog.New(slog.DiscardHandler)
	}
	if i.links, err = link.Dial(); err != nil {
		return nil, fmt.Errorf("wired: %w", err)
	}
	defer func() {
		if err != nil {
			if i.raised {
				_ = i.links.SetUp(i.info.Ifindex, false)
			}
			_ = i.release()
		}
	}()
	l, err := i.links.ByName(cfg.Ifname)
	switch {
	case errors.Is(err, link.ErrNotFound):
		return nil, fmt.Errorf("wired: %q: %w", cfg.Ifname, drivers.ErrNoInterface)
	case err != nil:
		return nil, fmt.Errorf("wired: %w", err)
	case l.Type != unix.ARPHRD_ETHER:
		return nil, fmt.Errorf("wired: %q is no Ethernet (type %d): %w", cfg.Ifname, l.Type, drivers.ErrNotSupported)
	}
	i.info = drivers.Info{Driver: d.Name(), Ifname: cfg.Ifname, Ifindex: l.Index}
	if err := i.start(l); err != nil {
		return nil, err
	}
	return i, nil
}

// start sets the device up, opens the socket and begins to listen.
func (i *iface) start(l link.Link) (err error) {
	if !l.Up() {
		if err := i.links.SetUp(l.Index, true); err != nil {
			return fmt.Errorf("wired: cannot set %s up: %w", i.info.Ifname, err)
		}
		i.raised = true
		if l, err = i.links.ByIndex(l.Index); err != nil {
			return fmt.Errorf("wired: %w", err)
		}
	}
	if i.port, err = packet.Open(l.Index, i.received); err != nil {
		return fmt.Errorf("wired: %s: %w", i.info.Ifname, err)
	}
	if err := i.port.Join(paeGroup); err != nil {
		return fmt.Errorf("wired: %s: %w", i.info.Ifname, err)
	}
	i.name, i.last = l.Name, l
	if err := i.followBridge(l.Master); err != nil {
		return err
	}
	if i.watch, err = link.Watch(i.linkEvent); err != nil {
		i.watch = nil
		return fmt.Errorf("wired: %w", err)
	}
	return nil
}

// Watch reports the Ethernet-like interfaces of the machine.
func (Driver) Watch(events func(drivers.LinkEvent)) (stop func(), err error) {
	names := map[int]string{} // the watcher's goroutine only
	gone := func(index int) {
		if old, known := names[index]; known {
			delete(names, index)
			events(drivers.LinkEvent{Ifname: old, Ifindex: index})
		}
	}
	w, err := link.Watch(func(e link.Event) {
		switch e.Kind {
		case link.EventChanged:
			if e.Link.Type != unix.ARPHRD_ETHER || names[e.Link.Index] == e.Link.Name {
				return
			}
			gone(e.Link.Index)
			names[e.Link.Index] = e.Link.Name
			events(drivers.LinkEvent{Ifname: e.Link.Name, Ifindex: e.Link.Index, Present: true})
		case link.EventRemoved:
			gone(e.Link.Index)
		case link.EventWireless, link.EventResync, link.EventFailed:
		}
	})
	if err != nil {
		return nil, fmt.Errorf("wired: %w", err)
	}
	return func() { _ = w.Close() }, nil
}
