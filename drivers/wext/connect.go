package wext

import (
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"

	"gosupplicant/drivers"
	"gosupplicant/drivers/internal/wireless"
	"gosupplicant/engine/dot11"
)

var _ interface {
	drivers.Connector
	drivers.Linker
	drivers.PMKSACacher
	drivers.Countermeasurer
} = (*iface)(nil)

// association is what is known of a connection, wanted or standing. The lock of
// the interface guards it.
type association struct {
	bssid   dot11.MAC // last association told by the device, zero for none
	wanted  bool      // Connect was accepted and the device has not got there
	want    dot11.MAC // its BSSID, zero for any
	gen     int       // tells timers of earlier attempts apart
	timer   stopper
	leaving bool // we ended what was before: its end is of our doing
	reqIEs  []byte
	respIEs []byte
}

// Times after which a connection counts as failed. cfg80211 says nothing of
// failures by wireless extensions. mac80211 gives up within three seconds, but
// other devices behind cfg80211, which look no different from here, take longer.
const (
	connectWait      = 10 * time.Second
	connectWaitOther = 15 * time.Second // scans first, with firmware's patience
)

// Connect makes the device join a network. EventAssoc, or EventTimeout when it
// did not get there, follows. The device cannot be asked for less than its
// HT or VHT capabilities: those wishes are passed over.
func (i *iface) Connect(p *drivers.ConnectParams) error {
	if err := i.usable("connect"); err != nil {
		return err
	}
	auth, err := i.checkConnect(p)
	if err != nil {
		return err
	}
	// cfg80211 accepts everything while the interface is down, and does nothing.
	if l, err := i.links.ByIndex(i.info.Ifindex); err == nil && !l.Up() {
		return fmt.Errorf("wext: %s: connect: %w", i.name(), drivers.ErrDown)
	}
	if p.Crypto.AKM != 0 || p.Crypto.ControlPort {
		if err := i.openEAPOL(); err != nil {
			return err
		}
	}
	i.beginConnect(p)
	if err := i.dev.connect(p, auth); err != nil {
		i.endConnect()
		return fmt.Errorf("wext: %s: connect: %w", i.name(), kernelError(err))
	}
	return nil
}

// checkConnect refuses what the interface of the kernel has no words for.
func (i *iface) checkConnect(p *drivers.ConnectParams) ([]authParam, error) {
	switch {
	case len(p.SSID) == 0 || len(p.SSID) > maxESSID:
		return nil, fmt.Errorf("wext: connect: SSID of %d bytes, 1 to %d", len(p.SSID), maxESSID)
	case p.Freq < 0 || p.Freq > 100_000:
		return nil, fmt.Errorf("wext: connect: frequency %d MHz", p.Freq)
	case len(p.IEs) > maxGenericIE:
		return nil, fmt.Errorf("wext: connect: %d bytes of elements, at most %d", len(p.IEs), maxGenericIE)
	case len(p.PSK) > 0 || len(p.SAEPassword) > 0 || p.Want1XOffload:
		return nil, fmt.Errorf("wext: connect: handshake in the device: %w", drivers.ErrNotSupported)
	case p.PMF == drivers.PMFRequired && i.dev.cfg80211:
		// SIOCSIWAUTH takes the wish and does nothing about it.
		return nil, fmt.Errorf("wext: connect: management frame protection: %w", drivers.ErrNotSupported)
	}
	return authParams(p)
}

// beginConnect remembers what is wanted and starts its timeout.
func (i *iface) beginConnect(p *drivers.ConnectParams) {
	i.mu.Lock()
	defer i.mu.Unlock()
	a := &i.assoc
	a.stop()
	a.wanted, a.want, a.leaving = true, p.BSSID, true
	a.reqIEs, a.respIEs = nil, nil
	gen, wait := a.gen, connectWaitOther
	if i.dev.cfg80211 {
		wait = connectWait
	}
	a.timer = i.sys.AfterFunc(wait, func() { i.connectOverdue(gen) })
}

// stop ends waiting for an association.
func (a *association) stop() {
	a.wanted = false
	a.gen++
	if a.timer != nil {
		a.timer.Stop()
	}
}

// endConnect forgets an attempt.
func (i *iface) endConnect() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.assoc.stop()
}

// connectOverdue asks the device where it is, which it may have failed to tell.
func (i *iface) connectOverdue(gen int) {
	bssid, _, _ := i.dev.association()
	i.mu.Lock()
	a := &i.assoc
	current := a.wanted && a.gen == gen && !i.closed && !i.gone
	want := a.want
	i.mu.Unlock()
	if !current {
		return
	}
	if !bssid.IsZero() && (want.IsZero() || bssid == want) {
		i.atAP(bssid)
		return
	}
	i.endConnect()
	i.emit(drivers.EventTimeout{BSSID: want, Assoc: true})
}

// atAP takes the news that the device is associated with m, or, zero, with
// nobody.
func (i *iface) atAP(m dot11.MAC) {
	i.mu.Lock()
	a := &i.assoc
	before := a.bssid
	a.bssid = m
	var ev drivers.Event
	switch {
	case !m.IsZero() && a.wanted && (a.want.IsZero() || a.want == m):
		a.stop()
		a.leaving = false
		ev = drivers.EventAssoc{BSSID: m, ReqIEs: a.reqIEs, RespIEs: a.respIEs}
	case !m.IsZero() && !a.wanted && !a.leaving && !before.IsZero() && before != m:
		ev = drivers.EventAssoc{BSSID: m, ReqIEs: a.reqIEs, RespIEs: a.respIEs, Roamed: true}
	case m.IsZero() && !before.IsZero():
		ev = drivers.EventDisconnected{BSSID: before, Local: a.leaving}
	case m.IsZero() && a.wanted && !i.dev.cfg80211:
		// Drivers of their own say so when they did not get there; cfg80211 does
		// not, what it says is about an association before.
		a.stop()
		ev = drivers.EventAssocReject{BSSID: a.want, Status: uint16(dot11.StatusUnspecifiedFailure), RespIEs: a.respIEs}
	}
	if m.IsZero() || ev != nil {
		a.reqIEs, a.respIEs = nil, nil
	}
	i.mu.Unlock()
	if assoc, ok := ev.(drivers.EventAssoc); ok {
		assoc.Freq = i.dev.freq()
		ev = assoc
	}
	if ev != nil {
		i.emit(ev)
	}
}

// Deauthenticate leaves bssid, or gives up getting there.
func (i *iface) Deauthenticate(bssid dot11.MAC, reason uint16) error {
	if err := i.usable("deauthenticate"); err != nil {
		return err
	}
	i.mu.Lock()
	i.assoc.stop()
	i.assoc.leaving = true
	i.mu.Unlock()
	if err := i.dev.disconnect(wireless.MLMEDeauth, bssid, reason); err != nil {
		return fmt.Errorf("wext: %s: deauthenticate: %w", i.name(), kernelError(err))
	}
	return nil
}

// SetKey installs or removes a pairwise or group key.
func (i *iface) SetKey(k *drivers.Key) error {
	if err := i.usable("set key"); err != nil {
		return err
	}
	if err := i.dev.setKey(k); err != nil {
		return fmt.Errorf("wext: %s: set key: %w", i.name(), kernelError(err))
	}
	return nil
}

// SetAuthorized has nothing to do: the kernel keeps no controlled port for
// wireless extensions, SetOperState holds traffic back.
func (i *iface) SetAuthorized(dot11.MAC, bool) error { return i.usable("authorize") }

// SetCountermeasures tells the device of TKIP countermeasures; cfg80211 does
// not want to know (drivers.ErrNotSupported).
func (i *iface) SetCountermeasures(on bool) error {
	if err := i.usable("countermeasures"); err != nil {
		return err
	}
	if err := i.dev.setAuth(authCountermeasures, flag(on)); err != nil {
		return fmt.Errorf("wext: %s: countermeasures: %w", i.name(), kernelError(err))
	}
	return nil
}

// SetPMKSA adds an entry to the device's cache.
func (i *iface) SetPMKSA(e *drivers.PMKSA) error { return i.changePMKSA(pmksaAdd, e) }

// DeletePMKSA removes an entry.
func (i *iface) DeletePMKSA(e *drivers.PMKSA) error { return i.changePMKSA(pmksaRemove, e) }

// FlushPMKSA removes all.
func (i *iface) FlushPMKSA() error { return i.changePMKSA(pmksaFlush, nil) }

func (i *iface) changePMKSA(cmd uint32, e *drivers.PMKSA) error {
	if err := i.usable("PMKSA cache"); err != nil {
		return err
	}
	if err := i.dev.pmksa(cmd, e); err != nil {
		return fmt.Errorf("wext: %s: PMKSA cache: %w", i.name(), kernelError(err))
	}
	return nil
}

// SetBridge implements drivers.BridgeSetter: sockets that are open are opened
// anew for the next association.
func (i *iface) SetBridge(ifname string) {
	i.eapolMu.Lock()
	defer i.eapolMu.Unlock()
	i.bridge = ifname
	for _, c := range i.eapol {
		if err := c.Close(); err != nil {
			i.log.Debug("Closing an EAPOL socket", "err", err)
		}
	}
	i.eapol = nil
}

// openEAPOL opens packet sockets on the interface and, where it is a port of
// one, on the bridge, which takes the frames away.
func (i *iface) openEAPOL() error {
	i.eapolMu.Lock()
	defer i.eapolMu.Unlock()
	if len(i.eapol) > 0 {
		return nil
	}
	indices := []int{i.info.Ifindex}
	if i.bridge != "" {
		br, err := i.links.ByName(i.bridge)
		if err != nil {
			return fmt.Errorf("wext: %s: bridge: %w", i.name(), err)
		}
		indices = append(indices, br.Index)
	}
	var open []packets
	for _, index := range indices {
		c, err := i.sys.Packets(index, func(src dot11.MAC, frame []byte) {
			i.emit(drivers.EventEAPOL{Src: src, PDU: frame})
		})
		if err != nil {
			for _, o := range open {
				_ = o.Close()
			}
			return fmt.Errorf("wext: %s: EAPOL socket: %w", i.name(), err)
		}
		open = append(open, c)
	}
	i.eapol = open
	return nil
}

// SendEAPOL sends an EAPOL PDU; the device encrypts it when it has a key.
func (i *iface) SendEAPOL(dst dot11.MAC, pdu []byte, _ bool) error {
	if err := i.usable("send EAPOL"); err != nil {
		return err
	}
	i.eapolMu.Lock()
	socks := i.eapol
	i.eapolMu.Unlock()
	if len(socks) == 0 {
		return fmt.Errorf("wext: %s: send EAPOL to %v: no protected association was asked for", i.name(), dst)
	}
	return socks[0].Send(dst, pdu)
}

// kernelError adds the boundary's sentinel to the kernel's number.
func kernelError(err error) error {
	switch {
	case errors.Is(err, unix.EBUSY), errors.Is(err, unix.EAGAIN):
		return fmt.Errorf("%w: %w", drivers.ErrBusy, err)
	case errors.Is(err, unix.ENETDOWN), errors.Is(err, unix.ERFKILL):
		return fmt.Errorf("%w: %w", drivers.ErrDown, err)
	case errors.Is(err, unix.EOPNOTSUPP):
		return fmt.Errorf("%w: %w", drivers.ErrNotSupported, err)
	case errors.Is(err, unix.ENODEV):
		return fmt.Errorf("%w: %w", drivers.ErrClosed, err)
	}
	return err
}
