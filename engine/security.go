package engine

import (
	"gosupplicant/conf"
	"gosupplicant/engine/bss"
	"gosupplicant/engine/dot11"
)

// Values of ieee80211w.
const (
	pmfOff      = 0
	pmfOptional = 1
	pmfRequired = 2
)

// pmf is the protection of management frames that a network asks for, with the
// global default applied.
func pmf(n *conf.Network, g *conf.Globals) int {
	if n.IEEE80211W >= pmfOff && n.IEEE80211W <= pmfRequired {
		return n.IEEE80211W
	}
	return g.PMF
}

// wanted is the security that a network allows, in the standard's terms.
type wanted struct {
	akms     dot11.AKMSet
	pairwise dot11.CipherSet
	group    dot11.CipherSet
	pmf      int
}

func wantedOf(n *conf.Network, g *conf.Globals) *wanted {
	// The spellings come from conf's own tables and are all known to dot11.
	akms, _ := dot11.ParseAKMs(n.KeyMgmt.String())
	pairwise, _ := dot11.ParseCiphers(n.Pairwise.String())
	group, _ := dot11.ParseCiphers(n.Group.String())
	return &wanted{akms, pairwise, group, pmf(n, g)}
}

// rejectSecurity tells why the security of b and of n do not go together, or "".
// sae tells whether the device can do SAE.
func rejectSecurity(b *bss.BSS, n *conf.Network, g *conf.Globals, w *wanted, sae bool) string {
	rsn, rsnErr := b.RSN()
	wpa, wpaErr := b.WPA()
	why := ""
	if rsnErr != nil {
		why = "RSN element is malformed"
	} else if rsn != nil {
		if why = rejectRSN(rsn, n, g, w, sae); why == "" {
			return ""
		}
	}
	if wpaErr == nil && wpa != nil {
		if w2 := rejectWPA(wpa, n, w); w2 == "" {
			return ""
		} else if why == "" {
			why = w2
		}
	}
	if rsn != nil || wpa != nil || rsnErr != nil || wpaErr != nil {
		return why
	}
	return rejectPlain(b, n, w)
}

// rejectRSN compares with an RSN element.
func rejectRSN(e *dot11.RSNE, n *conf.Network, g *conf.Globals, w *wanted, sae bool) string {
	if n.Proto&conf.ProtoRSN == 0 {
		return "RSN: not in proto of the network"
	}
	if err := e.Check(); err != nil {
		return "RSN: " + err.Error()
	}
	if e.PairwiseCiphers()&w.pairwise == 0 {
		return "RSN: no common pairwise cipher"
	}
	if !w.group.Has(e.GroupCipher()) {
		return "RSN: group cipher " + e.GroupCipher().String() + " not allowed"
	}
	common := e.KeyMgmt() & w.akms
	if common == 0 {
		return "RSN: no common key management"
	}
	apCan, apNeeds := e.Caps&dot11.RSNCapMFPC != 0, e.Caps&dot11.RSNCapMFPR != 0
	switch {
	case w.pmf == pmfRequired && !apCan:
		return "RSN: management frame protection required but the AP has none"
	case apNeeds && n.IEEE80211W == pmfOff:
		return "RSN: AP requires management frame protection, disabled in the network"
	}
	return rejectCredentials(common, n, g, sae, apCan)
}

// rejectCredentials checks that one of the AKMs in common can be used with what
// the network holds.
func rejectCredentials(common dot11.AKMSet, n *conf.Network, g *conf.Globals, sae, apPMF bool) string {
	usable, why := common, ""
	if saes := common & dot11.AKMSetSAE; saes != 0 {
		switch {
		case !sae:
			usable, why = usable&^saes, "SAE: not supported by the device"
		case !n.SAEPassword.IsSet() && !n.PSK.Passphrase.IsSet() && n.PSK.External == "":
			usable, why = usable&^saes, "SAE: no password (a raw PSK cannot be used)"
		case !apPMF && g.SAECheckMFP:
			usable, why = usable&^saes, "SAE: AP has no management frame protection"
		}
	}
	psks := common & dot11.AKMs(dot11.AKMPSK, dot11.AKMPSKSHA256, dot11.AKMFTPSK)
	if psks != 0 && !n.PSK.IsSet() && n.MemOnlyPSK == 0 && len(n.PSKList) == 0 {
		usable, why = usable&^psks, "PSK: no passphrase or key in the network"
	}
	if usable == 0 {
		return why
	}
	return ""
}

// rejectWPA compares with the WPA vendor element.
func rejectWPA(e *dot11.WPAIE, n *conf.Network, w *wanted) string {
	switch {
	case n.Proto&conf.ProtoWPA == 0:
		return "WPA: not in proto of the network"
	case e.PairwiseCiphers()&w.pairwise == 0:
		return "WPA: no common pairwise cipher"
	case !w.group.Has(e.GroupCipher()):
		return "WPA: group cipher " + e.GroupCipher().String() + " not allowed"
	case e.KeyMgmt()&w.akms == 0:
		return "WPA: no common key management"
	case w.pmf == pmfRequired:
		return "WPA: management frame protection required"
	}
	return ""
}

// rejectPlain compares with a BSS that has neither element.
func rejectPlain(b *bss.BSS, n *conf.Network, w *wanted) string {
	owe := false
	if w.akms.Has(dot11.AKMOWE) && !n.OWEOnly {
		_, owe = b.IEs.FindVendor(dot11.OUIWFA, oweTransitionType)
	}
	wep := n.WEPKey[0].IsSet() || n.WEPKey[1].IsSet() || n.WEPKey[2].IsSet() || n.WEPKey[3].IsSet()
	switch {
	case owe:
		return ""
	case !w.akms.Has(dot11.AKMNone) && !w.akms.Has(dot11.AKMIEEE8021X):
		return "the BSS has no WPA or RSN and the network needs it"
	case w.akms.Has(dot11.AKMIEEE8021X) && b.Privacy():
		return ""
	case b.Privacy():
		return "the BSS uses WEP, which is not supported"
	case wep:
		return "WEP keys are configured and the BSS is open"
	}
	return ""
}

// oweTransitionType is the vendor type of the OWE Transition Mode element (Wi-Fi
// Alliance, Opportunistic Wireless Encryption 1.1, 2.2.1).
const oweTransitionType = 28
