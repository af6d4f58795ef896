package simap

import (
	"gosupplicant/engine/dot11"
	"gosupplicant/engine/keys"
	"gosupplicant/engine/sae"
)

// exchange is one SAE exchange with a station. An association that the station
// has meanwhile is not touched before the exchange has succeeded: commits can
// be sent by anybody.
type exchange struct {
	machine *sae.Machine
	timer   uint64 // awaited timer
	done    bool
}

// pmksa is what the AP remembers of a station that has shown the password.
type pmksa struct {
	pmk   keys.Secret
	pmkid keys.PMKID
}

// maxPMKSAs bounds the cache; a full one forgets everything.
const maxPMKSAs = 4 * maxPeers

// hasSAE reports whether the AP can carry out SAE.
func (a *AP) hasSAE() bool {
	if !a.hasAuthenticator() || a.cfg.Passphrase == "" {
		return false
	}
	for _, akm := range profiles[a.cfg.Security].akms {
		if akm.IsSAE() {
			return true
		}
	}
	return false
}

// receiveSAE takes an authentication frame with algorithm 3.
func (a *AP) receiveSAE(sta dot11.MAC, f *dot11.Auth) []Output {
	x := a.exchanges[sta]
	if x == nil || x.done && f.Seq == sae.TransactionCommit {
		if f.Seq != sae.TransactionCommit || len(a.exchanges) >= maxPeers {
			return nil
		}
		m, err := sae.New(sae.Config{Rand: a.cfg.Random, Role: sae.RoleAP, Own: a.cfg.BSSID, Peer: sta, H2E: profiles[a.cfg.Security].h2e,
			SSID: a.cfg.SSID, Password: keys.Secret(a.cfg.Passphrase), PTs: a.saePTs()})
		if err != nil {
			return a.send(dot11.SubtypeAuth, sta, (&dot11.Auth{Alg: f.Alg, Seq: f.Seq, Status: dot11.StatusUnspecifiedFailure}).Append(nil))
		}
		x = &exchange{machine: m}
		if a.exchanges == nil {
			a.exchanges = map[dot11.MAC]*exchange{}
		}
		a.exchanges[sta] = x
	}
	return a.saeOutputs(sta, x, x.machine.Receive(f.Seq, f.Status, f.Payload))
}

// saePTs returns the secret elements of the network, shared by all exchanges.
func (a *AP) saePTs() *sae.PTs {
	if a.pts == nil {
		a.pts = sae.NewPTs(a.cfg.SSID, keys.Secret(a.cfg.Passphrase), nil)
	}
	return a.pts
}

// saeOutputs translates what the SAE machine wants done.
func (a *AP) saeOutputs(sta dot11.MAC, x *exchange, outs []sae.Output) []Output {
	var out []Output
	for _, o := range outs {
		switch o := o.(type) {
		case sae.Send:
			body := (&dot11.Auth{Alg: dot11.AuthAlgSAE, Seq: o.Transaction, Status: o.Status, Payload: o.Body}).Append(nil)
			out = append(out, a.send(dot11.SubtypeAuth, sta, body)...)
		case sae.SetTimer:
			a.timers++
			x.timer = a.timers
			out = append(out, SetTimer{Sta: sta, ID: x.timer, After: o.After})
		case sae.Done:
			x.done, x.timer = true, 0
			a.remember(sta, pmksa{o.PMK, o.PMKID})
			a.admitPeer(sta).pmksa = &pmksa{o.PMK, o.PMKID}
		case sae.Failed:
			delete(a.exchanges, sta)
		case sae.Ignored:
		}
	}
	return out
}

// remember keeps a PMKSA for stations that come back (12.6.10.3).
func (a *AP) remember(sta dot11.MAC, e pmksa) {
	if a.cache == nil || len(a.cache) >= maxPMKSAs {
		a.cache = map[dot11.MAC]pmksa{}
	}
	a.cache[sta] = e
}

// cached returns the PMKSA that a station names in its RSNE.
func (a *AP) cached(sta dot11.MAC, pmkids [][16]byte) *pmksa {
	e, ok := a.cache[sta]
	for _, id := range pmkids {
		if ok && id == e.pmkid {
			return &e
		}
	}
	return nil
}
