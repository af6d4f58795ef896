package engine

import (
	"fmt"
	"slices"

	"gosupplicant/conf"
	"gosupplicant/drivers"
	"gosupplicant/engine/bss"
	"gosupplicant/engine/dot11"
	"gosupplicant/engine/owe"
)

// oweExchange is the Diffie-Hellman exchange of an attempt with OWE (RFC 8110).
type oweExchange struct {
	key     *owe.Key
	element []byte // DH Parameter element of the request
}

// oweTransition returns the OWE Transition Mode element of a BSS.
func oweTransition(b *bss.BSS) (*dot11.OWETransition, bool) {
	body, ok := b.IEs.FindVendor(dot11.OUIWFA, dot11.WFAOWETransition)
	if !ok {
		return nil, false
	}
	t, err := dot11.ParseOWETransition(body)
	return t, err == nil
}

func hasOWETransition(b *bss.BSS) bool { _, ok := oweTransition(b); return ok }

// oweSSID is the name under which a network may find b: its own, or, for the
// hidden half of an OWE transition pair, that of the open half.
func oweSSID(b *bss.BSS, akms dot11.AKMSet) dot11.SSID {
	if akms.Has(dot11.AKMOWE) {
		if rsne, err := b.RSN(); err == nil && rsne != nil {
			if t, ok := oweTransition(b); ok {
				return t.SSID
			}
		}
	}
	return b.SSID
}

// oweHidden finds the name of a hidden OWE BSS in the element of its open half.
func (i *Interface) oweHidden(b *bss.BSS) dot11.SSID {
	for o := range i.table.All() {
		if t, ok := oweTransition(o); ok && t.BSSID == b.BSSID {
			return t.SSID
		}
	}
	return nil
}

// oweSearch tells which hidden OWE halves to probe for: those whose open half is
// there and which enabled networks want, and that were not heard themselves.
func (i *Interface) oweSearch() (ssids [][]byte, freqs []int) {
	for _, n := range i.conf.Networks {
		if n.Disabled != 0 || n.KeyMgmt&conf.KeyMgmtOWE == 0 {
			continue
		}
		for b := range i.table.All() {
			t, ok := oweTransition(b)
			if !ok || t.SSID.IsHidden() || string(b.SSID) != string(n.SSID) || protection(b) > 0 || len(ssids) >= maxScanSSIDs/2 {
				continue
			}
			if i.table.Get(t.BSSID, t.SSID) == nil {
				ssids = append(ssids, t.SSID)
				freqs = append(freqs, b.Freq)
				if f, err := dot11.OpClassFreq(t.Band, int(t.Channel)); err == nil && t.Band != 0 {
					freqs = append(freqs, f)
				}
			}
		}
	}
	slices.Sort(freqs)
	return ssids, slices.Compact(freqs)
}

// oweGroups are the groups to try, of the network or all.
func oweGroups(n *conf.Network) []uint16 {
	if n.OWEGroup != 0 {
		return []uint16{uint16(n.OWEGroup)}
	}
	return []uint16{19, 20, 21}
}

// prepareOWE makes the key pair of an attempt, with a cached PMK too: the AP may
// have forgotten it (RFC 8110, 4.5). A group that the AP refused gives
// way to the next one.
func (i *Interface) prepareOWE(a *attempt) error {
	if a.sec == nil || a.sec.AKM != dot11.AKMOWE {
		return nil
	}
	groups := oweGroups(a.c.network)
	k, err := owe.NewKey(i.sup.opts.Rand, groups[i.conn.oweRefused%len(groups)])
	if err != nil {
		return err
	}
	a.owe = oweExchange{k, k.Element()}
	return nil
}

// finishOWE derives the PMK from the AP's answer. One without a public key takes
// the cached PMK up.
func (i *Interface) finishOWE(a *attempt, ev drivers.EventAssoc) error {
	if a.pmksa != nil {
		if _, fresh := dot11.Elements(ev.RespIEs).FindExt(dot11.ExtIDDHParameter); !fresh {
			return nil
		}
		i.dropCached(a)
		a.pmksa, a.sec.cached = nil, false
	}
	if a.owe.key == nil {
		return fmt.Errorf("OWE: association without an exchange")
	}
	res, err := a.owe.key.Finish(dot11.Elements(ev.RespIEs))
	if err != nil {
		return err
	}
	i.conn.oweRefused = 0
	a.sec.pmk, a.sec.pmkid = res.PMK, &res.PMKID
	return nil
}

// addOWE makes the element of OWE for the association request, where there is to be
// one; without it the attempt has failed.
func (i *Interface) addOWE(a *attempt) bool {
	err := i.prepareOWE(a)
	if err != nil {
		i.failAttempt(a, &Failure{Phase: PhaseAssociation, By: ByUs, Cause: fmt.Sprintf("OWE: %v", err)})
	}
	return err == nil
}
