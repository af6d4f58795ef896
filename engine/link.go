package engine

import (
	"errors"
	"io"
	"time"

	"gosupplicant/conf"
	"gosupplicant/drivers"
	"gosupplicant/engine/bss"
	"gosupplicant/engine/dot11"
	"gosupplicant/engine/keys"
	"gosupplicant/engine/rsn"
)

func (c *connection) init(i *Interface) {
	c.iface, c.cache = i, rsn.NewCache()
}

// stop ends every timer: the interface is gone.
func (c *connection) stop() {
	c.retry.Stop()
	c.expiry.Stop()
	c.parting.Stop()
	c.psks.flush()
	c.counter.Stop()
	c.device.stop()
	if c.deriver != nil {
		c.deriver.Close()
	}
}

// receiveFrame takes a management frame the driver passes on.
func (i *Interface) receiveFrame(ev drivers.EventFrame) {
	h, body, err := dot11.ParseMgmt(ev.Frame)
	if err != nil {
		i.log.Debug("Malformed management frame", "err", err)
		return
	}
	switch h.Subtype {
	case dot11.SubtypeAction:
		i.actionFrame(h, body)
	case dot11.SubtypeAuth:
		i.deviceAuthFrame(h, body)
	}
}

// channelSwitch follows the AP to another channel.
func (i *Interface) channelSwitch(ev drivers.EventChannelSwitch) {
	l := i.conn.link
	if l == nil {
		return
	}
	if ev.Done && ev.Freq > 0 {
		l.freq, i.conn.tuned = ev.Freq, ev.Freq
		if oci, ok := ociOf(&drivers.Signal{Freq: ev.Freq, Width: ev.Width, CenterFreq1: ev.CenterFreq1, CenterFreq2: ev.CenterFreq2}); ok && l.keys != nil {
			if l.oci != nil {
				l.oci = &oci
			}
			l.keys.ChannelChanged(oci)
		}
		if i.conn.last.bssid == l.bss.BSSID {
			i.conn.last.freq = ev.Freq
		}
		if l.bss.Freq != ev.Freq {
			l.bss.Freq = ev.Freq // known before a scan tells it: a reconnection begins there
			i.emit(BSSChanged{i, l.bss, bss.FieldFreq})
		}
	}
	i.emit(ChannelSwitched{i, ev})
}

// micFailure takes a failed Michael check (TKIP).
func (i *Interface) micFailure(ev drivers.EventMICFailure) {
	l := i.conn.link
	if l == nil || l.keys == nil || ev.Src != l.bss.BSSID {
		return
	}
	i.emit(MICFailed{i, !ev.Pairwise})
	i.runKeys(l, l.keys.MICFailure(ev.Pairwise))
}

// countermeasures keep off TKIP for a while after two failures.
func (i *Interface) countermeasures(d time.Duration) {
	i.emit(Countermeasures{i, true})
	i.setCountermeasures(true)
	i.conn.counter.Stop()
	i.conn.counter = i.loop.After(d, i.name+" TKIP countermeasures", func() {
		i.emit(Countermeasures{i, false})
		i.setCountermeasures(false)
		i.wantScan(0)
	})
}

func (i *Interface) setCountermeasures(on bool) {
	c, ok := i.drv.(drivers.Countermeasurer)
	if !ok {
		return
	}
	i.worker.Do(func() {
		if err := c.SetCountermeasures(on); err != nil {
			i.log.Debug("Setting countermeasures", "err", err)
		}
	}, nil)
}

// Roam goes to another BSS of the network in use.
func (i *Interface) Roam(bssid dot11.MAC) error {
	l := i.conn.link
	if l == nil || l.authorized.IsZero() {
		return ErrNotConnected
	}
	b := i.table.Get(bssid, l.bss.SSID)
	if b == nil {
		return ErrUnknownBSS
	}
	i.conn.roamComplete = false
	i.join(&candidate{bss: b, network: l.network, ssid: b.SSID})
	return nil
}

// LinkInfo describes the present association for front ends.
type LinkInfo struct {
	BSSID    dot11.MAC
	Freq     int // MHz
	SSID     dot11.SSID
	Network  *conf.Network
	Security *rsn.Selection // nil without RSN or WPA
	PMFMust  bool           // the AP requires management frame protection
	SAEGroup uint16         // 0 unless SAE ran in this association
	SAEPK    bool
	PMKID    *keys.PMKID    // nil without a cached or exchanged PMK
	BIGTK    bool           // beacons are protected
	ReqIEs   dot11.Elements // of the association request
	RespIEs  dot11.Elements // of the response
	Since    time.Time      // authorized; zero before
}

// Link returns the present association, or nil.
func (i *Interface) Link() *LinkInfo {
	l := i.conn.link
	if l == nil {
		return nil
	}
	out := &LinkInfo{BSSID: l.bss.BSSID, Freq: l.freq, SSID: l.ssid, Network: l.network, BIGTK: l.bigtk,
		ReqIEs: l.reqIEs, RespIEs: l.respIEs, Since: l.authorized, SAEGroup: l.saeGroup, SAEPK: l.saePK}
	if l.sec != nil {
		out.Security, out.PMKID = &l.sec.Selection, l.sec.pmkid
		if rsne, err := l.bss.RSN(); err == nil && rsne != nil {
			out.PMFMust = rsne.Caps&dot11.RSNCapMFPR != 0
		}
	}
	return out
}

// DisconnectReason is the reason code of the last disconnection, negative when
// it was ours; 0 before any.
func (i *Interface) DisconnectReason() int { return i.conn.disconnectReason }

// AuthStatus is the status code of the last authentication frame.
func (i *Interface) AuthStatus() dot11.Status { return i.conn.authStatus }

// AssocStatus is the status code of the last association refusal.
func (i *Interface) AssocStatus() dot11.Status { return i.conn.assocStatus }

// RoamTime is how long the last roam took, RoamComplete whether it succeeded.
func (i *Interface) RoamTime() time.Duration { return i.conn.roamTime }

// RoamComplete tells whether the last roam succeeded.
func (i *Interface) RoamComplete() bool { return i.conn.roamComplete }

// SessionLength is how long the connection before the present one lasted.
func (i *Interface) SessionLength() time.Duration { return i.conn.sessionLength }

// HandshakeFailures counts the key handshakes that failed.
func (i *Interface) HandshakeFailures() int { return i.conn.handshakesFailed }

// SetSignalMonitor has the device tell (SignalChanged) when the signal crosses a
// threshold in dBm, with a hysteresis in dB; a threshold of 0 ends that.
func (i *Interface) SetSignalMonitor(threshold, hysteresis int, done func(error)) {
	m, ok := i.drv.(drivers.SignalMonitor)
	switch {
	case !ok:
		done(ErrNotSupported)
	case i.conn.link == nil:
		done(ErrNotConnected)
	default:
		var err error
		i.worker.Do(func() { err = m.SetSignalMonitor(threshold, hysteresis) }, func() { done(err) })
	}
}

// RequestRekey asks the AP for new keys.
func (i *Interface) RequestRekey(pairwise bool) error {
	l := i.conn.link
	if l == nil || l.keys == nil {
		return ErrNotConnected
	}
	i.runKeys(l, l.keys.RequestRekey(pairwise))
	return nil
}

// connectAddress returns the MAC address to take for a network, or nil to keep
// the present one (mac_addr).
func (i *Interface) connectAddress(n *conf.Network) *dot11.MAC {
	if _, ok := i.drv.(drivers.AddressSetter); !ok || i.conn.link != nil {
		return nil
	}
	policy := n.MACAddr
	if policy < 0 {
		policy = i.conf.Globals.MACAddr
	}
	want := i.link.PermMAC
	switch policy {
	case 1, 2:
		var err error
		if want, err = i.macRand.forNetwork(i, n, policy == 2); err != nil {
			i.log.Warn("No randomness for a MAC address", "err", err)
			return nil
		}
	case 3:
		if n.MACValue == nil {
			return nil
		}
		want = *n.MACValue
	default:
		if i.macRand.own.IsZero() && len(i.macRand.networks) == 0 {
			return nil // never changed: nothing to put back
		}
	}
	if want == i.link.MAC || want.IsZero() {
		return nil
	}
	return &want
}

// forNetwork is the random address of a network, kept for its lifetime.
func (m *macRandomization) forNetwork(i *Interface, n *conf.Network, keepOUI bool) (dot11.MAC, error) {
	life := seconds(i.conf.Globals.RandAddrLifetime)
	if r, ok := m.networks[n]; ok && i.loop.Now().Sub(r.since) < life {
		return r.addr, nil
	}
	var addr dot11.MAC
	if _, err := io.ReadFull(i.sup.opts.Rand, addr[:]); err != nil {
		return addr, errors.Join(errors.New("engine: random MAC address"), err)
	}
	if keepOUI {
		copy(addr[:3], i.link.PermMAC[:3])
	}
	addr[0] = addr[0]&^1 | 2
	if m.networks == nil {
		m.networks = map[*conf.Network]networkMAC{}
	}
	m.networks[n] = networkMAC{addr, i.loop.Now()}
	return addr, nil
}

// networkMAC is the random address used with one network.
type networkMAC struct {
	addr  dot11.MAC
	since time.Time
}
