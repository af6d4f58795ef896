package engine

import (
	"gosupplicant/conf"
	"gosupplicant/engine/bss"
	"gosupplicant/engine/dot11"
	"gosupplicant/engine/rsn"
)

// Values of ieee80211w.
const (
	pmfOff      = 0
	pmfRequired = 2
)

// pmf is the protection of management frames that a network asks for, with the
// global default applied; set tells whether the network itself says so.
func pmf(n *conf.Network, g *conf.Globals) (value int, set bool) {
	if n.IEEE80211W >= pmfOff && n.IEEE80211W <= pmfRequired {
		return n.IEEE80211W, true
	}
	return g.PMF, false
}

// wishesFor are the wishes of a network at a BSS: where neither network nor
// configuration says anything of frame protection, and the BSS or its key
// management needs it, it is taken up.
func wishesFor(w *rsn.Wishes, n *conf.Network, g *conf.Globals, o *rsn.Offer) *rsn.Wishes {
	out := *w
	if _, set := pmf(n, g); !set && w.PMF == rsn.PMFOff && o.RSNE != nil {
		if o.RSNE.Caps&dot11.RSNCapMFPR != 0 || o.RSNE.KeyMgmt()&w.AKMs&(dot11.AKMSetSAE|dot11.AKMs(dot11.AKMOWE)) != 0 {
			out.PMF = rsn.PMFOptional
		}
	}
	return &out
}

// notJoinable names what the wishes of a network ask for beyond this version.
func notJoinable(akms dot11.AKMSet) string {
	if akms&joinable == 0 && akms&dot11.AKMSetEAP != 0 {
		return "no key management of the network can be used"
	}
	return ""
}

// rejectSecurity tells why the security of b and of n do not go together, or "".
func rejectSecurity(b *bss.BSS, n *conf.Network, g *conf.Globals, w *rsn.Wishes, d *rsn.Device) string {
	offer, err := offerOf(b)
	switch {
	case err != nil && offer.RSNE == nil && offer.WPA == nil:
		return err.Error()
	case offer.RSNE == nil && offer.WPA == nil:
		return rejectPlain(b, n, w.AKMs)
	}
	full := w.AKMs
	w = wishesFor(w, n, g, &offer)
	w.AKMs &= joinable
	if _, err := rsn.Choose(*w, offer, *d); err != nil {
		if why := notJoinable(full); why != "" {
			return why
		}
		return err.Error()
	}
	return ""
}

// rejectPlain compares with a BSS that has neither element.
func rejectPlain(b *bss.BSS, n *conf.Network, akms dot11.AKMSet) string {
	wep := n.WEPKey[0].IsSet() || n.WEPKey[1].IsSet() || n.WEPKey[2].IsSet() || n.WEPKey[3].IsSet()
	switch {
	case akms.Has(dot11.AKMOWE) && hasOWETransition(b):
		return "the open half of an OWE transition pair: its other half is joined"
	case akms.Has(dot11.AKMIEEE8021X) && !akms.Has(dot11.AKMNone) && !b.Privacy():
		if n.EAPOLFlags != 0 {
			return "eapol_flags asks for WEP keys, which are not supported: 0 is for networks without encryption"
		}
	case !akms.Has(dot11.AKMNone):
		return "the BSS has no WPA or RSN and the network needs it"
	case b.Privacy():
		return "the BSS uses WEP, which is not supported"
	case wep:
		return "WEP keys are configured and the BSS is open"
	}
	return ""
}
