package ecc

import (
	"fmt"

	"filippo.io/bigmod"
)

// Hunting-and-pecking: the rounds that are always done, and where to stop.
const (
	HuntRounds = 40
	HuntLimit  = 255
)

// Seeder returns the pwd-seed of a round and the pwd-value of so many bits made
// from it: a right-aligned big-endian number as long as the prime.
type Seeder func(counter byte, bits int) (seed, value []byte)

// Hunt is hunting-and-pecking (IEEE Std 802.11-2024, 12.4.4.2.2; RFC 5931,
// 2.8.3): the value of the first counter, from 1 on, that is the x of a point,
// with the y whose lowest bit is that of the seed. All rounds do the same work,
// and the first point found is kept by masks. f is of this curve.
func (c *Curve) Hunt(f *Field, seed Seeder) ([]byte, error) {
	found, odd := uint(0), uint(0)
	x, y := f.Small(0), f.Small(0)
	// A password that needs more than the fixed number of rounds is one in 2^40.
	for n := 1; n <= HuntRounds || found == 0; n++ {
		if n > HuntLimit {
			return nil, fmt.Errorf("ecc: no point in %d rounds", HuntLimit)
		}
		base, value := seed(byte(n), c.Bits)
		below := Less(value, f.prime)
		cand := f.Reduce(value)
		root, square := f.Root(c.RHS(f, cand))
		take := below & square & (found ^ 1)
		x, y = f.Choose(take, cand, x), f.Choose(take, root, y)
		odd ^= -take & (odd ^ uint(base[len(base)-1]&1))
		found |= take
	}
	p := withSign(f, x, y, odd)
	return p, c.Check(p)
}

// SSWU is the simplified Shallue-van de Woestijne-Ulas map (IEEE Std
// 802.11-2024, 12.4.4.2.3) from a number of the field to a point. f is of this
// curve.
func (c *Curve) SSWU(f *Field, u *bigmod.Nat) []byte {
	one, b := f.Small(1), f.Known(c.b)
	a := f.Neg(f.Small(3))
	z := f.Neg(f.Small(c.minusZ))
	zu2 := f.Mul(z, f.Square(u))
	m := f.Add(f.Square(zu2), zu2)
	l := m.IsZero()
	t := f.Inverse(m) // 0 when m is, as the clause wants it
	general := f.Mul(f.Mul(f.Neg(b), f.Inverse(a)), f.Add(one, t))
	special := f.Mul(b, f.Inverse(f.Mul(z, a)))
	x1 := f.Choose(l, special, general)
	x2 := f.Mul(zu2, x1)
	y1, square := f.Root(c.RHS(f, x1))
	y2, _ := f.Root(c.RHS(f, x2)) // one of the two has a root
	return withSign(f, f.Choose(square, x1, x2), f.Choose(square, y1, y2), u.IsOdd())
}
