package simap

import (
	"gosupplicant/engine/dot11"
	"gosupplicant/engine/keys"
	"gosupplicant/engine/owe"
)

// hasAuthenticator reports whether the AP can finish an association with
// pre-shared keys, SAE, OWE or EAP.
func (a *AP) hasAuthenticator() bool {
	p := &profiles[a.cfg.Security]
	if a.enterprise() {
		return true
	}
	if a.cfg.Random == nil || len(p.akms) == 0 && p.wpaAKM != dot11.AKMPSK {
		return false
	}
	return a.cfg.Passphrase != "" || a.cfg.PSK != nil || a.cfg.Security == SecurityOWE
}

// negotiateWPA judges the WPA element of an association request.
func (a *AP) negotiateWPA(pe *peer, es dot11.Elements) (*rsn, dot11.Status) {
	p := &profiles[a.cfg.Security]
	body, ok := es.FindVendor(dot11.OUIMicrosoft, dot11.MicrosoftWPA)
	e, err := dot11.ParseWPAIE(body)
	if !ok || err != nil || p.wpaAKM == dot11.AKMUnknown {
		return nil, dot11.StatusInvalidElement
	}
	r := &rsn{wpa: true, akm: p.wpaAKM, element: dot11.AppendVendorElement(nil, dot11.OUIMicrosoft, dot11.MicrosoftWPA, body...)}
	for _, c := range p.pairwise {
		if e.PairwiseCiphers() == dot11.Ciphers(c) {
			r.pairwise = c
		}
	}
	switch {
	case e.GroupCipher() != p.group:
		return nil, dot11.StatusInvalidGroupCipher
	case r.pairwise == dot11.CipherUnknown:
		return nil, dot11.StatusInvalidPairwiseCipher
	case e.KeyMgmt() != dot11.AKMs(p.wpaAKM):
		return nil, dot11.StatusInvalidAKMP
	}
	return r, a.choosePMK(r, pe, nil)
}

// negotiate judges the RSNE of an association request (12.6.3).
func (a *AP) negotiate(sta dot11.MAC, pe *peer, es dot11.Elements) (*rsn, dot11.Status) {
	body, ok := es.Find(dot11.ElementRSN)
	if !ok {
		return a.negotiateWPA(pe, es)
	}
	e, err := dot11.ParseRSNE(body)
	if err != nil {
		return nil, dot11.StatusInvalidElement
	}
	p := &profiles[a.cfg.Security]
	r := &rsn{element: dot11.AppendElement(nil, dot11.ElementRSN, body...)}
	for _, c := range p.pairwise {
		if e.PairwiseCiphers() == dot11.Ciphers(c) {
			r.pairwise = c
		}
	}
	for _, akm := range p.akms {
		if e.KeyMgmt() == dot11.AKMs(akm) && knownAKMs.Has(akm) {
			r.akm = akm
		}
	}
	r.pmf = p.caps&dot11.RSNCapMFPC != 0 && e.Caps&dot11.RSNCapMFPC != 0
	switch {
	case e.GroupCipher() != p.group:
		return nil, dot11.StatusInvalidGroupCipher
	case r.pairwise == dot11.CipherUnknown:
		return nil, dot11.StatusInvalidPairwiseCipher
	case r.akm == dot11.AKMUnknown:
		return nil, dot11.StatusInvalidAKMP
	case !r.pmf && (p.caps&dot11.RSNCapMFPR != 0 || r.akm.IsSAE()):
		return nil, dot11.StatusRobustMgmtPolicy // WPA3 has no SAE without PMF
	}
	if r.akm == dot11.AKMOWE {
		return r, a.agreeOWE(r, es)
	}
	return r, a.choosePMK(r, pe, a.cached(sta, e.PMKIDs))
}

// knownAKMs are those that the authenticator can carry out.
var knownAKMs = dot11.AKMs(dot11.AKMPSK, dot11.AKMPSKSHA256, dot11.AKMSAE, dot11.AKMSAEExtKey, dot11.AKMOWE,
	dot11.AKMEAP, dot11.AKMEAPSHA256, dot11.AKMSuiteB192)

// agreeOWE answers a station's public key (RFC 8110) in the groups that package
// owe has.
func (a *AP) agreeOWE(r *rsn, es dot11.Elements) dot11.Status {
	id, err := owe.Group(es)
	if err != nil {
		return dot11.StatusInvalidElement
	}
	key, err := owe.NewKey(a.cfg.Random, id)
	if err != nil {
		return dot11.StatusUnsupportedGroup
	}
	res, err := key.FinishAP(es)
	if err != nil {
		return dot11.StatusInvalidPublicKey
	}
	r.pmk, r.dh = res.PMK, key.Element()
	return dot11.StatusSuccess
}

// choosePMK takes the PMK of the SAE exchange, or the cached one that the
// station has named, or stretches the passphrase.
func (a *AP) choosePMK(r *rsn, pe *peer, cached *pmksa) dot11.Status {
	if dot11.AKMSetEAP.Has(r.akm) {
		if cached != nil {
			r.pmk, r.pmkid = cached.pmk, &cached.pmkid
		}
		return dot11.StatusSuccess
	}
	if r.akm.IsSAE() {
		known := pe.pmksa
		if known == nil {
			known = cached
		}
		if known == nil {
			return dot11.StatusInvalidPMKID
		}
		r.pmk, r.pmkid = known.pmk, &known.pmkid
		return dot11.StatusSuccess
	}
	if a.psk == nil && a.cfg.PSK != nil {
		a.psk = keys.Secret(a.cfg.PSK).Clone()
	}
	if a.psk == nil {
		psk, err := keys.PSK([]byte(a.cfg.Passphrase), a.cfg.SSID)
		if err != nil {
			return dot11.StatusUnspecifiedFailure
		}
		a.psk = psk
	}
	r.pmk = a.psk
	return dot11.StatusSuccess
}
