package simap

import (
	"bytes"
	"maps"
	"slices"

	"gosupplicant/engine/dot11"
	"gosupplicant/engine/keys"
)

// Output is what an AP wants done after an input: a closed set.
type Output interface{ apOutput() }

// Send asks for the transmission of a management frame, header included,
// protected with the pairwise key TK unless that is nil.
type Send struct{ Frame, TK []byte }

func (Send) apOutput() {}

// maxPeers is the number of association identifiers (9.4.1.8).
const maxPeers = 2007

// peer is a station as the AP knows it (11.3.2): it exists from authentication
// on.
type peer struct {
	associated bool
	aid        uint16
	rsn        *rsn   // security of the association, nil without
	pmksa      *pmksa // of the SAE exchange that authenticated the station, nil without
	eap        *eapServer
}

// Receive takes a management frame off the air, protected with tk unless that is
// nil. Frames for others, and those that cannot be parsed, are ignored: stations
// are hostile.
func (a *AP) Receive(frame, tk []byte) []Output {
	h, body, err := dot11.ParseMgmt(frame)
	if err != nil || h.DA != a.cfg.BSSID || h.BSSID != a.cfg.BSSID || h.SA.IsGroup() || h.Flags&dot11.FrameFlagProtected != 0 {
		return nil
	}
	if own := a.mgmtKey(h.SA); tk != nil && !keys.Equal(own, tk) || own != nil && tk == nil && robust(h.Subtype) {
		return nil
	}
	switch h.Subtype {
	case dot11.SubtypeAction:
		return a.receiveAction(h.SA, body)
	case dot11.SubtypeAuth:
		return a.receiveAuth(h.SA, body)
	case dot11.SubtypeAssocRequest, dot11.SubtypeReassocRequest:
		return a.receiveAssoc(h.SA, body, h.Subtype == dot11.SubtypeReassocRequest)
	case dot11.SubtypeDeauth:
		delete(a.peers, h.SA)
	case dot11.SubtypeDisassoc:
		if p := a.peers[h.SA]; p != nil {
			p.associated, p.rsn = false, nil
		}
	}
	return nil
}

// robust reports whether PMF protects a kind of frame.
func robust(s dot11.Subtype) bool {
	return s == dot11.SubtypeDeauth || s == dot11.SubtypeDisassoc || s == dot11.SubtypeAction
}

// mgmtKey is the key that protects management frames of a station, nil for none.
func (a *AP) mgmtKey(sta dot11.MAC) []byte {
	if p := a.peers[sta]; p != nil && p.rsn != nil && p.rsn.pmf && p.rsn.installed {
		return p.rsn.ptk.TK
	}
	return nil
}

// receiveAction answers SA Query requests of associated stations (11.13).
func (a *AP) receiveAction(sta dot11.MAC, body []byte) []Output {
	const request, response = 0, 1
	p := a.peers[sta]
	if p == nil || !p.associated || len(body) != 4 || dot11.Category(body[0]) != dot11.CategorySAQuery || body[1] != request {
		return nil
	}
	return a.sendWith(a.mgmtKey(sta), dot11.SubtypeAction, sta, []byte{body[0], response, body[2], body[3]})
}

// ReceiveData takes a data frame: that of a station without association is
// answered by a disconnection, in the clear as there are no keys.
func (a *AP) ReceiveData(sta dot11.MAC) []Output {
	switch p := a.peers[sta]; {
	case p == nil:
		return a.send(dot11.SubtypeDeauth, sta, (&dot11.Disconnect{Reason: dot11.ReasonClass2FromNonauth}).Append(nil))
	case !p.associated:
		return a.send(dot11.SubtypeDisassoc, sta, (&dot11.Disconnect{Reason: dot11.ReasonClass3FromNonassoc}).Append(nil))
	}
	return nil
}

// QuerySA asks a station whether it still knows the association.
func (a *AP) QuerySA(sta dot11.MAC, id uint16) []Output {
	if !a.Associated(sta) {
		return nil
	}
	return a.sendWith(a.mgmtKey(sta), dot11.SubtypeAction, sta, []byte{byte(dot11.CategorySAQuery), 0, byte(id), byte(id >> 8)})
}

// receiveAuth answers an authentication request: open system (12.3.3.2), or
// SAE (12.4) where the AP has it.
func (a *AP) receiveAuth(sta dot11.MAC, body []byte) []Output {
	f, err := dot11.ParseAuth(body)
	if err != nil {
		return nil
	}
	if f.Alg == dot11.AuthAlgSAE && a.hasSAE() && a.refuseAuth == dot11.StatusSuccess {
		return a.receiveSAE(sta, f)
	}
	answer := dot11.Auth{Alg: f.Alg, Seq: f.Seq + 1, Status: dot11.StatusSuccess}
	switch {
	case a.refuseAuth != dot11.StatusSuccess:
		answer.Status = a.refuseAuth
	case f.Alg != dot11.AuthAlgOpen:
		answer.Status = dot11.StatusAuthAlgUnsupported
	case f.Seq != 1:
		answer.Status = dot11.StatusAuthTransaction
	case a.peers[sta] == nil && len(a.peers) >= maxPeers:
		answer.Status = dot11.StatusAPFull
	default:
		a.admitPeer(sta)
	}
	return a.send(dot11.SubtypeAuth, sta, answer.Append(nil))
}

// admitPeer makes a station authenticated, which ends an association it may
// have (11.3.4.3).
func (a *AP) admitPeer(sta dot11.MAC) *peer {
	if a.peers == nil {
		a.peers = map[dot11.MAC]*peer{}
	}
	p := &peer{}
	a.peers[sta] = p
	return p
}

// receiveAssoc answers a (re)association request, and begins the handshake.
// Security that the authenticator does not have is refused.
func (a *AP) receiveAssoc(sta dot11.MAC, body []byte, reassoc bool) []Output {
	p := a.peers[sta]
	if p == nil {
		return a.send(dot11.SubtypeDeauth, sta, (&dot11.Disconnect{Reason: dot11.ReasonAssocWithoutAuth}).Append(nil))
	}
	f, err := dot11.ParseAssocRequest(body, reassoc)
	if err != nil {
		return nil
	}
	answer := dot11.AssocResponse{Caps: a.caps}
	security, status := a.admit(sta, p, f)
	answer.Status = status
	switch status {
	case dot11.StatusAssocTryAgain:
		answer.Elements = dot11.AppendElement(nil, dot11.ElementTimeoutInterval, dot11.TimeoutComeback, comeback&0xff, comeback>>8, 0, 0)
	case dot11.StatusSuccess:
		p.rsn = security
		if !p.associated {
			p.associated, p.aid = true, a.freeAID()
		}
		answer.AID = p.aid
		answer.Elements = a.cfg.assocElements()
		if p.rsn != nil {
			answer.Elements = append(answer.Elements, p.rsn.dh...)
		}
	}
	kind := dot11.SubtypeAssocResponse
	if reassoc {
		kind = dot11.SubtypeReassocResponse
	}
	out := a.send(kind, sta, answer.Append(nil))
	if answer.Status == dot11.StatusSuccess && p.rsn != nil {
		begin := a.startHandshake
		if p.rsn.pmk == nil {
			begin = a.startEAP
		}
		out = append(out, begin(sta, p)...)
	}
	return out
}

// comeback is when a station that is refused with StatusAssocTryAgain shall ask again,
// in TU.
const comeback = 1000

// admit judges a request and returns the security it leads to.
func (a *AP) admit(sta dot11.MAC, p *peer, f *dot11.AssocRequest) (*rsn, dot11.Status) {
	ssid, ok := f.Elements.Find(dot11.ElementSSID)
	switch {
	case a.refuseAssoc != dot11.StatusSuccess:
		return nil, a.refuseAssoc
	case !ok || !bytes.Equal(ssid, a.cfg.SSID):
		return nil, dot11.StatusUnspecifiedFailure
	case len(f.Elements.Rates()) == 0:
		return nil, dot11.StatusRatesUnsupported
	case a.cfg.Security == SecurityOpen || a.cfg.Security == SecurityWEP:
		return nil, dot11.StatusSuccess
	case !a.hasAuthenticator():
		return nil, dot11.StatusAssocDenied
	}
	return a.negotiate(sta, p, f.Elements)
}

// freeAID returns the lowest identifier not in use.
func (a *AP) freeAID() uint16 {
	used := map[uint16]bool{}
	for _, p := range a.peers {
		if p.associated {
			used[p.aid] = true
		}
	}
	aid := uint16(1)
	for used[aid] {
		aid++
	}
	return aid
}

// assocElements returns the elements of an association response.
func (c *Config) assocElements() dot11.Elements {
	band, ch := dot11.Channel(c.Freq)
	rates, ext := legacyRates(band)
	b := dot11.AppendElement(nil, dot11.ElementSupportedRates, rates...)
	if len(ext) > 0 {
		b = dot11.AppendElement(b, dot11.ElementExtendedSupportedRates, ext...)
	}
	b = c.appendHT(b, band, ch)
	b = dot11.AppendElement(b, dot11.ElementExtendedCapabilities, c.extendedCapabilities()...)
	b = c.appendVHT(b, band, ch)
	b = c.appendHE(b, band, ch)
	b = c.appendEHT(b, band)
	if c.Phy >= PhyHT {
		b = dot11.AppendVendorElement(b, dot11.OUIMicrosoft, dot11.MicrosoftWMM, wmmParameters...)
	}
	return b
}

// Associated reports whether a station is associated.
func (a *AP) Associated(sta dot11.MAC) bool {
	p := a.peers[sta]
	return p != nil && p.associated
}

// stations lists the stations by address.
func (a *AP) stations() []dot11.MAC {
	return slices.SortedFunc(maps.Keys(a.peers), dot11.MAC.Compare)
}

// Deauthenticate ends the relation with a station and tells it.
func (a *AP) Deauthenticate(sta dot11.MAC, reason dot11.Reason) []Output {
	tk := a.mgmtKey(sta)
	delete(a.peers, sta)
	return a.sendWith(tk, dot11.SubtypeDeauth, sta, (&dot11.Disconnect{Reason: reason}).Append(nil))
}

// Disassociate ends an association and tells the station, which stays
// authenticated.
func (a *AP) Disassociate(sta dot11.MAC, reason dot11.Reason) []Output {
	tk := a.mgmtKey(sta)
	if p := a.peers[sta]; p != nil {
		p.associated, p.rsn = false, nil
	}
	return a.sendWith(tk, dot11.SubtypeDisassoc, sta, (&dot11.Disconnect{Reason: reason}).Append(nil))
}

// Refuse has the AP refuse authentications and associations with these status
// codes from now on; StatusSuccess ends either.
func (a *AP) Refuse(auth, assoc dot11.Status) { a.refuseAuth, a.refuseAssoc = auth, assoc }

// Restart forgets every station without telling any, as losing power does.
func (a *AP) Restart() { a.peers, a.exchanges, a.cache = nil, nil, nil }

// send makes a frame from the AP to a station.
func (a *AP) send(kind dot11.Subtype, to dot11.MAC, body []byte) []Output {
	return a.sendWith(nil, kind, to, body)
}

// sendWith makes a frame protected with tk.
func (a *AP) sendWith(tk []byte, kind dot11.Subtype, to dot11.MAC, body []byte) []Output {
	h := dot11.MgmtHeader{Subtype: kind, DA: to, SA: a.cfg.BSSID, BSSID: a.cfg.BSSID, Sequence: a.seq}
	a.seq = (a.seq + 1) & 0xfff
	return []Output{Send{append(h.Append(nil), body...), tk}}
}
