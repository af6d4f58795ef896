package wext

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"gosupplicant/drivers"
	"gosupplicant/drivers/internal/link"
	"gosupplicant/drivers/internal/packet"
	"gosupplicant/drivers/internal/rfkill"
	"gosupplicant/engine/dot11"
)

// Driver is the driver "wext". The zero value is ready for use.
type Driver struct {
	sys system // nil: the machine's kernel
}

var (
	_ drivers.Driver  = Driver{}
	_ drivers.Watcher = Driver{}
)

// Name returns "wext".
func (Driver) Name() string { return "wext" }

// Description returns the line of the usage message.
func (Driver) Description() string { return "Linux wireless extensions (generic)" }

// system is everything that Open takes from the machine.
type system interface {
	Kernel() (kernel, error)
	Links() (links, error)
	// WatchLinks and WatchRFKill start reports; see packages link and rfkill.
	WatchLinks(fn func(link.Event)) (closer, error)
	WatchRFKill(fn func(radio string, state drivers.RFKill)) (blocks, error)
	// Packets opens an EAPOL socket; see package packet.
	Packets(ifindex int, fn func(src dot11.MAC, frame []byte)) (packets, error)
	// Radio is the name of the cfg80211 radio of an interface, empty for others.
	Radio(ifname string) string
	// AfterFunc is time.AfterFunc.
	AfterFunc(d time.Duration, f func()) stopper
	// Bridge names the bridge an interface is a port of, empty without.
	Bridge(ifname string) string
}

type closer interface{ Close() error }

type stopper interface{ Stop() bool }

// links is what is used of link.Conn.
type links interface {
	closer
	ByName(name string) (link.Link, error)
	ByIndex(index int) (link.Link, error)
	SetUp(index int, up bool) error
	SetOperState(index int, mode link.Mode, state link.OperState) error
	SetMAC(index int, mac dot11.MAC) error
}

// blocks is what is used of rfkill.Watcher.
type blocks interface {
	closer
	Block(radio string) drivers.RFKill
}

// packets is what is used of packet.Conn.
type packets interface {
	closer
	Send(dst dot11.MAC, frame []byte) error
}

// machine is the real system.
type machine struct{}

func (machine) Kernel() (kernel, error) { return newSock() }
func (machine) Links() (links, error)   { return link.Dial() }

func (machine) WatchLinks(fn func(link.Event)) (closer, error) { return link.Watch(fn) }

func (machine) WatchRFKill(fn func(string, drivers.RFKill)) (blocks, error) {
	return rfkill.Watch(rfkill.Config{Notify: fn})
}

func (machine) Packets(ifindex int, fn func(dot11.MAC, []byte)) (packets, error) {
	return packet.Open(ifindex, fn)
}

func (machine) Radio(ifname string) string {
	b, err := os.ReadFile(filepath.Join("/sys/class/net", ifname, "phy80211/name"))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}

func (machine) AfterFunc(d time.Duration, f func()) stopper { return time.AfterFunc(d, f) }

func (machine) Bridge(ifname string) string {
	target, err := os.Readlink(filepath.Join("/sys/class/net", ifname, "brport/bridge"))
	if err != nil {
		return ""
	}
	return filepath.Base(target)
}

func (d Driver) system() system {
	if d.sys == nil {
		return machine{}
	}
	return d.sys
}

// Open takes the interface into use: sets it up, makes it a station, dormant
// until SetOperState, and unassociated. An interface that is not wireless is
// refused with drivers.ErrNotSupported. A blocked radio is no error: the
// interface comes up when the block goes.
func (d Driver) Open(cfg drivers.Config) (_ drivers.Interface, err error) {
	i := &iface{ifname: cfg.Ifname, log: cfg.Log, events: cfg.Events, bridge: cfg.BridgeIfname, sys: d.system()}
	if i.log == nil {
		i.log = slog.New(slog.DiscardHandler)
	}
	i.dev = device{layout: native, name: i.name}
	defer func() {
		if err != nil {
			i.release()
		}
	}()
	ask, err := i.sys.Links()
	if err != nil {
		return nil, fmt.Errorf("wext: %w", err)
	}
	i.links = ask // only now: a failed call may leave a typed nil
	l, err := i.links.ByName(cfg.Ifname)
	if errors.Is(err, link.ErrNotFound) {
		return nil, fmt.Errorf("wext: %q: %w", cfg.Ifname, drivers.ErrNoInterface)
	}
	if err != nil {
		return nil, fmt.Errorf("wext: %w", err)
	}
	k, err := i.sys.Kernel()
	if err != nil {
		return nil, err
	}
	i.dev.kernel = k
	if err := i.dev.isWireless(); err != nil {
		return nil, fmt.Errorf("wext: %q is not wireless: %w: %w", cfg.Ifname, drivers.ErrNotSupported, err)
	}
	radio := i.sys.Radio(cfg.Ifname)
	i.dev.cfg80211 = radio != ""
	i.info = drivers.Info{Driver: d.Name(), Ifname: cfg.Ifname, Ifindex: l.Index, Radio: radio}
	if err := i.start(l.Up()); err != nil {
		return nil, err
	}
	return i, nil
}

// start brings the device into its working state and begins to listen.
func (i *iface) start(wasUp bool) error {
	rf, err := i.sys.WatchRFKill(i.rfkillChanged)
	if err != nil {
		return fmt.Errorf("wext: %w", err)
	}
	i.rfkill = rf
	i.raised = !wasUp
	blocked := i.rfkill.Block(i.info.Radio) != drivers.RFKillUnblocked
	if err := i.bringUp(); err != nil {
		return err
	}
	r, err := i.dev.deviceRange()
	if err != nil {
		i.log.Warn("the device does not tell its range", "ifname", i.ifname, "error", err)
		i.capa.Store(&drivers.Capability{Unknown: true, MaxScanSSIDs: 1, Modes: drivers.ModeStation})
	} else {
		i.capa.Store(r.capability())
	}
	if err := i.setManaged(); err != nil {
		i.log.Warn("cannot make the device a station", "ifname", i.ifname, "error", err)
	}
	if err := i.dev.leave(); err != nil {
		i.log.Debug("cannot clear what the device was associated with", "ifname", i.ifname, "error", err)
	}
	if err := i.links.SetOperState(i.info.Ifindex, link.ModeDormant, link.OperStateDormant); err != nil {
		i.log.Debug("cannot make the link dormant", "ifname", i.ifname, "error", err)
	}
	if l, err := i.links.ByIndex(i.info.Ifindex); err == nil {
		i.last = i.observe(l)
	}
	w, err := i.sys.WatchLinks(i.linkEvent)
	if err != nil {
		return fmt.Errorf("wext: %w", err)
	}
	i.watch = w
	i.mu.Lock()
	i.started = true
	i.mu.Unlock()
	// A block that went while we were busy was not acted upon.
	if blocked && i.rfkill.Block(i.info.Radio) == drivers.RFKillUnblocked {
		return i.bringUp()
	}
	return nil
}

// setManaged sets the mode; some drivers want the interface down for that.
func (i *iface) setManaged() error {
	err := i.dev.setManaged()
	if !errors.Is(err, unix.EBUSY) {
		return err
	}
	if err := i.links.SetUp(i.info.Ifindex, false); err != nil {
		return err
	}
	err = i.dev.setManaged()
	return errors.Join(err, i.bringUp())
}

// bringUp sets IFF_UP; a radio that is blocked stays down, which is no error.
func (i *iface) bringUp() error {
	if i.rfkill.Block(i.info.Radio) != drivers.RFKillUnblocked {
		return nil
	}
	err := i.links.SetUp(i.info.Ifindex, true)
	if errors.Is(err, unix.ERFKILL) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("wext: cannot set %s up: %w", i.name(), err)
	}
	return nil
}

// Watch reports network interfaces of any kind.
func (d Driver) Watch(events func(drivers.LinkEvent)) (stop func(), err error) {
	names := map[int]string{} // the watcher's goroutine only
	w, err := d.system().WatchLinks(func(e link.Event) {
		switch e.Kind {
		case link.EventChanged:
			old, known := names[e.Link.Index]
			if known && old == e.Link.Name {
				return
			}
			if known {
				events(drivers.LinkEvent{Ifname: old, Ifindex: e.Link.Index})
			}
			names[e.Link.Index] = e.Link.Name
			events(drivers.LinkEvent{Ifname: e.Link.Name, Ifindex: e.Link.Index, Present: true})
		case link.EventRemoved:
			if old, known := names[e.Link.Index]; known {
				delete(names, e.Link.Index)
				events(drivers.LinkEvent{Ifname: old, Ifindex: e.Link.Index})
			}
		case link.EventWireless, link.EventResync, link.EventFailed:
		}
	})
	if err != nil {
		return nil, fmt.Errorf("wext: %w", err)
	}
	return func() { _ = w.Close() }, nil
}
