package engine

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"slices"
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
	parted   []parted               // of blocks that are gone, oldest first
	salt     [32]byte               // of parted, made with the first
}

// parted is what was derived for a block that is gone: a front end that adds the
// block anew for every connection, as NetworkManager does, does not wait for the
// derivation again. The password is not kept, only a keyed hash of it.
type parted struct {
	from  [sha256.Size]byte
	psk   keys.Secret
	pts   *sae.PTs
	until time.Time
}

// Bounds of what is kept of blocks that are gone; the time is that of a PMKSA
// (dot11RSNAConfigPMKLifetime).
const (
	maxParted  = 8
	partedTime = 12 * time.Hour
)

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
	from := pskFrom(psk.Passphrase.Reveal(), ssid)
	if d, ok := c.psk[n]; ok && d.from.Equal(from) {
		return d.value.Clone(), nil
	}
	if p, ok := c.meet(from, false); ok {
		c.keepPSK(n, p.psk, from)
		return p.psk.Clone(), nil
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

// havePTs returns the points that were derived before, else nil.
func (c *pskCache) havePTs(n *conf.Network, cfg *sae.Config, from keys.Secret) *sae.PTs {
	if d, ok := c.pt[n]; ok && d.from.Equal(from) {
		return d.value
	}
	if p, ok := c.meet(from, true); ok {
		p.pts.GivePassword(cfg.Password)
		c.keepPTs(n, p.pts, from)
		return p.pts
	}
	return nil
}

// pts returns the points of hash-to-element for an exchange.
func (c *pskCache) pts(n *conf.Network, cfg *sae.Config) *sae.PTs {
	from := ptsFrom(cfg)
	if pts := c.havePTs(n, cfg, from); pts != nil {
		return pts
	}
	pts := sae.NewPTs(cfg.SSID, cfg.Password, cfg.Identifier)
	c.keepPTs(n, pts, from)
	return pts
}

// forget drops what belongs to a block that is gone, and parts with what was
// derived for it.
func (c *pskCache) forget(n *conf.Network, now time.Time) {
	if d, ok := c.psk[n]; ok {
		c.part(parted{from: c.hash(d.from), psk: d.value, until: now.Add(partedTime)})
		d.from.Zero()
	}
	if d, ok := c.pt[n]; ok {
		d.value.DropPassword()
		c.part(parted{from: c.hash(d.from), pts: d.value, until: now.Add(partedTime)})
		d.from.Zero()
	}
	delete(c.psk, n)
	delete(c.pt, n)
	delete(c.external, n)
}

func (c *pskCache) hash(from keys.Secret) [sha256.Size]byte {
	if c.salt == [32]byte{} {
		rand.Read(c.salt[:])
	}
	h := hmac.New(sha256.New, c.salt[:])
	h.Write(from)
	return [sha256.Size]byte(h.Sum(nil))
}

func (c *pskCache) part(p parted) {
	c.parted = append(c.parted, p)
	if len(c.parted) > maxParted {
		c.parted[0].psk.Zero()
		c.parted = slices.Delete(c.parted, 0, 1)
	}
}

// meet takes back what was derived from the same for a block that is gone.
func (c *pskCache) meet(from keys.Secret, points bool) (parted, bool) {
	if len(c.parted) == 0 {
		return parted{}, false
	}
	h := c.hash(from)
	k := slices.IndexFunc(c.parted, func(p parted) bool { return p.from == h && (p.pts != nil) == points })
	if k < 0 {
		return parted{}, false
	}
	p := c.parted[k]
	c.parted = slices.Delete(c.parted, k, k+1)
	return p, true
}

// expire drops what was kept long enough of blocks that are gone.
func (c *pskCache) expire(now time.Time) {
	c.parted = slices.DeleteFunc(c.parted, func(p parted) bool {
		if now.Before(p.until) {
			return false
		}
		p.psk.Zero()
		return true
	})
}

// flush drops all that is left of blocks that are gone.
func (c *pskCache) flush() {
	for _, p := range c.parted {
		p.psk.Zero()
	}
	c.parted = nil
}

func seconds(n int) time.Duration { return time.Duration(n) * time.Second }
