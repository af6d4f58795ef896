package ecc

import (
	"fmt"
	"io"

	"filippo.io/bigmod"
)

// Order is the order of a group: arithmetic with scalars.
type Order struct {
	mod *bigmod.Modulus
}

// NewOrder returns the order of a group, big-endian.
func NewOrder(order []byte) (*Order, error) {
	mod, err := bigmod.NewModulus(order)
	if err != nil {
		return nil, fmt.Errorf("ecc: order: %w", err)
	}
	return &Order{mod: mod}, nil
}

// Modulus returns the order for other arithmetic.
func (o *Order) Modulus() *bigmod.Modulus { return o.mod }

// Bytes returns the order itself.
func (o *Order) Bytes() []byte { return o.mod.Nat().Bytes(o.mod) }

// Check returns nil if 1 < s < order, else ErrScalarRange. Leading zeros may not
// make s longer than the order.
func (o *Order) Check(s []byte) error {
	n, err := bigmod.NewNat().SetBytes(s, o.mod)
	if err != nil || len(s) != o.mod.Size() || n.IsZero() == 1 || n.IsOne() == 1 {
		return ErrScalarRange
	}
	return nil
}

// MaxDraws bounds how often randomness is asked for one number. A random one is
// refused with a probability of at most one half.
const MaxDraws = 128

// Random draws a scalar with 1 < s < order.
func (o *Order) Random(rand io.Reader) ([]byte, error) {
	b := make([]byte, o.mod.Size())
	mask := byte(0xff >> (8*len(b) - o.mod.BitLen()))
	for range MaxDraws {
		if _, err := io.ReadFull(rand, b); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrRandomness, err)
		}
		b[0] &= mask
		if o.Check(b) == nil {
			return b, nil
		}
	}
	return nil, fmt.Errorf("%w: no scalar in %d draws", ErrRandomness, MaxDraws)
}

// Sum returns (a + b) mod order; ErrScalarRange unless both are below the order.
func (o *Order) Sum(a, b []byte) ([]byte, error) {
	x, err := bigmod.NewNat().SetBytes(a, o.mod)
	if err != nil {
		return nil, ErrScalarRange
	}
	y, err := bigmod.NewNat().SetBytes(b, o.mod)
	if err != nil {
		return nil, ErrScalarRange
	}
	return x.Add(y, o.mod).Bytes(o.mod), nil
}

// Negated returns order - a for 0 < a < order: multiplying by it is multiplying
// by a and taking the inverse.
func (o *Order) Negated(a []byte) ([]byte, error) {
	x, err := bigmod.NewNat().SetBytes(a, o.mod)
	if err != nil {
		return nil, ErrScalarRange
	}
	return bigmod.NewNat().ExpandFor(o.mod).Sub(x, o.mod).Bytes(o.mod), nil
}
