package engine

import (
	"errors"
	"time"

	"gosupplicant/conf"
	"gosupplicant/engine/keys"
	"gosupplicant/engine/sae"
)

// pskCache keeps what is slow to derive from passwords, per network block.
type pskCache struct {
	psk map[*conf.Network]derived[keys.Secret]
	pt  map[*conf.Network]derived[*sae.PTs]
	// external are the secrets of blocks with psk=ext:NAME, as last looked up.
	external map[*conf.Network]conf.PSK
	jobs     map[*conf.Network]*pskJob
	pointing map[*conf.Network]bool // points are being derived
}

// pskJob is a derivation under way and what waits for it.
type pskJob struct {
	from keys.Secret
	then []func()
}

// secret is the passphrase or key of a network, wherever it is kept.
func (c *pskCache) secret(n *conf.Network) conf.PSK {
	if n.PSK.External != "" {
		return c.external[n]
	}
	return n.PSK
}

// derived is a value with what it was made from.
type derived[T any] struct {
	value T
	from  keys.Secret
}

// ready returns the PSK of a network for an SSID (IEEE Std 802.11, J.4.1), nil while
// it has to be derived.
func (c *pskCache) ready(n *conf.Network, ssid []byte) (keys.Secret, error) {
	psk := c.secret(n)
	if psk.Key.IsSet() {
		return keys.Secret(psk.Key.Reveal()).Clone(), nil
	}
	if !psk.Passphrase.IsSet() {
		return nil, errors.New("psk: no passphrase or key in the network")
	}
	if d, ok := c.psk[n]; ok && d.from.Equal(pskFrom(psk.Passphrase.Reveal(), ssid)) {
		return d.value.Clone(), nil
	}
	return nil, nil
}

// keepExternal remembers what a store said.
func (c *pskCache) keepExternal(n *conf.Network, psk conf.PSK) {
	if c.external == nil {
		c.external = map[*conf.Network]conf.PSK{}
	}
	c.external[n] = psk
}

// pskFrom is what a PSK is derived from.
func pskFrom(pass, ssid []byte) keys.Secret {
	return append(append(keys.Secret{byte(len(pass))}, pass...), ssid...)
}

func (c *pskCache) keepPSK(n *conf.Network, key, from keys.Secret) {
	if c.psk == nil {
		c.psk = map[*conf.Network]derived[keys.Secret]{}
	}
	c.psk[n] = derived[keys.Secret]{key, from}
}

// ptsFrom is what points are derived from.
func ptsFrom(cfg *sae.Config) keys.Secret {
	from := append(append(append(keys.Secret{byte(len(cfg.Password))}, cfg.Password...), byte(len(cfg.Identifier))), cfg.Identifier...)
	return append(from, cfg.SSID...)
}

func (c *pskCache) keepPTs(n *conf.Network, pts *sae.PTs, from keys.Secret) {
	if c.pt == nil {
		c.pt = map[*conf.Network]derived[*sae.PTs]{}
	}
	c.pt[n] = derived[*sae.PTs]{pts, from}
}

// pts returns the points of hash-to-element for an exchange.
func (c *pskCache) pts(n *conf.Network, cfg *sae.Config) *sae.PTs {
	from := ptsFrom(cfg)
	if d, ok := c.pt[n]; ok && d.from.Equal(from) {
		return d.value
	}
	pts := sae.NewPTs(cfg.SSID, cfg.Password, cfg.Identifier)
	c.keepPTs(n, pts, from)
	return pts
}

// forget drops what was derived for a block that is gone.
func (c *pskCache) forget(n *conf.Network) {
	if d, ok := c.psk[n]; ok {
		d.value.Zero()
		d.from.Zero()
	}
	delete(c.psk, n)
	delete(c.pt, n)
	delete(c.external, n)
}

func seconds(n int) time.Duration { return time.Duration(n) * time.Second }
