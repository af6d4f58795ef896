package ecc

import (
	"crypto/subtle"
	"fmt"

	"filippo.io/bigmod"
)

// Field does arithmetic modulo an odd prime that is 3 modulo 4, in time that
// depends on the prime alone. Its numbers are reduced and as long as the prime.
// A field serves one derivation.
type Field struct {
	mod   *bigmod.Modulus
	prime []byte // big-endian
	half  []byte // (p+1)/4: the exponent of square roots
	muls  int
}

// NewField returns the field of a prime that is 3 modulo 4, big-endian. The
// error is about a number that cannot be a modulus; primality is not tested.
func NewField(prime []byte) (*Field, error) {
	mod, err := bigmod.NewModulus(prime)
	if err != nil {
		return nil, fmt.Errorf("ecc: field: %w", err)
	}
	return &Field{mod: mod, prime: prime, half: quarterUp(prime)}, nil
}

// quarterUp returns (p+1)/4 for p = 3 mod 4, big-endian and as long as p.
func quarterUp(p []byte) []byte {
	q := make([]byte, len(p))
	carry := byte(0)
	for i, b := range p {
		q[i] = carry<<6 | b>>2
		carry = b & 3
	}
	for i := len(q) - 1; i >= 0; i-- { // (p-3)/4 + 1
		q[i]++
		if q[i] != 0 {
			break
		}
	}
	return q
}

// Muls returns how many multiplications were done, an exponentiation being one
// for each bit of its exponent: work that must not depend on secrets.
func (f *Field) Muls() int { return f.muls }

// Small returns a number of 0 to 255.
func (f *Field) Small(n byte) *bigmod.Nat {
	b := make([]byte, f.mod.Size())
	b[len(b)-1] = n
	return f.Known(b)
}

// Known returns the number of b, which is certain to be below the prime: another
// one is a programming error and panics.
func (f *Field) Known(b []byte) *bigmod.Nat {
	n, err := bigmod.NewNat().SetBytes(b, f.mod)
	if err != nil {
		panic("ecc: constant beyond the prime") // no input reaches this
	}
	return n
}

// Reduce returns the big-endian number b modulo the prime, whatever its length.
func (f *Field) Reduce(b []byte) *bigmod.Nat { return Reduce(b, f.mod) }

func (f *Field) copy(a *bigmod.Nat) *bigmod.Nat {
	c := bigmod.NewNat().ExpandFor(f.mod)
	copy(c.Bits(), a.Bits())
	return c
}

// Add returns a + b.
func (f *Field) Add(a, b *bigmod.Nat) *bigmod.Nat { return f.copy(a).Add(b, f.mod) }

// Sub returns a - b.
func (f *Field) Sub(a, b *bigmod.Nat) *bigmod.Nat { return f.copy(a).Sub(b, f.mod) }

// Neg returns -a.
func (f *Field) Neg(a *bigmod.Nat) *bigmod.Nat { return f.Sub(f.Small(0), a) }

// Mul returns a·b.
func (f *Field) Mul(a, b *bigmod.Nat) *bigmod.Nat {
	f.muls++
	return f.copy(a).Mul(b, f.mod)
}

// Square returns a².
func (f *Field) Square(a *bigmod.Nat) *bigmod.Nat { return f.Mul(a, a) }

// Inverse returns 1/a, and 0 of 0, by Fermat's little theorem.
func (f *Field) Inverse(a *bigmod.Nat) *bigmod.Nat {
	f.muls += f.mod.BitLen()
	e := append([]byte(nil), f.prime...)
	e[len(e)-1] -= 2 // an odd prime above 255 that is 3 mod 4: no borrow
	return bigmod.NewNat().Exp(a, e, f.mod)
}

// Root returns a square root of a and 1, or some number and 0 when a has none.
func (f *Field) Root(a *bigmod.Nat) (*bigmod.Nat, uint) {
	f.muls += f.mod.BitLen()
	r := bigmod.NewNat().Exp(a, f.half, f.mod)
	return r, f.Square(r).Equal(a)
}

// Choose returns a copy of a if cond is 1, of b if it is 0.
func (f *Field) Choose(cond uint, a, b *bigmod.Nat) *bigmod.Nat {
	c := f.copy(b)
	mask := -cond
	x, y := c.Bits(), a.Bits()
	for i := range x {
		x[i] ^= mask & (x[i] ^ y[i])
	}
	return c
}

// Bytes returns a as long as the prime.
func (f *Field) Bytes(a *bigmod.Nat) []byte { return a.Bytes(f.mod) }

// Reduce returns the big-endian number b modulo m, in time that depends on the
// length of b.
func Reduce(b []byte, m *bigmod.Modulus) *bigmod.Nat {
	// A Nat is set below some modulus: one bit longer than b is always enough.
	above := make([]byte, len(b)+1)
	above[0] = 1 // even, which spares what only exponentiation needs
	wide, err := bigmod.NewModulus(above)
	if err != nil {
		panic("ecc: " + err.Error()) // a power of two above 1 is a modulus
	}
	n, err := bigmod.NewNat().SetBytes(b, wide)
	if err != nil {
		panic("ecc: " + err.Error()) // b is shorter than the modulus
	}
	return bigmod.NewNat().Mod(n, m)
}

// Less returns 1 if a < b and 0 otherwise. Both are big-endian and of one length.
func Less(a, b []byte) uint {
	borrow := 0
	for i := len(a) - 1; i >= 0; i-- {
		borrow = (int(a[i]) - int(b[i]) - borrow) >> 8 & 1
	}
	return uint(borrow)
}

// ZeroBytes returns 1 if all bytes are zero.
func ZeroBytes(b []byte) uint {
	var or byte
	for _, x := range b {
		or |= x
	}
	return uint(subtle.ConstantTimeByteEq(or, 0))
}
