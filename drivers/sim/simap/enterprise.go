package simap

import (
	"encoding/binary"
	"time"

	"gosupplicant/engine/dot11"
	"gosupplicant/engine/eap"
	"gosupplicant/engine/eap/psk"
	"gosupplicant/engine/keys"
)

// An access point of the -eap kinds is its own authentication server. It has one method,
// EAP-PSK (RFC 4764), whose key is the passphrase of 16 characters, for any identity.

const eapKeyLen = 16

// eapServer is a conversation with one station.
type eapServer struct {
	method *psk.Server // nil while the identity is asked for
	id     uint8
	sent   []byte // last packet, waiting for its answer
	tries  int
}

// Times of EAP: a packet is sent four times, a second apart.
const (
	eapTries    = 4
	eapNextTry  = time.Second
	serverName  = "simulated air"
	eapolEAP    = 0
	eapolStart  = 1
	eapolLogoff = 2
	eapolHeader = 4
)

// enterprise reports whether the AP has an authentication server.
func (a *AP) enterprise() bool {
	p := &profiles[a.cfg.Security]
	akms := dot11.AKMs(p.wpaAKM) | dot11.AKMs(p.akms...)
	return akms&dot11.AKMSetEAP != 0 && a.cfg.Random != nil && len(a.cfg.Passphrase) == eapKeyLen
}

// startEAP asks a station who it is.
func (a *AP) startEAP(sta dot11.MAC, p *peer) []Output {
	s := &eapServer{}
	if p.eap != nil {
		s.id = p.eap.id
	}
	p.eap = s
	s.id++
	return a.ask(sta, p, eap.AppendPacket(nil, eap.CodeRequest, s.id, eap.TypeIdentity))
}

// ask sends a request and waits for its answer.
func (a *AP) ask(sta dot11.MAC, p *peer, packet []byte) []Output {
	p.eap.sent, p.eap.tries = packet, 0
	return a.askAgain(sta, p)
}

func (a *AP) askAgain(sta dot11.MAC, p *peer) []Output {
	s := p.eap
	if s.tries == eapTries {
		return a.Deauthenticate(sta, dot11.Reason8021XFailed)
	}
	s.tries++
	a.timers++
	p.rsn.timer = a.timers
	return []Output{a.sendEAP(sta, p, s.sent), SetTimer{Sta: sta, ID: p.rsn.timer, After: eapNextTry}}
}

func (a *AP) sendEAP(sta dot11.MAC, p *peer, packet []byte) Output {
	pdu := binary.BigEndian.AppendUint16([]byte{2, eapolEAP}, uint16(len(packet)))
	out := SendEAPOL{To: sta, PDU: append(pdu, packet...)}
	if p.rsn.installed {
		out.TK = p.rsn.ptk.TK
	}
	return out
}

// receivePAE takes a PDU that is no key.
func (a *AP) receivePAE(sta dot11.MAC, p *peer, pdu []byte) []Output {
	if len(pdu) < eapolHeader || !dot11.AKMSetEAP.Has(p.rsn.akm) || !a.enterprise() {
		return nil
	}
	switch pdu[1] {
	case eapolStart:
		return a.startEAP(sta, p)
	case eapolLogoff:
		return a.Deauthenticate(sta, dot11.ReasonDeauthLeaving)
	case eapolEAP:
		packet, err := eap.ParsePacket(pdu[eapolHeader:])
		if err != nil || packet.Code != eap.CodeResponse || p.eap == nil || p.eap.sent == nil || packet.ID != p.eap.id {
			return nil
		}
		return a.receiveEAP(sta, p, &packet)
	}
	return nil
}

func (a *AP) receiveEAP(sta dot11.MAC, p *peer, packet *eap.Packet) []Output {
	s := p.eap
	if s.method == nil {
		if packet.Type != eap.TypeIdentity {
			return nil
		}
		var err error
		if s.method, err = psk.NewServer(a.cfg.Random, keys.Secret(a.cfg.Passphrase), serverName); err != nil {
			return a.Deauthenticate(sta, dot11.ReasonUnspecified)
		}
		s.id++
		return a.ask(sta, p, s.method.First(s.id))
	}
	var next []byte
	err := error(psk.ErrMalformed)
	if packet.Type == eap.TypePSK {
		next, err = s.method.Process(packet, s.id+1)
	}
	k := s.method.Keys()
	switch {
	case err != nil || next == nil && k == nil:
		fail := a.sendEAP(sta, p, []byte{byte(eap.CodeFailure), s.id, 0, 4})
		return append([]Output{fail}, a.Deauthenticate(sta, dot11.Reason8021XFailed)...)
	case next != nil:
		s.id++
		return a.ask(sta, p, next)
	}
	s.sent = nil
	p.rsn.pmk = k.MSK[:pmkLen(p.rsn.akm)].Clone()
	a.keepPMK(sta, p)
	out := []Output{a.sendEAP(sta, p, []byte{byte(eap.CodeSuccess), s.id, 0, 4})}
	return append(out, a.startHandshake(sta, p)...)
}

// pmkLen is the length of the PMK (12.7.1.3), in bytes.
func pmkLen(akm dot11.AKM) int {
	if akm == dot11.AKMSuiteB192 {
		return 48
	}
	return 32
}

// keepPMK remembers the PMK of EAP for a station that comes back. With Suite B the name
// of it comes of the PTK; those are not kept.
func (a *AP) keepPMK(sta dot11.MAC, p *peer) {
	hash := keys.HashSHA1
	switch p.rsn.akm {
	case dot11.AKMSuiteB192:
		return
	case dot11.AKMEAPSHA256:
		hash = keys.HashSHA256
	}
	id := keys.NewPMKID(hash, p.rsn.pmk, a.cfg.BSSID, sta)
	p.rsn.pmkid = &id
	a.remember(sta, pmksa{p.rsn.pmk.Clone(), id})
}
