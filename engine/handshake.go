package engine

import (
	"fmt"

	"gosupplicant/drivers"
	"gosupplicant/engine/dot11"
	"gosupplicant/engine/logs"
	"gosupplicant/engine/loop"
	"gosupplicant/engine/rsn"
)

// beginKeys starts key management on a fresh association, or opens the port
// where there is none.
func (i *Interface) beginKeys(a *attempt, ev drivers.EventAssoc) {
	l := i.conn.link
	switch {
	case a.plain8021X():
		i.openPort(a, l)
		i.takeEarly(a)
		return
	case a.sec == nil:
		i.letThrough(l)
		return
	}
	if a.sec.pmk == nil && dot11.AKMSetPSK.Has(a.sec.AKM) && !ev.Authorized {
		i.withPSK(a, func() {
			if i.conn.link == l {
				i.beginKeys(a, ev)
			}
		})
		return
	}
	if ev.Authorized {
		i.log.Debug("The device ran the handshake by itself")
		i.connected()
		return
	}
	assoc, err := i.association(a, ev)
	if err == nil && assoc.OCV {
		i.withChannel(l, func(oci rsn.OCI, ok bool) {
			if !a.over {
				assoc.Channel, assoc.OCV = oci, ok
				if ok {
					l.oci = &oci
				}
				i.startKeys(a, assoc)
			}
		})
		return
	}
	if err != nil {
		i.failAttempt(a, &Failure{Phase: PhaseHandshake, By: ByUs, Cause: err.Error()})
		return
	}
	i.startKeys(a, assoc)
}

// startKeys hands the association to the key machine.
func (i *Interface) startKeys(a *attempt, assoc *rsn.Association) {
	l := i.conn.link
	if i.conn.keys == nil {

		// One for all associations: TKIP countermeasures outlive them.
		i.conn.keys = rsn.New(rsn.Config{Rand: i.sup.opts.Rand, EAPOLVersion: uint8(i.conf.Globals.EAPOLVersion)})
	}
	l.keys = i.conn.keys
	i.tamper.machine(l.keys)
	outs, err := l.keys.Associated(*assoc)
	if err != nil {
		i.failAttempt(a, &Failure{Phase: PhaseHandshake, By: ByUs, Cause: err.Error()})
		return
	}
	i.runKeys(l, outs)
	if a.uses8021X() && i.conn.link == l {
		i.openPort(a, l)
	}
	i.takeEarly(a)
}

// takeEarly takes the frames that came before their association.
func (i *Interface) takeEarly(a *attempt) {
	early := a.early
	a.early = nil
	for _, e := range early {
		i.receiveEAPOL(e)
	}
}

// receiveEAPOL takes an EAPOL PDU.
func (i *Interface) receiveEAPOL(ev drivers.EventEAPOL) {
	l, a := i.conn.link, i.conn.attempt
	waits := a != nil && (a.phase == PhaseAssociation || a.phase == PhaseHandshake && l != nil && l.keys == nil && a.sec != nil)
	if waits && ev.Src == a.c.bss.BSSID {
		// The frame overtook the news of the association, or of its channel.
		if len(a.early) < 4 {
			a.early = append(a.early, ev)
		}
		return
	}
	switch {
	case l == nil || l.keys == nil && l.port == nil:
		i.log.Debug("EAPOL frame without an association that wants one", "src", ev.Src)
	case i.leaving(l):
		i.log.Debug("EAPOL frame of an association that is being left", "src", ev.Src)
	case l.keys == nil || !rsn.IsKey(ev.PDU):
		i.notKey(l, ev)
	default:
		i.runKeys(l, l.keys.Receive(ev.Src, ev.PDU, protectionOf(ev.Encrypted)))
	}
}

// protectionOf translates what the driver knows of a frame's protection.
func protectionOf(e drivers.EncryptionKnown) rsn.Protection {
	switch e {
	case drivers.EncryptionNo:
		return rsn.ProtectionNone
	case drivers.EncryptionYes:
		return rsn.ProtectionEncrypted
	}
	return rsn.ProtectionUnknown
}

// runKeys carries out what the key machine of l wants, in order.
func (i *Interface) runKeys(l *link, outs []rsn.Output) {
	for _, out := range i.tamper.order(outs) {
		if i.conn.link != l {
			return // an output before ended the association
		}
		i.runKeyOutput(l, out)
	}
}

func (i *Interface) runKeyOutput(l *link, out rsn.Output) {
	switch out := out.(type) {
	case rsn.Send:
		if out, ok := i.tamper.sends(i, out); ok {
			i.driverDo("sending EAPOL", func(d drivers.Linker) error { return d.SendEAPOL(out.To, out.PDU, out.Encrypt) })
			letGo()
		}
	case rsn.InstallKey:
		i.installKey(l, out)
	case rsn.ActivateKey:
		k := &drivers.Key{Use: drivers.KeyPairwise, Addr: out.Addr, Index: out.Index, Tx: true, Activate: true}
		i.driverDo("activating the key", func(d drivers.Linker) error { return d.SetKey(k) })
	case rsn.RemoveKeys:
		i.removeKeys(l)
	case rsn.SetTimer:
		l.timers[out.Timer].Stop()
		l.timers[out.Timer] = i.keyTimer(l, out)
	case rsn.StopTimer:
		l.timers[out.Timer].Stop()
	case rsn.StateChanged:
		i.keyState(out.To)
	case rsn.Authorized:
		i.authorize(l)
	case rsn.KeysDone:
		i.whenReady(l, func() { i.keysDone(l, out) })
	case rsn.AddPMKSA:
		i.addPMKSA(l, out)
	case rsn.RequestEAP:
		i.requestEAP(l, out.Why)
	case rsn.DropPMKSA:
		i.dropPMKSA(l, out.PMKID)
	case rsn.TransitionDisable:
		i.transitionDisable(l, out.Bitmap)
	case rsn.Countermeasures:
		i.countermeasures(out.For)
	case rsn.Failed:
		i.keysFailed(l, out)
	case rsn.Note:
		logs.Log(i.log, out.Level, out.Text, out.Attrs...)
	}
}

func (i *Interface) keyTimer(l *link, t rsn.SetTimer) *loop.Timer {
	return i.loop.After(t.After, i.name+" "+t.Timer.String(), func() {
		if i.conn.link == l && !i.leaving(l) {
			i.runKeys(l, l.keys.Timeout(t.Timer))
		}
	})
}

// driverDo runs a request of the link on the worker; a failure is logged.
func (i *Interface) driverDo(what string, f func(drivers.Linker) error) {
	d := i.drv.(drivers.Linker)
	i.worker.Do(func() {
		if err := f(d); err != nil {
			i.log.Debug("The device failed in "+what, "err", err)
		}
	}, nil)
}

var keyUses = map[rsn.KeyUse]drivers.KeyUse{
	rsn.KeyPairwise: drivers.KeyPairwise, rsn.KeyGroup: drivers.KeyGroup,
	rsn.KeyMgmtGroup: drivers.KeyIGTK, rsn.KeyBeacon: drivers.KeyBIGTK,
}

// installKey hands one key to the device; a pairwise or group key that it does
// not take ends the association.
func (i *Interface) installKey(l *link, k rsn.InstallKey) {
	suite, ok := k.Cipher.RSNSuite()
	if l.sec.Proto == dot11.ProtoWPA && !ok {
		suite, ok = k.Cipher.WPASuite()
	}
	if !ok {
		i.log.Error("No selector for the cipher of a key", "cipher", k.Cipher.String())
		return
	}
	l.bigtk = l.bigtk || k.Use == rsn.KeyBeacon
	dk := &drivers.Key{Use: keyUses[k.Use], Cipher: uint32(suite), Addr: k.Addr, Index: k.Index, Seq: k.RSC, Key: k.Key, Tx: k.Tx}
	i.tamper.installs(dk)
	d := i.drv.(drivers.Linker)
	var err error
	i.worker.Do(func() {
		err = d.SetKey(dk)
		k.Key.Zero()
	}, func() {
		if err == nil || i.closed || i.conn.link != l || i.leaving(l) {
			return
		}
		i.log.Warn("The device did not take a key", "key", k.Use.String(), "err", err)
		if k.Use == rsn.KeyPairwise || k.Use == rsn.KeyGroup {
			i.linkFailed(l, &Failure{Phase: PhaseHandshake, By: ByDevice, Code: errnoOf(err), CodeName: "errno",
				Cause: fmt.Sprintf("the device did not take the %v", k.Use)}, dot11.ReasonUnspecified)
		}
	})
}

// removeKeys deletes every key of the association.
func (i *Interface) removeKeys(l *link) {
	d := i.drv.(drivers.Linker)
	addr := l.bss.BSSID
	i.worker.Do(func() {
		// A missing key is no error worth a word: the device forgets them when it
		// leaves.
		d.SetKey(&drivers.Key{Use: drivers.KeyPairwise, Addr: addr})
		for index := range 4 {
			d.SetKey(&drivers.Key{Use: drivers.KeyGroup, Index: index})
		}
		for index := 4; index < 6; index++ {
			d.SetKey(&drivers.Key{Use: drivers.KeyIGTK, Index: index})
		}
	}, nil)
}

// keyState shows where the handshake stands.
func (i *Interface) keyState(s rsn.State) {
	if i.state == StateCompleted {
		return // a rekey does not leave the connected state
	}
	switch s {
	case rsn.State4Way:
		i.setState(State4WayHandshake, "4-way handshake")
	case rsn.StateGroup:
		i.setState(StateGroupHandshake, "group key handshake")
	}
}

// authorize opens the controlled port.
func (i *Interface) authorize(l *link) {
	bssid := l.bss.BSSID
	i.driverDo("authorizing the port", func(d drivers.Linker) error { return d.SetAuthorized(bssid, true) })
}

// letThrough opens the controlled port of a link without keys, which is then
// connected.
func (i *Interface) letThrough(l *link) {
	i.authorize(l)
	i.whenReady(l, func() {
		if l.authorized.IsZero() {
			i.connected()
		}
	})
}

// whenReady does f once the device has taken what the link asked of it so far,
// unless the link is over by then: who hears of keys or of the connection may
// send at once.
func (i *Interface) whenReady(l *link, f func()) {
	i.worker.Do(func() {}, func() {
		if !i.closed && i.conn.link == l && !i.leaving(l) {
			f()
		}
	})
}

func (i *Interface) keysDone(l *link, k rsn.KeysDone) {
	i.emit(KeysNegotiated{Iface: i, BSSID: l.bss.BSSID, Group: !k.Pairwise, RSN: l.sec.Proto == dot11.ProtoRSN, PTK: l.sec.Pairwise, GTK: l.sec.Group})
	if k.Pairwise {
		i.keysInPlace(l)
	}
	if k.Pairwise && l.authorized.IsZero() && i.conn.link == l { // EAP may have ended it
		i.connected()
	}
	if i.conn.link == l {
		i.offloadRekey(l)
	}
}

// keysFailed ends an association whose key management failed.
func (i *Interface) keysFailed(l *link, f rsn.Failed) {
	rec := &Failure{Phase: PhaseHandshake, By: ByUs, Cause: f.Cause.String(), Tried: l.sec.String()}
	i.conn.handshakesFailed++
	if f.Detail != "" {
		rec.Cause = f.Detail
	}
	if f.PeerReason != 0 {
		rec.By, rec.Code, rec.CodeName = ByPeer, int(f.PeerReason), f.PeerReason.String()
	}
	switch f.Cause {
	case rsn.CauseNoAnswer, rsn.CauseStopped:
		rec.By = ByNobody
		i.emit(ConnectTimeout{i, l.bss.BSSID, PhaseHandshake})
	case rsn.CausePossiblyWrongPSK:
		rec.Advice = "check the passphrase"
		if a := i.conn.attempt; a != nil {
			i.leaveBSS(l, f.Reason, f.PeerReason != 0)
			i.failWrongKey(a, rec, false)
			return
		}
	}
	if f.PeerReason != 0 {
		i.linkGone(l, rec)
		return
	}
	i.linkFailed(l, rec, f.Reason)
}

func (i *Interface) transitionDisable(l *link, bitmap uint8) {
	i.emit(TransitionDisabled{i, bitmap})
	i.log.Debug("The AP tells to stop using a transition mode", "bitmap", fmt.Sprintf("%02x", bitmap))
	if changed := applyTransitionDisable(l.network, bitmap); changed {
		i.log.Info("Network changed to the stronger mode that its AP asks for", "network", l.network.ID)
		if i.conf.Globals.UpdateConfig != 0 && i.cfg.ConfigFile != "" {
			if err := i.SaveConfig(); err != nil {
				i.log.Warn("Could not save the change", "err", err)
			}
		}
	}
}
