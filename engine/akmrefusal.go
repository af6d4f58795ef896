package engine

import (
	"slices"
	"time"

	"gosupplicant/conf"
	"gosupplicant/engine/dot11"
	"gosupplicant/engine/rsn"
)

// akmRefusals remembers the key managements that access points announce and then refuse
// a network: the next attempt takes another one of those that the network allows. A key
// management that has led to a connection of the network is never given up: whoever
// disturbs it could else have a weaker one taken.
type akmRefusals struct {
	list   []akmRefusal                   // the oldest first
	proven map[*conf.Network]dot11.AKMSet // led to a connection
}

type akmRefusal struct {
	network *conf.Network
	bssid   dot11.MAC
	akm     dot11.AKM
	count   int
	at      time.Time
}

// Bounds of refusals.
const (
	maxAKMRefusals = 64
	// akmPatience is how many failures of a doubtful kind make a refusal.
	akmPatience = 2
	// akmMemory is how long a refusal counts.
	akmMemory = 10 * time.Minute
)

// of is what an access point has refused a network.
func (r *akmRefusals) of(n *conf.Network, bssid dot11.MAC, now time.Time) (set dot11.AKMSet) {
	for _, e := range r.list {
		if e.network == n && e.bssid == bssid && e.count >= akmPatience && now.Sub(e.at) < akmMemory {
			set |= dot11.AKMs(e.akm)
		}
	}
	return set
}

func (r *akmRefusals) add(n *conf.Network, bssid dot11.MAC, akm dot11.AKM, count int, now time.Time) {
	r.list = slices.DeleteFunc(r.list, func(e akmRefusal) bool { return now.Sub(e.at) >= akmMemory })
	k := slices.IndexFunc(r.list, func(e akmRefusal) bool { return e.network == n && e.bssid == bssid && e.akm == akm })
	if k < 0 {
		if len(r.list) == maxAKMRefusals {
			r.list = slices.Delete(r.list, 0, 1)
		}
		r.list = append(r.list, akmRefusal{network: n, bssid: bssid, akm: akm})
		k = len(r.list) - 1
	}
	r.list[k].count += count
	r.list[k].at = now
}

// forget drops what is known of a network, which has changed or is gone.
func (r *akmRefusals) forget(n *conf.Network) {
	r.list = slices.DeleteFunc(r.list, func(e akmRefusal) bool { return e.network == n })
	delete(r.proven, n)
}

// works notes that a key management has led to a connection.
func (r *akmRefusals) works(n *conf.Network, bssid dot11.MAC, akm dot11.AKM) {
	r.list = slices.DeleteFunc(r.list, func(e akmRefusal) bool { return e.network == n && e.bssid == bssid && e.akm == akm })
	if r.proven == nil {
		r.proven = map[*conf.Network]dot11.AKMSet{}
	}
	r.proven[n] |= dot11.AKMs(akm)
}

// judgeAKM looks at a failed attempt for what it says of the key management.
func (i *Interface) judgeAKM(a *attempt, f *Failure) {
	r := &i.conn.akms
	if a.sec == nil || a.pmksa != nil || f.unheard || r.proven[a.c.network].Has(a.sec.AKM) {
		return
	}
	switch {
	case f.By == ByPeer && refusesAKM(f):
		r.add(a.c.network, a.c.bss.BSSID, a.sec.AKM, akmPatience, i.loop.Now())
	case f.By == ByPeer && f.Code != 0 && !busy(f), f.By == ByNobody && a.phase < PhaseHandshake:
		r.add(a.c.network, a.c.bss.BSSID, a.sec.AKM, 1, i.loop.Now())
	}
}

// refusesAKM reports whether a code says that this way of protection is not wanted.
func refusesAKM(f *Failure) bool {
	if f.Phase == PhaseHandshake {
		switch dot11.Reason(f.Code) {
		case dot11.ReasonInvalidElement, dot11.ReasonElementMismatch, dot11.ReasonInvalidGroupCipher, dot11.ReasonInvalidPairwiseCipher,
			dot11.ReasonInvalidAKMP, dot11.ReasonUnsupportedRSNEVersion, dot11.ReasonInvalidRSNCaps:
			return true
		}
		return false
	}
	switch dot11.Status(f.Code) {
	case dot11.StatusAuthAlgUnsupported, dot11.StatusUnsupportedGroup, dot11.StatusRobustMgmtPolicy, dot11.StatusInvalidElement,
		dot11.StatusInvalidGroupCipher, dot11.StatusInvalidPairwiseCipher, dot11.StatusInvalidAKMP,
		dot11.StatusUnsupportedRSNEVersion, dot11.StatusInvalidRSNCaps:
		return true
	}
	return false
}

// busy reports whether a status is about the access point's load, not about us.
func busy(f *Failure) bool {
	if f.Phase == PhaseHandshake {
		return false
	}
	return dot11.Status(f.Code) == dot11.StatusAPFull || dot11.Status(f.Code) == dot11.StatusAssocTryAgain
}

// chooseSelection is rsn.Choose without what the access point has refused, as long as
// something is left that is no older protocol.
func (i *Interface) chooseSelection(a *attempt, w *rsn.Wishes, offer rsn.Offer) (*rsn.Selection, error) {
	device := *deviceOf(i.capa)
	if refused := i.conn.akms.of(a.c.network, a.c.bss.BSSID, i.loop.Now()) & w.AKMs; refused != 0 {
		less := *w
		less.AKMs &^= refused
		if sel, err := rsn.Choose(less, offer, device); err == nil && (sel.Proto == dot11.ProtoRSN || offer.RSNE == nil) {
			i.log.Info("The access point refused a key management; trying the next", "bssid", a.c.bss.BSSID, "refused", refused, "next", sel.AKM)
			return sel, nil
		}
	}
	return rsn.Choose(*w, offer, device)
}
