package sim

import (
	"fmt"
	"slices"

	"gosupplicant/drivers"
	"gosupplicant/engine/dot11"
)

// A full-MAC radio does what firmware does: it is told to connect, authenticates and
// associates by itself, and tells the outcome. SAE is not in it; for that it asks
// (external authentication). It adds the PMKID that came of SAE to its association
// request, as such devices may.

// joining is a connection that the radio makes.
type joining struct {
	p   drivers.ConnectParams
	sae bool     // by an exchange that was asked for
	old *staLink // what the radio leaves of its own accord; nil when it was told to connect
}

// Connect begins a connection; EventAssoc or EventAssocReject follows.
func (h *handle) Connect(p *drivers.ConnectParams) error {
	return h.locked("connect", func(i *iface) error {
		if !i.radio.plan.FullMAC || len(p.PSK) > 0 || len(p.SAEPassword) > 0 {
			return drivers.ErrNotSupported
		}
		if err := checkSelectors(&p.Crypto); err != nil {
			return err
		}
		j := &joining{p: *p}
		j.p.IEs = slices.Clone(p.IEs)
		return i.join(j)
	})
}

// join sends the first frame, or asks for it.
func (i *iface) join(j *joining) error {
	i.lastJoin = j
	if slices.Contains(j.p.AuthAlgs, dot11.AuthAlgSAE) {
		return i.askForSAE(j)
	}
	if err := i.authenticate(&drivers.AuthParams{BSSID: j.p.BSSID, SSID: j.p.SSID, Freq: j.p.Freq, Alg: dot11.AuthAlgOpen}); err != nil {
		return err
	}
	i.joining = j
	return nil
}

// DeviceRoam has a full-MAC radio leave its AP for another one of the same network, as
// firmware does without being asked. EventAssoc with Roamed follows, or the
// disconnection when that comes to nothing.
func (a *Air) DeviceRoam(ifname string, bssid dot11.MAC) error {
	return a.with("roam", ifname, func(i *iface) error {
		l, err := i.associated(dot11.MAC{})
		if err != nil || !i.radio.plan.FullMAC {
			return fmt.Errorf("%s cannot roam by itself", ifname)
		}
		ap := i.radio.known(bssid, 0)
		if ap == nil {
			return fmt.Errorf("BSS %s: %w", bssid, drivers.ErrUnknownBSS)
		}
		old := l.ap.ap.BSSID()
		j := &joining{p: i.lastJoin.p, old: l}
		j.p.BSSID, j.p.Freq, j.p.PrevBSSID = bssid, ap.ap.Freq(), &old
		j.p.IEs = withPMKIDs(j.p.IEs)
		if akm := dot11.AKMOf(dot11.Suite(j.p.Crypto.AKM)); akm.IsSAE() {
			j.p.AuthAlgs = []dot11.AuthAlg{dot11.AuthAlgSAE}
		}
		i.endLink(nil)
		return i.join(j)
	})
}

func (i *iface) askForSAE(j *joining) error {
	if !j.p.ExternalAuth {
		return fmt.Errorf("SAE: %w", drivers.ErrNotSupported)
	}
	p := &drivers.AuthParams{BSSID: j.p.BSSID, SSID: j.p.SSID, Freq: j.p.Freq, Alg: dot11.AuthAlgSAE}
	if err := i.reach(p); err != nil {
		return err
	}
	j.sae, i.joining = true, j
	i.emit(drivers.EventExternalAuth{BSSID: p.BSSID, SSID: slices.Clone(p.SSID), AKM: j.p.Crypto.AKM, Start: true})
	return nil
}

// sendForJoining sends one frame of the exchange, once: who asked repeats it.
func (i *iface) sendForJoining(head dot11.MgmtHeader, frame []byte) error {
	l := i.link
	if l == nil || l.ap.ap.BSSID() != head.DA || head.SA != i.mac || !i.joining.sae {
		return fmt.Errorf("no authentication with %s", head.DA)
	}
	frame = slices.Clone(frame)
	i.air.onLoop(func() { i.air.transmit(i, l.ap, frame, nil) })
	return nil
}

// joinAuth takes an authentication frame.
func (i *iface) joinAuth(l *staLink, f *dot11.Auth, frame []byte) {
	j := i.joining
	if j.sae {
		i.emit(drivers.EventFrame{Frame: frame, Freq: l.ap.ap.Freq()})
		return
	}
	if l.phase != phaseAuthenticating {
		return
	}
	l.frame = nil
	l.timer.Stop()
	if f.Status != dot11.StatusSuccess {
		i.joinFailed(f.Status)
		return
	}
	l.phase = phaseAuthenticated
	if err := i.associate(&j.p.AssocParams); err != nil {
		i.joinFailed(dot11.StatusUnspecifiedFailure)
	}
}

func (i *iface) joinFailed(status dot11.Status) {
	i.joinEnds(drivers.EventAssocReject{Status: uint16(status)})
}

// joinEnds tells that a connection came to nothing: what a roaming radio had is lost.
func (i *iface) joinEnds(ev drivers.EventAssocReject) {
	j := i.joining
	i.endLink(&drivers.EventDisconnected{Reason: uint16(dot11.ReasonUnspecified), Local: true})
	if j.old == nil {
		ev.BSSID = j.p.BSSID
		i.emit(ev)
	}
}

// ExternalAuthDone goes on with the connection, or ends it.
func (h *handle) ExternalAuthDone(bssid dot11.MAC, ssid []byte, status uint16, pmkid []byte) error {
	return h.locked("external authentication", func(i *iface) error {
		j := i.joining
		if j == nil || !j.sae || j.p.BSSID != bssid || string(j.p.SSID) != string(ssid) {
			return fmt.Errorf("nobody asked for authentication with %s", bssid)
		}
		if status != 0 {
			i.joinFailed(dot11.Status(status))
			return nil
		}
		i.link.phase = phaseAuthenticated
		p := j.p.AssocParams
		if len(pmkid) == len([16]byte{}) {
			p.IEs = withPMKIDs(p.IEs, [16]byte(pmkid))
		}
		return i.associate(&p)
	})
}

// withPMKIDs gives the RSN element of a request the PMKIDs ids and no others.
func withPMKIDs(es dot11.Elements, ids ...[16]byte) []byte {
	var out []byte
	for e := range es.All() {
		if e.ID == dot11.ElementRSN {
			if r, err := dot11.ParseRSNE(e.Data); err == nil {
				r.PMKIDs = ids
				out = r.Append(out)
				continue
			}
		}
		out = append(out, e.Raw()...)
	}
	return out
}
