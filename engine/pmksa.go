package engine

import (
	"gosupplicant/drivers"
	"gosupplicant/engine/dot11"
	"gosupplicant/engine/keys"
	"gosupplicant/engine/rsn"
)

// addPMKSA keeps a PMK that proved itself, where the AKM makes one by an exchange.
func (i *Interface) addPMKSA(l *link, e rsn.AddPMKSA) {
	defer e.PMK.Zero() // the cache has its own copy
	if dot11.AKMSetPSK.Has(e.AKM) {
		return
	}
	g := &i.conf.Globals
	if g.Dot11RSNAConfigPMKLifetime > 0 && g.Dot11RSNAConfigPMKReauthThreshold > 0 {
		if err := i.conn.cache.SetLifetime(seconds(g.Dot11RSNAConfigPMKLifetime), g.Dot11RSNAConfigPMKReauthThreshold); err != nil {
			i.log.Debug("PMKSA lifetime", "err", err)
		}
	}
	entry := rsn.PMKSA{AA: e.AA, SPA: e.SPA, PMKID: e.PMKID, PMK: e.PMK, AKM: e.AKM, Network: l.network.ID}
	if e.Opportunistic {
		entry.Expires, entry.Reauth = l.sec.expires, l.sec.reauth
	}
	i.tellPMKSAs(i.conn.cache.Add(i.loop.Now(), entry, &e.PMKID))
}

// dropPMKSA forgets a cached PMK that did not lead to keys.
func (i *Interface) dropPMKSA(l *link, id keys.PMKID) {
	i.forgetPMKSA(l.bss.BSSID, id)
	if l.sec.opportunistic {
		i.conn.cache.Refused(l.bss.BSSID)
	}
}

func (i *Interface) forgetPMKSA(aa dot11.MAC, id keys.PMKID) {
	i.tellPMKSAs(i.conn.cache.Remove(aa, id))
}

// dropCached forgets the cached PMK of an attempt that the AP does not know.
func (i *Interface) dropCached(a *attempt) {
	i.forgetPMKSA(a.pmksa.AA, a.pmksa.PMKID)
	if a.pmksa.Opportunistic {
		i.conn.cache.Refused(a.pmksa.AA)
	}
}

func (i *Interface) tellPMKSAs(changes []rsn.PMKSAChange) {
	for _, c := range changes {
		i.tellDevice(&c)
		if c.Added {
			i.emit(PMKSAAdded{i, c.Entry.AA, c.Entry.Network})
		} else {
			i.emit(PMKSARemoved{i, c.Entry.AA, c.Entry.Network})
		}
	}
	i.expirePMKSAs()
}

// deviceCache is the cache of a device that makes its association requests itself,
// or nil.
func (i *Interface) deviceCache() drivers.PMKSACacher {
	d, ok := i.drv.(drivers.PMKSACacher)
	if !ok || i.sme() != nil || i.capa.MaxPMKIDs == 0 {
		return nil
	}
	return d
}

// tellDevice keeps the device's cache like ours.
func (i *Interface) tellDevice(c *rsn.PMKSAChange) {
	d := i.deviceCache()
	if d == nil {
		return
	}
	akm, _ := c.Entry.AKM.RSNSuite()
	e := &drivers.PMKSA{BSSID: c.Entry.AA, PMKID: c.Entry.PMKID, AKM: uint32(akm)}
	do := d.DeletePMKSA
	if c.Added {
		do = d.SetPMKSA
		e.PMK, e.Lifetime = c.Entry.PMK.Clone(), c.Entry.Expires.Sub(i.loop.Now())
		_, e.ReauthThreshold = i.conn.cache.Lifetime()
	}
	i.worker.Do(func() {
		if err := do(e); err != nil {
			i.log.Debug("The device's cache of keys", "err", err)
		}
		keys.Secret(e.PMK).Zero()
	}, nil)
}

// emptyDevice drops what another process left in the device's cache.
func (i *Interface) emptyDevice() {
	d := i.deviceCache()
	if d == nil {
		return
	}
	i.worker.Do(func() {
		if err := d.FlushPMKSA(); err != nil {
			i.log.Debug("Emptying the device's cache of keys", "err", err)
		}
	}, nil)
}

// expirePMKSAs plans the end of the next entry.
func (i *Interface) expirePMKSAs() {
	i.conn.expiry.Stop()
	at, ok := i.conn.cache.Next()
	if !ok || i.closed {
		return
	}
	i.conn.expiry = i.loop.After(at.Sub(i.loop.Now()), i.name+" PMKSA expiry", func() {
		i.tellPMKSAs(i.conn.cache.Expire(i.loop.Now()))
	})
}

// PMKSAs lists the cache.
func (i *Interface) PMKSAs() []rsn.PMKSA {
	if i.conn.cache == nil {
		return nil
	}
	return i.conn.cache.Entries()
}

// ImportPMKSA adds an entry in the form of rsn.PMKSA.Export for a network.
func (i *Interface) ImportPMKSA(network int, line string) error {
	if i.conf.Network(network) == nil {
		return ErrUnknownNetwork
	}
	e, err := rsn.ImportPMKSA(i.loop.Now(), line)
	if err != nil {
		return &InvalidError{What: "PMKSA entry", Err: err}
	}
	e.SPA, e.Network = i.link.MAC, network
	i.tellPMKSAs(i.conn.cache.Add(i.loop.Now(), e, nil))
	return nil
}

// FlushPMKSAs empties the cache.
func (i *Interface) FlushPMKSAs() {
	i.conn.psks.flush()
	i.tellPMKSAs(i.conn.cache.Flush())
}
