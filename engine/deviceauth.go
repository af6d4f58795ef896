package engine

import (
	"fmt"

	"gosupplicant/drivers"
	"gosupplicant/engine/dot11"
	"gosupplicant/engine/loop"
	"gosupplicant/engine/rsn"
	"gosupplicant/engine/sae"
)

// deviceAuth is an SAE exchange that a device with its own SME has asked for (external
// authentication): the device knows where it wants to associate, sends and receives the
// frames, and goes on when it hears that the exchange is done. It asks in an attempt of
// ours, or while connected when it roams by itself.
type deviceAuth struct {
	a     *attempt // of the connection; made up when the device roams
	ssid  []byte
	sae   *sae.Machine
	timer *loop.Timer
	done  *sae.Done
	entry rsn.PMKSA // the device was given
	over  bool
}

func (x *deviceAuth) stop() {
	if x == nil || x.over {
		return
	}
	x.over = true
	x.timer.Stop()
}

// asksDevice reports whether the device is to ask for SAE.
func (i *Interface) asksDevice(a *attempt) bool {
	_, ok := i.drv.(drivers.ExternalAuthenticator)
	return ok && a.sec != nil && a.sec.AKM.IsSAE() && !i.capa.OffloadSAE
}

// externalAuth takes the device's wish.
func (i *Interface) externalAuth(ev drivers.EventExternalAuth) {
	if _, ok := i.drv.(drivers.ExternalAuthenticator); !ok || i.sme() != nil {
		return
	}
	if !ev.Start {
		i.log.Debug("The device gives up its authentication", "bssid", ev.BSSID)
		if x := i.conn.device; x != nil && x.a.c.bss.BSSID == ev.BSSID {
			x.stop()
		}
		return
	}
	a, err := i.deviceAttempt(ev)
	x := &deviceAuth{a: a, ssid: ev.SSID}
	if err == nil {
		var cfg *sae.Config
		if cfg, err = i.saeConfig(a); err == nil {
			i.sayAnew(a, cfg)
			x.sae, err = sae.New(*cfg)
		}
	}
	if err != nil {
		i.log.Info("The device's authentication is refused", "bssid", ev.BSSID, "err", err)
		i.answerDevice(ev.BSSID, ev.SSID, dot11.StatusUnspecifiedFailure, nil)
		return
	}
	i.conn.device.stop()
	i.conn.device = x
	i.log.Debug("Authenticating for the device", "bssid", ev.BSSID)
	i.runDeviceAuth(x, x.sae.Start())
}

// deviceAttempt is the attempt that the device authenticates for: the one under way, or
// one that stands for its roaming.
func (i *Interface) deviceAttempt(ev drivers.EventExternalAuth) (*attempt, error) {
	a := i.conn.attempt
	if a == nil || a.phase != PhaseAssociation || a.c.bss.BSSID != ev.BSSID {
		var ssid dot11.SSID
		c := &candidate{}
		switch l := i.conn.link; {
		case a != nil && a.phase == PhaseAssociation:
			ssid, c.network = a.c.ssid, a.c.network
		case a == nil && l != nil:
			ssid, c.network = l.ssid, l.network
		default:
			return nil, fmt.Errorf("nobody connects")
		}
		if c.bss = i.table.Get(ev.BSSID, ssid); c.bss == nil {
			return nil, fmt.Errorf("the access point was never heard")
		}
		c.ssid = ssid
		a = &attempt{c: c, phase: PhaseAssociation, begun: i.loop.Now(), roamed: true}
		var err error
		if a.sec, err = i.chooseSecurity(a); err != nil {
			return nil, err
		}
	}
	switch {
	case string(a.c.ssid) != string(ev.SSID):
		return nil, fmt.Errorf("another network than ours")
	case a.sec == nil || !a.sec.AKM.IsSAE() || !sameAKM(ev.AKM, a.sec.AKM):
		return nil, fmt.Errorf("key management %08x is not that of the attempt", ev.AKM)
	}
	return a, nil
}

// sameAKM compares an AKM as devices tell it: some in the order of the network.
func sameAKM(told uint32, akm dot11.AKM) bool {
	suite, ok := akm.RSNSuite()
	swapped := told>>24 | told>>8&0xff00 | told<<8&0xff0000 | told<<24
	return ok && (told == uint32(suite) || swapped == uint32(suite))
}

// runDeviceAuth carries out what the exchange wants.
func (i *Interface) runDeviceAuth(x *deviceAuth, outs []sae.Output) {
	bssid := x.a.c.bss.BSSID
	for _, out := range outs {
		if x.over {
			return
		}
		switch out := out.(type) {
		case sae.Send:
			i.sendForDevice(bssid, i.tamper.commit(out))
		case sae.SetTimer:
			x.timer.Stop()
			x.timer = i.loop.After(out.After, i.name+" SAE for the device", func() { i.runDeviceAuth(x, x.sae.Timeout()) })
		case sae.Done:
			i.deviceAuthDone(x, out)
		case sae.Failed:
			x.stop()
			i.answerDevice(bssid, x.ssid, dot11.StatusUnspecifiedFailure, nil)
			if x.a == i.conn.attempt {
				i.saeFailed(x.a, out)
				continue
			}
			i.log.Info("The device does not roam: SAE failed", "bssid", bssid, "err", out.Err)
		case sae.Ignored:
			i.log.Debug("SAE frame ignored", "err", out.Err)
		}
	}
}

// sendForDevice sends an authentication frame; the device is on the channel.
func (i *Interface) sendForDevice(bssid dot11.MAC, s sae.Send) {
	d, ok := i.drv.(drivers.FrameSender)
	if !ok {
		return
	}
	h := dot11.MgmtHeader{Subtype: dot11.SubtypeAuth, DA: bssid, SA: i.link.MAC, BSSID: bssid}
	frame := append(h.Append(nil), byte(dot11.AuthAlgSAE), byte(dot11.AuthAlgSAE>>8))
	frame = append(frame, saeData(s)...)
	i.worker.Do(func() {
		if err := d.SendFrame(frame, 0, false); err != nil {
			i.log.Debug("The device did not send an authentication frame", "err", err)
		}
	}, nil)
}

// deviceAuthFrame takes an authentication frame that the device has received.
func (i *Interface) deviceAuthFrame(h dot11.MgmtHeader, body []byte) {
	x := i.conn.device
	f, err := dot11.ParseAuth(body)
	if err != nil || x == nil || x.over || h.SA != x.a.c.bss.BSSID || h.DA != i.link.MAC || f.Alg != dot11.AuthAlgSAE {
		i.log.Debug("Authentication frame that nobody waits for", "from", h.SA, "err", err)
		return
	}
	i.noteAuthStatus(f.Status)
	i.tellSAERefusal(h.SA, f.Seq, f.Status, f.Payload)
	i.runDeviceAuth(x, x.sae.Receive(f.Seq, f.Status, f.Payload))
}

// deviceAuthDone gives the device the key, and its word to go on.
func (i *Interface) deviceAuthDone(x *deviceAuth, d sae.Done) {
	x.timer.Stop()
	x.done = &d
	a, bssid := x.a, x.a.c.bss.BSSID
	a.saeDone, a.pmksa = &d, nil
	a.sec.cached, a.sec.opportunistic = false, false
	i.log.Debug("SAE completed for the device", "bssid", bssid, "group", d.Group, "h2e", d.H2E, "pk", d.PK)
	lifetime, _ := i.conn.cache.Lifetime()
	x.entry = rsn.PMKSA{AA: bssid, SPA: i.link.MAC, PMKID: d.PMKID, PMK: d.PMK, AKM: d.AKM, Network: a.c.network.ID, Expires: i.loop.Now().Add(lifetime)}
	i.tellDevice(&rsn.PMKSAChange{Added: true, Entry: x.entry})
	i.answerDevice(bssid, x.ssid, dot11.StatusSuccess, d.PMKID[:])
}

// endDeviceAuth ends the exchange of an attempt. A key that did not lead to a
// connection is taken back from the device.
func (i *Interface) endDeviceAuth(a *attempt, failed bool) {
	x := i.conn.device
	if x == nil || x.a != a {
		return
	}
	x.stop()
	if failed && x.done != nil {
		i.tellDevice(&rsn.PMKSAChange{Entry: x.entry})
	}
	i.conn.device = nil
}

func (i *Interface) answerDevice(bssid dot11.MAC, ssid []byte, status dot11.Status, pmkid []byte) {
	d := i.drv.(drivers.ExternalAuthenticator)
	i.worker.Do(func() {
		if err := d.ExternalAuthDone(bssid, ssid, uint16(status), pmkid); err != nil {
			i.log.Debug("The device did not take the end of its authentication", "err", err)
		}
	}, nil)
}
