package sae

import (
	"fmt"

	"filippo.io/bigmod"

	"gosupplicant/engine/keys"
)

// point is what the curves of nistec have in common.
type point[P any] interface {
	Add(p, q P) P
	ScalarMult(q P, scalar []byte) (P, error)
	SetBytes(b []byte) (P, error)
	Bytes() []byte
}

// curve is a NIST curve: a = -3, cofactor 1, p = 3 mod 4.
type curve[P point[P]] struct {
	fresh  func() P
	size   int // bytes of a coordinate
	bits   int // of the prime
	b      []byte
	minusZ byte
}

// uncompressed is the first byte of a SEC 1 encoding with both coordinates.
const uncompressed = 4

func (c *curve[P]) decode(e element) (P, error) {
	p, err := c.fresh().SetBytes(append([]byte{uncompressed}, e...))
	if err != nil || len(e) != 2*c.size {
		return p, ErrElement
	}
	return p, nil
}

func (c *curve[P]) encode(p P) (element, error) {
	b := p.Bytes()
	if len(b) != 1+2*c.size {
		return nil, fmt.Errorf("identity: %w", ErrElement)
	}
	return element(b[1:]), nil
}

func (c *curve[P]) check(e element) error {
	_, err := c.decode(e) // the identity has no encoding of this length
	return err
}

func (c *curve[P]) add(a, b element) (element, error) {
	p, err := c.decode(a)
	if err != nil {
		return nil, err
	}
	q, err := c.decode(b)
	if err != nil {
		return nil, err
	}
	return c.encode(c.fresh().Add(p, q))
}

func (c *curve[P]) mul(k []byte, e element) (element, error) {
	p, err := c.decode(e)
	if err != nil {
		return nil, err
	}
	r, err := c.fresh().ScalarMult(p, k)
	if err != nil {
		return nil, fmt.Errorf("sae: %w", err)
	}
	return c.encode(r)
}

func (c *curve[P]) shared(e element) []byte { return e[:c.size] }

// rhs returns x³ - 3x + b.
func (c *curve[P]) rhs(f *field, x *bigmod.Nat) *bigmod.Nat {
	y := f.mul(f.square(x), x)
	y = f.sub(y, f.mul(f.small(3), x))
	return f.add(y, f.known(c.b))
}

// withSign returns the point (x, ±y) whose y has the wanted lowest bit.
func (c *curve[P]) withSign(f *field, x, y *bigmod.Nat, odd uint) element {
	y = f.choose(y.IsOdd()^odd, f.neg(y), y)
	return append(f.bytes(x), f.bytes(y)...)
}

// hunt is 12.4.4.2.2: the first counter whose value is the x of a point. All
// rounds do the same work, and the first point found is kept by masks.
func (c *curve[P]) hunt(f *field, seed seeder) (element, error) {
	found, odd := uint(0), uint(0)
	x, y := f.small(0), f.small(0)
	// A password that needs more than the fixed number of rounds is one in 2^40.
	for n := 1; n <= huntRounds || found == 0; n++ {
		if n > huntLimit {
			return nil, fmt.Errorf("sae: no point in %d rounds", huntLimit)
		}
		base, value := seed(byte(n), c.bits)
		below := less(value, f.prime)
		cand := f.reduce(value)
		root, square := f.root(c.rhs(f, cand))
		take := below & square & (found ^ 1)
		x, y = f.choose(take, cand, x), f.choose(take, root, y)
		odd ^= -take & (odd ^ uint(base[len(base)-1]&1))
		found |= take
	}
	e := c.withSign(f, x, y, odd)
	return e, c.check(e)
}

// hashTo is 12.4.4.2.3, up to the PT: the sum of two mapped points.
func (c *curve[P]) hashTo(f *field, h keys.Hash, seed []byte) (element, error) {
	n := c.size + (c.size+1)/2
	u1, err := expand(h, seed, "SAE Hash to Element u1 P1", n)
	if err != nil {
		return nil, err
	}
	u2, err := expand(h, seed, "SAE Hash to Element u2 P2", n)
	if err != nil {
		return nil, err
	}
	return c.add(c.sswu(f, f.reduce(u1)), c.sswu(f, f.reduce(u2)))
}

// sswu is the simplified Shallue-van de Woestijne-Ulas map of 12.4.4.2.3.
func (c *curve[P]) sswu(f *field, u *bigmod.Nat) element {
	one, b := f.small(1), f.known(c.b)
	a := f.neg(f.small(3))
	z := f.neg(f.small(c.minusZ))
	zu2 := f.mul(z, f.square(u))
	m := f.add(f.square(zu2), zu2)
	l := m.IsZero()
	t := f.inverse(m) // 0 when m is, as the clause wants it
	general := f.mul(f.mul(f.neg(b), f.inverse(a)), f.add(one, t))
	special := f.mul(b, f.inverse(f.mul(z, a)))
	x1 := f.choose(l, special, general)
	x2 := f.mul(zu2, x1)
	y1, square := f.root(c.rhs(f, x1))
	y2, _ := f.root(c.rhs(f, x2)) // one of the two has a root
	return c.withSign(f, f.choose(square, x1, x2), f.choose(square, y1, y2), u.IsOdd())
}
