package engine

import (
	"gosupplicant/conf"
	"gosupplicant/engine/dot11"
	"gosupplicant/engine/keys"
	"gosupplicant/engine/loop"
	"gosupplicant/engine/sae"
)

// deriver is the worker for what is slow to compute.
func (i *Interface) deriver() loop.Worker {
	if i.conn.deriver == nil {
		i.conn.deriver = i.loop.NewWorker("keys " + i.name)
	}
	return i.conn.deriver
}

// maxPrepared bounds the networks whose keys are derived ahead.
const maxPrepared = 8

// prepareKeys derives what the passwords of the enabled networks lead to while the
// radio scans, away from the loop: what is slow is ready when it is needed.
func (i *Interface) prepareKeys() {
	n := 0
	for _, net := range i.conf.Networks {
		if net.Disabled != 0 || len(net.SSID) == 0 {
			continue
		}
		if n++; n > maxPrepared {
			return
		}
		if net.KeyMgmt&conf.KeyMgmtAnyPSK != 0 {
			i.preparePSK(net)
		}
		if net.KeyMgmt&conf.KeyMgmtAnySAE != 0 {
			i.preparePTs(net)
		}
	}
}

func (i *Interface) preparePSK(n *conf.Network) {
	if n.PSK.Key.IsSet() || !n.PSK.Passphrase.IsSet() {
		return
	}
	ssid := dot11.SSID(n.SSID)
	pass := n.PSK.Passphrase.Reveal()
	from := pskFrom(pass, ssid)
	if d, ok := i.conn.psks.psk[n]; ok && d.from.Equal(from) {
		return
	}
	var key keys.Secret
	var err error
	i.deriver().Do(func() { key, err = keys.PSK(pass, ssid) }, func() {
		if err == nil && !i.closed && i.conf.Network(n.ID) == n {
			i.conn.psks.keepPSK(n, key, from)
		}
	})
}

// preparePTs derives the point of the group that is tried first.
func (i *Interface) preparePTs(n *conf.Network) {
	cfg, err := i.saeSecrets(n, dot11.SSID(n.SSID))
	if err != nil || saePWE(n, &i.conf.Globals) == sae3Loop {
		return
	}
	groups := cfg.Groups
	if len(groups) == 0 {
		groups = sae.DefaultGroups()
	}
	from := ptsFrom(cfg)
	if d, ok := i.conn.psks.pt[n]; ok && d.from.Equal(from) {
		return
	}
	pts := sae.NewPTs(cfg.SSID, cfg.Password, cfg.Identifier)
	var failed error
	i.deriver().Do(func() { _, failed = pts.For(groups[0]) }, func() {
		if failed == nil && !i.closed && i.conf.Network(n.ID) == n {
			i.conn.psks.keepPTs(n, pts, from)
		}
	})
}
