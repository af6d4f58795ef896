package engine

import (
	"errors"

	"gosupplicant/conf"
	"gosupplicant/engine/dot11"
	"gosupplicant/engine/keys"
	"gosupplicant/engine/loop"
	"gosupplicant/engine/sae"
)

// deriver is the worker for what is slow to compute.
func (i *Interface) deriver() loop.Worker {
	if i.conn.deriver == nil {
		i.conn.deriver = i.loop.NewHeavyWorker("keys " + i.name)
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
			i.preparePSK(net, dot11.SSID(net.SSID), nil)
		}
		if net.KeyMgmt&conf.KeyMgmtAnySAE != 0 {
			i.preparePTs(net)
		}
	}
}

// preparePSK derives the PSK of a network for an SSID unless it is there or under
// way, and calls then, which may be nil, when that is over.
func (i *Interface) preparePSK(n *conf.Network, ssid dot11.SSID, then func()) {
	c := &i.conn.psks
	if key, err := c.ready(n, ssid); err != nil || key != nil {
		if then != nil {
			then()
		}
		return
	}
	pass := c.secret(n).Passphrase.Reveal()
	j := &pskJob{from: pskFrom(pass, ssid)}
	if old := c.jobs[n]; old != nil && old.from.Equal(j.from) {
		j = old
	}
	if then != nil {
		j.then = append(j.then, then)
	}
	if c.jobs[n] == j {
		return
	}
	if c.jobs == nil {
		c.jobs = map[*conf.Network]*pskJob{}
	}
	c.jobs[n] = j
	var key keys.Secret
	var err error
	i.deriver().Do(func() { key, err = keys.PSK(pass, ssid) }, func() {
		if c.jobs[n] == j {
			delete(c.jobs, n)
		}
		if err == nil && !i.closed && i.conf.Network(n.ID) == n {
			c.keepPSK(n, key, j.from)
		}
		for _, f := range j.then {
			f()
		}
	})
}

// prepareNetwork derives for one network as soon as it can be, when somebody is
// about to join it. Of what is set again and again meanwhile nothing is queued.
func (i *Interface) prepareNetwork(n *conf.Network, field string) {
	switch field {
	case "ssid", "psk", "sae_password", "sae_password_id", "key_mgmt":
	default:
		return
	}
	c := &i.conn.psks
	if len(n.SSID) == 0 || c.jobs[n] != nil || c.pointing[n] {
		return
	}
	if n.KeyMgmt&conf.KeyMgmtAnyPSK != 0 && n.PSK.Passphrase.IsSet() {
		i.preparePSK(n, dot11.SSID(n.SSID), nil)
	}
	if n.KeyMgmt&conf.KeyMgmtAnySAE != 0 {
		i.preparePTs(n)
	}
}

// withPSK goes on with an attempt when its PSK is there.
func (i *Interface) withPSK(a *attempt, next func()) {
	i.preparePSK(a.c.network, a.c.ssid, func() {
		if a.over || i.closed {
			return
		}
		key, err := i.conn.psks.ready(a.c.network, a.c.ssid)
		if err == nil && key == nil {
			err = errors.New("psk: it was changed meanwhile, or cannot be derived")
		}
		if err != nil {
			i.failAttempt(a, &Failure{Phase: a.phase, By: ByUs, Cause: err.Error()})
			return
		}
		a.sec.pmk = key
		next()
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
	if i.conn.psks.havePTs(n, cfg, from) != nil {
		return
	}
	pts := sae.NewPTs(cfg.SSID, cfg.Password, cfg.Identifier)
	c := &i.conn.psks
	if c.pointing == nil {
		c.pointing = map[*conf.Network]bool{}
	}
	c.pointing[n] = true
	var failed error
	i.deriver().Do(func() { _, failed = pts.For(groups[0]) }, func() {
		delete(c.pointing, n)
		if failed == nil && !i.closed && i.conf.Network(n.ID) == n {
			i.conn.psks.keepPTs(n, pts, from)
		}
	})
}
