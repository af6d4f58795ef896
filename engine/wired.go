package engine

import (
	"slices"

	"gosupplicant/conf"
	"gosupplicant/drivers"
	"gosupplicant/engine/bss"
	"gosupplicant/engine/dot11"
	"gosupplicant/engine/loop"
	"gosupplicant/engine/rsn"
)

// wiredDevice is the device as one without an air, or nil.
func (i *Interface) wiredDevice() drivers.Wired {
	w, _ := i.drv.(drivers.Wired)
	return w
}

// joinCable begins 802.1X on a cable: with the first network of the highest
// priority that is enabled and meant for it.
func (i *Interface) joinCable(w drivers.Wired) {
	if i.conn.link != nil || i.conn.attempt != nil || i.want.disconnected {
		return
	}
	n := i.cableNetwork()
	switch {
	case n == nil:
		i.setState(StateInactive, "no enabled network for a cable")
		return
	case !i.link.Running:
		i.setState(StateDisconnected, "no carrier")
		return
	}
	a := &attempt{c: &candidate{bss: &bss.BSS{BSSID: w.PAEAddress()}, network: n, ssid: dot11.SSID(n.SSID)},
		phase: PhaseHandshake, begun: i.loop.Now(), wired: true, work: &radioWork{over: true}}
	i.conn.attempt = a
	if n.KeyMgmt&conf.KeyMgmtIEEE8021X == 0 {
		i.cableLink(a)
		i.connected()
		return
	}
	i.loadEAP(a, func() {
		l := i.cableLink(a)
		i.openPort(a, l)
	})
}

// rejoinCable begins anew with a cable in use: there is nothing to leave.
func (i *Interface) rejoinCable(w drivers.Wired) {
	if a := i.conn.attempt; a != nil {
		i.endAttempt(a)
	}
	i.forgetLink(i.conn.link)
	i.joinCable(w)
}

// cableNetwork picks the network of a cable.
func (i *Interface) cableNetwork() *conf.Network {
	for _, group := range i.conf.PriorityGroups() {
		k := slices.IndexFunc(group, func(n *conf.Network) bool {
			_, held := i.NetworkTempDisabled(n)
			return n.Disabled == 0 && !held && n.KeyMgmt&(conf.KeyMgmtIEEE8021X|conf.KeyMgmtNone) != 0
		})
		if k >= 0 {
			return group[k]
		}
	}
	return nil
}

// cableLink makes the link of a cable, which is up already.
func (i *Interface) cableLink(a *attempt) *link {
	l := &link{bss: a.c.bss, network: a.c.network, ssid: a.c.ssid, begun: i.loop.Now(), timers: map[rsn.Timer]*loop.Timer{}}
	i.replaceLink(l)
	i.current.bss = nil // the BSS of a cable is in no table
	i.emit(Joining{i, JoinAssociated, l.bss.BSSID, a.c.ssid, 0})
	i.setState(StateAssociated, "cable")
	return l
}

// cableState follows the carrier of a cable.
func (i *Interface) cableState(w drivers.Wired, was, is drivers.State) {
	switch {
	case was.Running && !is.Running:
		i.dropLink(dot11.ReasonDeauthLeaving, "no carrier")
	case !was.Running && is.Running:
		i.joinCable(w)
	}
}
