package engine

import (
	"errors"

	"gosupplicant/drivers"
	"gosupplicant/engine/bss"
	"gosupplicant/engine/dot11"
)

// driverEvent handles what the device reports.
func (i *Interface) driverEvent(ev drivers.Event) {
	if i.tamper.hears(i, ev) {
		return
	}
	switch ev := ev.(type) {
	case drivers.EventScanStarted:
		i.scanStarted(ev)
	case drivers.EventScanDone:
		i.scanDone(ev)
	case drivers.EventSchedScanResults:
		i.schedResults()
	case drivers.EventSchedScanStopped:
		i.schedStopped()
	case drivers.EventState:
		i.linkState(ev.State)
	case drivers.EventRemoved:
		i.deviceGone(ev.Reason)
	case drivers.EventRenamed:
		i.rename(ev.Ifname)
	case drivers.EventRegulatory:
		i.capa = i.drv.Capability()
		i.emit(RegulatoryChanged{i, ev})
	case drivers.EventResync:
		i.resync(ev.Why)
	case drivers.EventSignal:
		i.emit(SignalChanged{i, ev})
		i.changed(PropSignalChange)
	case drivers.EventAvoidFreqs:
		i.log.Info("Device asks to avoid channels", "freqs", ev.Freqs)
	default:
		i.linkEvent(ev)
	}
}

// linkState compares the device's state with what we knew.
func (i *Interface) linkState(st drivers.State) {
	old, was := i.link, i.usable()
	i.link = st
	if st.MAC != old.MAC {
		i.changed(PropMACAddress)
	}
	switch now := i.usable(); {
	case was && !now:
		i.disable(st)
	case !was && now:
		i.setState(StateDisconnected, "interface is up")
		i.wantScan(0)
	}
	if w := i.wiredDevice(); w != nil && i.usable() && was {
		i.cableState(w, old, st)
	}
}

// disable gives up everything that needs the radio.
func (i *Interface) disable(st drivers.State) {
	why := "interface is down"
	switch st.RFKill {
	case drivers.RFKillSoft:
		why = "rfkill: soft blocked"
	case drivers.RFKillHard:
		why = "rfkill: hard blocked"
	}
	i.dropLink(dot11.ReasonDeauthLeaving, why)
	i.scan.cancelAll()
	i.radio.drop(i)
	i.emitRemoved(i.table.FlushAll(nil))
	i.setState(StateInterfaceDisabled, why)
}

func (i *Interface) rename(name string) {
	old := i.name
	if name == old || !validIfname(name) {
		return
	}
	i.log.Info("Interface renamed", "to", name)
	i.name = name
	i.log = i.sup.log.With("ifname", name)
	i.emit(InterfaceRenamed{i, old})
}

// resync reads the device's state anew after events may have been lost.
func (i *Interface) resync(why string) {
	i.log.Debug("Reading the device's state anew", "why", why)
	var st drivers.State
	var err error
	drv, f := i.drv, i.feed
	i.worker.Do(func() { st, err = drv.State() }, func() {
		switch {
		case i.closed || f.over:
		case err != nil && (errors.Is(err, drivers.ErrNoInterface) || errors.Is(err, drivers.ErrClosed)):
			i.deviceGone(err.Error())
		case err != nil:
			i.log.Warn("Reading the device's state failed", "err", err)
		default:
			i.linkState(st)
			i.scan.recover()
		}
	})
}

func (i *Interface) emitRemoved(gone []*bss.BSS) {
	for _, b := range gone {
		if b == i.current.bss {
			i.current.bss = nil
			i.changed(PropCurrentBSS)
		}
		i.emit(BSSRemoved{i, b})
	}
	if len(gone) > 0 {
		i.changed(PropBSSs)
	}
}

// linkEvent handles what concerns an association.
func (i *Interface) linkEvent(ev drivers.Event) {
	switch ev := ev.(type) {
	case drivers.EventAuth:
		i.authenticated(ev)
	case drivers.EventAssoc:
		i.associated(ev)
	case drivers.EventAssocReject:
		i.assocRejected(ev)
	case drivers.EventComeback:
		i.comeback(ev)
	case drivers.EventTimeout:
		i.timedOut(ev)
	case drivers.EventDisconnected:
		i.lost(ev)
	case drivers.EventUnprotDisconnect:
		i.unprotected(ev)
	case drivers.EventEAPOL:
		i.receiveEAPOL(ev)
	case drivers.EventRekeyed:
		i.deviceRekeyed(ev)
	case drivers.EventExternalAuth:
		i.externalAuth(ev)
	case drivers.EventPreauth:
		i.receivePreauth(ev)
	case drivers.EventPMKIDCandidate:
		i.preauthCandidate(ev)
	case drivers.EventFrame:
		i.receiveFrame(ev)
	case drivers.EventMICFailure:
		i.micFailure(ev)
	case drivers.EventBeaconLoss:
		i.emit(BeaconsLost{i})
	case drivers.EventChannelSwitch:
		i.channelSwitch(ev)
	case drivers.EventPortAuthorized:
		if l := i.conn.link; l != nil && l.authorized.IsZero() {
			i.connected()
		}
	}
}
