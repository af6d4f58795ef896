package engine

import (
	"fmt"
	"runtime"
	"time"

	"gosupplicant/drivers"
	"gosupplicant/engine/dot11"
	"gosupplicant/engine/sae"
)

// authenticate sends the first authentication frame of an attempt.
func (i *Interface) authenticate(a *attempt) {
	a.phase = PhaseAuthentication
	i.takeAddress(a)
	if a.sec != nil && a.sec.AKM.IsSAE() && a.pmksa == nil {
		i.tellAuth(a)
		i.beginSAE(a)
		return
	}
	i.leaveToRoam(a)
	i.sendAuth(a, &drivers.AuthParams{Alg: dot11.AuthAlgOpen})
	i.tellAuth(a)
	i.guardStep(a, authTimeout)
}

// tellAuth tells that an attempt authenticates.
func (i *Interface) tellAuth(a *attempt) {
	i.emit(Joining{i, JoinAuthenticate, a.c.bss.BSSID, a.c.ssid, a.c.bss.Freq})
	i.setState(StateAuthenticating, "authenticating")
	i.attemptIsCurrent()
}

// takeAddress sets the MAC address that the network wants (mac_addr).
func (i *Interface) takeAddress(a *attempt) {
	addr := i.connectAddress(a.c.network)
	if addr == nil {
		return
	}
	set := i.drv.(drivers.AddressSetter)
	i.worker.Do(func() {
		if err := set.SetMACAddress(*addr); err != nil {
			i.log.Warn("Could not set a random MAC address", "err", err)
		}
	}, nil)
	i.link.MAC = *addr
	i.changed(PropMACAddress)
}

// sendAuth hands one frame to the device.
func (i *Interface) sendAuth(a *attempt, p *drivers.AuthParams) {
	p.BSSID, p.SSID, p.Freq = a.c.bss.BSSID, a.c.ssid, a.c.bss.Freq
	i.conn.tuned = p.Freq
	s := i.sme()
	var err error
	i.worker.Do(func() { err = s.Authenticate(p) }, func() { i.stepTaken(a, err) })
	letGo()
}

// letGo has the device work on what it was just asked for, before the loop goes on and
// tells everybody of it: the air is waited for longest.
func letGo() { runtime.Gosched() }

// beginSAE makes the exchange of an attempt.
func (i *Interface) beginSAE(a *attempt) {
	cfg, err := i.saeConfig(a)
	if err == nil {
		i.sayAnew(a, cfg)
		a.sae, err = i.saeExchange(cfg)
	}
	if err != nil {
		i.failAttempt(a, &Failure{Phase: PhaseAuthentication, By: ByUs, Cause: err.Error()})
		return
	}
	i.leaveToRoam(a)
	i.runSAE(a, a.sae.Start())
}

// leaveToRoam says goodbye to the old access point. A device with its SME here leaves
// it anyhow when it sends the first frame to the new one, but there may be a quicker
// way, and the first frame of SAE takes as long to compute: both happen at once. And
// the old one does not take us for a forger when we come back, which protection of
// management frames would make it do for a second. Where the kernel may have forgotten
// the new one, its refusal comes first.
func (i *Interface) leaveToRoam(a *attempt) {
	l := i.conn.link
	if !a.roamed || l == nil || l.left || a.c.bss.Age(i.loop.Now()) > roamFresh {
		return
	}
	i.goodbye(l.bss.BSSID, "leaving to roam")
}

// roamFresh is how lately a BSS was heard that is roamed to without a second thought:
// kernels forget after 30 s.
const roamFresh = 20 * time.Second

// goodbye ends the association with bssid, in the quickest way that the device has.
func (i *Interface) goodbye(bssid dot11.MAC, what string) {
	i.driverDo(what, func(d drivers.Linker) error {
		if q, ok := d.(drivers.Leaver); ok {
			return q.Leave(bssid)
		}
		return d.Deauthenticate(bssid, uint16(dot11.ReasonDeauthLeaving))
	})
}

// runSAE carries out what the machine wants.
func (i *Interface) runSAE(a *attempt, outs []sae.Output) {
	for _, out := range outs {
		if a.over {
			return
		}
		switch out := out.(type) {
		case sae.Send:
			i.sendAuth(a, &drivers.AuthParams{Alg: dot11.AuthAlgSAE, SAEData: saeData(i.tamper.commit(out))})
		case sae.SetTimer:
			a.timer.Stop()
			a.timer = i.loop.After(out.After, i.name+" SAE", func() {
				if !a.over {
					i.runSAE(a, a.sae.Timeout())
				}
			})
		case sae.Done:
			a.timer.Stop()
			a.saeDone = &out
			i.log.Debug("SAE completed", "group", out.Group, "h2e", out.H2E, "pk", out.PK)
			i.associate(a)
		case sae.Failed:
			i.saeFailed(a, out)
		case sae.Ignored:
			i.log.Debug("SAE frame ignored", "err", out.Err)
		}
	}
}

// saeData is what follows the algorithm number: transaction, status, fields.
func saeData(s sae.Send) []byte {
	b := make([]byte, 4, 4+len(s.Body))
	b[0], b[1] = byte(s.Transaction), byte(s.Transaction>>8)
	b[2], b[3] = byte(s.Status), byte(s.Status>>8)
	return append(b, s.Body...)
}

// saeFailed judges the end of an exchange.
func (i *Interface) saeFailed(a *attempt, f sae.Failed) {
	rec := &Failure{Phase: PhaseAuthentication, By: ByPeer, Cause: "SAE: " + f.Cause.String(), Code: int(f.Status)}
	if f.Status != 0 {
		rec.CodeName = f.Status.String()
	}
	switch f.Cause {
	case sae.CauseNoAnswer:
		rec.By = ByNobody
		i.emit(ConnectTimeout{i, a.c.bss.BSSID, a.phase})
	case sae.CausePasswordMismatch:
		rec.By, rec.Advice = ByUs, "check the password"
		if f.Status != 0 && i.confirmAnew(a, rec) {
			return
		}
		i.failWrongKey(a, rec, true)
		return
	case sae.CauseInternal, sae.CauseReflection, sae.CauseInvalidCommit, sae.CauseDowngrade, sae.CausePublicKey:
		rec.By = ByUs
	case sae.CauseUnknownIdentifier:
		rec.Advice = "check the password identifier (sae_password_id)"
		i.emit(UnknownPasswordID{i, a.c.bss.BSSID})
	}
	i.log.Debug("SAE failed", "err", f.Err)
	i.failAttempt(a, rec)
}

// confirmAnew asks an access point once more that refuses our confirm for the first time
// since the network was connected. One that still knows whoever was here before us under
// our address may mix that exchange up with ours: hostapd 2.10 goes on to use the groups
// that were rejected in it, until it is told others (sayAnew). A wrong password is refused
// again at once.
func (i *Interface) confirmAnew(a *attempt, rec *Failure) bool {
	if l := i.conn.link; l != nil && !l.left || i.conn.doubted == a.c.network {
		return false // there is a connection to fall back on, or this is the second time
	}
	i.conn.doubted, i.conn.anew = a.c.network, true
	i.closeAttempt(a, rec)
	i.log.Debug("The confirm of SAE was refused; trying once more before the password is blamed", "bssid", a.c.bss.BSSID)
	i.tryAgain()
	return true
}

// sayAnew has the exchange that confirmAnew asked for tell the access point which groups
// were rejected: one that does not exist (0 is reserved), as there were none. The keys are
// those of an exchange without a list, because the list is a key of HMAC, which is filled
// up with zeros.
func (i *Interface) sayAnew(a *attempt, cfg *sae.Config) {
	if i.conn.anew && i.conn.doubted == a.c.network && cfg.H2E && cfg.Rejected == nil {
		cfg.Rejected = []uint16{0}
	}
	i.conn.anew = false
}

// authenticated takes an authentication frame of the AP.
func (i *Interface) authenticated(ev drivers.EventAuth) {
	a := i.conn.attempt
	if a == nil || a.phase != PhaseAuthentication || ev.BSSID != a.c.bss.BSSID {
		i.log.Debug("Authentication frame without an attempt", "bssid", ev.BSSID)
		return
	}
	status := dot11.Status(ev.Status)
	i.noteAuthStatus(status)
	if a.sae != nil {
		if ev.Alg != dot11.AuthAlgSAE {
			i.log.Debug("Authentication frame of another algorithm during SAE", "alg", ev.Alg)
			return
		}
		i.tellSAERefusal(ev.BSSID, ev.Transaction, status, ev.IEs)
		i.runSAE(a, a.sae.Receive(ev.Transaction, status, ev.IEs))
		return
	}
	if status != dot11.StatusSuccess {
		i.emit(AuthRejected{i, ev.BSSID, ev.Alg, ev.Transaction, status, ev.IEs})
		i.failAttempt(a, &Failure{Phase: PhaseAuthentication, By: ByPeer, Code: int(status), CodeName: status.String(), Cause: "authentication refused"})
		return
	}
	i.associate(a)
}

// noteAuthStatus keeps the status of each authentication frame, as upstream does.
func (i *Interface) noteAuthStatus(s dot11.Status) {
	i.conn.authStatus = s
	i.changed(PropAuthStatusCode)
}

// tellSAERefusal tells of a frame of SAE that ends the exchange.
func (i *Interface) tellSAERefusal(bssid dot11.MAC, transaction uint16, s dot11.Status, payload []byte) {
	if saeRefusal(s) {
		i.emit(AuthRejected{i, bssid, dot11.AuthAlgSAE, transaction, s, payload})
	}
}

// saeRefusal reports whether a status ends the exchange, as against asking for more.
func saeRefusal(s dot11.Status) bool {
	switch s {
	case dot11.StatusSuccess, dot11.StatusAntiCloggingToken, dot11.StatusUnsupportedGroup,
		dot11.StatusSAEHashToElement, dot11.StatusSAEPK:
		return false
	}
	return true
}

// associate sends the association request of an attempt.
func (i *Interface) associate(a *attempt) {
	a.phase = PhaseAssociation
	if !i.addOWE(a) {
		return
	}
	if a.saeDone != nil && i.conf.Globals.SAEPMKIDInAssoc {
		a.sec.element = a.sec.Element(a.saeDone.PMKID)
	}
	p := i.assocParams(a)
	s := i.sme()
	var err error
	i.worker.Do(func() { err = s.Associate(p) }, func() { i.stepTaken(a, err) })
	letGo()
	i.emit(Joining{i, JoinAssociate, a.c.bss.BSSID, a.c.ssid, a.c.bss.Freq})
	i.setState(StateAssociating, "associating")
	i.guardStep(a, assocTimeout)
}

// assocParams fills a (re)association request.
func (i *Interface) assocParams(a *attempt) *drivers.AssocParams {
	n := a.c.network
	// Without HT there is no VHT, and without 40 MHz neither (IEEE 802.11-2024, 21.1.1):
	// Linux 6.1 would leave an access point of 80 MHz at its first beacon.
	noVHT := n.DisableVHT || n.DisableHT || n.DisableHT40
	p := &drivers.AssocParams{
		BSSID: a.c.bss.BSSID, PrevBSSID: a.from, SSID: a.c.ssid, Freq: a.c.bss.Freq,
		DisableHT: n.DisableHT, DisableVHT: noVHT, DisableHE: n.DisableHE, DisableEHT: n.DisableEHT,
		HTCapa: a.capa.ht, HTCapaMask: a.capa.htMask, VHTCapa: a.capa.vht, VHTCapaMask: a.capa.vhtMask,
	}
	switch {
	case a.sec != nil:
		a.sec.fill(p, i.capa)
	case a.plain8021X():
		p.Crypto = drivers.Crypto{ControlPort: true, ControlPortOverNetlink: i.capa.ControlPort}
	}
	p.IEs = append(p.IEs, i.extraElements(a)...)
	i.tamper.request(a, p)
	return p
}

// extraElements are the elements behind the security ones.
func (i *Interface) extraElements(a *attempt) []byte {
	var b []byte
	b = append(b, a.owe.element...)
	if len(i.capa.ExtendedCapa) > 0 {
		b = dot11.AppendElement(b, dot11.ElementExtendedCapabilities, i.capa.ExtendedCapa...)
	}
	if idle := a.c.network.MaxIdle; idle > 0 { // in units of 1000 TU, and no protected keep-alive (9.4.2.77)
		b = dot11.AppendElement(b, dot11.ElementBSSMaxIdlePeriod, byte(idle), byte(idle>>8), 0)
	}
	return b
}

// assocRejected takes a refusal.
func (i *Interface) assocRejected(ev drivers.EventAssocReject) {
	a := i.conn.attempt
	if a == nil || a.phase != PhaseAssociation {
		return
	}
	status := dot11.Status(ev.Status)
	i.conn.assocStatus = status
	i.changed(PropAssocStatusCode)
	i.emit(AssocRejected{i, a.c.bss.BSSID, status, ev.TimedOut})
	rec := &Failure{Phase: PhaseAssociation, By: ByPeer, Code: int(status), CodeName: status.String(), Cause: "association refused"}
	if after := dot11.Elements(ev.RespIEs).Comeback(); status == dot11.StatusAssocTryAgain && after > 0 && after <= maxComeback && i.conn.fails < maxConnFails {
		i.comeBackLater(a, rec, after)
		return
	}
	if ev.TimedOut {
		rec.By, rec.Cause = ByNobody, "no answer to the association request"
	}
	if a.pmksa != nil && !ev.TimedOut && status != dot11.StatusAssocTryAgain && status != dot11.StatusAPFull {
		i.dropCached(a) // whatever the AP says of it: next time without
		if status == dot11.StatusInvalidPMKID {
			i.log.Debug("The AP has forgotten the cached key; beginning anew")
			i.endAttempt(a)
			i.join(a.c)
			return
		}
	}
	if status == dot11.StatusUnsupportedGroup && a.owe.key != nil {
		i.conn.oweRefused++
	}
	i.failAttempt(a, rec)
}

// timedOut takes the kernel's word that the AP did not answer. That goes for SAE,
// too: the kernel has sent the frame three times, and forgets the BSS.
func (i *Interface) timedOut(ev drivers.EventTimeout) {
	a := i.conn.attempt
	if a == nil || ev.BSSID != a.c.bss.BSSID || ev.Assoc != (a.phase == PhaseAssociation) || a.phase == PhaseHandshake {
		return
	}
	i.stepTimeout(a)
}

// maxComeback is the longest time that an access point may put us off for.
const maxComeback = 30 * time.Second

// comeback hears that the device was put off and will ask the AP again by itself.
func (i *Interface) comeback(ev drivers.EventComeback) {
	a := i.conn.attempt
	if a == nil || a.phase != PhaseAssociation || ev.BSSID != a.c.bss.BSSID || ev.After > maxComeback {
		return
	}
	i.log.Debug("The AP puts us off", "bssid", ev.BSSID, "for", ev.After)
	i.guardStep(a, ev.After+assocTimeout)
}

// comeBackLater ends an attempt that was put off, for which the BSS is not to blame: it
// is asked again when it wants to be.
func (i *Interface) comeBackLater(a *attempt, rec *Failure, after time.Duration) {
	i.closeAttempt(a, rec)
	i.conn.fails++
	i.conn.retry.Stop()
	i.conn.retry = i.loop.After(after, i.name+" comeback", func() {
		if i.conn.attempt == nil && i.conn.link == nil {
			i.tryKnown()
		}
	})
	i.tellFailure(a.c.network, rec, fmt.Sprintf("%v in %v, as it wishes", a.c.bss.BSSID, after))
}
