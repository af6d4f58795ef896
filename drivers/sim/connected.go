package sim

import (
	"bytes"
	"fmt"
	"slices"

	"gosupplicant/drivers"
	"gosupplicant/drivers/sim/simap"
	"gosupplicant/engine/dot11"
)

var _ interface {
	drivers.SME
	drivers.Linker
	drivers.FrameSender
	drivers.SignalPoller
	drivers.Connector
	drivers.ExternalAuthenticator
} = (*handle)(nil)

// keyID tells the keys of an interface apart.
type keyID struct {
	use   drivers.KeyUse
	index int
	addr  dot11.MAC
}

// associated returns the link when it is an association with bssid (any when
// zero).
func (i *iface) associated(bssid dot11.MAC) (*staLink, error) {
	l := i.link
	if l == nil || l.phase != phaseAssociated || !bssid.IsZero() && l.ap.ap.BSSID() != bssid {
		return nil, errNotAssociated
	}
	return l, nil
}

// Deauthenticate tells the AP and ends the link; a full-MAC radio ends the one that it
// has, or makes, with whom it may be.
func (h *handle) Deauthenticate(bssid dot11.MAC, reason uint16) error {
	return h.locked("deauthenticate", func(i *iface) error {
		l := i.link
		if l == nil || l.ap.ap.BSSID() != bssid && !i.radio.plan.FullMAC {
			return fmt.Errorf("no relation with %s", bssid)
		}
		if i.joining != nil && i.joining.old != nil {
			i.endLink(&drivers.EventDisconnected{Reason: reason, Local: true})
			return nil
		}
		frame := i.frame(dot11.SubtypeDeauth, (&dot11.Disconnect{Reason: dot11.Reason(reason)}).Append(nil))
		tk := i.mgmtKey(l)
		i.air.onLoop(func() { i.air.transmit(i, l.ap, frame, tk) })
		i.endLink(&drivers.EventDisconnected{Reason: reason, Local: true})
		return nil
	})
}

// SetKey keeps a key, which Air.Keys shows to tests. Keys need an association,
// pairwise ones that with their peer.
func (h *handle) SetKey(k *drivers.Key) error {
	return h.locked("set key", func(i *iface) error {
		peer := dot11.MAC{}
		if k.Use == drivers.KeyPairwise {
			peer = k.Addr
		}
		if _, err := i.associated(peer); err != nil {
			return fmt.Errorf("key of kind %d: %w", k.Use, err)
		}
		id := keyID{k.Use, k.Index, peer} // group keys have no peer
		if k.Key == nil {
			delete(i.keys, id)
			return nil
		}
		if i.keys == nil {
			i.keys = map[keyID]drivers.Key{}
		}
		c := *k
		c.Key, c.Seq = slices.Clone(k.Key), slices.Clone(k.Seq)
		i.keys[id] = c
		return nil
	})
}

// SendEAPOL puts a PDU on the air towards the AP of the link, protected when
// asked for and a pairwise key is there.
func (h *handle) SendEAPOL(dst dot11.MAC, pdu []byte, encrypt bool) error {
	return h.locked("send EAPOL", func(i *iface) error {
		l, err := i.associated(dst)
		if err != nil {
			return err
		}
		var tk []byte
		if k, ok := i.pairwiseKey(dst); ok && encrypt {
			tk = k.Key
		}
		pdu := slices.Clone(pdu)
		i.air.onLoop(func() { i.air.transmitEAPOL(i, l.ap, pdu, tk) })
		return nil
	})
}

// SendFrame sends an action frame to the AP of the association, protected when
// management frames are, or one of the authentication that a full-MAC radio has asked
// for. Other frames and other peers are not simulated.
func (h *handle) SendFrame(frame []byte, freq int, noAck bool) error {
	return h.locked("send frame", func(i *iface) error {
		head, _, err := dot11.ParseMgmt(frame)
		if err != nil {
			return err
		}
		if head.Subtype == dot11.SubtypeAuth && i.joining != nil {
			return i.sendForJoining(head, frame)
		}
		l, err := i.associated(head.DA)
		switch {
		case err != nil:
			return err
		case head.Subtype != dot11.SubtypeAction || noAck || freq != 0 && freq != l.ap.ap.Freq():
			return fmt.Errorf("%v to %s on %d MHz: %w", head.Subtype, head.DA, freq, drivers.ErrNotSupported)
		}
		frame, tk := slices.Clone(frame), i.mgmtKey(l)
		i.air.onLoop(func() { i.air.transmit(i, l.ap, frame, tk) })
		return nil
	})
}

// Data has an associated interface send a data frame and its AP answer: one that
// does not know the station disconnects it (11.3.4.1). Its content does not
// exist.
func (a *Air) Data(ifname string) error {
	return a.with("data", ifname, func(i *iface) error {
		l, err := i.associated(dot11.MAC{})
		if err != nil {
			return err
		}
		a.onLoop(func() {
			a.carry(i, l.ap, Frame{ToAP: true, Bytes: []byte{0x08, 0x01}}, func([]byte) { a.answer(i, l.ap, l.ap.ap.ReceiveData(i.mac)) })
		})
		return nil
	})
}

// mgmtKey is the key that protects management frames to the AP, nil for none.
func (i *iface) mgmtKey(l *staLink) []byte {
	if k, ok := i.pairwiseKey(l.ap.ap.BSSID()); ok && l.pmf {
		return k.Key
	}
	return nil
}

// pairwiseKey returns the key to send with.
func (i *iface) pairwiseKey(peer dot11.MAC) (drivers.Key, bool) {
	for _, k := range i.keys {
		if k.Use == drivers.KeyPairwise && k.Addr == peer && !k.RxOnly {
			return k, true
		}
	}
	return drivers.Key{}, false
}

// receiveEAPOL takes a PDU from an AP; one protected with a key that the
// station has not installed cannot be read.
func (i *iface) receiveEAPOL(from *station, pdu, tk []byte) {
	l, err := i.associated(from.ap.BSSID())
	if err != nil || l.ap != from {
		return
	}
	ev := drivers.EventEAPOL{Src: from.ap.BSSID(), PDU: pdu, Encrypted: drivers.EncryptionNo}
	if tk != nil {
		ev.Encrypted = drivers.EncryptionYes
		found := false
		for _, k := range i.keys {
			found = found || k.Use == drivers.KeyPairwise && k.Addr == ev.Src && bytes.Equal(k.Key, tk)
		}
		if !found {
			return
		}
	}
	i.emit(ev)
}

// SetAuthorized opens or closes the controlled port.
func (h *handle) SetAuthorized(bssid dot11.MAC, authorized bool) error {
	return h.locked("set authorized", func(i *iface) error {
		l, err := i.associated(bssid)
		if err == nil {
			l.authorized = authorized
		}
		return err
	})
}

// SignalPoll measures the link now.
func (h *handle) SignalPoll() (s drivers.Signal, err error) {
	err = h.locked("signal", func(i *iface) error {
		l, err := i.associated(dot11.MAC{})
		if err != nil {
			return err
		}
		dbm, ok := i.radio.level(l.ap, i.air.uptime())
		if !ok {
			dbm = i.radio.plan.Sensitivity
		}
		rate := linkRate(dbm - i.air.plan.Noise)
		s = drivers.Signal{Freq: l.ap.ap.Freq(), Width: 20, CenterFreq1: l.ap.ap.Freq(), Signal: dbm, AvgSignal: dbm,
			AvgBeaconSignal: dbm, Noise: i.air.plan.Noise, TxRate: rate, RxRate: rate}
		return nil
	})
	return s, err
}

// linkRate is the OFDM rate in kbit/s that a signal-to-noise ratio in dB
// carries (receiver sensitivities of 17.3.10.2 above the noise of 20 MHz).
func linkRate(snr int) int {
	rate := 6000
	for _, r := range []struct{ snr, rate int }{{6, 9000}, {8, 12000}, {10, 18000}, {13, 24000}, {17, 36000}, {21, 48000}, {22, 54000}} {
		if snr >= r.snr {
			rate = r.rate
		}
	}
	return rate
}

// Keys lists the keys of an interface in the order of use, index and address.
func (a *Air) Keys(ifname string) (out []drivers.Key, err error) {
	err = a.with("keys", ifname, func(i *iface) error {
		for _, k := range i.keys {
			out = append(out, k)
		}
		slices.SortFunc(out, func(x, y drivers.Key) int {
			return 65536*(int(x.Use)-int(y.Use)) + 16*(x.Index-y.Index) + x.Addr.Compare(y.Addr)
		})
		return nil
	})
	return out, err
}

// Authorized reports whether the controlled port of an interface is open.
func (a *Air) Authorized(ifname string) (open bool, err error) {
	err = a.with("authorized", ifname, func(i *iface) error {
		l := i.standing()
		open = l != nil && l.authorized
		return nil
	})
	return open, err
}

// Secure reports whether traffic would flow protected both ways: the pairwise
// key of the interface and the group key it expects are those of its AP.
func (a *Air) Secure(ifname string) (ok bool, err error) {
	err = a.with("secure", ifname, func(i *iface) error {
		l, err := i.associated(dot11.MAC{})
		if err != nil {
			return nil
		}
		tk, gtk, index, done := l.ap.ap.Keys(i.mac)
		own, have := i.pairwiseKey(l.ap.ap.BSSID())
		group := false
		for _, k := range i.keys {
			group = group || k.Use == drivers.KeyGroup && k.Index == index && bytes.Equal(k.Key, gtk)
		}
		ok = done && have && bytes.Equal(own.Key, tk) && group
		return nil
	})
	return ok, err
}

// Rekey has an AP renew its group keys, or with pairwise the keys of every
// station.
func (a *Air) Rekey(bssid dot11.MAC, pairwise bool) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	s := a.findAP(bssid)
	if s == nil {
		return fmt.Errorf("sim: no access point %s", bssid)
	}
	a.onLoop(func() {
		if !pairwise {
			a.dispatch(s, s.ap.RekeyGroup())
			return
		}
		for _, i := range a.ifaces {
			a.answer(i, s, s.ap.RekeyPairwise(i.mac))
		}
	})
	return nil
}

// dispatch carries out outputs that concern several stations.
func (a *Air) dispatch(s *station, outs []simap.Output) {
	for _, o := range outs {
		var sta dot11.MAC
		switch o := o.(type) {
		case simap.Send:
			h, _, err := dot11.ParseMgmt(o.Frame)
			if err != nil {
				continue
			}
			sta = h.DA
		case simap.SendEAPOL:
			sta = o.To
		case simap.SetTimer:
			sta = o.Sta
		}
		for _, i := range a.ifaces {
			if i.mac == sta {
				a.answer(i, s, []simap.Output{o})
			}
		}
	}
}

// Kick has an AP deauthenticate, or only disassociate, every station.
func (a *Air) Kick(bssid dot11.MAC, reason dot11.Reason, disassoc bool) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	s := a.findAP(bssid)
	if s == nil {
		return fmt.Errorf("sim: no access point %s", bssid)
	}
	a.onLoop(func() {
		for _, i := range a.ifaces {
			if !s.ap.Associated(i.mac) {
				continue
			}
			outs := []simap.Output(nil)
			if disassoc {
				outs = s.ap.Disassociate(i.mac, reason)
			} else {
				outs = s.ap.Deauthenticate(i.mac, reason)
			}
			a.answer(i, s, outs)
		}
	})
	return nil
}

// RestartAP has an AP forget its stations without a word.
func (a *Air) RestartAP(bssid dot11.MAC) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	s := a.findAP(bssid)
	if s == nil {
		return fmt.Errorf("sim: no access point %s", bssid)
	}
	a.onLoop(s.ap.Restart)
	return nil
}
