package sae

import (
	"gosupplicant/engine/ecc"
	"gosupplicant/engine/keys"
)

// curve is the arithmetic of a NIST curve.
type curve struct{ *ecc.Curve }

func (c *curve) check(e element) error { return c.Check(e) }

func (c *curve) add(a, b element) (element, error) { return c.Add(a, b) }

func (c *curve) mul(k []byte, e element) (element, error) { return c.Mul(k, e) }

func (c *curve) shared(e element) []byte { return c.X(e) }

// hunt is 12.4.4.2.2.
func (c *curve) hunt(f *ecc.Field, seed ecc.Seeder) (element, error) { return c.Hunt(f, seed) }

// hashTo is 12.4.4.2.3, up to the PT: the sum of two mapped points.
func (c *curve) hashTo(f *ecc.Field, h keys.Hash, seed []byte) (element, error) {
	n := c.Size + (c.Size+1)/2
	u1, err := expand(h, seed, "SAE Hash to Element u1 P1", n)
	if err != nil {
		return nil, err
	}
	u2, err := expand(h, seed, "SAE Hash to Element u2 P2", n)
	if err != nil {
		return nil, err
	}
	return c.Add(c.SSWU(f, f.Reduce(u1)), c.SSWU(f, f.Reduce(u2)))
}
