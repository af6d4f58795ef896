package wired

import (
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"golang.org/x/sys/unix"

	"gosupplicant/drivers"
	"gosupplicant/drivers/internal/link"
	"gosupplicant/drivers/internal/packet"
	"gosupplicant/engine/dot11"
)

// iface is an interface in use.
type iface struct {
	links      *link.Conn
	watch      *link.Watcher
	port       *packet.Conn
	log        *slog.Logger
	info       drivers.Info
	wantBridge string // of -b, empty for the one found
	raised     bool   // IFF_UP was set by us

	emitMu sync.Mutex // held while events are delivered
	events func(drivers.Event)
	quiet  bool

	bridgeMu sync.Mutex
	bridge   *packet.Conn // of the bridge that the port belongs to, nil without
	bridgeIx int

	mu     sync.Mutex // guards what follows
	name   string
	last   link.Link
	mode   bool // the link mode was changed
	closed bool
	gone   bool
}

var _ interface {
	drivers.Interface
	drivers.Linker
	drivers.LinkControl
	drivers.Wired
} = (*iface)(nil)

// carrier tells whether a cable can be used. The operational state says nothing
// of that while we keep it dormant.
func carrier(l *link.Link) bool { return l.Up() && l.LowerUp() }

// Info implements drivers.Interface.
func (i *iface) Info() drivers.Info { return i.info }

// Capability says that this is a cable, and no more.
func (i *iface) Capability() *drivers.Capability {
	return &drivers.Capability{Flags: drivers.FlagWired}
}

// PAEAddress is 01:80:c2:00:00:03.
func (i *iface) PAEAddress() dot11.MAC { return paeGroup }

// usable returns an error once the interface is closed or gone.
func (i *iface) usable(op string) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.closed || i.gone {
		return fmt.Errorf("wired: %s: %s: %w", i.name, op, drivers.ErrClosed)
	}
	return nil
}

// State asks the kernel.
func (i *iface) State() (drivers.State, error) {
	if err := i.usable("state"); err != nil {
		return drivers.State{}, err
	}
	l, err := i.links.ByIndex(i.info.Ifindex)
	if errors.Is(err, link.ErrNotFound) {
		return drivers.State{}, fmt.Errorf("wired: %s: %w: %w", i.info.Ifname, drivers.ErrClosed, err)
	}
	if err != nil {
		return drivers.State{}, fmt.Errorf("wired: %w", err)
	}
	return i.state(l), nil
}

func (i *iface) state(l link.Link) drivers.State {
	st := drivers.State{MAC: l.Addr, PermMAC: l.PermAddr, Up: l.Up(), Running: carrier(&l)}
	if st.PermMAC == (dot11.MAC{}) {
		st.PermMAC = st.MAC
	}
	if st.Running {
		st.Associated, st.BSSID = true, paeGroup
	}
	if l.Master != 0 {
		if m, err := i.links.ByIndex(l.Master); err == nil {
			st.BridgedWith = m.Name
		}
	}
	return st
}

// Scan is not supported: there is nothing to find on a cable.
func (i *iface) Scan(*drivers.ScanParams) error {
	if err := i.usable("scan"); err != nil {
		return err
	}
	return fmt.Errorf("wired: scan: %w", drivers.ErrNotSupported)
}

// ScanResults returns an empty list: asking is no error upstream either.
func (i *iface) ScanResults() (*drivers.ScanResults, error) {
	if err := i.usable("scan results"); err != nil {
		return nil, err
	}
	return &drivers.ScanResults{}, nil
}

// SendEAPOL sends an EAPOL PDU, in the clear as everything here.
func (i *iface) SendEAPOL(dst dot11.MAC, pdu []byte, _ bool) error {
	if err := i.usable("send EAPOL"); err != nil {
		return err
	}
	err := i.port.Send(dst, pdu)
	switch {
	case errors.Is(err, unix.ENETDOWN):
		return fmt.Errorf("wired: %w: %w", drivers.ErrDown, err)
	case err != nil:
		return fmt.Errorf("wired: %w", err)
	}
	return nil
}

// Deauthenticate does nothing: a cable has no such frame. EAPOL-Logoff says it.
func (i *iface) Deauthenticate(dot11.MAC, uint16) error { return i.usable("leave") }

// SetKey takes removals, for there is never a key; others are not supported
// (MACsec is a driver of its own).
func (i *iface) SetKey(k *drivers.Key) error {
	if err := i.usable("set key"); err != nil || k.Key == nil {
		return err
	}
	return fmt.Errorf("wired: set key: %w", drivers.ErrNotSupported)
}

// SetAuthorized does nothing: the controlled port is at the other end.
func (i *iface) SetAuthorized(dot11.MAC, bool) error { return i.usable("authorize") }

// SetOperState sets dormant link mode and the operational state.
func (i *iface) SetOperState(up bool) error {
	if err := i.usable("set operstate"); err != nil {
		return err
	}
	state := link.OperStateDormant
	if up {
		state = link.OperStateUp
	}
	if err := i.links.SetOperState(i.info.Ifindex, link.ModeDormant, state); err != nil {
		return fmt.Errorf("wired: %s: %w", i.info.Ifname, err)
	}
	i.mu.Lock()
	i.mode = true
	i.mu.Unlock()
	return nil
}

// emit delivers an event unless Close has begun.
func (i *iface) emit(e drivers.Event) {
	i.emitMu.Lock()
	defer i.emitMu.Unlock()
	if !i.quiet && i.events != nil {
		i.events(e)
	}
}

func (i *iface) received(src dot11.MAC, frame []byte) {
	i.emit(drivers.EventEAPOL{Src: src, PDU: frame, Encrypted: drivers.EncryptionNo})
}

// followBridge listens at the bridge that the port belongs to: the kernel hands
// it the frames that are addressed to us alone.
func (i *iface) followBridge(master int) error {
	i.bridgeMu.Lock()
	defer i.bridgeMu.Unlock()
	if i.wantBridge != "" {
		br, err := i.links.ByName(i.wantBridge)
		if err != nil {
			return fmt.Errorf("wired: %s: bridge: %w", i.info.Ifname, err)
		}
		master = br.Index
	}
	if master == i.bridgeIx {
		return nil
	}
	if i.bridge != nil {
		_ = i.bridge.Close()
	}
	i.bridge, i.bridgeIx = nil, master
	if master == 0 {
		return nil
	}
	c, err := packet.Open(master, i.received)
	if err != nil {
		return fmt.Errorf("wired: %s: bridge: %w", i.info.Ifname, err)
	}
	i.bridge = c
	return nil
}

// linkEvent takes a report of the link watcher, on its goroutine.
func (i *iface) linkEvent(e link.Event) {
	switch {
	case e.Kind == link.EventResync:
		i.emit(drivers.EventResync{Why: "link messages were lost"})
	case e.Kind == link.EventFailed:
		i.removed("link messages ended: " + e.Err.Error())
	case e.Link.Index != i.info.Ifindex:
	case e.Kind == link.EventChanged:
		i.changed(e.Link)
	case e.Kind == link.EventRemoved:
		i.removed("interface removed")
	}
}

// changed reports a new name and a new state, of which the carrier is the part
// that matters.
func (i *iface) changed(l link.Link) {
	i.mu.Lock()
	if i.closed || i.gone {
		i.mu.Unlock()
		return
	}
	old := i.last
	i.last = l
	if l.Name != "" {
		i.name = l.Name
	}
	i.mu.Unlock()
	if l.Name != "" && l.Name != old.Name {
		i.emit(drivers.EventRenamed{Ifname: l.Name})
	}
	if l.Master != old.Master {
		if err := i.followBridge(l.Master); err != nil {
			i.log.Warn("cannot listen at the bridge", "ifname", l.Name, "error", err)
		}
	}
	if carrier(&old) != carrier(&l) || l.Up() != old.Up() || l.Addr != old.Addr || l.Master != old.Master {
		i.emit(drivers.EventState{State: i.state(l)})
	}
}

// removed reports, once, that the interface has gone.
func (i *iface) removed(why string) {
	i.mu.Lock()
	if i.closed || i.gone {
		i.mu.Unlock()
		return
	}
	i.gone = true
	i.mu.Unlock()
	i.emit(drivers.EventRemoved{Reason: why})
}

// Close gives the interface back as it was found.
func (i *iface) Close() error {
	i.mu.Lock()
	if i.closed {
		i.mu.Unlock()
		return fmt.Errorf("wired: %s: close: %w", i.name, drivers.ErrClosed)
	}
	i.closed = true
	gone, mode := i.gone, i.mode
	i.mu.Unlock()
	i.emitMu.Lock()
	i.quiet = true
	i.emitMu.Unlock()
	var err error
	if !gone && mode {
		err = i.links.SetOperState(i.info.Ifindex, link.ModeDefault, link.OperStateUp)
	}
	if !gone && i.raised {
		err = errors.Join(err, i.links.SetUp(i.info.Ifindex, false))
	}
	if errors.Is(err, link.ErrNotFound) || errors.Is(err, unix.ENODEV) {
		err = nil // it went away this moment
	}
	if err != nil {
		err = fmt.Errorf("wired: %s: close: %w", i.info.Ifname, err)
	}
	return errors.Join(err, i.release())
}

// release closes what is open, in the order that no callback outlives it.
func (i *iface) release() error {
	var errs []error
	if i.watch != nil {
		errs = append(errs, i.watch.Close())
	}
	if i.port != nil {
		errs = append(errs, i.port.Close())
	}
	i.bridgeMu.Lock()
	if i.bridge != nil {
		errs = append(errs, i.bridge.Close())
		i.bridge = nil
	}
	i.bridgeMu.Unlock()
	if i.links != nil {
		errs = append(errs, i.links.Close())
	}
	return errors.Join(errs...)
}
