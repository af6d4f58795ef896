package sim

import (
	"fmt"
	"log/slog"
	"strconv"
	"sync"

	"gosupplicant/drivers"
	"gosupplicant/engine/dot11"
)

// iface is a network interface of the air. Fields are guarded by Air.mu.
type iface struct {
	air       *Air
	radio     *radio
	name      string
	index     int
	mac, perm dot11.MAC
	bridge    string
	up        bool
	wantUp    bool // what the administrator asked for
	wasUp     bool // before Open
	oper      bool // RFC 2863 operational state set by the supplicant
	dormant   bool // link mode: oper decides
	removed   bool
	open      *handle
	sched     *schedScan
	link      *staLink
	joining   *joining // a full-MAC radio connects
	lastJoin  *joining // how it connected last
	keys      map[keyID]drivers.Key
	seq       uint16 // sequence number of the next frame
}

// state is the complete link state. Without association there is no carrier.
func (i *iface) state() drivers.State {
	st := drivers.State{MAC: i.mac, PermMAC: i.perm, Up: i.up, RFKill: i.radio.rfkill(), BridgedWith: i.bridge}
	if l := i.standing(); l != nil {
		st.Associated, st.Running = true, !i.dormant || i.oper
		st.BSSID, st.SSID, st.Frequency = l.ap.ap.BSSID(), l.ssid, l.ap.ap.Freq()
	}
	return st
}

// standing is the association as the supplicant knows it: while the radio roams of its
// own accord, the old one.
func (i *iface) standing() *staLink {
	if i.joining != nil && i.joining.old != nil {
		return i.joining.old
	}
	l, err := i.associated(dot11.MAC{})
	if err != nil {
		return nil
	}
	return l
}

// emit queues an event for the interface's user, if there is one.
func (i *iface) emit(e drivers.Event) {
	if i.open != nil {
		i.air.deliver(delivery{to: i, ev: e})
	}
}

// call delivers an event on the loop.
func (i *iface) call(e drivers.Event) {
	i.air.mu.Lock()
	h := i.open
	i.air.mu.Unlock()
	if h != nil {
		h.call(e)
	}
}

// stopAll ends what the interface does on the air when it goes down.
func (i *iface) stopAll() {
	if s := i.radio.scan; s != nil && s.iface == i {
		i.radio.finish(s, true)
	}
	if i.sched != nil {
		i.endSched()
		i.emit(drivers.EventSchedScanStopped{})
	}
	i.up = false
	i.endLink(&drivers.EventDisconnected{Reason: uint16(dot11.ReasonDeauthLeaving), Local: true})
}

// handle is an open interface: what the engine holds.
type handle struct {
	iface *iface
	info  drivers.Info
	log   *slog.Logger

	mu     sync.Mutex // held while an event is delivered
	events func(drivers.Event)
	closed bool
}

var _ interface {
	drivers.Interface
	drivers.ScanAborter
	drivers.SchedScanner
	drivers.Surveyor
	drivers.CountryControl
	drivers.LinkControl
	drivers.AddressSetter
	drivers.StatusReporter
} = (*handle)(nil)

func (h *handle) call(e drivers.Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.closed && h.events != nil {
		h.events(e)
	}
}

// locked runs f with the air's lock held, refusing after Close or removal.
func (h *handle) locked(op string, f func(i *iface) error) error {
	i := h.iface
	i.air.mu.Lock()
	defer i.air.mu.Unlock()
	if i.open != h || i.removed {
		return fmt.Errorf("sim: %s: %s: %w", h.info.Ifname, op, drivers.ErrClosed)
	}
	if err := f(i); err != nil {
		return fmt.Errorf("sim: %s: %s: %w", i.name, op, err)
	}
	return nil
}

func (h *handle) Info() drivers.Info { return h.info }

func (h *handle) Capability() *drivers.Capability { return h.iface.radio.capa.Load() }

func (h *handle) State() (st drivers.State, err error) {
	err = h.locked("state", func(i *iface) error {
		st = i.state()
		return nil
	})
	return st, err
}

func (h *handle) Close() error {
	a := h.iface.air
	a.mu.Lock()
	i := h.iface
	if i.open != h {
		a.mu.Unlock()
		return fmt.Errorf("sim: %s: close: %w", h.info.Ifname, drivers.ErrClosed)
	}
	if !i.removed {
		i.open = nil // before stopAll: nobody wants those events
		i.stopAll()
		i.up = i.wasUp && !i.radio.blocked()
		i.mac, i.oper, i.dormant = i.perm, false, false
	}
	i.open = nil
	a.mu.Unlock()
	h.mu.Lock() // waits for an event being delivered
	h.closed = true
	h.mu.Unlock()
	return nil
}

func (h *handle) Country() (cc string, err error) {
	err = h.locked("country", func(i *iface) error {
		cc = i.air.country
		return nil
	})
	return cc, err
}

func (h *handle) SetCountry(alpha2 string) error {
	if err := h.locked("set country", func(*iface) error { return nil }); err != nil {
		return err
	}
	return h.iface.air.setCountry(alpha2)
}

func (h *handle) SetOperState(up bool) error {
	return h.locked("set operstate", func(i *iface) error {
		before := i.state()
		i.oper, i.dormant = up, true
		if now := i.state(); now.Running != before.Running {
			i.emit(drivers.EventState{State: now})
		}
		return nil
	})
}

func (h *handle) SetMACAddress(addr dot11.MAC) error {
	return h.locked("set address", func(i *iface) error {
		if addr.IsGroup() || addr.IsZero() {
			return fmt.Errorf("%s is not an individual address", addr)
		}
		if i.mac != addr {
			i.mac = addr
			i.emit(drivers.EventState{State: i.state()})
		}
		return nil
	})
}

func (h *handle) DriverStatus() (kv []drivers.KeyValue, err error) {
	err = h.locked("status", func(i *iface) error {
		r := i.radio
		kv = []drivers.KeyValue{
			{Key: "ifindex", Value: strconv.Itoa(i.index)},
			{Key: "ifname", Value: i.name},
			{Key: "phyname", Value: r.name},
			{Key: "perm_addr", Value: i.perm.String()},
			{Key: "addr", Value: i.mac.String()},
			{Key: "if_disabled", Value: bit(!i.up)},
			{Key: "operstate", Value: bit(i.oper)},
			{Key: "capa.max_scan_ssids", Value: strconv.Itoa(r.capa.Load().MaxScanSSIDs)},
			{Key: "air", Value: i.air.name},
			{Key: "country", Value: i.air.country},
		}
		return nil
	})
	return kv, err
}

func bit(b bool) string {
	if b {
		return "1"
	}
	return "0"
}

// Survey reports, for channels scanned at least once, the noise floor and the
// share of time the access points there keep the channel busy.
func (h *handle) Survey(freq int) (out []drivers.Survey, err error) {
	err = h.locked("survey", func(i *iface) error {
		out = i.radio.survey(freq)
		return nil
	})
	return out, err
}
