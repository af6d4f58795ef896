package sae

import (
	"crypto/elliptic"
	"encoding/hex"
	"fmt"
	"io"

	"filippo.io/bigmod"
	"filippo.io/nistec"

	"gosupplicant/engine/keys"
)

// element is a member of a group as it stands in a commit: both coordinates of
// a point, or a number, big-endian and padded to the length of the prime.
type element []byte

// arith is the arithmetic of a group. Its time depends on the group alone as
// long as results are not the identity, which is an error.
type arith interface {
	// check returns nil if e is in the group and not the identity.
	check(e element) error
	add(a, b element) (element, error)
	// mul is the scalar operation, k being as long as the order.
	mul(k []byte, e element) (element, error)
	// shared is the function F of 12.4.4.2.1 and 12.4.4.3.1: x, or the number itself.
	shared(e element) []byte
	// hunt is hunting-and-pecking, with f as its field.
	hunt(f *field, seed seeder) (element, error)
	// hashTo is hash-to-element, with f as its field.
	hashTo(f *field, h keys.Hash, seed []byte) (element, error)
}

// group is one finite cyclic group.
type group struct {
	arith
	id    uint16
	prime []byte
	size  int // bytes of the prime, and of a scalar
	width int // bytes of an element
	order *bigmod.Modulus
	hash  keys.Hash // with hash-to-element
}

// GroupSupported reports whether the group can be configured: 15, 16, 19, 20 or 21.
func GroupSupported(id uint16) bool {
	switch id {
	case 15, 16, 19, 20, 21:
		return true
	}
	return false
}

func newGroup(id uint16) (*group, error) {
	switch id {
	case 15:
		return newMODP(id, modp3072, keys.HashSHA384)
	case 16:
		return newMODP(id, modp4096, keys.HashSHA512)
	case 19:
		return newCurve(id, elliptic.P256().Params(), 10, nistec.NewP256Point, keys.HashSHA256)
	case 20:
		return newCurve(id, elliptic.P384().Params(), 12, nistec.NewP384Point, keys.HashSHA384)
	case 21:
		return newCurve(id, elliptic.P521().Params(), 4, nistec.NewP521Point, keys.HashSHA512)
	}
	return nil, fmt.Errorf("sae: group %d: %w", id, ErrGroup)
}

// newCurve makes a group of a NIST curve; minusZ is the negative of Z for the
// simplified SWU map (table 12-1).
func newCurve[P point[P]](id uint16, c *elliptic.CurveParams, minusZ byte, fresh func() P, h keys.Hash) (*group, error) {
	size := (c.BitSize + 7) / 8
	order, err := bigmod.NewModulus(c.N.Bytes())
	if err != nil {
		return nil, fmt.Errorf("sae: group %d: %w", id, err)
	}
	ops := &curve[P]{fresh: fresh, size: size, bits: c.BitSize, b: c.B.FillBytes(make([]byte, size)), minusZ: minusZ}
	return &group{arith: ops, id: id, prime: c.P.Bytes(), size: size, width: 2 * size, order: order, hash: h}, nil
}

func newMODP(id uint16, prime string, h keys.Hash) (*group, error) {
	p, err := hex.DecodeString(prime)
	if err != nil {
		return nil, fmt.Errorf("sae: group %d: %w", id, err)
	}
	mod, err := bigmod.NewModulus(p)
	if err != nil {
		return nil, fmt.Errorf("sae: group %d: %w", id, err)
	}
	half := make([]byte, len(p)) // (p-1)/2
	for i, b := range p {
		half[i] = b >> 1
		if i > 0 {
			half[i] |= p[i-1] << 7
		}
	}
	order, err := bigmod.NewModulus(half)
	if err != nil {
		return nil, fmt.Errorf("sae: group %d: %w", id, err)
	}
	return &group{arith: &modp{mod: mod, prime: p, order: half}, id: id, prime: p, size: len(p), width: len(p), order: order, hash: h}, nil
}

// field returns a field of the group's prime for one derivation.
func (g *group) field() (*field, error) { return newField(g.prime) }

// scalarOK returns nil if 1 < s < order (12.4.5.4).
func (g *group) scalarOK(s []byte) (*bigmod.Nat, error) {
	n, err := bigmod.NewNat().SetBytes(s, g.order)
	if err != nil || n.IsZero() == 1 || n.IsOne() == 1 {
		return nil, ErrScalarRange
	}
	return n, nil
}

// maxDraws bounds how often randomness is asked for one number. A random one is
// refused with a probability of at most one half.
const maxDraws = 128

// random draws a scalar with 1 < s < order.
func (g *group) random(rand io.Reader) ([]byte, error) {
	b := make([]byte, g.size)
	mask := byte(0xff >> (8*g.size - g.order.BitLen()))
	for range maxDraws {
		if _, err := io.ReadFull(rand, b); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrRandomness, err)
		}
		b[0] &= mask
		if _, err := g.scalarOK(b); err == nil {
			return b, nil
		}
	}
	return nil, fmt.Errorf("%w: no scalar for group %d in %d draws", ErrRandomness, g.id, maxDraws)
}

// scalarSum returns (a + b) mod order.
func (g *group) scalarSum(a, b []byte) ([]byte, error) {
	x, err := bigmod.NewNat().SetBytes(a, g.order)
	if err != nil {
		return nil, ErrScalarRange
	}
	y, err := bigmod.NewNat().SetBytes(b, g.order)
	if err != nil {
		return nil, ErrScalarRange
	}
	return x.Add(y, g.order).Bytes(g.order), nil
}

// negated returns order - a for 0 < a < order: multiplying by it is multiplying
// by a and taking the inverse.
func (g *group) negated(a []byte) ([]byte, error) {
	x, err := bigmod.NewNat().SetBytes(a, g.order)
	if err != nil {
		return nil, ErrScalarRange
	}
	return bigmod.NewNat().ExpandFor(g.order).Sub(x, g.order).Bytes(g.order), nil
}
