package engine

import (
	"errors"
	"fmt"
	"time"

	"gosupplicant/conf"
	"gosupplicant/engine/keys"
	"gosupplicant/engine/sae"
)

// pskCache keeps what is slow to derive from passwords, per network block.
type pskCache struct {
	psk map[*conf.Network]derived[keys.Secret]
	pt  map[*conf.Network]derived[*sae.PTs]
}

// derived is a value with what it was made from.
type derived[T any] struct {
	value T
	from  keys.Secret
}

// of returns the PSK of a network for an SSID (IEEE Std 802.11, J.4.1).
func (c *pskCache) of(n *conf.Network, ssid []byte) (keys.Secret, error) {
	if n.PSK.Key.IsSet() {
		return keys.Secret(n.PSK.Key.Reveal()).Clone(), nil
	}
	if n.PSK.External != "" {
		return nil, fmt.Errorf("psk: external password %q: no backend answers", n.PSK.External)
	}
	if !n.PSK.Passphrase.IsSet() {
		return nil, errors.New("psk: no passphrase or key in the network")
	}
	pass := n.PSK.Passphrase.Reveal()
	from := pskFrom(n, ssid)
	if d, ok := c.psk[n]; ok && d.from.Equal(from) {
		return d.value.Clone(), nil
	}
	key, err := keys.PSK(pass, ssid)
	if err != nil {
		return nil, err
	}
	c.keepPSK(n, key, from)
	return key.Clone(), nil
}

// pskFrom is what a PSK is derived from.
func pskFrom(n *conf.Network, ssid []byte) keys.Secret {
	pass := n.PSK.Passphrase.Reveal()
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
}

func seconds(n int) time.Duration { return time.Duration(n) * time.Second }
