package sim

import (
	"bytes"
	"fmt"
	"slices"
	"time"

	"gosupplicant/drivers"
	"gosupplicant/drivers/sim/simap"
	"gosupplicant/engine/dot11"
)

// Frame is a frame between a station and an access point, for the judge set
// with OnFrame. Beacons, probe requests and answers to them are not judged.
type Frame struct {
	At     time.Duration // since the air began
	Ifname string
	BSSID  dot11.MAC
	ToAP   bool
	EAPOL  bool // Bytes is an EAPOL PDU, else a management frame with its header
	// Protected: with the pairwise key of the association. Bytes are in the clear
	// here, and the header says nothing of it.
	Protected bool
	Bytes     []byte // not to be modified
}

// Fate is what becomes of a frame. The zero Fate leaves it alone.
type Fate struct {
	Drop   bool
	Copies int           // how often it arrives besides
	Delay  time.Duration // beyond the air's; enough of it lets others overtake
	Bytes  []byte        // arrives in place of the frame, unless nil
}

// maxCopies bounds Fate.Copies.
const maxCopies = 100

// OnFrame has f decide about every frame from now on; nil ends it. f is called
// on the loop and must not call the Air.
func (a *Air) OnFrame(f func(Frame) Fate) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.judge = f
}

// RefuseAP has an AP refuse authentications and associations with status codes
// other than StatusSuccess.
func (a *Air) RefuseAP(bssid dot11.MAC, auth, assoc dot11.Status) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	s := a.findAP(bssid)
	if s == nil {
		return fmt.Errorf("sim: no access point %s", bssid)
	}
	a.onLoop(func() { s.ap.Refuse(auth, assoc) })
	return nil
}

// transmit carries a frame from a station to an AP and the answers back, each
// subject to loss, range, delay and judge. On the loop, mu held.
func (a *Air) transmit(i *iface, to *station, frame, tk []byte) {
	f := Frame{ToAP: true, Bytes: frame, Protected: tk != nil}
	a.carry(i, to, f, func(b []byte) { a.answer(i, to, to.ap.Receive(b, tk)) })
}

// transmitEAPOL carries a PDU from a station to an AP, protected with tk or not.
func (a *Air) transmitEAPOL(i *iface, to *station, pdu, tk []byte) {
	f := Frame{ToAP: true, EAPOL: true, Bytes: pdu, Protected: tk != nil}
	a.carry(i, to, f, func(b []byte) { a.answer(i, to, to.ap.ReceiveEAPOL(i.mac, b, tk)) })
}

// answer carries out what an AP wants done towards one station.
func (a *Air) answer(i *iface, from *station, outs []simap.Output) {
	for _, o := range outs {
		switch o := o.(type) {
		case simap.Send:
			a.carry(i, from, Frame{Bytes: o.Frame, Protected: o.TK != nil}, func(b []byte) { i.receive(from, b, o.TK) })
		case simap.SendEAPOL:
			a.carry(i, from, Frame{EAPOL: true, Bytes: o.PDU, Protected: o.TK != nil}, func(b []byte) { i.receiveEAPOL(from, b, o.TK) })
		case simap.SetTimer:
			a.drv.loop.After(o.After, "sim AP "+from.ap.BSSID().String(), func() {
				a.mu.Lock()
				defer a.mu.Unlock()
				if !from.gone {
					a.answer(i, from, from.ap.Timeout(o.Sta, o.ID))
				}
			})
		}
	}
}

// carry brings a frame to arrive after the air's delay, unless it is lost on
// the way. Every arrival gets bytes of its own.
func (a *Air) carry(i *iface, peer *station, f Frame, arrive func([]byte)) {
	if peer.gone || i.radio.lost(peer) {
		return
	}
	if _, ok := i.radio.level(peer, a.uptime()); !ok {
		return
	}
	var fate Fate
	if a.judge != nil {
		f.At, f.Ifname, f.BSSID = a.uptime(), i.name, peer.ap.BSSID()
		fate = a.judge(f)
	}
	if fate.Drop {
		return
	}
	frame := f.Bytes
	if fate.Bytes != nil {
		frame = fate.Bytes
	}
	for range 1 + min(max(fate.Copies, 0), maxCopies) {
		b := bytes.Clone(frame)
		a.drv.loop.After(a.plan.Delay+fate.Delay, "sim frame", func() {
			a.mu.Lock()
			defer a.mu.Unlock()
			if i.up && !i.removed && !peer.gone {
				arrive(b)
			}
		})
	}
}

// Inject has a frame arrive in the name of the AP f.BSSID at the interface
// f.Ifname, or with ToAP the other way round: what an attacker, or a copy of an
// old frame, would do. Neither loss nor judge see it. Protected takes the
// pairwise key that the interface has.
func (a *Air) Inject(f Frame) error {
	return a.with("inject", f.Ifname, func(i *iface) error {
		s := a.findAP(f.BSSID)
		if s == nil {
			return fmt.Errorf("sim: no access point %s", f.BSSID)
		}
		f.Bytes = bytes.Clone(f.Bytes)
		a.onLoop(func() { a.inject(i, s, &f) })
		return nil
	})
}

func (a *Air) inject(i *iface, s *station, f *Frame) {
	var tk []byte
	if k, ok := i.pairwiseKey(f.BSSID); ok && f.Protected {
		tk = k.Key
	}
	switch {
	case !i.up || i.removed || s.gone || f.Protected && tk == nil:
	case f.ToAP && f.EAPOL:
		a.answer(i, s, s.ap.ReceiveEAPOL(i.mac, f.Bytes, tk))
	case f.ToAP:
		a.answer(i, s, s.ap.Receive(f.Bytes, tk))
	case f.EAPOL:
		i.receiveEAPOL(s, f.Bytes, tk)
	default:
		i.receive(s, f.Bytes, tk)
	}
}

// SwitchChannel moves an AP to another channel, in MHz, and takes the associated
// stations along (11.8).
func (a *Air) SwitchChannel(bssid dot11.MAC, freq int) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	s := a.findAP(bssid)
	if s == nil {
		return fmt.Errorf("sim: no access point %s", bssid)
	}
	old := s.ap.Freq()
	if err := s.ap.Switch(freq); err != nil {
		return fmt.Errorf("sim: channel switch of %s: %w", bssid, err)
	}
	a.byFreq[old] = slices.DeleteFunc(a.byFreq[old], func(o *station) bool { return o == s })
	a.byFreq[freq] = append(a.byFreq[freq], s)
	for _, i := range a.ifaces {
		if l, err := i.associated(bssid); err == nil && l.ap == s {
			i.emit(drivers.EventChannelSwitch{Freq: freq, CenterFreq1: freq, Width: 20})
			i.emit(drivers.EventChannelSwitch{Freq: freq, CenterFreq1: freq, Width: 20, Done: true})
		}
	}
	return nil
}

// Forge replaces the elements of an AP's beacons and probe responses by any
// bytes, for stations to choke on.
func (a *Air) Forge(bssid dot11.MAC, elements []byte) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	s := a.findAP(bssid)
	if s == nil {
		return fmt.Errorf("sim: no access point %s", bssid)
	}
	s.ap.Forge(bytes.Clone(elements))
	return nil
}
