package engine

import (
	"fmt"
	"slices"
	"time"

	"gosupplicant/conf"
	"gosupplicant/drivers"
	"gosupplicant/engine/dot11"
)

// failAttempt ends an attempt that did not lead to a connection: it is
// recorded, the BSS is left alone for a while, and the next try is planned.
func (i *Interface) failAttempt(a *attempt, f *Failure) {
	if a.over {
		return
	}
	i.closeAttempt(a, f)
	i.judgeAKM(a, f)
	if (f.By == ByNobody || f.unheard) && a.phase < PhaseHandshake {
		i.conn.search.markSilent(a.c.bss, i.loop.Now())
		if i.conn.search.unsaid++; i.conn.search.unsaid <= silentGrace {
			i.tellFailure(a.c.network, f, i.tryAgain())
			return
		}
	}
	i.IgnoreBSSID(a.c.bss.BSSID)
	i.conn.fails++
	if i.conn.fails > maxConnFails {
		i.hold(a.c.network, "CONN_FAILED")
	}
	i.tellFailure(a.c.network, f, i.tryAgain())
}

// failWrongKey is failAttempt for an attempt that showed the key to be wrong: the
// network is held, the BSS is not to blame.
func (i *Interface) failWrongKey(a *attempt, f *Failure, sae bool) {
	if a.over {
		return
	}
	i.closeAttempt(a, f)
	i.emit(WrongKey{i, a.c.network, sae})
	i.hold(a.c.network, "WRONG_KEY")
	i.tellFailure(a.c.network, f, i.tryAgain())
}

// maxConnFails is how many failed attempts in a row hold the network.
const maxConnFails = 3

// closeAttempt ends the attempt and the half-made association behind it, and
// fills the record.
func (i *Interface) closeAttempt(a *attempt, f *Failure) {
	f.At, f.NetworkID, f.SSID, f.BSSID, f.Freq = i.loop.Now(), a.c.network.ID, a.c.ssid, a.c.bss.BSSID, a.c.bss.Freq
	f.Took = f.At.Sub(a.begun)
	if f.Tried == "" {
		f.Tried = a.sec.String()
	}
	i.endDeviceAuth(a, true)
	l := i.conn.link
	if a.phase >= PhaseAuthentication {
		bssid := a.c.bss.BSSID
		i.driverDo("leaving after a failure", func(d drivers.Linker) error {
			return d.Deauthenticate(bssid, uint16(dot11.ReasonDeauthLeaving))
		})
	}
	i.endAttempt(a)
	switch {
	case l == nil:
	case a.phase < PhaseHandshake && !l.left && !l.authorized.IsZero():
		i.setState(StateCompleted, "roaming failed, the old connection stands")
		return
	case a.phase < PhaseHandshake && !l.left:
		i.leaveBSS(l, dot11.ReasonDeauthLeaving, false)
		i.forgetLink(l)
	default:
		i.disconnected(l, dot11.ReasonDeauthLeaving, true)
		i.forgetLink(l)
	}
	i.setState(StateDisconnected, "attempt failed")
}

// tellFailure puts the record where people look.
func (i *Interface) tellFailure(n *conf.Network, f *Failure, next string) {
	f.Next = next
	f.Count = i.failures.count(n) + 1
	i.failures.add(n, f)
	i.log.Info(f.Line())
	i.emit(AttemptFailed{i, f})
}

// tryAgain plans the next try and tells what it will be.
func (i *Interface) tryAgain() string {
	if i.want.disconnected || i.closed || i.state == StateInterfaceDisabled {
		return "nothing, until asked to"
	}
	pause := retryPause(i.conn.fails)
	i.conn.retry.Stop()
	i.conn.retry = i.loop.After(pause, i.name+" retry", func() {
		if i.conn.attempt == nil && i.conn.link == nil {
			i.tryKnown()
		}
	})
	if c := i.pick(true); c != nil {
		return fmt.Sprintf("%v (network %d) in %v", c.bss.BSSID, c.network.ID, pause)
	}
	return fmt.Sprintf("a scan in %v", pause)
}

// retryPause is the time before the next try after a number of failures in a row.
func retryPause(fails int) time.Duration {
	switch {
	case fails <= 1:
		return 100 * time.Millisecond
	case fails == 2:
		return 500 * time.Millisecond
	case fails == 3:
		return time.Second
	case fails == 4:
		return 5 * time.Second
	}
	return 10 * time.Second
}

// hold leaves a network alone, longer with each failure.
func (i *Interface) hold(n *conf.Network, reason string) {
	h := i.holds.find(n)
	if h == nil {
		h = &hold{network: n}
		i.holds.list = append(i.holds.list, h)
	}
	h.fails++
	d := holdFor(h.fails)
	h.until = i.loop.Now().Add(d)
	h.timer.Stop()
	h.timer = i.loop.After(d, i.name+" network hold", func() {
		if i.conn.attempt == nil && i.conn.link == nil {
			i.wantScan(0)
		}
	})
	i.emit(NetworkHeld{i, n, h.fails, d, reason})
}

func holdFor(fails int) time.Duration {
	switch {
	case fails > 50:
		return 300 * time.Second
	case fails > 10:
		return 120 * time.Second
	case fails > 5:
		return 90 * time.Second
	case fails > 3:
		return 60 * time.Second
	case fails > 2:
		return 30 * time.Second
	case fails > 1:
		return 20 * time.Second
	}
	return 10 * time.Second
}

// linkFailed ends an association from our side because something went wrong.
func (i *Interface) linkFailed(l *link, f *Failure, reason dot11.Reason) {
	i.leaveBSS(l, reason, false)
	i.linkGone(l, f)
}

// leaveBSS tells the AP (unless it left itself) and observers that l is over.
func (i *Interface) leaveBSS(l *link, reason dot11.Reason, byPeer bool) {
	bssid := l.bss.BSSID
	switch {
	case byPeer || i.leaving(l):
	case reason == dot11.ReasonDeauthLeaving:
		i.goodbye(bssid, "leaving")
	default:
		i.driverDo("leaving", func(d drivers.Linker) error { return d.Deauthenticate(bssid, uint16(reason)) })
	}
	i.disconnected(l, reason, !byPeer)
}

// leaving reports whether the device has left the BSS of l, or does so, because an
// attempt to roam has begun on the air.
func (i *Interface) leaving(l *link) bool {
	a := i.conn.attempt
	return l.left || a != nil && a.phase >= PhaseAuthentication && a.phase < PhaseHandshake
}

// disconnected tells observers that an association is over.
func (i *Interface) disconnected(l *link, reason dot11.Reason, local bool) {
	if l.told {
		return
	}
	l.told = true
	code := int(reason)
	if local {
		code = -code
	}
	i.conn.disconnectReason = code
	i.changed(PropDisconnectReason) // also when it is the same again, as upstream does
	i.emit(Disconnected{i, l.bss.BSSID, reason, local})
}

// linkGone forgets an association that is over and goes on: with the attempt's
// judgement when it was still one, else by looking for a network.
func (i *Interface) linkGone(l *link, f *Failure) {
	a := i.conn.attempt
	if a != nil && a.phase == PhaseHandshake {
		i.failAttempt(a, f)
		return
	}
	if a != nil { // nothing to come from any more
		a.roamed, a.from = false, nil
	}
	n := l.network
	f.At, f.NetworkID, f.SSID, f.BSSID, f.Freq = i.loop.Now(), n.ID, dot11.SSID(l.bss.SSID), l.bss.BSSID, l.freq
	f.Took = f.At.Sub(l.begun)
	i.forgetLink(l)
	if a != nil && a.phase >= PhaseAuthentication {
		i.tellFailure(n, f, "the attempt under way")
		return
	}
	i.setState(StateDisconnected, f.Cause)
	if !l.authorized.IsZero() {
		i.conn.search.lose(i.loop.Now())
		if f.By == ByDevice || f.By == ByNobody {
			i.conn.search.markSilent(l.bss, i.loop.Now())
			i.conn.last.left = time.Time{}
		}
	}
	if i.want.noAutoconn {
		i.tellFailure(n, f, "nothing: automatic reconnection is off")
		return
	}
	if l.authorized.IsZero() || i.loop.Now().Sub(l.authorized) >= shortSession {
		i.conn.shorts = 0
	} else if i.conn.shorts++; i.conn.shorts > 1 {
		i.conn.fails += i.conn.shorts - 1 // an access point that throws us out again and again
		i.tellFailure(n, f, i.tryAgain())
		return
	}
	i.tellFailure(n, f, "the same access point as soon as it is heard")
	i.tryKnown()
}

// shortSession is how short a connection is that counts, from the second in a
// row on, as a failed attempt.
const shortSession = 2 * time.Second

// forgetLink takes an association out of the state.
func (i *Interface) forgetLink(l *link) {
	l.stop()
	if i.conn.link != l {
		return
	}
	if !l.authorized.IsZero() {
		now := i.loop.Now()
		i.conn.sessionLength = now.Sub(l.authorized)
		if i.conn.last.bssid == l.bss.BSSID {
			i.conn.last.left = now
		}
		i.changed(PropSessionLength)
	}
	i.conn.link = nil
	i.fourAddress(false)
	if x := i.conn.device; x != nil && x.a != i.conn.attempt {
		i.endDeviceAuth(x.a, false)
	}
	i.current = current{}
	i.setOperState(false)
	i.changed(PropCurrentBSS)
	i.changed(PropCurrentNetwork)
	i.changed(PropCurrentAuthMode)
}

// dropLink leaves the association because somebody asked for it.
func (i *Interface) dropLink(reason dot11.Reason, why string) {
	if a := i.conn.attempt; a != nil {
		if a.phase == PhaseAuthentication || a.phase == PhaseAssociation {
			bssid := a.c.bss.BSSID
			i.driverDo("leaving", func(d drivers.Linker) error { return d.Deauthenticate(bssid, uint16(reason)) })
		}
		i.endAttempt(a)
	}
	i.conn.retry.Stop()
	i.conn.search.found()
	l := i.conn.link
	if l != nil {
		i.leaveBSS(l, reason, false)
		if l.keys != nil {
			l.keys.Disassociated(reason, true)
		}
		i.forgetLink(l)
	}
	if i.state > StateScanning {
		i.setState(StateDisconnected, why)
	}
}

// lost takes the kernel's word that an association or authentication ended.
func (i *Interface) lost(ev drivers.EventDisconnected) {
	reason := dot11.Reason(ev.Reason)
	l, a := i.conn.link, i.conn.attempt
	if l == nil || l.left || !ev.BSSID.IsZero() && ev.BSSID != l.bss.BSSID {
		if a != nil && (ev.BSSID.IsZero() || ev.BSSID == a.c.bss.BSSID) && !ev.Local && a.phase >= PhaseAuthentication {
			i.failAttempt(a, &Failure{Phase: a.phase, By: ByPeer, Code: int(reason), CodeName: reason.String(), Cause: "the access point ended it"})
		}
		return
	}
	if a != nil && a.roamed && a.phase >= PhaseAuthentication && a.phase < PhaseHandshake && ev.Local {
		// mac80211 leaves the old BSS by itself when the new one is approached; the
		// attempt decides what becomes of the connection.
		i.log.Debug("The device left the old BSS while roaming", "bssid", ev.BSSID)
		l.stop()
		l.left = true
		return
	}
	i.disconnected(l, reason, ev.Local)
	if l.keys != nil && l.authorized.IsZero() {
		outs := l.keys.Disassociated(reason, ev.Local)
		i.runKeys(l, outs)
		if i.conn.link != l {
			return // judged by the key machine
		}
	}
	by := ByPeer
	if ev.Local {
		by = ByDevice
	}
	if wentDown(l, reason, ev.Local) {
		i.log.Debug("The access point went down; its cached keys are of no use", "bssid", l.bss.BSSID)
		i.tellPMKSAs(i.conn.cache.Forgotten(l.bss.BSSID, dot11.AKMSetSAE))
	}
	i.linkGone(l, &Failure{Phase: PhaseConnected, By: by, Code: int(reason), CodeName: reason.String(), Cause: "the connection was lost"})
}

// wentDown tells by the way a connection ended that the access point was switched
// off or restarted: it said that it leaves, or fell silent though it was near. An
// association with a key of SAE that it does not know any more would be refused,
// which takes longer than to begin anew; with 802.1X nothing is lost by trying.
func wentDown(l *link, reason dot11.Reason, local bool) bool {
	if local {
		return reason == dot11.ReasonInactivity && l.bss.Level < 0 && l.bss.Level >= nearLevel
	}
	return reason == dot11.ReasonDeauthLeaving
}

// nearLevel is the signal, in dBm, above which nobody walks out of range within
// the few beacons that the device waits for.
const nearLevel = -60

// tryKnown looks for a network by the shortest way: the last access point as
// the table knows it, then a scan of its channel, then of everything.
func (i *Interface) tryKnown() {
	if i.state == StateInterfaceDisabled || i.want.disconnected {
		return
	}
	if i.wiredDevice() != nil {
		i.wantScan(0)
		return
	}
	s, now := &i.conn.search, i.loop.Now()
	c := i.choose()
	valid := time.Duration(i.conf.Globals.ScanResValidForConnect) * time.Second
	surely := func(c *candidate) bool { return c.bss.Age(now) <= valid || i.leftLately(c) }
	if c != nil && !surely(c) {
		c = i.orTheLast(c)
	}
	if c != nil && surely(c) {
		i.emit(CandidateChosen{i, c.bss, c.network})
		i.join(c)
		return
	}
	f := i.knownFreqs()
	if c != nil && !slices.Contains(f, c.bss.Freq) && c.bss.Age(now) < knownFor {
		f = append(f, c.bss.Freq) // it may have gone, which SAE takes six seconds to find out
	}
	if len(f) > 0 && i.scan.job == nil && (!s.active(now) || !s.fullDue(now)) {
		i.setState(StateScanning, "looking on known channels")
		i.scan.submit(&scanJob{own: true, narrow: narrowKnown, req: ScanRequest{AllowRoam: true, Auto: true, Freqs: f}})
		return
	}
	i.wantScan(0)
}

// knownFor is how long the access point of the last connection is worth an attempt
// without a scan, and another one a look at its channel first.
const knownFor = 30 * time.Second

// leftLately tells of the access point of the last connection that it was there
// until not long ago: it is asked straight away, which is as quick a way to find
// out that it is gone as a scan.
func (i *Interface) leftLately(c *candidate) bool {
	last := i.conn.last
	return c.network == last.network && c.bss.BSSID == last.bssid && !last.left.IsZero() && i.loop.Now().Sub(last.left) < knownFor
}

// orTheLast is the access point of the last connection, if that was there until
// not long ago and is hardly worse than c, which would have to be looked for.
func (i *Interface) orTheLast(c *candidate) *candidate {
	wants, device := wishesOf(c.network, &i.conf.Globals), deviceOf(i.capa)
	for b := range i.table.All() {
		l := &candidate{b, c.network, i.joinSSID(b, c.network)}
		if i.leftLately(l) && b.Level >= c.bss.Level-hardlyWorse && i.unfit(b, c.network, wants, device, true) == "" {
			return l
		}
	}
	return c
}

// hardlyWorse is the difference of signals, in dB, that asking at once is worth.
const hardlyWorse = 10

// knownFreqs are the channels where the last connection may be found again.
func (i *Interface) knownFreqs() []int {
	last := i.conn.last
	if last.network == nil || last.freq == 0 || last.network.Disabled != 0 || i.conf.Network(last.network.ID) != last.network {
		return nil
	}
	return []int{last.freq}
}
