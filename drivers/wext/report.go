package wext

import (
	"gosupplicant/drivers"
	"gosupplicant/drivers/internal/link"
	"gosupplicant/engine/dot11"
)

// linkEvent takes a report of the link watcher, on its goroutine.
func (i *iface) linkEvent(e link.Event) {
	switch e.Kind {
	case link.EventResync:
		i.emit(drivers.EventResync{Why: "link messages were lost"})
		i.askAP()
		return
	case link.EventFailed:
		i.removed("link messages ended: " + e.Err.Error())
		return
	case link.EventChanged, link.EventRemoved, link.EventWireless:
	}
	if e.Link.Index != i.info.Ifindex {
		return
	}
	switch e.Kind {
	case link.EventChanged:
		i.changed(e.Link)
	case link.EventRemoved:
		i.removed("interface removed")
	case link.EventWireless:
		i.wireless(e.Wireless)
	case link.EventResync, link.EventFailed:
	}
}

// askAP catches up with associations whose report was lost.
func (i *iface) askAP() {
	if i.usable("resync") != nil {
		return
	}
	now, _, _ := i.dev.association()
	i.mu.Lock()
	before := i.assoc.bssid
	i.mu.Unlock()
	if now != before {
		i.atAP(now)
	}
}

// changed reports a new name and a new state of the link.
func (i *iface) changed(l link.Link) {
	now := i.observe(l)
	i.mu.Lock()
	if i.closed || i.gone {
		i.mu.Unlock()
		return
	}
	renamed := l.Name != "" && l.Name != i.ifname
	if renamed {
		i.ifname = l.Name
	}
	differs := now != i.last
	wentDown := i.last.up && !now.up
	i.last = now
	if wentDown { // associations end with that, which EventState tells
		i.assoc.stop()
		i.assoc.bssid = dot11.MAC{}
	}
	i.mu.Unlock()
	if renamed {
		i.emit(drivers.EventRenamed{Ifname: l.Name})
	}
	if wentDown {
		i.endScan(false, true) // the kernel drops a scan and does not say so here
	}
	if differs {
		i.emit(drivers.EventState{State: i.state(l)})
	}
}

// rfkillChanged brings the interface up again when the block has gone, and
// reports the state. On the rfkill watcher's goroutine.
func (i *iface) rfkillChanged(radio string, state drivers.RFKill) {
	i.mu.Lock()
	ready := i.started && !i.closed && !i.gone
	i.mu.Unlock()
	if !ready || radio != i.info.Radio || radio == "" {
		return
	}
	if state == drivers.RFKillUnblocked {
		if err := i.bringUp(); err != nil {
			i.log.Warn("cannot bring the interface up after unblock", "ifname", i.name(), "error", err)
		}
	}
	if l, err := i.links.ByIndex(i.info.Ifindex); err == nil {
		i.changed(l)
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
	i.endScan(false, true)
	i.emit(drivers.EventRemoved{Reason: why})
}

// wireless takes what the device reports through wireless extensions.
func (i *iface) wireless(b []byte) {
	list, err := i.dev.layout.parseEvents(b)
	if err != nil {
		i.log.Debug("wireless event", "ifname", i.name(), "error", err)
	}
	if i.usable("event") != nil {
		return
	}
	for _, n := range list {
		i.take(n)
	}
}

// take acts on one wireless event.
func (i *iface) take(n notice) {
	switch n.kind {
	case noticeScanDone:
		i.endScan(true, false)
	case noticeAP:
		i.atAP(n.addr)
	case noticeRequest, noticeResponse:
		i.mu.Lock()
		if n.kind == noticeRequest {
			i.assoc.reqIEs = n.ies
		} else {
			i.assoc.respIEs = n.ies
		}
		i.mu.Unlock()
	case noticeMIC:
		src := n.addr
		if src.IsZero() {
			i.mu.Lock()
			src = i.assoc.bssid
			i.mu.Unlock()
		}
		i.emit(drivers.EventMICFailure{Src: src, Pairwise: n.pairwise})
	case noticeCandidate:
		i.emit(drivers.EventPMKIDCandidate{BSSID: n.addr, Index: n.index, Preauth: n.preauth})
	}
}
